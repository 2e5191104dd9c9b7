"""Who may open a page, and only one's own things: a stranger's object answers like an absent one (trust T1)."""

from functools import wraps

from flask import abort, redirect, url_for
from flask_login import current_user
from sqlalchemy import select

from app.extensions import db
from app.views.security import sign_in_first


def candidate_required(view):
    """Let signed-in candidates in; visitors sign in first, staff go to their own side."""

    @wraps(view)
    def guarded(*args, **kwargs):
        if not current_user.is_authenticated:
            return sign_in_first()
        if current_user.candidate is None:
            return redirect(url_for("admin.index"))
        return view(*args, **kwargs)

    guarded.is_guarded = True
    return guarded


def own_or_404(model, public_id, *, select_from=None):
    """Return the signed-in candidate's own row of that public id; 404 for a foreign one as for an absent one."""
    chosen = select(model) if select_from is None else select_from
    row = db.session.scalar(chosen.where(model.public_id == public_id, model.candidate_id == current_user.candidate.id))
    if row is None:
        abort(404)
    return row
