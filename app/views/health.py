"""What a supervisor asks: is the process alive, and is each thing it depends on ready."""

import os

import redis
from flask import Blueprint, current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import connection, db
from app.storage import vault

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive():
    """Answer without touching any dependency."""
    return {"status": "alive"}


@blueprint.get("/readyz")
def ready():
    """Answer one entry per dependency; 503 when one that requests need is down.

    Redis, mail and antivirus are not needed to answer a request (trust R1, R10): they are told, they do not fail it.
    """
    settings = current_app.config["SETTINGS"]
    entries = {
        "database": _database(),
        "queue": _queue(),
        "storage": _storage(settings),
        "mail": {"status": "ok" if settings.mail_url else "files"},
        "antivirus": {"status": "ok" if settings.clamd_url else "absent"},
    }
    needed = all(entries[name]["status"] == "ok" for name in ("database", "storage"))
    return {"status": "ready" if needed else "unavailable", "dependencies": entries}, 200 if needed else 503


def _database():
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        return {"status": "down", "reason": type(error).__name__}
    return {"status": "ok", "kind": db.engine.dialect.name}


def _queue():
    try:
        link = connection()
        if link is None:
            return {"status": "absent"}
        link.ping()
    except (redis.RedisError, OSError) as error:
        return {"status": "down", "reason": type(error).__name__}
    return {"status": "ok"}


def _storage(settings):
    folder = vault().folder if vault().folder.exists() else settings.data_dir  # made at the first file
    return {"status": "ok" if os.access(folder, os.W_OK) else "down", "kind": "folder"}
