"""Deadlines hold at the microsecond and quotas at the unit, whatever the order of the acts (trust F23, ASVS 2.3.2)."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import clock, deadlines, parameters
from app.enums import Answer, Outcome
from app.errors import DomainError
from app.extensions import db
from app.models import Candidature, Formation, Offering
from app.operations import candidatures, decisions, pieces
from tests.world import pdf

MICRO = timedelta(microseconds=1)
AROUND = pytest.mark.parametrize("shift, is_before", [(-MICRO, True), (timedelta(0), False), (MICRO, False)])
HERE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def tried(call):
    """Return whether an act is accepted; what it did is forgotten."""
    try:
        call()
    except DomainError:
        return False
    finally:
        db.session.rollback()
    return True


@pytest.fixture
def at(monkeypatch):
    """Give a function that stops the clock at an instant."""
    return lambda instant: monkeypatch.setattr(clock, "now", lambda: instant)


@AROUND
def test_a_formation_closes_at_its_instant(world, at, shift, is_before):
    at(world.sciences.closes_at + shift)
    assert tried(lambda: candidatures.create(world.alice.candidate, world.maths, actor=world.alice)) == is_before


@AROUND
def test_a_formation_opens_at_its_instant(world, at, shift, is_before):
    at(world.sciences.opens_at + shift)
    assert tried(lambda: candidatures.create(world.alice.candidate, world.maths, actor=world.alice)) != is_before


@AROUND
def test_the_campaign_ends_for_candidates_at_its_instant(world, at, shift, is_before):
    world.campaign.candidates_end_at = clock.now() + timedelta(days=3)
    db.session.commit()
    at(world.campaign.candidates_end_at + shift)
    assert tried(lambda: candidatures.create(world.alice.candidate, world.maths, actor=world.alice)) == is_before


@AROUND
def test_a_piece_with_a_date_of_its_own_is_taken_until_its_instant(world, at, shift, is_before):
    world.letter.deadline = clock.now() + timedelta(days=2)
    candidature = world.apply(world.alice, world.maths)
    at(world.letter.deadline + shift)
    assert tried(lambda: pieces.deposit(candidature, world.letter, io.BytesIO(pdf()), "a.pdf", actor=world.alice)) == is_before
    assert tried(lambda: pieces.deposit(candidature, world.cv, io.BytesIO(pdf()), "a.pdf", actor=world.alice))


@AROUND
def test_an_offer_is_answered_or_lapses_never_both_never_neither(world, at, shift, is_before):
    candidature = world.transmitted(world.alice, world.maths)
    decisions.propose(candidature, world.kinds[Outcome.ADMITTED], actor=world.charlie)
    decisions.validate(candidature, actor=world.charlie)
    decisions.publish(candidature, actor=world.charlie)
    db.session.commit()
    at(deadlines.answer_by(candidature) + shift)
    assert tried(lambda: candidatures.confirm(candidature, actor=world.alice)) == is_before
    assert tried(lambda: candidatures.withdraw_automatically(candidature)) != is_before


@AROUND
def test_the_tolerance_is_a_parameter_and_as_sharp(world, at, shift, is_before):
    parameters.change("DEADLINE_GRACE_SECONDS", 60)
    parameters.forget()
    candidature = world.apply(world.alice, world.maths)
    world.complete(candidature, world.alice)
    at(deadlines.return_by(candidature) + timedelta(seconds=60) + shift)
    assert tried(lambda: candidatures.transmit(candidature, actor=world.alice)) == is_before


@HERE
@given(
    deadline=st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)),
    gap=st.integers(min_value=-(10**12), max_value=10**12) | st.integers(min_value=-3, max_value=3),
    grace=st.integers(min_value=0, max_value=300),
)
def test_past_means_reached_and_nothing_else(app, monkeypatch, deadline, gap, grace):
    monkeypatch.setattr(parameters, "get", lambda _code: grace)
    deadline = deadline.replace(tzinfo=UTC)
    now = deadline + timedelta(seconds=grace) + timedelta(microseconds=gap)
    assert deadlines.is_past(deadline, now) == (gap >= 0)


@HERE
@given(day=st.dates(min_value=datetime(2020, 1, 1).date(), max_value=datetime(2040, 12, 31).date()))
def test_a_day_closes_when_the_next_one_begins_in_paris_also_when_clocks_change(day):
    last = clock.closing_of(day) - MICRO
    assert clock.local_day(last) == day and clock.local_day(clock.closing_of(day)) == day + timedelta(days=1)
    assert clock.opening_of(day + timedelta(days=1)) == clock.closing_of(day)


@pytest.fixture
def offerings(world):
    """Five formations: three of Sciences, whose limit is two; the person may have three in all."""
    found = [world.maths, world.history]
    for number in range(3):
        near = world.maths if number < 2 else world.history
        formation = Formation(code=f"extra{number}", name=f"Licence Extra {number}", commission=near.commission, diploma_type=world.licence)
        found.append(Offering(formation=formation, campaign=world.campaign, commission=near.commission, admitted_type=near.admitted_type))
    db.session.add_all(found)
    world.sciences.max_candidatures = 2
    parameters.change("MAX_CANDIDATURES", 3)
    db.session.commit()
    return [(offering.id, offering.commission.centre_id == world.sciences.id) for offering in found]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.sampled_from(["apply", "cancel"]), st.integers(min_value=0, max_value=4)), min_size=1, max_size=14))
def test_quotas_are_never_passed_nor_refused_too_early(world, offerings, acts):
    db.session.rollback()
    for row in db.session.scalars(db.select(Candidature).where(Candidature.cancelled_at.is_(None))).all():
        candidatures.cancel(row, actor=world.alice)
    db.session.commit()
    live = {}
    for verb, index in acts:
        number, is_sciences = offerings[index]
        if verb == "cancel":
            if number in live:
                candidatures.cancel(live.pop(number)[0], actor=world.alice)
        else:
            is_free = len(live) < 3 and not (is_sciences and sum(near for _row, near in live.values()) >= 2)
            try:
                row = candidatures.create(world.alice.candidate, db.session.get(Offering, number), actor=world.alice)
                assert number in live or is_free
                live[number] = (row, is_sciences)
            except DomainError:
                assert number not in live and not is_free
        db.session.commit()
    kept = set(db.session.scalars(db.select(Candidature.offering_id).where(Candidature.cancelled_at.is_(None))))
    assert kept == set(live) and not any(row.answer == Answer.WITHDRAWN for row, _near in live.values())
