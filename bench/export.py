"""An export of 100,000 candidatures by the worker's code, against bare XlsxWriter writing the same cells, and the memory it takes.

Usage: python bench/export.py [--candidatures 100000]     (DATABASE_URL=postgresql://… measures an empty PostgreSQL database instead)
"""

import argparse
import os
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import common  # noqa: E402

RATIO, MOST_MIB = 2.0, 400
COLUMNS = (
    "number last_name first_name birth_on nationality email phone bac_series bac_year centre commission formation formation_code campaign file_status "
    "created_at transmitted_at pieces_missing outcome decision_type rank real_rank answer answered_at"
).split()


def main():
    """Seed, export, write the same cells again without us; exit 1 past a limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--candidatures", type=int, default=100_000)
    count = parser.parse_args().candidatures
    more = {"DATABASE_URL": os.environ["DATABASE_URL"]} if "DATABASE_URL" in os.environ else {}
    with common.folder() as folder:
        app = common.application(Path(folder) / "data", **more)
        with app.app_context(), app.test_request_context():
            actor = filled(count)
            before = memory()
            path, ours = exported(actor, Path(folder))
            grown = memory() - before
            bare = written_bare(path, Path(folder) / "bare.xlsx")
    ratio = ours[1] / bare[1]
    print(f"export {ours[0]:.1f} s ({ours[1]:.1f} s of CPU here), bare XlsxWriter {bare[0]:.1f} s ({bare[1]:.1f} s of CPU)")
    print(f"{ours[0] / bare[0]:.2f} times the time, {ratio:.2f} times the CPU (bar {RATIO}, on CPU: others share the machine); {grown} MiB more (bar {MOST_MIB})")
    return 0 if ratio <= RATIO and grown <= MOST_MIB else 1


def filled(count):
    from app.extensions import db
    from app.models import User
    from app.operations import demonstration
    from app.operations.demonstration import cast, crowd

    demonstration.seed()
    db.session.commit()
    crowd.add(count)
    print(f"{count} candidatures on {db.engine.dialect.name}", flush=True)
    return db.session.scalar(db.select(User).where(User.email == f"{cast.STAFF[0][0]}@{cast.STAFF_HOST}"))


def exported(actor, folder):
    """Ask for the file and make it, by the worker’s own code; return (where it is, (seconds, seconds of CPU))."""
    from app.extensions import db
    from app.operations import candidature_exports

    spec = {"filter": {"tab": "toutes"}}
    job = candidature_exports.ask(spec, actor=actor, keys=COLUMNS, form="xlsx", reason="bench")
    db.session.commit()
    db.session.refresh(job)
    begun, cpu = time.perf_counter(), time.process_time()
    made = candidature_exports.make(job, actor, folder, lambda done: None)
    return made.path, (time.perf_counter() - begun, time.process_time() - cpu)


def written_bare(path, other):
    """Write the cells of a workbook again with XlsxWriter alone; return the (seconds, seconds of CPU) of the writing."""
    import xlsxwriter
    from openpyxl import load_workbook

    cells = list(load_workbook(path, read_only=True).worksheets[-1].iter_rows(values_only=True))
    print(f"{len(cells)} rows of {len(cells[0])} cells", flush=True)
    begun, cpu = time.perf_counter(), time.process_time()
    with xlsxwriter.Workbook(str(other), {"constant_memory": True}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        for number, row in enumerate(cells):
            for place, value in enumerate(row):
                if value is None:
                    continue
                if isinstance(value, str):
                    sheet.write_string(number, place, value)
                elif isinstance(value, int | float):
                    sheet.write_number(number, place, value)
                else:
                    sheet.write_datetime(number, place, value, day)
    return time.perf_counter() - begun, time.process_time() - cpu


def memory():
    """Return the most memory that this process has taken, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(main())
