"""« Mes messages »: everything that was written to the candidate, with what became of it."""

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app import clock, queries
from app.extensions import db
from app.models import OutboxMessage
from app.notifications.outbox import LINK
from app.views.guards import candidate_required, own_or_404

blueprint = Blueprint("messages", __name__, url_prefix="/messages")
PAGE = 30


@blueprint.get("")
@candidate_required
def inbox():
    """List the messages, newest first, a page at a time."""
    page = min(max(request.args.get("page", 1, type=int), 1), 1000)
    own = select(OutboxMessage).where(OutboxMessage.candidate_id == current_user.candidate.id, queries.readable_by_candidate())
    chosen = own.order_by(OutboxMessage.id.desc())
    rows = db.session.scalars(chosen.offset((page - 1) * PAGE).limit(PAGE + 1)).all()
    return render_template("messages/inbox.html", rows=rows[:PAGE], page=page, has_more=len(rows) > PAGE)


@blueprint.route("/<public_id>", methods=["GET", "POST"])
@candidate_required
def show(public_id):
    """Show one message; opening it from the list (a POST) marks it read, so that reading never changes anything by GET."""
    message = own_or_404(OutboxMessage, public_id, select_from=select(OutboxMessage).where(queries.readable_by_candidate()))
    if request.method == "POST" and message.read_at is None:
        message.read_at = clock.now()
        db.session.commit()
    return render_template(
        "messages/show.html", message=message, text=message.text.replace(LINK, _("[lien à usage unique, dans le courriel seulement]"))
    )


@blueprint.app_context_processor
def _counts():
    return {"unread_count": lambda: queries.unread_count(current_user.candidate)}
