"""The silence clock: the highest alert reached, from the day that the parameter names, until an opinion ends it (domain B8.8)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import clock, parameters
from app.enums import Colour, FileStatus, Outcome
from app.extensions import db
from app.models import Candidature, SilenceAlert
from app.operations import candidatures, decisions, silence
from tests.test_consistency import count_queries


@pytest.fixture
def alerts(world):
    rows = [SilenceAlert(days=30, colour=Colour.YELLOW), SilenceAlert(days=60, colour=Colour.ORANGE), SilenceAlert(days=80, colour=Colour.RED, is_active=False)]
    db.session.add_all(rows)
    parameters.change("SILENCE_FROM", "TRANSMITTED")
    db.session.commit()
    return rows


def both(candidature, now):
    """Return the days of the alert reached, the same in SQL and in Python."""
    known = silence.alerts()
    in_sql = db.session.scalar(select(silence.reached(now, known)).where(Candidature.id == candidature.id))
    alert = silence.alert_of(candidature, now, known)
    assert in_sql == (alert.days if alert else None)
    return in_sql


def test_the_highest_alert_in_service_is_reached_to_the_instant(world, alerts):
    candidature = world.transmitted(world.alice, world.maths)
    began = candidature.transmitted_at
    for after, days in ((29, None), (30, 30), (59, 30), (60, 60), (400, 60)):
        assert both(candidature, began + timedelta(days=after)) == days
    assert both(candidature, began + timedelta(days=30, microseconds=-1)) is None


@pytest.mark.parametrize("named, column", silence.FROM.items())
def test_days_count_from_what_the_parameter_names(world, alerts, named, column):
    candidature = world.transmitted(world.alice, world.maths)
    candidatures.set_status(candidature, FileStatus.COMPLETE, actor=world.charlie)
    candidatures.ask_corrections(candidature, actor=world.charlie, comment="Le CV.")
    setattr(candidature, column, clock.now() - timedelta(days=45))
    parameters.change("SILENCE_FROM", named)
    db.session.commit()
    assert both(candidature, clock.now()) == 30
    parameters.change("SILENCE_FROM", "NONE")
    assert both(candidature, clock.now()) is None and silence.of_many([candidature.id]) == {}


def test_an_opinion_published_ends_it_or_only_a_definitive_one(world, alerts):
    candidature = world.transmitted(world.alice, world.maths)
    late = clock.now() + timedelta(days=70)
    decisions.propose(candidature, world.kinds[Outcome.SHORTLISTED], actor=world.charlie)
    assert both(candidature, late) == 60
    decisions.validate(candidature, actor=world.charlie)
    decisions.publish(candidature, actor=world.charlie)
    assert both(candidature, late) is None
    parameters.change("SILENCE_ENDS_DEFINITIVE", True)
    assert both(candidature, late) == 60
    world.kinds[Outcome.SHORTLISTED].is_definitive = True
    db.session.flush()
    assert both(candidature, late) is None


def test_a_candidature_given_up_is_not_waited_for(world, alerts):
    candidature = world.transmitted(world.alice, world.maths)
    candidatures.withdraw(candidature, actor=world.alice)
    assert both(candidature, clock.now() + timedelta(days=90)) is None


def test_many_are_coloured_in_one_statement(world, alerts):
    first, second = world.transmitted(world.alice, world.maths), world.transmitted(world.bob, world.history)
    ids = [first.id, second.id]
    first.transmitted_at = clock.now() - timedelta(days=61)
    db.session.commit()
    db.session.scalar(select(1))  # the transaction is begun
    found = {}
    assert count_queries(lambda: found.update(silence.of_many(ids))) == 1
    assert {number: days for number, (days, _colour) in found.items()} == {ids[0]: 60}
