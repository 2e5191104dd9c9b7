"""The page that checks a campaign: faults beside the screen that mends them, and an opening that what blocks refuses."""

import pytest

from app.enums import Outcome
from app.extensions import db
from app.models import Campaign
from tests.unit.test_preflight import make_sound


@pytest.fixture
def page(world):
    make_sound(world)
    return f"/gestion/campaign/{world.campaign.id}"


def test_the_page_says_faults_with_their_screens_and_plays_people(eve, world, page):
    sound = eve.get(f"{page}/verifier").text
    assert "prête à ouvrir" in sound and "Bachelier mineur" in sound and "LETTRE" in sound
    world.maths.admitted_type, world.history.capacity = None, 0
    db.session.commit()
    told = eve.get(f"{page}/verifier").text
    assert "sans avis favorable par défaut" in told and f"/gestion/offering/details/?id={world.maths.id}" in told and "0 place" in told
    assert "0 place" not in eve.get(f"{page}/verifier?niveau=BLOCKS").text
    counted = eve.get(f"{page}/verifier/nombres").text
    assert "1 point bloquant" in counted and "1 avertissement" in counted and "<html" not in counted


def test_opening_refuses_what_blocks_and_asks_to_read_what_warns(eve, world, page):
    assert eve.post(f"{page}/acte/fermer", {}).status_code == 303
    world.history.capacity, world.kinds[Outcome.REFUSED].is_active = 0, False
    db.session.commit()
    shown = eve.get(f"{page}/acte/ouvrir").text
    assert "la campagne ne peut ouvrir" in shown and "Avis défavorable" in shown
    assert eve.post(f"{page}/acte/ouvrir", {"has_read": "1"}).status_code == 422
    world.kinds[Outcome.REFUSED].is_active = True
    db.session.commit()
    asked = eve.post(f"{page}/acte/ouvrir", {})
    assert asked.status_code == 422 and "cochez la case" in asked.text and "lu 1 avertissement" in asked.text
    assert eve.post(f"{page}/acte/ouvrir", {"has_read": "1"}).status_code == 303
    db.session.expire_all()
    assert db.session.get(Campaign, world.campaign.id).is_running


def test_who_may_not_manage_campaigns_sees_no_check(frank, world):
    assert frank.get(f"/gestion/campaign/{world.campaign.id}/verifier").status_code == 403
