"""What is noted of every request: its endpoint, status and time, and the number of who made it; nothing that was sent."""

import logging
import time

from flask import g, request

from app import logs
from app.views import metrics

logger = logging.getLogger(logs.ACCESS)
QUIET = frozenset({"static", "health.alive", "health.ready", "metrics.show"})


def init_observing(app):
    """Bind the hooks; before every other, so that the time is whole and the status the one that leaves."""
    app.before_request(_begin)
    app.after_request(_note)


def _begin():
    g.begun = time.perf_counter()


def _note(response):
    metrics.observe(response)
    level = logging.ERROR if response.status_code >= 500 else logging.DEBUG if request.endpoint in QUIET else logging.INFO
    spent = round((time.perf_counter() - g.begun) * 1000, 1) if "begun" in g else None
    logger.log(
        level,
        "%s",
        request.method if request.method in ("GET", "POST", "HEAD") else "other",
        extra={"status": response.status_code, "ms": spent},
    )
    return response
