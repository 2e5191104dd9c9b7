"""Sentences written once and chosen many times: which ones a dossier may use, in the candidate's language."""

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.models import CannedComment
from app.orm import text_in


def offered(candidature, kind):
    """Return {number: sentence} of the canned comments in service for a dossier, in its candidate's language.

    Args:
        kind: a `CommentKind`.
    """
    user = candidature.candidate.user
    language = user.language if user else "fr"
    centre_id = candidature.offering.commission.centre_id
    chosen = select(CannedComment).where(
        CannedComment.kind == kind, CannedComment.is_active, CannedComment.centre_id.is_(None) | (CannedComment.centre_id == centre_id)
    )
    return {row.id: text_in(row.text, language) for row in db.session.scalars(chosen.order_by(CannedComment.id))}


def joined(candidature, kind, *, typed, chosen):
    """Return what was typed followed by the sentence chosen in the list, if one was.

    Args:
        typed: text of the person. chosen: number of a canned comment, as the form sent it.
    Raises:
        DomainError: that sentence is not offered here.
    """
    typed, chosen = (typed or "").strip(), (chosen or "").strip()
    if not chosen:
        return typed
    sentences = {str(number): text for number, text in offered(candidature, kind).items()}
    if chosen not in sentences:
        raise DomainError(_("Choisissez la phrase dans la liste."), field="canned")
    return "\n".join(filter(None, (typed, sentences[chosen])))
