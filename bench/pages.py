"""Candidate pages and offer filter with 1,000 then 100,000 candidatures on PostgreSQL: SQL count constant, time at most 1.3 times.

Usage: python bench/pages.py [--small 1000] [--large 100000] [--rounds 30]
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import common  # noqa: E402

GROWTH = 1.3
ROW = "{:<34}{:>6}{:>6}{:>10}{:>10}{:>8}"


def main():
    """Fill two installations, ask each page of both in turn; exit 1 past a limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    arguments = parser.parse_args()
    from tests.services import postgresql

    with common.folder() as folder, postgresql() as cluster:
        sides = [Side(cluster, Path(folder) / name, size) for name, size in (("small", arguments.small), ("large", arguments.large))]
        print(ROW.format("page", "SQL", "SQL", f"{arguments.small} ms", f"{arguments.large} ms", "growth"))
        faults = [name for name in sides[0].pages if not compared(name, sides, arguments.rounds)]
    print("past a limit: " + ", ".join(faults) if faults else f"every page: the same SQL, at most {GROWTH} times")
    return 1 if faults else 0


def compared(name, sides, rounds):
    """Print one page's line; return whether both bars are held (a second measure may contradict a noisy first one)."""
    for _turn in range(2):
        counts = [side.statements(name) for side in sides]
        times = [[], []]
        for _round in range(rounds):  # in turn: what else the machine does strikes both alike
            for side, found in zip(sides, times, strict=True):
                found.append(side.milliseconds(name))
        small, large = map(common.median, times)
        if large <= GROWTH * small:
            break
    print(ROW.format(name[:33], *counts, f"{small:.1f}", f"{large:.1f}", f"{large / small:.2f}"), flush=True)
    return counts[0] == counts[1] and large <= GROWTH * small


class Side:
    """An installation with the demonstration, every real formation, and a crowd of candidatures."""

    def __init__(self, cluster, folder, size):
        from app.extensions import db
        from app.operations import demonstration
        from app.operations.demonstration import cast, crowd
        from app.queries import running_campaign

        begun = time.perf_counter()
        with common.database(cluster, folder.name) as url:
            self.app = common.application(folder, DATABASE_URL=url)
        with self.app.app_context():
            demonstration.seed()
            common.every_formation(running_campaign())
            db.session.commit()
            crowd.add(size)
            self.engine = db.engine
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as link:
                link.exec_driver_sql("VACUUM ANALYZE")
            self.pages = self._pages()
            db.session.remove()
        self.browser = self.app.test_client()
        token = common.TOKEN.search(self.browser.get("/connexion").text).group(1)
        person = {"identifier": self.email, "password": cast.CANDIDATE_SECRET, "csrf_token": token}
        assert self.browser.post("/connexion", data=person).status_code == 302
        print(f"{size} candidatures ready in {time.perf_counter() - begun:.0f} s", flush=True)

    def _pages(self):
        """Return {name: (address, headers)} for the demonstration's busiest candidate."""
        from app.extensions import db
        from app.models import Candidature, OutboxMessage, Transmission, User

        chosen = db.select(Candidature).join(Transmission).where(Candidature.published_decision_id.is_not(None)).order_by(Candidature.id)
        candidature = db.session.scalars(chosen).first()
        self.email = candidature.candidate.user.email
        message = db.session.scalar(db.select(OutboxMessage.public_id).where(OutboxMessage.candidature_id == candidature.id, OutboxMessage.candidate_id.is_not(None)))
        assert db.session.scalar(db.select(User.id).where(User.email == self.email))
        own, live = f"/candidatures/{candidature.public_id}", {"HX-Request": "true"}
        return {
            "my candidatures": ("/candidatures", {}),
            "one candidature": (own, {}),
            "transmit": (f"{own}/transmettre", {}),
            "receipt": (f"{own}/recu/1", {}),
            "my messages": ("/messages", {}),
            "one message": (f"/messages/{message}", {}),
            "profile": ("/profil", {}),
            "profile, identity": ("/profil/identite", {}),
            "new candidature": ("/candidatures/nouvelle", {}),
            "a formation": (f"/offre/{candidature.offering.formation.code}", {}),
            "offer": ("/offre", {}),
            "filter: informatique": ("/offre?q=informatique", live),
            "filter: licence droit": ("/offre?q=licence+droit", live),
            "filter: é": ("/offre?q=%C3%A9", live),
        }

    def milliseconds(self, name):
        address, headers = self.pages[name]
        begun = time.perf_counter()
        answer = self.browser.get(address, headers=headers)
        spent = (time.perf_counter() - begun) * 1000
        assert answer.status_code == 200, (name, address, answer.status_code)
        return spent

    def statements(self, name):
        """Return how many SQL statements a page sends, once warm."""
        from sqlalchemy import event

        seen = []
        listener = lambda *args: seen.append(args[2])
        self.milliseconds(name)
        event.listen(self.engine, "before_cursor_execute", listener)
        try:
            self.milliseconds(name)
        finally:
            event.remove(self.engine, "before_cursor_execute", listener)
        return len(seen)


if __name__ == "__main__":
    sys.exit(main())
