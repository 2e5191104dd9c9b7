"""The libraries bound to the application, created here unbound so that no module imports the factory."""

import redis
from flask import current_app
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_mail import Mail
from flask_migrate import Migrate
from flask_security import Security
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from prometheus_client import Counter
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.engine import Engine

from app.orm import Base, write_intent

db = SQLAlchemy(model_class=Base)
migrate = Migrate(db=db)
security = Security()
mail = Mail()
csrf = CSRFProtect()
babel = Babel()
limiter = Limiter(key_func=get_remote_address)
bells_lost = Counter("postulo_bells_lost_total", "Bells that could not be rung: the sweep does their work.")

QUEUE = "default"  # one queue per worker process: two names lose a job (trust M4)
REDIS_PATIENCE = 0.2  # seconds: a request never waits for the door-bell (trust F1)


def connection(patience=REDIS_PATIENCE):
    """Return a Redis connection, or None when the installation has no queue.

    Args:
        patience: seconds to wait for a connection or an answer; None waits (workers).
    """
    url = current_app.config["REDIS_URL"]
    if not url:
        return None
    if patience is None:
        return redis.Redis.from_url(url)
    if "redis_connection" not in current_app.extensions:
        current_app.extensions["redis_connection"] = redis.Redis.from_url(url, socket_connect_timeout=patience, socket_timeout=patience)
    return current_app.extensions["redis_connection"]


def queue(name=QUEUE):
    """Return the RQ queue of that name (JSON arguments only: trust T27), or None without Redis."""
    link = connection()
    return None if link is None else Queue(name, connection=link, serializer=JSONSerializer)


def ring(task, *identifiers, timeout=120):
    """Enqueue a task by its dotted name; a missing or dead Redis is counted, never raised (trust R1).

    Args:
        task: dotted name of a function of `app.tasks`.
        identifiers: numbers or texts naming rows; never objects.
        timeout: seconds after which a worker gives the task up.
    Returns:
        Whether the bell was rung.
    """
    try:
        bell = queue()
        if bell is None:
            return False
        bell.enqueue(task, *identifiers, job_timeout=timeout, result_ttl=0, failure_ttl=7 * 24 * 3600)
        return True
    except (redis.RedisError, OSError) as error:
        current_app.logger.warning("bell not rung for %s: %s", task, type(error).__name__)
        bells_lost.inc()
        return False


def begin_for(app):
    """Make SQLite transactions safe: immediate for writers, deferred for readers, durable, foreign keys on (trust M13)."""
    if not app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        return
    engine: Engine = db.engine

    @event.listens_for(engine, "connect")
    def connect(link, record):
        link.isolation_level = None  # the driver must not begin by itself
        for pragma in ("foreign_keys=ON", "synchronous=FULL", "busy_timeout=10000", "journal_mode=DELETE"):
            link.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(link):
        link.exec_driver_sql("BEGIN IMMEDIATE" if write_intent.get() else "BEGIN")
