"""The page of a campaign: what its acts will do is seen first, dates out of order are told in words, archives are read only."""

from datetime import timedelta

import pytest

from app import clock
from app.extensions import db
from app.models import Campaign, Offering
from tests.admin.pages import form_of


def one(code):
    db.session.expire_all()
    return db.session.scalar(db.select(Campaign).where(Campaign.code == code))


@pytest.fixture
def page(world):
    return f"/gestion/campaign/{world.campaign.id}"


def test_a_copy_shows_every_date_and_writes_nothing_before_it_is_confirmed(eve, world, page):
    world.maths.publication_on = clock.local_day(clock.now())
    db.session.commit()
    values = {"code": "2028", "name_fr": "Campagne 2028", "days": "365", "keeps_weekdays": "1"}
    seen = eve.post(f"{page}/copier", values | {"look": "1"})
    moved = world.maths.publication_on + timedelta(days=364)
    assert seen.status_code == 200 and f"{moved.day} " in seen.text and 'value="2028"' in seen.text
    assert one("2028") is None
    refused = eve.post(f"{page}/copier", values | {"days": "un an"})
    assert refused.status_code == 422 and "un an" in refused.text and 'value="2028"' in refused.text
    assert eve.post(f"{page}/copier", values).status_code == 303
    assert one("2028").copied_from_id == world.campaign.id
    again = eve.post(f"{page}/copier", values)
    assert again.status_code == 422 and "porte déjà ce code" in again.text


def test_a_campaign_is_closed_planned_opened_and_archived_from_its_page(eve, page):
    for verb in ("fermer", "archiver"):
        assert eve.get(f"{page}/acte/{verb}").status_code == 200 and one("2027").is_running
    assert eve.post(f"{page}/acte/fermer", {}).status_code == 303 and not one("2027").is_running
    late = eve.post(f"{page}/acte/prevoir", {"at": "2020-01-01"})
    assert late.status_code == 422 and 'value="2020-01-01"' in late.text
    at = (clock.now() + timedelta(days=5)).strftime("%Y-%m-%d 08:00")
    assert eve.post(f"{page}/acte/prevoir", {"at": at, "has_read": "1"}).status_code == 303 and one("2027").activates_at is not None
    assert eve.post(f"{page}/acte/ouvrir", {"has_read": "1"}).status_code == 303 and one("2027").is_running
    assert eve.post(f"{page}/acte/archiver", {}).status_code == 303
    assert eve.post(f"{page}/acte/ouvrir", {}).status_code == 422
    shown = eve.get(f"/gestion/campaign/details/?id={one('2027').id}")
    assert "archivée" in shown.text and "/acte/" not in shown.text


def test_an_archived_campaign_and_its_offerings_are_read_only(eve, world):
    world.campaign.archived_at, world.campaign.is_running = clock.now(), False
    db.session.commit()
    for address in (f"/gestion/campaign/edit/?id={world.campaign.id}", f"/gestion/offering/edit/?id={world.maths.id}"):
        answer = eve.post(address, form_of(eve.get(address)))
        assert answer.status_code == 422 and "est archivée" in answer.text


def test_dates_out_of_order_are_told_while_typing_and_refused_at_save(eve, world):
    address, typed = f"/gestion/offering/edit/?id={world.maths.id}", {"opens_at": "2027-06-01", "closes_at": "2027-05-12"}
    told = eve.get("/gestion/offering/dates", query_string=typed | {"campaign": str(world.campaign.id)})
    sentence = "La clôture (12 mai 2027) précède l’ouverture"
    assert sentence in told.text and "<html" not in told.text
    assert sentence not in eve.get("/gestion/offering/dates", query_string={"opens_at": "2027-06-01", "closes_at": "2027-0"}).text
    answer = eve.post(address, form_of(eve.get(address)) | typed | {"capacity": "33"})
    assert answer.status_code == 422 and sentence in answer.text and 'value="2027-05-12"' in answer.text and 'value="33"' in answer.text
    assert db.session.scalar(db.select(Offering.closes_at).where(Offering.id == world.maths.id)) is None
    told = eve.get("/gestion/campaign/dates", query_string={"starts_at": "2027-06-01", "ends_at": "2027-05-12"})
    assert "La fin (12 mai 2027) précède le début" in told.text
