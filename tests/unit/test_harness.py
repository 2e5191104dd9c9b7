"""Proves the ground that other tests stand on: each finds everything as new, on the database it names, and reaches no other machine."""

import socket

import pytest
from pytest_socket import SocketConnectBlockedError
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import Commune, Country
from app.notifications import transport


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_finds_everything_as_on_the_first_day(app, turn):
    """The same test twice: the second would see what the first spoils, reference data, settings and breaker included."""
    assert db.session.scalar(select(func.count()).select_from(Commune)) > 30_000
    france = db.session.get(Country, "FR")
    assert france.name["fr"] == "France"
    assert app.config["BABEL_DEFAULT_LOCALE"] == "fr"
    assert not transport.breaker.is_open()
    france.name = {"fr": "Spoiled"}
    db.session.commit()
    app.config["BABEL_DEFAULT_LOCALE"] = "de"
    for _failure in range(transport.breaker.threshold):
        transport.breaker.failed()


@pytest.mark.parametrize("turn", [1, 2])
def test_a_transaction_left_open_stops_nobody(app, turn):
    link = db.engine.connect()
    link.execute(text("UPDATE country SET code = code"))
    app.extensions.setdefault("left_open", []).append(link)  # else it would be collected, and so rolled back


def test_the_database_is_the_one_that_the_test_names(app, request):
    assert db.engine.dialect.name in request.node.name


def test_foreign_keys_are_enforced(app):
    with pytest.raises(IntegrityError):
        db.session.execute(text("INSERT INTO postal_code (postal_code, commune_code) VALUES ('00000', '0')"))
        db.session.commit()


def test_nothing_reaches_another_machine():
    with socket.socket() as link, pytest.raises((SocketConnectBlockedError, UserWarning), match="192.0.2.1"):
        link.connect(("192.0.2.1", 80))
