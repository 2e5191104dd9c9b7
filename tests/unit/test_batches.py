"""The scheduled jobs: who is reminded, who is withdrawn, and each period once."""

import io
import os
from datetime import UTC, datetime, timedelta

import pytest

from app import clock, deadlines, tasks  # noqa: F401 -- tasks: declares the scheduled jobs
from app.enums import Answer, Outcome, RunState
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import AuditEntry, BatchRun, BatchSchedule, FileVersion, OutboxMessage
from app.notifications import announcements
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
        batches.run("remind")
        assert messages("return_reminder") == expected


def test_a_dossier_that_fails_stops_no_other_and_is_tried_again(world, monkeypatch):
    bad, good = (world.apply(user, world.maths) for user in (world.alice, world.bob))
    at(monkeypatch, deadlines.return_by(good) - timedelta(days=1))
    real = announcements.to_candidate

    def poisoned(kind, candidature, **more):
        if candidature.id == bad.id:
            raise RuntimeError("boom")
        return real(kind, candidature, **more)

    with monkeypatch.context() as broken:
        broken.setattr(announcements, "to_candidate", poisoned)
        run = batches.run("remind")
    assert (run.state, run.done_count) == (RunState.DONE, 1)
    db.session.expire_all()
    assert (bad.reminded_return_at, good.reminded_return_at) == (None, clock.now())
    assert batches.run("remind", period="again").done_count == 1 and messages("return_reminder") == 2


def test_a_transmitted_dossier_is_not_reminded(world, monkeypatch):
    candidature = world.transmitted(world.alice, world.maths)
    at(monkeypatch, deadlines.return_by(candidature) - timedelta(days=1))
    batches.run("remind")
    assert messages("return_reminder") == 0


def test_an_unanswered_offer_is_reminded_then_withdrawn_at_its_deadline(admitted, monkeypatch):
    deadline = deadlines.answer_by(admitted)
    at(monkeypatch, deadline - timedelta(days=1))
    batches.run("remind")
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
    def fails(_now, _run):
        raise RuntimeError("planted")

    broken = batches.Batch("withdraw", "x", "x", fails)
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


# --- schedule: when, catch-up, two schedulers, a change ---


def paris(year, month, day, hour=0, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=clock.PARIS).astimezone(UTC)


def planned(**values):
    return BatchSchedule(**{"name": "x", "is_enabled": True, "hour": 22, "minute": 30, "weekdays": "1234567", "every_minutes": None, **values})


@pytest.mark.parametrize(
    "now, values, period, following",
    [
        (paris(2027, 3, 10, 22, 29), {}, "2027-03-09", paris(2027, 3, 10, 22, 30)),
        (paris(2027, 3, 10, 22, 30), {}, "2027-03-10", paris(2027, 3, 11, 22, 30)),
        (paris(2027, 3, 10, 23), {"weekdays": "1"}, "2027-03-08", paris(2027, 3, 15, 22, 30)),
        (paris(2027, 3, 28, 4), {"hour": 2, "minute": 30}, "2027-03-28", paris(2027, 3, 29, 2, 30)),
        (paris(2027, 3, 10, 23, 7), {"every_minutes": 15}, "2027-03-10T22:00Z", paris(2027, 3, 10, 23, 15)),
        (paris(2027, 3, 10, 23), {"weekdays": ""}, None, None),
    ],
)
def test_the_latest_period_and_the_next_one(now, values, period, following):
    schedule = planned(**values)
    found = batches.period_of(schedule, now)
    assert (found[0] if found else None) == period
    assert batches.next_of(schedule, now) == following
    assert batches.next_of(planned(is_enabled=False), now) is None


def runs(name):
    return [row.period for row in reversed(batches.history(name)) if not row.period.startswith(batches.BY_HAND)]


def test_an_outage_is_caught_up_once_and_each_period_runs_once(world, monkeypatch):
    for when in (paris(2027, 3, 10, 12), paris(2027, 3, 10, 12), paris(2027, 3, 14, 7), paris(2027, 3, 14, 7, 5), paris(2027, 3, 14, 8)):
        at(monkeypatch, when)
        batches.run_due()
    assert runs("remind") == ["2027-03-10", "2027-03-13", "2027-03-14"]


def test_a_changed_schedule_is_audited_and_does_not_catch_up_what_was_before(world, monkeypatch):
    at(monkeypatch, paris(2027, 3, 10, 12))
    batches.change("remind", actor=world.eve, hour=9, minute=30, weekdays="3")
    db.session.commit()
    batches.run_due()
    assert runs("remind") == []
    entry = db.session.scalar(db.select(AuditEntry).where(AuditEntry.entity == "BatchSchedule"))
    assert entry.changes == {"hour": [8, 9], "minute": [0, 30], "weekdays": ["1234567", "3"]}
    at(monkeypatch, paris(2027, 3, 17, 9, 30))
    batches.run_due()
    assert runs("remind") == ["2027-03-17"]


def test_a_job_out_of_service_never_runs_by_itself(world, monkeypatch):
    batches.change("withdraw", actor=world.eve, is_enabled=False)
    db.session.commit()
    batches.run_due()
    assert runs("withdraw") == []


@pytest.mark.parametrize(
    "values, field", [({"hour": 24}, "hour"), ({"minute": 60}, "hour"), ({"weekdays": "89"}, "weekdays"), ({"every_minutes": 0}, "every_minutes")]
)
def test_an_impossible_schedule_is_refused(world, values, field):
    with pytest.raises(DomainError) as refused:
        batches.change("withdraw", actor=world.eve, **values)
    assert refused.value.field == field


def test_only_those_who_run_the_installation_change_or_start_a_job(world):
    for call in (lambda: batches.change("withdraw", actor=world.frank), lambda: batches.ask("withdraw", actor=world.frank)):
        with pytest.raises(NotAllowed):
            call()


def test_a_run_asked_by_hand_is_done_by_the_next_sweep_and_not_twice_at_once(world):
    asked = batches.ask("withdraw", actor=world.eve).id
    db.session.commit()
    with pytest.raises(DomainError, match="déjà en cours"):
        batches.ask("withdraw", actor=world.eve)
    batches.run_due()
    assert db.session.get(BatchRun, asked).state == RunState.DONE


# --- slices: what a killed run has done stays counted, and its ghost writes nothing ---


def test_a_killed_run_goes_on_with_what_is_left_and_its_count_is_right(world, monkeypatch):
    rows = [world.apply(user, world.maths) for user in (world.alice, world.bob)]
    at(monkeypatch, deadlines.return_by(rows[0]) - timedelta(days=1))
    real, seen = batches.Run.count, []

    def dies(held, done=1):
        real(held, done)
        seen.append(held)
        if len(seen) == 1:
            raise KeyboardInterrupt  # as sudden as a power cut: nothing of ours runs after it

    monkeypatch.setattr(batches.Run, "count", dies)
    with pytest.raises(KeyboardInterrupt):
        batches.run("remind", period="2027-01-03")
    db.session.rollback()
    row = db.session.scalar(db.select(BatchRun).where(BatchRun.period == "2027-01-03"))
    assert (row.state, row.done_count, messages("return_reminder")) == (RunState.RUNNING, 1, 1)
    at(monkeypatch, clock.now() + batches.LEASE + timedelta(seconds=1))
    assert batches.resume(row.id).state == RunState.DONE
    db.session.refresh(row)
    assert (row.state, row.done_count, messages("return_reminder")) == (RunState.DONE, 2, 2)
    with pytest.raises(batches.HoldLost):
        real(seen[0])


def test_a_run_that_kills_its_worker_each_time_is_given_up(world, monkeypatch):
    def dies(_now, _run):
        raise KeyboardInterrupt

    monkeypatch.setitem(batches.BATCHES, "withdraw", batches.Batch("withdraw", "x", "x", dies))
    with pytest.raises(KeyboardInterrupt):
        batches.run("withdraw", period="2027-01-04")
    tries = 1
    row = db.session.scalar(db.select(BatchRun).where(BatchRun.period == "2027-01-04"))
    for _number in range(batches.MAX_CRASHES + 3):
        db.session.rollback()
        later = clock.now() + batches.LEASE + timedelta(seconds=1)
        at(monkeypatch, later)
        try:
            batches.resume(row.id)
        except KeyboardInterrupt:
            tries += 1
    db.session.rollback()
    assert (db.session.get(BatchRun, row.id).state, tries) == (RunState.FAILED, batches.MAX_CRASHES + 1)


def test_a_worker_told_to_stop_gives_the_run_back_at_once(world, monkeypatch):
    rows = [world.apply(user, world.maths) for user in (world.alice, world.bob)]
    at(monkeypatch, deadlines.return_by(rows[0]) - timedelta(days=1))
    assert batches.run("remind", period="2027-01-05", is_stopping=lambda: True).state == RunState.RUNNING
    row = db.session.scalar(db.select(BatchRun).where(BatchRun.period == "2027-01-05"))
    batches.resume(row.id)
    assert (row.state, row.done_count) == (RunState.DONE, 2)


# --- the history and the previews do not grow for ever ---


def test_old_runs_are_erased_but_the_last_of_each(world, monkeypatch):
    for day in ("2027-01-01", "2027-01-02"):
        batches.run("withdraw", period=day)
    at(monkeypatch, clock.now() + timedelta(days=400))
    batches.run("purge_history", period="2028-01-01")
    assert runs("withdraw") == ["2027-01-02"]
