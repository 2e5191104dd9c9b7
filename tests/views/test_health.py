"""What a supervisor asks is answered whatever is down, and says nothing of anybody."""

import logging

import pytest
from sqlalchemy.exc import OperationalError

from app.extensions import db
from tests.clients import PageClient
from tests.world import SECRET


@pytest.fixture
def no_database(monkeypatch):
    """A database that answers nothing."""

    def refuse(*_words, **_options):
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(type(db.session()), "execute", refuse)


def test_alive_needs_nothing_and_ready_needs_the_database(client, no_database):
    assert client.http.get("/healthz").json == {"status": "alive"}
    answer = client.http.get("/readyz")
    assert (answer.status_code, answer.json["dependencies"]["database"]["status"]) == (503, "down")


def test_a_missing_redis_is_told_but_serves(client, app, monkeypatch):
    monkeypatch.setitem(app.config, "REDIS_URL", "unix:///nowhere/redis.sock")
    app.extensions.pop("redis_connection", None)
    answer = client.get("/readyz")
    app.extensions.pop("redis_connection", None)
    assert (answer.status_code, answer.json["dependencies"]["queue"]["status"]) == (200, "down")


def test_a_folder_that_cannot_be_written_is_not_ready(client, monkeypatch):
    monkeypatch.setattr("app.views.health.os.access", lambda *_words: False)
    assert client.get("/readyz").status_code == 503


def test_what_is_logged_of_a_failure_names_nobody(client, world, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    client.sign_in("alice@exemple.fr", SECRET)
    monkeypatch.setattr("app.queries.candidatures_of", lambda *_words: 1 / 0)
    client.app.testing = False
    try:
        assert client.get("/candidatures?canari=alice@exemple.fr").status_code == 500
    finally:
        client.app.testing = True
    said = caplog.text
    assert "unexpected failure on candidatures.mine" in said
    assert not any(word in said for word in ("alice@exemple.fr", "Alpha", SECRET))


def test_uploads_are_counted_by_person_not_by_address(app, client, world):
    """A whole classroom behind one address deposits its pieces: the sixty-first file is somebody else's."""
    own, other = world.apply(world.alice, world.maths), world.apply(world.bob, world.maths)
    client.sign_in("alice@exemple.fr", SECRET)
    address = f"/candidatures/{{}}/pieces/{world.cv.id}"
    codes = [client.post(address.format(own.public_id)).status_code for _turn in range(61)]
    assert codes[-1] == 429 and 429 not in codes[:60]
    bob = PageClient(app)
    bob.sign_in("bob@exemple.fr", SECRET)
    assert bob.post(address.format(other.public_id)).status_code == 422
