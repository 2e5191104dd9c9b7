"""Scheduled jobs with two schedulers, killed in the middle, after an outage: each period once, each reminder once (trust F30, F31)."""

import time
from collections import Counter

import pytest

from app import clock, deadlines
from app.enums import FileStatus, RunState
from app.extensions import db
from app.models import BatchRun, Candidature, OutboxMessage
from app.operations import batches
from tests.faults import dossiers, smtp

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("app", ["postgresql"], indirect=True)]
COUNT = 120


def reminded():
    db.session.rollback()
    return Counter(db.session.scalars(db.select(OutboxMessage.candidature_id).where(OutboxMessage.kind == "return_reminder")))


def test_two_schedulers_and_kills_remind_each_candidate_once_and_run_each_period_once(app, world, bell, hire):
    """The schedule was last due hours ago (an outage): both workers want it, one after the other dies, the run goes on."""
    numbers = dossiers.add(world, COUNT, stage=None, status=FileStatus.WAITING)
    first = db.session.get(Candidature, numbers[0])
    world.maths.return_by = clock.now() + (deadlines.return_by(first) - clock.now()) / 40
    world.maths.closes_at = world.maths.return_by
    db.session.commit()
    with smtp.running(smtp.Sink()) as port:
        workers = hire(bell.url, port)
        workers.start(2, lease=2, sweep_every=0.3)
        kills, end_at = 0, time.monotonic() + 180
        while time.monotonic() < end_at:
            workers.supervise()
            done = len(reminded())
            if kills < 3 and done >= 20 * (kills + 1):
                workers.kill_one()
                kills += 1
            if done == COUNT and not _running():
                break
            time.sleep(0.05)
        assert kills == 3
    assert reminded() == Counter(numbers)
    db.session.rollback()
    runs = db.session.scalars(db.select(BatchRun)).all()
    assert {run.state for run in runs} == {RunState.DONE}
    assert max(Counter((run.name, run.period) for run in runs).values()) == 1
    assert sum(run.done_count for run in runs if run.name == "remind") == COUNT, "what a killed worker did stays counted"
    assert {run.name for run in runs} >= {name for name, batch in batches.BATCHES.items() if batch.is_enabled and not batch.every_minutes}


def _running():
    return db.session.scalar(db.select(BatchRun.id).where(BatchRun.state == RunState.RUNNING).limit(1))
