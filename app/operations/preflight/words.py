"""Checks of languages: what is written in French and not yet in English, of which candidates read the French."""

from flask_babel import lazy_gettext as _
from sqlalchemy import inspect

from app.operations.preflight.asked import questions, used
from app.operations.preflight.decisions import in_service, mails_of
from app.operations.preflight.registry import WARNS, check
from app.orm import Translated

WORDS = _("%(kind)s, « %(name)s » : l’anglais manque (%(fields)s). Écrivez-le, sinon le français sera lu.")


def lacking(rows):
    """Yield a sentence about each row that has a text in French alone."""
    for row in dict.fromkeys(rows):
        columns = [column for column in inspect(type(row)).columns if isinstance(column.type, Translated)]
        names = [
            str(column.info["label"]) for column in columns if (text := getattr(row, column.key)) and not (text.get("en") or "").strip()
        ]
        if names:
            yield str(WORDS) % {"kind": kind_of(row), "name": _short(row), "fields": ", ".join(names)}, row


def kind_of(row):
    """Return the name of the screen of a row."""
    return str(type(row).__managed__.plural)


def _short(row):
    text = str(row)
    return text if len(text) <= 80 else text[:79] + "…"


@check("english_offer", WARNS)
def english_offer(scene):
    kinds = (row.formation.diploma_type for row in scene.published)
    yield from lacking([scene.campaign, *scene.centres, *scene.commissions, *kinds, *scene.published])


@check("english_pieces", WARNS)
def english_pieces(scene):
    yield from lacking(row.piece_type for row in scene.pieces if row.piece_type.is_active)


@check("english_forms", WARNS)
def english_forms(scene):
    for form in used(scene):
        yield from lacking([form])
        yield from lacking(questions(form))


@check("english_decisions", WARNS)
def english_decisions(scene):
    yield from lacking([*in_service(scene), *scene.reasons])


@check("english_mails", WARNS)
def english_mails(scene):
    yield from lacking(mails_of(scene))


@check("english_letters", WARNS)
def english_letters(scene):
    yield from lacking(scene.letters)


@check("english_public", WARNS)
def english_public(scene):
    yield from lacking([*scene.texts, *scene.questions])
