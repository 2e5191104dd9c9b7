"""Binds Flask-Security for what it does best (hashing, loading) and closes its own pages; sign-in is ours."""

from urllib.parse import urlsplit

from flask import g, redirect, render_template, request, url_for
from flask_security import SQLAlchemyUserDatastore

from app.extensions import db, security
from app.forms.accounts import LoginForm
from app.models import User
from app.views import kept, sessions

SETTINGS = {
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SCHEMES": ["argon2"],
    "SECURITY_DEPRECATED_PASSWORD_SCHEMES": [],
    "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {"argon2__memory_cost": 19456, "argon2__time_cost": 2, "argon2__parallelism": 1},
    "SECURITY_HASHING_SCHEMES": ["hex_sha256"],
    "SECURITY_DEPRECATED_HASHING_SCHEMES": [],
    "SECURITY_REGISTER_BLUEPRINT": False,
    "SECURITY_PASSWORD_SINGLE_HASH": True,
    "SESSION_PROTECTION": None,  # it binds to the address and throws out a telephone that changes networks
}


def init_security(app):
    """Bind the extension, then make rows, not cookies, decide who is signed in."""
    app.config.update(SETTINGS)
    app.config.setdefault("SECURITY_PASSWORD_SALT", app.config["SECRET_KEY"])
    app.config["SECURITY_USER_IDENTITY_ATTRIBUTES"] = [{"email": {"mapper": str.lower}}]
    security.init_app(app, SQLAlchemyUserDatastore(db, User, None), register_blueprint=False)
    app.login_manager.user_loader(sessions.load_user)
    app.login_manager.session_protection = None
    app.login_manager.request_loader(lambda request: None)
    app.login_manager.unauthorized_handler(sign_in_first)
    app.before_request(_know_who)
    app.after_request(_keep_private)


def sign_in_first():
    """Send a visitor to the sign-in page, and back here afterwards; a form sent too late is kept (issue: bad input)."""
    if request.method in ("GET", "HEAD"):
        return redirect(url_for("accounts.login", next=request.full_path.rstrip("?")))
    sealed = kept.seal(sessions.former_user_id())
    form = LoginForm(formdata=None, kept=sealed)
    came_from = urlsplit(request.referrer or "").path or None
    action = url_for("accounts.login", next=came_from)
    return render_template("accounts/login.html", form=form, action=action, is_expired=True), 401


def _know_who():
    """Look the session up before anything is written: noting that it lives takes a transaction of its own."""
    if request.endpoint != "static":
        sessions.current_session()


def _keep_private(response):
    """Keep what one person sees, and the pages that carry identifiers, out of every cache."""
    is_personal = request.blueprint in ("accounts", "invitations", "signon") or g.get("user_session") is not None
    if is_personal and request.endpoint not in ("static", "pages.theme"):
        response.headers.setdefault("Cache-Control", "no-store")
        if response.mimetype == "text/html":
            response.headers["Cache-Control"] = "no-store"
    return response
