"""What a supervisor asks: is the process alive, and is each thing it depends on ready."""

import os
import time

import redis
from flask import Blueprint, current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.extensions import connection, db
from app.operations import vitals
from app.storage import checker, vault

blueprint = Blueprint("health", __name__)
WALLS_KEPT = 3600  # seconds


@blueprint.get("/healthz")
def alive():
    """Answer without touching any dependency."""
    return {"status": "alive"}


@blueprint.get("/readyz")
def ready():
    """Answer one entry per dependency; 503 when one that requests need is down.

    Redis, workers, mail, checker and antivirus are not needed to answer a request (trust R1, R10): they are told, they do not fail it.
    """
    settings = current_app.config["SETTINGS"]
    entries = {
        "database": _database(),
        "queue": _queue(),
        "storage": _storage(settings),
        "worker": _worker(),
        "mail": _mail(settings),
        "checker": _checker(),
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


def _worker():
    """Tell when a worker last swept, on whatever node."""
    try:
        found = vitals.worker(clock.now())
    except SQLAlchemyError:
        db.session.rollback()
        return {"status": "unknown"}
    return {"status": found.status, **({} if found.seconds is None else {"last_sweep_seconds": round(found.seconds)})}


def _mail(settings):
    """Tell whether mails leave: "paused" while a worker waits for a server that takes them."""
    try:
        is_paused = vitals.worker(clock.now()).is_mail_paused
    except SQLAlchemyError:
        db.session.rollback()
        return {"status": "unknown"}
    return {"status": "paused" if is_paused else "ok" if settings.mail_url else "files"}


def _checker():
    """Tell whether the walls of the checker's child hold on this node; asked of a child once an hour."""
    at, missing = current_app.extensions.get("checker_walls", (None, None))
    if at is None or time.monotonic() - at > WALLS_KEPT:
        missing = checker.missing_walls()
        if missing is not None:
            current_app.extensions["checker_walls"] = time.monotonic(), missing
    if missing is None:
        return {"status": "unknown"}
    return {"status": "ok"} if not missing else {"status": "weak", "missing": missing}


def _storage(settings):
    folder = vault().folder if vault().folder.exists() else settings.data_dir  # made at the first file
    return {"status": "ok" if os.access(folder, os.W_OK) else "down", "kind": "folder"}
