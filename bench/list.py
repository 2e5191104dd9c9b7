"""The list of candidatures and the search of people at 1,000 and 100,000 rows: SQL, time, growth, beside a naive Flask-Admin view and the bare SQL.

Usage: python bench/list.py [--small 1000] [--large 100000] [--rounds 30] [--only postgresql]
"""

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import common  # noqa: E402

GROWTH, MOST_SQL, MOST_MS = 1.3, 3, 15
ROW = "{:<26}{:>5}{:>9}{:>9}{:>9}{:>9}{:>10}{:>10}{:>8}"
LIST = "/gestion/candidature/"
PAGES = {
    "list, whole university": f"{LIST}?tab=",
    "next page": f"{LIST}?tab=&apres=MIDDLE",
    "files to examine": f"{LIST}?tab=a-examiner",
    "two filters": f"{LIST}?f.file_status=COMPLETE&f.outcome=ADMITTED",
    "by name": f"{LIST}?sort=last_name",
    "by name, in the middle": f"{LIST}?sort=last_name&apres=MIDDLE",
    "newest first": f"{LIST}?sort=-created_at",
    "search: dupont": f"{LIST}?q=dupont",
    "search: a number": f"{LIST}?q=NUMBER",
    "no such word": f"{LIST}?q=zzzzz",
    "person: dupont": "/gestion/personnes/?q=dupont",
    "person: camille dup": "/gestion/personnes/?q=camille+dup",
    "person: a number": "/gestion/personnes/?q=NUMBER",
    "person: nobody": "/gestion/personnes/?q=zzzzz",
    "accounts: dupont": "/gestion/candidate/?search=dupont",
}
BARRED = ("list, whole university", "next page")  # held to the bars; the others are told


def main():
    """Fill two installations of each database, ask each page of both in turn; exit 1 past a limit on PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", type=int, default=1_000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--only", choices=("postgresql", "sqlite"))
    arguments = parser.parse_args()
    from tests.services import postgresql

    held = True
    for kind in (arguments.only,) if arguments.only else ("postgresql", "sqlite"):
        with common.folder() as folder, postgresql() as cluster:
            made = [(name, size) for name, size in (("small", arguments.small), ("large", arguments.large))]
            sides = [Side(kind, cluster, Path(folder) / name, size) for name, size in made]
            held = measured(kind, sides, arguments) and held
    return 0 if held else 1


def measured(kind, sides, arguments):
    """Print the lines of one database; return whether its bars are held (those of SQLite are only told)."""
    print(f"\n{kind}")
    print(ROW.format("page", "SQL", f"{arguments.small}", f"{arguments.large}", "rows", "view", "view CPU", "bare SQL", "growth"))
    faults = [name for name in (*PAGES, "count", "naive Flask-Admin") if not compared(name, sides, arguments.rounds)]
    return kind == "sqlite" or not faults


def compared(name, sides, rounds):
    times, rows, inside, spent = [[], []], [], [], []
    for side in sides:
        side.milliseconds(name)
    for _round in range(rounds):  # in turn: what else the machine does strikes both alike
        for side, found in zip(sides, times, strict=True):
            found.append(side.milliseconds(name))
        rows.append(sides[1].rows)
        inside.append(sides[1].inside)
        spent.append(sides[1].cpu)
    statements = sides[1].statements(name)
    bare = common.median([sides[1].bare(statements) for _round in range(10)])
    small, large = map(common.median, times)
    told = [small, large, common.median(rows), common.median(inside), common.median(spent), bare]
    print(ROW.format(name, len(statements), *(f"{value:.1f}" for value in told), f"{large / small:.2f}"), flush=True)
    if name not in BARRED:
        return True
    return len(statements) <= MOST_SQL and common.median(rows) <= MOST_MS and large <= GROWTH * small


class Side:
    """An installation with the demonstration, every real formation, a crowd, and a naive view of the same table."""

    def __init__(self, kind, cluster, folder, size):
        from app.extensions import db
        from app.models import Candidature
        from app.operations import demonstration
        from app.operations.demonstration import cast, crowd
        from app.queries import running_campaign

        begun, self.inside, self.cpu, self.rows = time.perf_counter(), 0.0, 0.0, 0.0
        more = {}
        if kind == "postgresql":
            with common.database(cluster, folder.name) as url:
                more = {"DATABASE_URL": url}
        self.app = common.application(folder, **more)
        self._naive()
        with self.app.app_context():
            demonstration.seed()
            common.every_formation(running_campaign())
            db.session.commit()
            crowd.add(size)
            self.engine = db.engine
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as link:
                link.exec_driver_sql("VACUUM ANALYZE" if kind == "postgresql" else "ANALYZE")
            middle = db.session.scalars(db.select(Candidature).order_by(Candidature.id).offset(size // 2).limit(1)).one()
            self.words = {"MIDDLE": middle.public_id, "NUMBER": middle.candidate.dossier_number}
            db.session.remove()
        self._watch()
        self.browser = self.app.test_client()
        token = common.TOKEN.search(self.browser.get("/connexion").text).group(1)
        person = {"identifier": f"{cast.STAFF[0][0]}@{cast.STAFF_HOST}", "password": cast.STAFF_SECRET, "csrf_token": token}
        assert self.browser.post("/connexion", data=person).status_code == 302
        print(f"{kind}: {size} candidatures ready in {time.perf_counter() - begun:.0f} s", flush=True)

    def _naive(self):
        """Add the view that Flask-Admin gives of the table when nothing is done."""
        from flask_admin import Admin
        from flask_admin.contrib.sqla import ModelView

        from app.extensions import db
        from app.models import Candidature

        class Naive(ModelView):
            column_list = ("candidate", "offering", "file_status", "draft", "outcome", "answer", "transmitted_at", "campaign")
            page_size, can_export = 50, False
            column_formatters = {"draft": lambda view, context, row, name: ""}

        with self.app.app_context():
            Admin(self.app, url="/naive", endpoint="naive").add_view(Naive(Candidature, db, endpoint="naive_candidature", url="/naive/rows"))

    def _watch(self):
        """Time the view alone (the request less what signing in costs), and in it the rows: finding, colouring and writing them, without the page around."""
        from app.admin import list_lines, row_tones
        from app.operations import listing

        for module, name in ((listing, "page"), (row_tones, "row_tones"), (list_lines, "written")):
            setattr(module, name, self._counted(getattr(module, name)))
        for endpoint in ("candidature.index_view", "naive_candidature.index_view", "candidature.count", "personnes.index", "candidate.index_view"):
            view = self.app.view_functions[endpoint]

            def timed(*args, view=view, **kwargs):
                begun, cpu = time.perf_counter(), time.thread_time()
                answer = view(*args, **kwargs)
                self.inside, self.cpu = (time.perf_counter() - begun) * 1000, (time.thread_time() - cpu) * 1000
                return answer

            self.app.view_functions[endpoint] = timed

    def _counted(self, part):
        def timed(*args, **kwargs):
            begun = time.perf_counter()
            answer = part(*args, **kwargs)
            self.rows += (time.perf_counter() - begun) * 1000
            return answer

        return timed

    def address(self, name):
        if name == "naive Flask-Admin":
            return "/naive/rows/"
        address = PAGES.get(name, f"{LIST}compte?tab=")
        for word, value in self.words.items():
            address = address.replace(word, value)
        return address

    def milliseconds(self, name):
        begun, self.rows = time.perf_counter(), 0.0
        answer = self.browser.get(self.address(name), headers={"HX-Request": "true"} if name == "count" else {})
        spent = (time.perf_counter() - begun) * 1000
        assert answer.status_code in (200, 302), (name, answer.status_code)  # a number leads straight to its person
        return spent

    def statements(self, name):
        """Return the (SQL, parameters) of a page beyond those of signing in."""
        from sqlalchemy import event

        seen = []
        listener = lambda link, cursor, sql, values, *rest: seen.append((sql, values))
        event.listen(self.engine, "before_cursor_execute", listener)
        try:
            self.milliseconds(name)
        finally:
            event.remove(self.engine, "before_cursor_execute", listener)
        signing = ("FROM user_session", "FROM user_account", "FROM staff_member", "FROM rights_grant", "FROM profile_right", "FROM recusal", "FROM parameter", "BEGIN")
        return [(sql, values) for sql, values in seen if not any(words in sql or sql.startswith(words) for words in signing) or "candidature" in sql]

    def bare(self, statements):
        """Return the milliseconds that the same statements take by the driver alone."""
        link = self.engine.raw_connection()
        try:
            cursor = link.cursor()
            begun = time.perf_counter()
            for sql, values in statements:
                cursor.execute(sql, values)
                cursor.fetchall()
            return (time.perf_counter() - begun) * 1000
        finally:
            link.close()


if __name__ == "__main__":
    sys.exit(main())
