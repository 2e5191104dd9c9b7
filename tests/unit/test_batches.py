"""The scheduled jobs: who is reminded, who is withdrawn, and each period once."""

import io
import os
from datetime import timedelta

import pytest

from app import clock, deadlines
from app.enums import Answer, Outcome, RunState
from app.errors import DomainError
from app.extensions import db
from app.models import BatchRun, FileVersion, OutboxMessage
from app.operations import batches, candidatures, decisions
from app.storage import vault


def messages(kind):
    return db.session.scalar(db.select(db.func.count()).select_from(OutboxMessage).where(OutboxMessage.kind == kind))


def at(monkeypatch, instant):
    monkeypatch.setattr(clock, "now", lambda: instant)


@pytest.fixture
def admitted(world):
    """Alice has a favourable decision to answer."""
    candidature = world.transmitted(world.alice, world.maths)
    decisions.propose(candidature, world.kinds[Outcome.ADMITTED], actor=world.charlie)
    decisions.validate(candidature, actor=world.charlie)
    decisions.publish(candidature, actor=world.charlie)
    db.session.commit()
    return candidature


def test_a_dossier_not_transmitted_is_reminded_once_and_not_too_early(world, monkeypatch):
    candidature = world.apply(world.alice, world.maths)
    deadline = deadlines.return_by(candidature)
    for when, expected in ((timedelta(days=4), 0), (timedelta(days=2), 1), (timedelta(days=1), 1), (timedelta(days=-1), 1)):
        at(monkeypatch, deadline - when)
        batches.run("remind_return")
        assert messages("return_reminder") == expected


def test_a_transmitted_dossier_is_not_reminded(world, monkeypatch):
    candidature = world.transmitted(world.alice, world.maths)
    at(monkeypatch, deadlines.return_by(candidature) - timedelta(days=1))
    batches.run("remind_return")
    assert messages("return_reminder") == 0


def test_an_unanswered_offer_is_reminded_then_withdrawn_at_its_deadline(admitted, monkeypatch):
    deadline = deadlines.answer_by(admitted)
    at(monkeypatch, deadline - timedelta(days=1))
    batches.run("remind_answer")
    batches.run("withdraw")
    assert (messages("answer_reminder"), admitted.answer) == (1, None)
    at(monkeypatch, deadline - timedelta(microseconds=1))
    batches.run("withdraw")
    assert admitted.answer is None
    at(monkeypatch, deadline)
    batches.run("withdraw")
    assert (admitted.answer, admitted.is_answer_automatic) == (Answer.WITHDRAWN, True)
    assert messages("answer_withdrawn_automatically") == 1


def test_a_confirmed_offer_is_left_alone(admitted, world, monkeypatch):
    candidatures.confirm(admitted, actor=world.alice)
    db.session.commit()
    at(monkeypatch, deadlines.answer_by(admitted) + timedelta(days=30))
    batches.run("withdraw")
    assert admitted.answer == Answer.CONFIRMED


def test_an_individual_date_delays_the_withdrawal(admitted, world, monkeypatch):
    ordinary = deadlines.answer_by(admitted)
    candidatures.set_deadlines(admitted, actor=world.charlie, confirm_by=ordinary + timedelta(days=5))
    db.session.commit()
    at(monkeypatch, ordinary + timedelta(days=1))
    batches.run("withdraw")
    assert admitted.answer is None


def test_a_period_runs_once_even_when_it_is_asked_twice(world):
    first = batches.run("withdraw", period="2027-01-01")
    assert first.state == RunState.DONE
    assert batches.run("withdraw", period="2027-01-01") is None
    assert db.session.scalar(db.select(db.func.count()).select_from(BatchRun).where(BatchRun.period == "2027-01-01")) == 1


def test_a_run_whose_worker_died_is_taken_over_after_its_lease(world, monkeypatch):
    row = BatchRun(name="withdraw", period="2027-01-02", lease_until=clock.now() + batches.LEASE)
    db.session.add(row)
    db.session.commit()
    assert batches.run("withdraw", period="2027-01-02") is None
    at(monkeypatch, clock.now() + batches.LEASE + timedelta(seconds=1))
    assert batches.run("withdraw", period="2027-01-02").state == RunState.DONE


def test_a_job_that_fails_is_recorded_and_the_others_run(world, monkeypatch):
    def fails(_now):
        raise RuntimeError("planted")

    broken = batches.Batch("withdraw", "x", 0, fails)
    monkeypatch.setitem(batches.BATCHES, "withdraw", broken)
    batches.run_due()
    states = dict(db.session.execute(db.select(BatchRun.name, BatchRun.state)).tuples().all())
    assert states["withdraw"] == RunState.FAILED
    assert all(state == RunState.DONE for name, state in states.items() if name != "withdraw")


def test_an_unknown_job_is_told(app):
    with pytest.raises(DomainError):
        batches.run("nothing")


def test_files_that_no_row_names_are_removed_after_a_day_and_the_others_kept(world):
    world.transmitted(world.alice, world.maths)
    kept = {version.original_key for version in db.session.scalars(db.select(FileVersion))}
    young, old = (vault().put(io.BytesIO(b"orphan"), limit=100).key for _number in range(2))
    os.utime(vault().path(old), (0, 0))
    for key in kept:
        os.utime(vault().path(key), (0, 0))
    assert batches.run("sweep_files").done_count == 1
    assert set(vault().keys()) == kept | {young}
