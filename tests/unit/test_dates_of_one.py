"""Dates that a manager gives to one candidate, and the withdrawal of who is late: never past the campaign, never a day late."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app import clock, deadlines, parameters, tasks  # noqa: F401 -- tasks: declares the scheduled jobs
from app.enums import Answer, Outcome
from app.errors import DomainError
from app.extensions import db
from app.models import BatchRun
from app.operations import batches, candidatures, decisions


@pytest.fixture
def admitted(world):
    candidature = world.transmitted(world.alice, world.maths)
    decisions.propose(candidature, world.kinds[Outcome.ADMITTED], actor=world.charlie)
    decisions.validate(candidature, actor=world.charlie)
    decisions.publish(candidature, actor=world.charlie)
    db.session.commit()
    return candidature


@pytest.mark.parametrize("name", ["return_by", "confirm_by"])
def test_no_date_of_ones_own_is_after_the_campaign(world, admitted, name):
    end = world.campaign.ends_at
    with pytest.raises(DomainError, match="après la fin de la campagne") as refused:
        candidatures.set_deadlines(admitted, actor=world.charlie, **{name: end + timedelta(minutes=1)})
    assert refused.value.field == name
    candidatures.set_deadlines(admitted, actor=world.charlie, **{name: end})
    world.campaign.ends_at = end - timedelta(days=1)
    candidatures.set_deadlines(admitted, actor=world.charlie, **{name: end})  # a date already given is no new one
    assert getattr(admitted, f"individual_{name}") == end


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_who_is_late_is_withdrawn_within_the_hour_whatever_the_tolerance(world, admitted, monkeypatch):
    """Midnight and its tolerance: the run of ten past midnight, not the one of the next night."""
    parameters.change("DEADLINE_GRACE_SECONDS", 300)
    db.session.commit()
    deadline = deadlines.answer_by(admitted)
    runs = []
    for minutes in (0, 4, 10):
        monkeypatch.setattr(clock, "now", lambda minutes=minutes: deadline + timedelta(minutes=minutes))
        batches.run_due()
        db.session.expire_all()
        runs.append((admitted.answer, db.session.scalar(select(db.func.count()).where(BatchRun.name == "withdraw"))))
    assert runs == [(None, 1), (None, 1), (Answer.WITHDRAWN, 2)]


def test_the_minute_of_a_repeated_job_shifts_its_periods():
    withdraw = batches.BatchSchedule(name="withdraw", hour=0, minute=10, weekdays=batches.EVERY_DAY, every_minutes=60, is_enabled=True)
    before, after = (datetime(2027, 5, 1, 12, minute, tzinfo=UTC) for minute in (9, 10))
    assert batches.period_of(withdraw, before) == ("2027-05-01T11:10Z", datetime(2027, 5, 1, 11, 10, tzinfo=UTC))
    assert batches.period_of(withdraw, after) == ("2027-05-01T12:10Z", after)
    assert batches.next_of(withdraw, before) == after
