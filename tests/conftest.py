"""What all tests share: both databases, an application on each, a client that carries tokens, a world of people."""

import os
import shutil
import tempfile

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app import create_app, reference
from app.extensions import db, limiter
from app.notifications import transport
from app.reference import reminders
from config import Settings
from tests import services
from tests.clients import PageClient
from tests.world import World, pack


def pytest_configure(config):
    """Keep the folders of this run's tests in memory where there is room, in a place of their own that goes with the run."""
    if services.memory() and "PYTEST_DEBUG_TEMPROOT" not in os.environ:  # a worker has it from the run that started it
        config.folder_in_memory = os.environ["PYTEST_DEBUG_TEMPROOT"] = tempfile.mkdtemp(prefix="postulo-tests-", dir=services.memory())


def pytest_collection_modifyitems(items):
    """Begin with the files that take minutes for a few tests, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: item.path.parent.name not in ("browser", "faults"))


def pytest_unconfigure(config):
    if hasattr(config, "folder_in_memory"):
        shutil.rmtree(config.folder_in_memory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_server():
    with services.postgresql_server(within=services.memory()) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server):
    return postgresql_server.url


@pytest.fixture(scope="session")
def redis_server():
    with services.redis() as server:
        yield server


def settings_for(folder, **environ):
    """Return the settings of a test installation in a folder."""
    return Settings.from_environ({"SECRET_KEY": "test-" + "x" * 40, "DATA_DIR": str(folder), "PUBLIC_URL": "http://localhost", **environ})


class Installation:
    """An application on a database brought to its last migration, put back to a known state before each test."""

    def __init__(self, kind, folder, url=None):
        self.kind, self.folder, self.url = kind, folder, url
        self.app = create_app(settings_for(folder, **({"DATABASE_URL": url} if url else {})))
        self.app.testing = True
        self.config, self.kept = dict(self.app.config), {}
        with self.app.app_context():
            from flask_migrate import upgrade

            upgrade()
            reference.load(db.session)
            reminders.load(db.session)
            db.session.commit()
        self.keep("new")

    def keep(self, state, world=None):
        """Keep the database and the files as they are under a name, to come back to with `reset`."""
        with self.app.app_context():
            db.engine.dispose()
        if self.kind == "sqlite":
            shutil.copy(self.folder / "postulo.sqlite", self.folder / f"{state}.sqlite")
        else:
            self._copy("postulo", f"postulo_{state}")
        if (self.folder / "vault").exists():
            shutil.copytree(self.folder / "vault", self.folder / f"{state}.vault")
        self.kept[state] = world

    def reset(self, state="new"):
        """Copy the database again, whole: also right when a test changed reference data, sequences, or left a transaction open."""
        self.app.config.update(self.config)
        with self.app.app_context():
            db.engine.dispose()
        if self.kind == "sqlite":
            for left in self.folder.glob("postulo.sqlite*"):  # a new file: a connection left open keeps the old one
                left.unlink()
            shutil.copy(self.folder / f"{state}.sqlite", self.folder / "postulo.sqlite")
        else:
            maintain(self.url, "DROP DATABASE IF EXISTS postulo WITH (FORCE)")
            self._copy(f"postulo_{state}", "postulo")
        limiter.reset()
        transport.breaker.passed()
        for made_from_settings in ("redis_connection", "vault"):
            self.app.extensions.pop(made_from_settings, None)
        for name in ("vault", "mails"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        if (self.folder / f"{state}.vault").exists():
            shutil.copytree(self.folder / f"{state}.vault", self.folder / "vault")

    def _copy(self, template, name):
        maintain(self.url, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")


def maintain(url, *statements):
    """Run statements on the cluster of a database, outside any transaction."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg", database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as link:
        for statement in statements:
            link.execute(text(statement))
    engine.dispose()


_installations = {}


def installation(kind, request, tmp_path_factory):
    """Return the installation of a kind of database, made at first use."""
    if kind not in _installations:
        url = None
        if kind == "postgresql":
            base = request.getfixturevalue("postgresql_url")
            maintain(base, "CREATE DATABASE postulo")
            url = base.rsplit("/", 1)[0] + "/postulo"
        _installations[kind] = Installation(kind, tmp_path_factory.mktemp(kind), url)
    return _installations[kind]


def prepared(ready):
    """Build once what most tests begin with, and keep both states: everybody, then Alice's transmitted candidature beside."""
    ready.reset()
    with ready.app.app_context():
        world = World.build()
        cast = world.packed()
        db.session.remove()  # a database with a session open is not copied
        ready.keep("world", cast)
        candidature = World.unpacked(cast).hand_in()
        cast = {**cast, "handed_in": pack(candidature)}
        db.session.remove()
        ready.keep("dossier", cast)


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request, tmp_path_factory):
    """An application in its context, on each database: new, or with what the fixtures `world` and `dossier` promise already there."""
    ready = installation(request.param, request, tmp_path_factory)
    state = next((name for name in ("dossier", "world") if is_ours(request, name)), "new")
    if state not in ready.kept:
        prepared(ready)
    ready.reset(state)
    with ready.app.app_context():
        ready.app.extensions["cast"] = ready.kept[state]
        yield ready.app
        db.session.remove()


def is_ours(request, name):
    """Whether the test takes this file's fixture of a name (a test file may have one of its own under the same name)."""
    found = request._fixturemanager.getfixturedefs(name, request.node) if name in request.fixturenames else ()
    return bool(found) and found[-1].func.__module__ == __name__


@pytest.fixture
def client(app):
    """A browser without JavaScript that fetches the token of the page before each POST."""
    return PageClient(app)


@pytest.fixture
def world(app):
    """Alice and Bob apply; Charlie manages Sciences, Dora manages Letters, Eve configures (tests/world.py)."""
    return World.unpacked(app.extensions["cast"])


@pytest.fixture
def dossier(world):
    """Alice's transmitted candidature in Sciences, its files checked."""
    return world.handed_in
