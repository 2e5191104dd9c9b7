"""What all tests share: both databases, an application on each, a client that carries tokens, a world of people."""

import shutil

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app import create_app, reference
from app.extensions import db, limiter
from app.notifications import transport
from app.operations import checks
from app.reference import reminders
from config import Settings
from tests import services
from tests.clients import PageClient
from tests.world import World


@pytest.fixture(scope="session")
def postgresql_server():
    with services.postgresql_server() as server:
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
    """An application on a database brought to its last migration, put back as new before each test."""

    def __init__(self, kind, folder, url=None):
        self.kind, self.folder = kind, folder
        self.app = create_app(settings_for(folder, **({"DATABASE_URL": url} if url else {})))
        self.app.testing = True
        with self.app.app_context():
            from flask_migrate import upgrade

            upgrade()
            reference.load(db.session)
            reminders.load(db.session)
            db.session.commit()
            db.engine.dispose()
        if kind == "sqlite":
            shutil.copy(folder / "postulo.sqlite", folder / "template.sqlite")
        else:
            maintain(url, "ALTER DATABASE postulo RENAME TO postulo_template")
        self.url, self.config = url, dict(self.app.config)

    def reset(self):
        """Copy the database again, whole: also right when a test changed reference data, sequences, or left a transaction open."""
        self.app.config.update(self.config)
        with self.app.app_context():
            db.engine.dispose()
        if self.kind == "sqlite":
            for left in self.folder.glob("postulo.sqlite*"):  # a new file: a connection left open keeps the old one
                left.unlink()
            shutil.copy(self.folder / "template.sqlite", self.folder / "postulo.sqlite")
        else:
            maintain(self.url, "DROP DATABASE IF EXISTS postulo WITH (FORCE)", "CREATE DATABASE postulo TEMPLATE postulo_template STRATEGY file_copy")
        limiter.reset()
        transport.breaker.passed()
        for made_from_settings in ("redis_connection", "vault"):
            self.app.extensions.pop(made_from_settings, None)
        for name in ("vault", "mails"):
            shutil.rmtree(self.folder / name, ignore_errors=True)


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


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request, tmp_path_factory):
    """An application as new, in its context, on each database."""
    ready = installation(request.param, request, tmp_path_factory)
    ready.reset()
    with ready.app.app_context():
        yield ready.app
        db.session.remove()


@pytest.fixture
def client(app):
    """A browser without JavaScript that fetches the token of the page before each POST."""
    return PageClient(app)


@pytest.fixture
def world(app):
    """Alice and Bob apply; Charlie manages Sciences, Dora manages Letters, Eve configures (tests/world.py)."""
    return World.build()


@pytest.fixture
def dossier(world):
    """Alice's transmitted candidature in Sciences, its files checked."""
    candidature = world.transmitted(world.alice, world.maths)
    for piece in candidature.pieces:
        if piece.file_version_id:
            checks.check_version(piece.file_version_id)
    db.session.commit()
    return candidature
