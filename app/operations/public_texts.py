"""The university's words on the public pages: read once for a page, written safely, given up for the shipped ones."""

from flask import g
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import select

from app import access
from app.enums import Functionality, TextPlace
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.formats import current_language
from app.models import FaqEntry, PublicText
from app.notifications import rendering
from app.notifications.catalogue import LANGUAGES
from app.operations import audit
from app.orm import text_in


def shown(place, language=None):
    """Return the university's text at a place as HTML, or None where the shipped words are to be read.

    Args:
        place: a `TextPlace`, or its name.
        language: the reader's; that of the page when None.
    """
    body = _bodies().get(TextPlace(place))
    return None if body is None else written(text_in(body, language or current_language()))


def _bodies():
    if "public_texts" not in g:
        rows = db.session.scalars(select(PublicText).where(PublicText.is_active))
        g.public_texts = {row.place: row.body for row in rows}
    return g.public_texts


def questions():
    """Return the university's frequent questions in their order (none: the shipped ones are read)."""
    return db.session.scalars(select(FaqEntry).where(FaqEntry.is_active).order_by(FaqEntry.position, FaqEntry.id)).all()


def written(text):
    """Return a Markdown text as HTML that a page may hold."""
    return Markup(rendering.fragment(text or ""))  # noqa: S704 -- no raw HTML is read, and nh3 cleans what is made


def check(*bodies):
    """Refuse a text that is too long for a page.

    Args:
        bodies: {language: Markdown text}.
    Raises:
        DomainError: says how long it may be.
    """
    if any(len(text) > rendering.MAXIMUM for body in bodies for text in (body or {}).values()):
        raise DomainError(_("Ce texte est trop long : 20 000 caractères au plus."))


def languages_missing(*bodies):
    """Return the codes of the languages in which one of the texts is not written: French is read instead."""
    return [code for code in LANGUAGES if any(not (body or {}).get(code) for body in bodies)]


def give_up(row, *, actor):
    """Show the shipped text again at the place of a row, which is kept out of service; the caller commits.

    Raises:
        NotAllowed: without the right to change the texts.
    """
    if not access.grants_over(actor, Functionality.TEMPLATES, None, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit de changer les textes."))
    if row.is_active:
        row.is_active = False
        audit.record("update", row, actor=actor, changes=audit.changes_of(row))
