"""What was typed when the browser lost its session cookie: kept through sign-in, said to be nobody's, never planted from elsewhere."""

import re

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Candidate
from tests.clients import PageClient
from tests.world import SECRET

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)
HERE = {"Sec-Fetch-Site": "same-origin", "Referer": "http://localhost/profil/adresse"}
TYPED = {"line1": "12 rue gardée", "town": "Liège", "country_code": "BE"}


def value_of(name, text):
    found = re.search(rf'name="{name}"[^>]*value="([^"]+)"', text)
    return found and found.group(1)


def test_what_was_typed_goes_through_sign_in_without_the_cookie(app, world):
    lost = PageClient(app)  # the token of the page is of the session that is gone
    refused = lost.post_bare("/profil/adresse", {**TYPED, "csrf_token": "of-the-lost-session"}, headers=HERE)
    assert refused.status_code == 400 and "12 rue gardée" in refused.text
    again = {**TYPED, "csrf_token": value_of("csrf_token", refused.text)}
    asked = lost.post_bare("/profil/adresse", again, headers=HERE)
    assert asked.status_code == 401 and "ce que vous aviez saisi est gardé" in asked.text
    sealed = value_of("kept", asked.text)
    offered = lost.post("/connexion", {"identifier": "alice@exemple.fr", "password": SECRET, "kept": sealed}, page="/connexion")
    assert offered.status_code == 200 and "seulement si c’est vous" in offered.text and 'value="12 rue gardée"' in offered.text
    form = offered.text.split('action="/profil/adresse"')[1]
    lost.post_bare("/profil/adresse", {**TYPED, "csrf_token": value_of("csrf_token", form)}, headers=HERE)
    db.session.expire_all()
    assert db.session.scalar(select(Candidate).where(Candidate.id == world.alice.candidate_id)).address.line1 == "12 rue gardée"


def test_a_request_that_no_page_of_ours_sent_is_kept_for_nobody(app, world):
    visitor = PageClient(app)
    asked = visitor.post("/profil/adresse", TYPED)  # no browser says where it comes from
    assert asked.status_code == 401 and value_of("kept", asked.text) is None
    assert "rien n’a été enregistré" in asked.text
