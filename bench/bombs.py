"""What others feel while bombs are checked: their 95th percentile stays within twice the idle one, each verdict within ten seconds.

Usage: python bench/bombs.py [--seconds 15]
"""

import argparse
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import common  # noqa: E402

VERDICT, GROWTH, READERS = 10, 2, 2
PAGES = ("/", "/offre", "/aide", "/connexion")


def main():
    """Read pages while nothing else happens, then while a worker checks every bomb; exit 1 past a limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=15)
    seconds = parser.parse_args().seconds
    from tests import services

    with common.folder() as folder, services.postgresql() as cluster, services.redis() as redis:
        with common.database(cluster, "bombs") as url:
            environ = common.environment(folder, DATABASE_URL=url, REDIS_URL=redis.url)
        app = common.application(folder, DATABASE_URL=url)
        with common.gunicorn("wsgi:app", environ) as (port, _process):
            idle = reading(port, lambda end_at=time.monotonic() + seconds: time.monotonic() < end_at)
            with app.app_context():
                count = plant(folder)
                begun = time.perf_counter()
                with common.running([sys.executable, "-m", "app.worker"], environ):
                    busy = reading(port, lambda: not is_done())
                spent, slowest, refused = time.perf_counter() - begun, *verdicts()
    growth = common.p95(busy) / common.p95(idle)
    print(f"{'idle':<10}{len(idle):>7} pages  median {common.median(idle):6.1f} ms  p95 {common.p95(idle):6.1f} ms")
    print(f"{'bombs':<10}{len(busy):>7} pages  median {common.median(busy):6.1f} ms  p95 {common.p95(busy):6.1f} ms  ({growth:.2f} times)")
    print(f"{count} bombs in {spent:.0f} s, {refused} refused; slowest verdict {slowest:.1f} s")
    return 0 if growth <= GROWTH and slowest <= VERDICT and refused == count else 1


def plant(folder):
    """Deposit every bomb of the corpus as one candidate's pieces; return how many."""
    from app import reference
    from app.extensions import db
    from app.models import FileVersion
    from app.operations import pieces
    from tests.corpus import bombs  # noqa: F401 -- fills the list
    from tests.corpus.samples import LIMIT, SAMPLES
    from tests.world import World

    reference.load(db.session)
    world = World.build()
    candidature = world.apply(world.alice, world.maths)
    for sample in SAMPLES:
        path = sample.build(folder)
        if path.stat().st_size <= LIMIT and not sample.is_accepted:
            with open(path, "rb") as file:
                pieces.deposit(candidature, world.letter, file, f"bombe.{sample.extension}", actor=world.alice)
            db.session.commit()
        path.unlink()
    return db.session.scalar(db.select(db.func.count()).select_from(FileVersion))


def reading(port, is_going_on):
    """Have readers load pages until told; return the times in ms."""
    times = []

    def read():
        browser = common.Browser(port)
        while not stop.is_set():
            for page in PAGES:
                begun = time.perf_counter()
                assert browser.get(page)[0] == 200
                times.append((time.perf_counter() - begun) * 1000)
                time.sleep(0.02)

    stop = threading.Event()
    threads = [threading.Thread(target=read) for _number in range(READERS)]
    for thread in threads:
        thread.start()
    end_at = time.monotonic() + 240
    while is_going_on() and time.monotonic() < end_at:
        time.sleep(0.5)
    stop.set()
    for thread in threads:
        thread.join()
    return times


def is_done():
    from app.extensions import db
    from app.models import FileVersion

    waiting = db.session.scalar(db.select(db.func.count()).select_from(FileVersion).where(FileVersion.checked_at.is_(None)))
    db.session.rollback()
    return waiting == 0


def verdicts():
    """Return (seconds between two verdicts at most, how many refused): one worker checks one file after another."""
    from app.extensions import db
    from app.models import FileVersion

    rows = db.session.execute(db.select(FileVersion.checked_at, FileVersion.check_state).order_by(FileVersion.checked_at)).all()
    gaps = [(after.checked_at - before.checked_at).total_seconds() for before, after in zip(rows, rows[1:], strict=False)]
    return max(gaps), sum(row.check_state.value == "REJECTED" for row in rows)


if __name__ == "__main__":
    sys.exit(main())
