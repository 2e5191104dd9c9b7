"""What the log says, and never says: one line for each thing that happened, nobody's name, address, question or answer."""

import json
import logging
import re
import traceback
import unicodedata
from datetime import UTC, datetime

from flask import g, has_app_context, has_request_context, request
from sqlalchemy import inspect
from sqlalchemy.exc import NoInspectionAvailable

ACCESS = "postulo.access"
OURS = ("at", "level", "logger", "message", "request", "actor", "endpoint", "status", "ms", "trace")
_ADDRESS = re.compile(r"[^\s@<>\"'(]+(?:@|%40)[^\s@<>\"')]+")
_QUERY = re.compile(r"\?[^\s\"'\]]+")


def configure(settings):
    """Send what every process logs through one handler: JSON in production, plain lines in the demonstration."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if settings.is_production else PlainFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in ("gunicorn.error", "gunicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name in ("alembic", "fontTools", "pikepdf", "weasyprint", "rq", *(() if settings.is_production else (ACCESS,))):
        logging.getLogger(name).setLevel(logging.WARNING)


def without_people(text):
    """Return a text without what looks like an e-mail address or the query of a web address."""
    return _QUERY.sub("?…", _ADDRESS.sub("[address]", text))


def one_line(text):
    """Return a text whose line ends, escapes and other controls are written in letters."""
    return "".join(char if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") else f"\\u{ord(char):04x}" for char in text)


def facts(record):
    """Return what is told of a record, in order; only names of `OURS` ever leave."""
    found = {
        "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname,
        "logger": record.name,
        "message": one_line(without_people(record.getMessage())),
        "request": g.get("reference") if has_app_context() else None,
        "actor": actor_id(),
        "endpoint": request.endpoint if has_request_context() else None,
        "status": getattr(record, "status", None),
        "ms": getattr(record, "ms", None),
        "trace": frames(record.exc_info[1]) if record.exc_info and record.exc_info[1] else None,
    }
    return {name: found[name] for name in OURS if found[name] is not None}


def actor_id():
    """Return the number of the account at work, without asking the database, or None."""
    user = g.get("_login_user") if has_app_context() else None
    try:
        return inspect(user).identity[0]
    except (NoInspectionAvailable, TypeError):  # a visitor, or a row not yet written
        return None


def frames(error):
    """Return where an error came from, innermost last, with the kinds of errors that led to it, and never their words.

    An error of the database quotes the values of the row, one of a form what was typed.
    """
    lines, seen = [], set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
        lines = [*places, type(error).__name__, *(["then"] if lines else []), *lines]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return lines


class JsonFormatter(logging.Formatter):
    """One object a line."""

    def format(self, record):
        return json.dumps(facts(record))


class PlainFormatter(logging.Formatter):
    """One line for a person, its trace below."""

    def format(self, record):
        found = facts(record)
        words = [found["at"][11:19], found["level"], found["logger"], found["message"]]
        words += [f"{name}={found[name]}" for name in ("endpoint", "status", "ms", "request", "actor") if name in found]
        return "\n    ".join([" ".join(str(word) for word in words), *found.get("trace", ())])
