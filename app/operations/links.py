"""The links sent by mail: one purpose, one use, a short life, and only a digest kept (trust §2.3, L04)."""

import hashlib
import secrets

from flask import current_app
from sqlalchemy import select, update

from app import clock
from app.extensions import db
from app.models import AccountToken

PATHS = {
    "validate": "compte/valider",
    "reset": "compte/nouveau-mot-de-passe",
    "email": "mon-compte/courriel",
    "invite": "compte/invitation",
}


def issue(user, purpose, life, *, email=None):
    """Return the address of a new link; the former ones of that purpose die.

    Args:
        purpose: a key of `PATHS`.
        life: `timedelta` after which it is dead.
        email: the address that the link confirms, when it does.
    """
    kill(user, purpose)
    token = secrets.token_urlsafe(32)
    db.session.add(AccountToken(user_id=user.id, purpose=purpose, token_hash=_digest(token), email=email, expires_at=clock.now() + life))
    db.session.flush()
    return f"{current_app.config['SETTINGS'].public_url}/{PATHS[purpose]}/{token}"


def kill(user, *purposes):
    """End the unused links of a user for these purposes."""
    db.session.execute(
        update(AccountToken)
        .where(AccountToken.user_id == user.id, AccountToken.purpose.in_(purposes), AccountToken.used_at.is_(None))
        .values(used_at=clock.now())
    )


def find(token, purpose):
    """Return the row of a link, dead or alive, or None; it is locked until the transaction ends, so that one use wins."""
    chosen = select(AccountToken).where(AccountToken.token_hash == _digest(token), AccountToken.purpose == purpose)
    return db.session.scalar(chosen.with_for_update(of=AccountToken).execution_options(populate_existing=True))


def is_live(row):
    """Whether a link found can still be used."""
    return row is not None and row.used_at is None and row.expires_at > clock.now()


def _digest(token):
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
