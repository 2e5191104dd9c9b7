"""Sign-ins as rows: made at sign-in, checked at each request, ended at logout, listed for their owner (trust M12)."""

import hashlib
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from flask import current_app, g, request, session, url_for
from flask_login import current_user, login_user, logout_user
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import joinedload

from app import clock, orm
from app.extensions import db
from app.models import UserSession
from app.operations import accounts

IDLE = {"candidate": timedelta(hours=2), "staff": timedelta(minutes=30)}
ABSOLUTE = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=1)


def open_session(user):
    """Sign a person in on this device under a new token; the caller commits."""
    former, language = current_session(), session.get("language")
    if former is not None:
        former.ended_at = clock.now()
    session.clear()
    g.pop("csrf_token", None)  # the page rendered now, if any, needs a token of the new session
    token = secrets.token_urlsafe(32)
    g.user_session = UserSession(token_hash=_hash(token), user_id=user.id, device=_device())
    db.session.add(g.user_session)
    session["sid"] = token
    session["language"] = language or user.language
    login_user(user)


def close_session():
    """Sign the person out here: the row ends, so that a copied cookie is worth nothing; the caller commits."""
    row = current_session()
    if row is not None:
        row.ended_at = clock.now()
    g.user_session = None
    logout_user()
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language


def current_session():
    """Return the live row of this request, or None."""
    if "user_session" not in g:
        g.user_session = _live_row(session.get("sid"))
    return g.user_session


def forget():
    """Serve the rest of this request as a visitor's, asking the database nothing more; the session itself goes on."""
    g.user_session = None
    g.pop("_login_user", None)


def former_user_id():
    """Return whose session this browser had, even one that has expired, or None."""
    token = session.get("sid")
    return db.session.scalar(select(UserSession.user_id).where(UserSession.token_hash == _hash(token))) if token else None


def _live_row(token):
    if not token:
        return None
    row = db.session.scalar(select(UserSession).where(UserSession.token_hash == _hash(token)).options(joinedload(UserSession.user)))
    if row is None or row.ended_at is not None or not accounts.may_enter(row.user):
        return None
    now = clock.now()
    if now - row.seen_at > _idle(row.user) or now - row.created_at > ABSOLUTE:
        return None
    _touch(row, now)
    return row


def _idle(user):
    return IDLE["staff" if user.staff_member_id else "candidate"]


def _touch(row, now):
    """Note that the session lives, at most once a minute, in a short transaction of its own.

    A busy database does not refuse the page for it: the next request will note it.
    """
    if now - row.seen_at < TOUCH_EVERY:
        return
    number = row.id
    db.session.rollback()
    intent = orm.write_intent.set(True)
    try:
        with db.engine.begin() as link:
            link.execute(update(UserSession).where(UserSession.id == number).values(seen_at=now))
    except OperationalError as error:
        current_app.logger.warning("session not touched: %s", type(error.orig).__name__)
    finally:
        orm.write_intent.reset(intent)


def load_user(_identifier):
    """Return the user of this request's live session (Flask-Login's loader)."""
    row = current_session()
    return row.user if row is not None else None


def live_sessions(user):
    """Return a person's sessions that still stand, newest first."""
    now = clock.now()
    return db.session.scalars(
        select(UserSession)
        .where(
            UserSession.user_id == user.id,
            UserSession.ended_at.is_(None),
            UserSession.created_at >= now - ABSOLUTE,
            UserSession.seen_at >= now - _idle(user),
        )
        .order_by(UserSession.seen_at.desc())
    ).all()


def _hash(token):
    return hashlib.sha256(token.encode()).hexdigest()


def _device():
    """Return a few words a person recognises: browser and kind of device, never the whole agent."""
    agent = request.user_agent.string or ""
    browser = next(
        (name for mark, name in (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari")) if mark in agent), "?"
    )
    device = next(
        (
            name
            for mark, name in (("iPhone", "iPhone"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"))
            if mark in agent
        ),
        "?",
    )
    return f"{browser} · {device}"


def home_of(user):
    """Return where a person lands after sign-in."""
    return url_for("admin.index") if user.staff_member_id else url_for("candidatures.mine")


def safe_next(target):
    """Return a path of ours to go to, else the person's home, else the home page (trust T22)."""
    if (
        target
        and len(target) < 2000
        and not any(c in target for c in "\\\r\n\t")
        and target.startswith("/")
        and not target.startswith("//")
    ):
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc and _is_known(parts.path):
            return target
    return home_of(current_user) if current_user.is_authenticated else url_for("pages.home")


def _is_known(path):
    adapter = current_app.create_url_adapter(request)
    try:
        adapter.match(path, method="GET")
    except Exception:  # noqa: BLE001 -- whatever the router says, the answer is "not a page of ours"
        return False
    return True
