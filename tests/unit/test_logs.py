"""The two forms of the log: one line for each thing, its controls written in letters, nobody in it."""

import io
import json
import logging

import pytest
from sqlalchemy.exc import IntegrityError

from app import logs
from app.extensions import db
from app.models import User
from tests.world import SECRET

NOBODY = ("alice", "Alpha", "Bernard", "%40exemple", SECRET)


@pytest.fixture(params=[logs.JsonFormatter, logs.PlainFormatter])
def said(request):
    """What was logged since, in each form."""
    output, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(output), root.level
    handler.setFormatter(request.param())
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield output.getvalue
    root.removeHandler(handler)
    root.setLevel(level)


def entries(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def record(message, *words, error=None):
    return logging.LogRecord("app.x", logging.WARNING, "x.py", 1, message, words, (type(error), error, None) if error else None)


def test_an_object_a_line_and_only_the_names_agreed():
    found = json.loads(logs.JsonFormatter().format(record("message %s not sent", 12)))
    assert set(found) <= set(logs.OURS)
    assert (found["level"], found["logger"], found["message"]) == ("WARNING", "app.x", "message 12 not sent")
    assert found["at"].endswith("Z") and "." in found["at"]


@pytest.mark.parametrize("formatter", [logs.JsonFormatter(), logs.PlainFormatter()])
@pytest.mark.parametrize("bad", ["a\r\nINFO forged", "a\x1b[2J", "a\u2028b", "a\x9bb", "a\u202eb", "a\x00b"])
def test_controls_are_written_in_letters(formatter, bad):
    line = formatter.format(record("agent %s", bad))
    assert not any(char in line for char in "\r\n\x1b\u2028\x9b\u202e\x00")
    assert "u00" in line or "u20" in line


@pytest.mark.parametrize(
    "text", ["to alice@exemple.fr failed", "GET /x?nom=Alpha&mail=alice%40exemple.fr", "<alice@exemple.fr>", "user=alice@exemple.fr,"]
)
def test_addresses_and_queries_are_left_out(text):
    assert not any(word in logs.without_people(text) for word in NOBODY)


def test_an_error_is_told_by_its_places_and_kind_never_by_its_words(app, world, said):
    twin = User(email="alice@exemple.fr", password="x", fs_uniquifier="y" * 32)
    db.session.add(twin)
    try:
        db.session.flush()
    except IntegrityError:
        logging.getLogger("app").exception("not written")
    db.session.rollback()
    text = said()
    assert "IntegrityError" in text and "test_logs.py" in text and "then" in text
    assert not any(word in text for word in NOBODY)


def test_every_request_is_one_entry_that_names_nobody(client, world, said):
    client.sign_in("alice@exemple.fr", SECRET)
    client.get("/candidatures?canari=alice@exemple.fr", headers={"User-Agent": "x\x1b[2J ${jndi:ldap://alice}"})
    text = said()
    assert "candidatures.mine" in text and not any(word in text for word in NOBODY)
    if found := entries(text):
        last = found[-1]
        assert (last["endpoint"], last["status"], last["actor"]) == ("candidatures.mine", 200, world.alice.id)
        assert last["ms"] > 0 and len(last["request"]) == 12 and last["message"] == "GET"


def test_a_failure_names_nobody(client, world, said, monkeypatch):
    client.sign_in("alice@exemple.fr", SECRET)

    def fail(*_words):
        raise ValueError("alice@exemple.fr Alpha")

    monkeypatch.setattr("app.queries.candidatures_of", fail)
    client.app.testing = False
    try:
        assert client.get("/candidatures?canari=alice@exemple.fr").status_code == 500
    finally:
        client.app.testing = True
    text = said()
    assert "unexpected failure on candidatures.mine" in text and "ValueError" in text
    assert not any(word in text for word in NOBODY)


def test_production_speaks_json_and_the_demonstration_plainly(app):
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    try:
        for is_production, kind in ((True, logs.JsonFormatter), (False, logs.PlainFormatter)):
            logs.configure(type("Settings", (), {"is_production": is_production}))
            assert [type(handler.formatter) for handler in root.handlers] == [kind]
            assert logging.getLogger("gunicorn.error").propagate
    finally:
        root.handlers[:] = kept
        root.setLevel(level)
        logging.getLogger(logs.ACCESS).setLevel(logging.NOTSET)
