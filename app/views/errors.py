"""Every failure answers with a page that says what happened, what to do next, and a reference."""

import math
import time
from urllib.parse import urlsplit

from flask import Response, current_app, g, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError

from app.errors import Conflict, NotAllowed
from app.extensions import db, limiter
from app.views import kept, sessions

DRAINED = 64 * 1024 * 1024  # bytes of a refused sending that are read and thrown away, so that the browser hears the answer
CROSSED = frozenset({"40001", "40P01", "55P03"})  # SQLSTATE: could not serialize, deadlock, a lock not had in time
PAGES = frozenset({400, 403, 404, 405, 409, 413, 429, 500, 503, 507})


def init_errors(app):
    """Bind one handler for each kind of failure."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(NotAllowed, lambda error: _page(403, str(error)))
    app.register_error_handler(Conflict, lambda error: _page(409, str(error)))
    app.register_error_handler(StaleDataError, lambda error: _page(409))
    app.register_error_handler(DataError, lambda error: _page(400))  # a NUL, a number no column holds: refused, not a fault
    app.register_error_handler(IntegrityError, _crossed)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(Exception, _unexpected)


def _page(status, sentence=None, headers=None):
    db.session.rollback()
    page = status if status in PAGES else 400 if status < 500 else 500
    if request.path.startswith(("/api/", "/healthz", "/readyz")):
        return {"error": sentence or str(status), "reference": g.get("reference")}, status, headers or {}
    body = render_template(f"errors/{page}.html", reference=g.get("reference"), sentence=sentence, status=status, came_from=_came_from())
    return body, status, {"Cache-Control": "no-store", **(headers or {})}


def _came_from():
    """Return the path of our page whose form failed, so that nobody is left without a way back, or None."""
    place = urlsplit(request.referrer or "")
    is_ours = place.netloc == request.host and place.path.startswith("/") and not place.path.startswith("//")
    return place.path if request.method == "POST" and is_ours else None


def _http(error):
    if error.response is not None:  # a redirect raised as an exception
        return error.response
    if isinstance(error, SecurityError):  # a foreign Host: no address of ours can be made for it (trust T25)
        return Response("400", 400, mimetype="text/plain")
    if (error.code or 500) >= 500:
        current_app.logger.error("http %s on %s [%s]", error.code, request.endpoint, g.get("reference"))
    if error.code == 429:
        return _too_many()
    if error.code == 413:
        _drain()
    headers = {name: value for name, value in error.get_headers() if name.lower() in ("allow", "retry-after", "location")}
    return _page(error.code or 500, getattr(error, "sentence", None), headers)


def _drain():
    """Read to its end what is too big: a browser cut off while it sends shows its own page, not our sentence."""
    stream, left = request.environ["wsgi.input"], min(request.content_length or 0, DRAINED)
    while left > 0 and (chunk := stream.read(min(left, 64 * 1024))):
        left -= len(chunk)


def _too_many():
    """Say how long to wait, and that another connection is not held back."""
    limit = limiter.current_limit
    wait = max(1, int(limit.reset_at - time.time())) if limit else 900  # seconds
    minutes = math.ceil(wait / 60)
    sentence = ngettext(
        "Vous avez fait beaucoup d’essais en peu de temps. Attendez %(num)d minute, puis recommencez ; depuis une autre connexion, vous pouvez continuer.",
        "Vous avez fait beaucoup d’essais en peu de temps. Attendez %(num)d minutes, puis recommencez ; depuis une autre connexion, vous pouvez continuer.",
        minutes,
    )
    return _page(429, sentence, {"Retry-After": str(wait)})


def _csrf(error):
    """Refuse a page's dead token; when our own page sent it, what was typed is offered again, with a live one."""
    typed = kept.fields() if kept.is_from_here() else []
    if not typed:
        return _page(400, None, {"X-Refused": "csrf"})
    body = kept.page(request.full_path.rstrip("?"), typed, files=bool(request.files))
    return body, 400, {"X-Refused": "csrf", "Cache-Control": "no-store"}


def _crossed(error: DBAPIError):
    """Two people acted in the same instant and no rule foresaw it: nothing is kept, what was typed is offered again."""
    current_app.logger.error("crossed writes on %s [%s]: %s", request.endpoint, g.get("reference"), type(error.orig).__name__)
    db.session.rollback()
    sentence = _("Enregistrement impossible : quelqu’un a agi en même temps, réessayez. Rien n’a été changé.")
    if request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json":  # a page that saves by itself
        return {"saved": False, "said": sentence, "reference": g.get("reference")}, 409, {"Cache-Control": "no-store"}
    typed = kept.fields() if kept.is_from_here() else []
    if not typed or "HX-Request" in request.headers:
        return _page(409, sentence)
    title = _("Quelqu’un a agi en même temps")
    body = kept.page(
        request.full_path.rstrip("?"), typed, files=bool(request.files), title=title, sentence=sentence, came_from=_came_from()
    )
    return body, 409, {"Cache-Control": "no-store"}


def _database(error: DBAPIError):
    if getattr(error.orig, "sqlstate", None) in CROSSED:
        return _crossed(error)
    current_app.logger.error("database unavailable on %s [%s]: %s", request.endpoint, g.get("reference"), type(error.orig).__name__)
    sessions.forget()  # who it is cannot be asked now, and this page needs nobody
    return _page(503, None, {"Retry-After": "30"})


def _unexpected(error):
    current_app.logger.exception("unexpected failure on %s [%s]", request.endpoint, g.get("reference"))
    return _page(500)
