"""A Redis and workers of one test alone."""

import contextlib
import dataclasses

import pytest

from tests import services
from tests.faults.fleet import Workers


@pytest.fixture
def bell():
    """A Redis of this test alone, to stop and start."""
    with services.redis() as server:
        yield server


@pytest.fixture
def hire(app, monkeypatch, tmp_path):
    """Give a function that makes the workers of this test and points the application at the same Redis."""
    with contextlib.ExitStack() as stack:

        def make(bell_url, mail_port):
            monkeypatch.setitem(app.config, "REDIS_URL", bell_url)
            monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], redis_url=bell_url))
            app.extensions.pop("redis_connection", None)
            stack.callback(lambda: app.extensions.pop("redis_connection", None))
            workers = Workers(app, bell_url, mail_port, tmp_path)
            stack.callback(workers.end)
            return workers

        yield make
