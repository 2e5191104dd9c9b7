"""Complementary forms on screen: an autosave never says « enregistré » of what it did not keep."""

import pytest

from app.extensions import db
from app.models import FormAnswer, FormField
from tests.world import SECRET


@pytest.fixture
def form(client, world):
    client.sign_in("alice@exemple.fr", SECRET)
    return f"/candidatures/{world.apply(world.alice, world.maths).public_id}/formulaires/{world.form.id}"


def kept():
    db.session.expire_all()
    rows = db.session.execute(db.select(FormField.key, FormAnswer).join(FormAnswer, FormAnswer.form_field_id == FormField.id)).all()
    return {row.key: row.FormAnswer for row in rows}


def test_an_autosave_says_what_it_could_not_keep(client, form):
    answer = client.post(form, {"why": "a" * 5001, "mark": "12,5", "autosave": "1"})
    assert answer.status_code == 422 and not answer.json["saved"]
    assert "Pourquoi ?" in answer.json["said"] and "5000" in answer.json["said"]
    assert list(kept()) == ["mark"]
    answer = client.post(form, {"why": "a" * 5000, "mark": "12,5", "autosave": "1"})
    assert answer.json == {"saved": True} and len(kept()["why"].value_text) == 5000


def test_an_autosave_of_a_form_barely_begun_is_no_fault(client, form):
    assert client.post(form, {"why": "", "autosave": "1"}).json == {"saved": True}


def test_what_is_too_long_is_shown_again_whole(client, form):
    text = "b" * 30_000
    answer = client.post(form, {"why": text})
    assert answer.status_code == 422 and text in answer.text and 'href="#why"' in answer.text


def test_signs_that_no_database_keeps_are_left_out(client, form):
    assert client.post(form, {"why": "une\x00\x0b ligne\nune autre", "complete": "1"}).status_code == 302
    assert kept()["why"].value_text == "une ligne\nune autre"


def test_only_a_day_a_choice_and_a_yes_or_no_are_taken(client, form):
    for name, typed in (("when", "20080209"), ("when", "2026-W53"), ("when", "2007-02-29"), ("home", "peut-être"), ("sure", "maybe")):
        answer = client.post(form, {"why": "x", name: typed})
        assert answer.status_code == 422 and f'id="{name}-error"' in answer.text, (name, typed)
    assert set(kept()) == {"why"}
    assert client.post(form, {"why": "x", "sure": "no", "home": "yes", "when": "2008-02-29"}).status_code == 302
    assert kept()["sure"].value_yes is False
