"""Two people in the same instant, where no rule foresaw it: a sentence and a reference, what was typed kept, nothing written."""

import re

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from app.extensions import db
from app.models import Candidate
from tests.world import SECRET

HERE = {"Sec-Fetch-Site": "same-origin", "Referer": "http://localhost/profil/adresse"}
SENTENCE = "quelqu’un a agi en même temps, réessayez"
CAUSES = {
    "integrity": IntegrityError("INSERT", {"email": "alice@exemple.fr"}, Exception("UNIQUE constraint failed")),
    "deadlock": OperationalError("UPDATE", {}, psycopg.errors.DeadlockDetected()),
    "serialization": OperationalError("UPDATE", {}, psycopg.errors.SerializationFailure()),
    "lock": OperationalError("UPDATE", {}, psycopg.errors.LockNotAvailable()),
}


@pytest.fixture
def crossing(client, world, monkeypatch):
    """Alice is signed in, and whatever she saves crosses somebody else's writing."""
    client.sign_in("alice@exemple.fr", SECRET)

    def cross(error):
        def refuse(*_words, **_options):
            raise error

        monkeypatch.setattr("app.views.profile._single", refuse)

    return cross


def save(client, **headers):
    return client.post("/profil/adresse", {"address": "12 rue gardée <b>", "password": "jamais"}, headers={**HERE, **headers})


@pytest.mark.parametrize("cause", CAUSES)
def test_what_was_typed_is_offered_again_with_a_reference(client, crossing, world, cause):
    crossing(CAUSES[cause])
    answer = save(client)
    assert answer.status_code == 409 and SENTENCE in answer.text
    assert answer.headers["X-Request-Id"] in answer.text and "12 rue gardée &lt;b&gt;" in answer.text
    assert "jamais" not in answer.text and "UNIQUE" not in answer.text and answer.headers["Cache-Control"] == "no-store"
    assert re.search(r'<form method="post" action="/profil/adresse">.*csrf_token', answer.text, re.DOTALL)
    assert 'href="/profil/adresse"' in answer.text


def test_a_page_that_saves_by_itself_gets_its_sentence(client, crossing):
    crossing(CAUSES["integrity"])
    answer = save(client, Accept="application/json")
    assert (answer.status_code, answer.json["saved"]) == (409, False)
    assert SENTENCE in answer.json["said"] and answer.json["reference"] == answer.headers["X-Request-Id"]


def test_what_another_site_sent_is_not_offered_again(client, crossing):
    crossing(CAUSES["integrity"])
    answer = client.post("/profil/adresse", {"address": "12 rue"})
    assert answer.status_code == 409 and SENTENCE in answer.text and "12 rue" not in answer.text


def test_a_database_that_is_down_stays_another_page(client, crossing):
    crossing(OperationalError("SELECT", {}, psycopg.OperationalError("server closed the connection")))
    answer = save(client)
    assert answer.status_code == 503 and SENTENCE not in answer.text and answer.headers["Retry-After"]


def test_a_true_duplicate_of_the_database_is_caught(client, world, monkeypatch):
    """Not a planted error: the database itself refuses, and the session serves the next request."""
    client.sign_in("alice@exemple.fr", SECRET)
    number = world.bob.candidate.dossier_number

    def twin(*_words, **_options):
        db.session.add(Candidate(dossier_number=number, last_name="X", first_name="Y"))
        db.session.flush()

    monkeypatch.setattr("app.views.profile._single", twin)
    answer = save(client)
    assert answer.status_code == 409 and "12 rue gardée" in answer.text
    assert client.get("/profil").status_code == 200
