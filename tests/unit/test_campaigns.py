"""Campaigns that follow each other: copied with their dates moved, opened one at a time, read only once archived."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import clock, workflow
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import AuditEntry, BatchRun, Campaign, Candidature, Offering, RequiredForm, RequiredPiece
from app.operations import batches, campaigns, candidatures
from app.operations.campaign_dates import faults_in, faults_of, rounded, shifted

NEXT = {"fr": "Campagne 2028", "en": "Campaign 2028"}
walls = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1)).map(lambda wall: wall.replace(tzinfo=clock.PARIS).astimezone(UTC))


def copied(world, **more):
    given_values = {"code": "2028", "name": NEXT, "days": 364, "actor": world.eve} | more
    copy = campaigns.clone(world.campaign, **given_values)
    db.session.commit()
    return copy


def wall(instant):
    return instant.astimezone(clock.PARIS).replace(tzinfo=None)


@given(walls, walls, st.integers(-1500, 1500))
def test_moved_dates_keep_their_order_week_day_and_hour(one, other, days):
    days = rounded(days, keeps_weekdays=True)
    first, last = sorted((one, other), key=wall)
    assert shifted(first, days) <= shifted(last, days)
    for before in (first, last):
        after, aimed = wall(shifted(before, days)), wall(before) + timedelta(days=days)
        assert after.weekday() == wall(before).weekday()
        is_skipped = aimed.replace(tzinfo=clock.PARIS).astimezone(UTC).astimezone(clock.PARIS).replace(tzinfo=None) != aimed
        assert after == aimed or (is_skipped and after - aimed <= timedelta(hours=1))


@given(st.integers(-1500, 1500))
def test_keeping_week_days_moves_by_the_nearest_weeks(days):
    weeks = rounded(days, keeps_weekdays=True)
    assert weeks % 7 == 0 and abs(weeks - days) <= 3 and rounded(days, keeps_weekdays=False) == days


def test_midnight_stays_midnight_across_the_change_of_hour():
    assert shifted(clock.closing_of(date(2027, 3, 20)), 14) == clock.closing_of(date(2027, 4, 3))


def test_a_copy_has_everything_moved_and_aims_at_its_own_offerings(world):
    world.maths.closes_at, world.maths.information = clock.closing_of(date(2027, 5, 12)), {"fr": "Deux parcours"}
    db.session.add(RequiredPiece(campaign=world.campaign, piece_type=world.cv.piece_type, offering=world.maths, deadline=clock.closing_of(date(2027, 5, 1))))
    candidature = world.apply(world.alice, world.maths)
    copy = copied(world)
    new = db.session.scalar(db.select(Offering).where(Offering.campaign_id == copy.id, Offering.formation_id == world.maths.formation_id))
    assert (new.closes_at, new.capacity, new.information) == (clock.closing_of(date(2028, 5, 10)), 20, {"fr": "Deux parcours"})
    assert new.admitted_type_id == world.maths.admitted_type_id and new.opens_at is None
    aimed = db.session.scalar(db.select(RequiredPiece).where(RequiredPiece.campaign_id == copy.id, RequiredPiece.offering_id.is_not(None)))
    assert (aimed.offering_id, aimed.deadline) == (new.id, clock.closing_of(date(2028, 4, 29)))
    for model, number in ((Offering, 2), (RequiredPiece, 4), (RequiredForm, 1)):
        assert db.session.scalar(db.select(db.func.count()).select_from(model).where(model.campaign_id == copy.id)) == number
    assert (copy.is_running, copy.copied_from_id, copy.starts_at) == (False, world.campaign.id, shifted(world.campaign.starts_at, 364))
    assert db.session.get(Candidature, candidature.id).campaign_id == world.campaign.id
    assert db.session.scalar(db.select(AuditEntry).where(AuditEntry.action == "clone")).changes["offerings"] == [None, 2]


def test_centres_move_only_when_asked_and_change_nothing_for_what_relied_on_them(world):
    before, closing = world.sciences.closes_at, world.maths.closing
    copied(world)
    assert world.sciences.closes_at == before and world.maths.closes_at is None
    copied(world, code="2029", shifts_centres=True)
    assert world.sciences.closes_at == shifted(before, 364)
    assert world.maths.closing == closing == world.maths.closes_at


def test_a_code_taken_is_refused_by_its_field_and_rights_are_asked(world):
    with pytest.raises(DomainError) as refused:
        copied(world, code="2027")
    assert refused.value.field == "code"
    with pytest.raises(NotAllowed):
        copied(world, actor=world.frank)


def test_opening_closes_or_archives_the_one_that_runs(world):
    copy = copied(world, days=0)
    campaigns.open_now(copy, actor=world.eve)
    db.session.commit()
    assert (world.campaign.is_running, world.campaign.archived_at, copy.is_running) == (False, None, True)
    campaigns.open_now(world.campaign, actor=world.eve, previous=campaigns.ARCHIVE)
    db.session.commit()
    assert copy.archived_at is not None and world.campaign.is_running and world.campaign.closed_at is None
    for act in (campaigns.open_now, campaigns.archive):
        with pytest.raises(DomainError):
            act(copy, actor=world.eve)


def test_a_plan_is_refused_in_the_past_after_the_end_or_beside_another(world):
    copy, third = copied(world, days=0), copied(world, code="2029", days=0)
    campaigns.plan(third, clock.now() + timedelta(days=3), actor=world.eve)
    for at in (clock.now() - timedelta(hours=1), copy.ends_at, clock.now() + timedelta(days=2)):
        with pytest.raises(DomainError):
            campaigns.plan(copy, at, actor=world.eve)
    campaigns.plan(third, None, actor=world.eve)
    campaigns.plan(copy, clock.now() + timedelta(days=2), actor=world.eve)


def test_a_planned_campaign_opens_at_its_instant_exactly_once(world, monkeypatch):
    copy = copied(world, days=0)
    at = clock.now() + timedelta(days=2)
    campaigns.plan(copy, at, actor=world.eve)
    db.session.commit()
    assert batches.run("activate", period="early").done_count == 0 and not copy.is_running
    monkeypatch.setattr(clock, "now", lambda: at + timedelta(minutes=1))
    runs = [batches.run("activate", period=period) for period in ("due", "due", "later")]
    assert [run and run.done_count for run in runs] == [1, None, 0]
    assert db.session.scalars(db.select(Campaign.code).where(Campaign.is_running)).all() == ["2028"]
    opened = db.select(db.func.count()).select_from(AuditEntry).where(AuditEntry.action == "open")
    assert db.session.scalar(opened) == 1 and db.session.scalar(db.select(db.func.count()).select_from(BatchRun)) == 3


def test_dates_out_of_order_are_told_in_words(app):
    dates = {"opens_at": clock.opening_of(date(2027, 6, 1)), "closes_at": clock.closing_of(date(2027, 5, 12))}
    with app.test_request_context("/"):
        (fault,) = faults_of(dates)
    assert fault.startswith("La clôture (12 mai 2027) précède l’ouverture (1 juin 2027)")
    same_day = {"return_by": clock.closing_of(date(2027, 5, 12)), "jury_on": date(2027, 5, 12), "publication_on": date(2027, 5, 12)}
    assert faults_of(same_day) == []
    assert len(faults_of(same_day | {"publication_on": date(2027, 5, 11)})) == 2


def test_faults_of_a_campaign_use_the_dates_of_the_centre_and_one_query(world):
    world.maths.closes_at = world.sciences.opens_at - timedelta(days=1)
    db.session.commit()
    ((offering, faults),) = faults_in(world.campaign)
    assert offering.id == world.maths.id and len(faults) == 1


def test_a_dossier_of_an_archived_campaign_is_read_only(world):
    candidature = world.apply(world.alice, world.maths)
    campaigns.archive(world.campaign, actor=world.eve)
    db.session.commit()
    assert workflow.available(candidature, world.alice) == [] == workflow.available(candidature, world.eve)
    for act in (candidatures.cancel, candidatures.transmit):
        with pytest.raises(DomainError, match="archivée"):
            act(candidature, actor=world.alice)
    assert db.session.get(Candidature, candidature.id).cancelled_at is None
