"""A release of 5,000 opinions by real workers killed five times at random, on PostgreSQL: nothing lost, nothing doubled, and how long.

Usage: python bench/release.py [--opinions 5000] [--kills 5] [--workers 2]
"""

import argparse
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import common  # noqa: E402
from tests import services  # noqa: E402
from tests.faults import dossiers, smtp  # noqa: E402
from tests.faults.fleet import Workers  # noqa: E402
from tests.world import World  # noqa: E402


def main():
    """Release, kill, count; exit 1 when a dossier is not published exactly once."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--opinions", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, services.postgresql() as database, services.redis() as bell, smtp.running(smtp.Sink()) as port:
        app = common.application(Path(folder) / "data", DATABASE_URL=database, REDIS_URL=bell.url)
        with app.app_context():
            return released(app, asked, bell.url, port, Path(folder))


def released(app, asked, bell_url, port, folder):
    from app import journal, reference
    from app.extensions import db
    from app.models import Candidature, CandidatureEvent, Job, OutboxMessage
    from app.operations import jobs, releases

    reference.load(db.session)
    world = World.build()
    numbers = dossiers.add(world, asked.opinions)
    began = time.monotonic()
    releases.report(world.charlie, {})
    print(f"report before the release: {(time.monotonic() - began) * 1000:.0f} ms", flush=True)
    job_id = releases.ask(world.charlie, {}, seen=asked.opinions).id
    db.session.commit()
    workers = Workers(app, bell_url, port, folder)
    workers.start(asked.workers, lease=5, sweep_every=3)
    before = _cpu()
    began, kills, every = time.monotonic(), 0, asked.opinions // (asked.kills + 1)
    next_kill = random.uniform(0.5, 1.0) * every
    try:
        while True:
            workers.supervise()
            db.session.rollback()
            job = db.session.get(Job, job_id, populate_existing=True)
            if job.state not in jobs.LIVE:
                break
            if kills < asked.kills and job.done_count > next_kill:
                workers.kill_one()
                kills, next_kill = kills + 1, job.done_count + random.uniform(0.5, 1.0) * every
            time.sleep(0.2)
    finally:
        workers.end()
    seconds, cpu = time.monotonic() - began, _cpu() - before
    events = db.session.scalars(db.select(CandidatureEvent.candidature_id).where(CandidatureEvent.action == "publish")).all()
    mails = db.session.scalars(db.select(OutboxMessage.candidature_id).where(OutboxMessage.kind == "decision_admitted")).all()
    published = db.session.scalar(db.select(db.func.count()).select_from(Candidature).where(Candidature.outcome.is_not(None)))
    broken = journal.verify_all()[1]
    is_exact = sorted(events) == sorted(mails) == sorted(numbers) and published == len(numbers) and not broken
    print(f"{job.done_count} published, {len(set(mails))} mails, {kills} kills, {seconds:.0f} s ({job.done_count / seconds:.1f} a second)")
    print(f"{cpu / job.done_count * 1000:.0f} ms of CPU of the workers for each, their start included; exactly once: {is_exact}")
    return 0 if is_exact else 1


def _cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
