"""The page of statistics and the work inbox with 100,000 candidatures on PostgreSQL: at most ten statements, under a second.

Usage: python bench/figures.py [--candidatures 100000] [--rounds 7]
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import common  # noqa: E402

MOST_SECONDS, MOST_STATEMENTS = 1.0, 10
ROW = "{:<34}{:>6}{:>12}{:>12}"
PAGES = (
    "/gestion/statistiques/",
    "/gestion/statistiques/?niveau=commission",
    "/gestion/statistiques/?niveau=formation&pas=semaine",
    "/gestion/",
    "/gestion/places/",
)


def main():
    """Fill an installation, ask each page as the manager of everything; exit 1 past a bar."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--candidatures", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    from tests.services import postgresql

    with common.folder() as folder, postgresql() as cluster, common.database(cluster, "statistics") as url:
        app = common.application(Path(folder) / "statistics", DATABASE_URL=url)
        filled(app, arguments.candidatures)
        print(ROW.format("page", "SQL", "median", "slowest"), flush=True)
        faults = [path for path in PAGES if not held(app, path, arguments.rounds)]
    print("past a bar: " + ", ".join(faults) if faults else f"every page: at most {MOST_STATEMENTS} statements, under {MOST_SECONDS} s")
    return 1 if faults else 0


def filled(app, size):
    """Add the demonstration, every real formation and a crowd."""
    from app.extensions import db
    from app.operations import demonstration
    from app.operations.demonstration import crowd
    from app.queries import running_campaign

    begun = time.perf_counter()
    with app.app_context():
        demonstration.seed()
        common.every_formation(running_campaign())
        db.session.commit()
        crowd.add(size)
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as link:
            link.exec_driver_sql("VACUUM ANALYZE")
    print(f"{size:,} candidatures written in {time.perf_counter() - begun:.0f} s", flush=True)


def signed_in(app):
    """Return a browser of the manager of everything, signed in."""
    browser = app.test_client()
    token = common.TOKEN.search(browser.get("/connexion").text).group(1)
    person = {"identifier": "gestion@postulo.example", "password": "lampe-riviere-tambour-42", "csrf_token": token}
    assert browser.post("/connexion", data=person).status_code == 302
    return browser


def held(app, path, rounds):
    """Print one page's line; return whether it holds both bars: the SQL is what it adds to the page that asks nothing."""
    from sqlalchemy import event

    from app.extensions import db

    browser, seen, times, counts = signed_in(app), [], [], []
    with app.app_context():
        engine = db.engine
    listener = lambda *args: seen.append(args[2])
    event.listen(engine, "before_cursor_execute", listener)
    browser.get("/gestion/preferences/")
    seen.clear()
    browser.get("/gestion/preferences/")
    bare = len(seen)
    for _round in range(rounds):
        seen.clear()
        begun = time.perf_counter()
        assert browser.get(path).status_code == 200, path
        times.append(time.perf_counter() - begun)
        counts.append(len(seen) - bare)
    event.remove(engine, "before_cursor_execute", listener)
    median = common.median(times)
    print(ROW.format(path.removeprefix("/gestion")[:33], max(counts), f"{median * 1000:.0f} ms", f"{max(times) * 1000:.0f} ms"), flush=True)
    return median < MOST_SECONDS and max(counts) <= MOST_STATEMENTS


if __name__ == "__main__":
    sys.exit(main())
