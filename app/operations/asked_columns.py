"""The columns that configuration makes: one for each piece asked, one for each question of a form."""

import re

from sqlalchemy import and_, exists, or_, select

from app import access, formats
from app.enums import FieldKind, Functionality, PieceStatus
from app.extensions import db
from app.models import (
    Candidature,
    Commission,
    Form,
    FormAnswer,
    FormField,
    FormResponse,
    FormVersion,
    Offering,
    PieceType,
    RequiredForm,
    RequiredPiece,
)
from app.operations import columns
from app.operations.asked import STATUS, asked
from app.operations.columns import CHOICE, DAY, NUMBER, PIECES, QUESTIONS, REF, TEXT, YES, Column

PIECE = re.compile(r"piece-([0-9]{1,9})", re.ASCII)
QUESTION = re.compile(r"answer-([0-9]{1,9})-([A-Za-z0-9_]{1,50})", re.ASCII)
KINDS = {
    FieldKind.TEXT: (TEXT, "value_text"),
    FieldKind.LONG_TEXT: (TEXT, "value_text"),
    FieldKind.NUMBER: (NUMBER, "value_number"),
    FieldKind.DATE: (DAY, "value_date"),
    FieldKind.CHOICE: (REF, "value_choice"),
    FieldKind.MULTIPLE: (REF, "value_choices"),
    FieldKind.YES_NO: (YES, "value_yes"),
}


def _piece_column(number, name):
    def inside(condition):
        own = asked(RequiredPiece.id).where(RequiredPiece.piece_type_id == number, condition)
        return own.correlate(Candidature).exists()

    key = f"piece-{number}"
    return Column(key, name, PIECES, CHOICE, STATUS, vocabulary=PieceStatus, inside=inside, loaded="pieces", about=number)


def _question_column(form_id, question, offered):
    kind, name = KINDS[question.kind]

    def inside(condition):
        owner = or_(FormResponse.candidature_id == Candidature.id, FormResponse.candidate_id == Candidature.candidate_id)
        own = and_(FormResponse.form_id == form_id, FormField.key == question.key)
        found = select(FormAnswer.id).join(FormResponse, FormResponse.id == FormAnswer.response_id)
        found = found.join(FormField, FormField.id == FormAnswer.form_field_id).where(owner, own, condition)
        return exists(found.correlate(Candidature))

    choices = tuple((key, formats.translated(words)) for key, words in offered.items())
    label = formats.translated(question.label)
    about = (form_id, question.key, name)
    return Column(
        f"answer-{form_id}-{question.key}", label, QUESTIONS, kind, getattr(FormAnswer, name),
        choices=choices, inside=inside, loaded="answers", about=about, is_several=question.kind == FieldKind.MULTIPLE,
    )  # fmt: skip


def _reachable_centres(actor):
    return select(Commission.centre_id).where(access.commissions_of(actor, Functionality.CANDIDATURES))


def _is_open_to(model, actor):
    """Rows of the whole university, or of a centre where the actor sees candidatures."""
    return or_(model.centre_id.is_(None), model.centre_id.in_(_reachable_centres(actor)))


def _is_aimed_at(model, actor):
    """What is asked of everybody, or of a centre or an opening that the actor reaches."""
    reachable = select(Offering.id).join(Commission, Offering.commission_id == Commission.id)
    reachable = reachable.where(access.commissions_of(actor, Functionality.CANDIDATURES))
    everybody = and_(model.centre_id.is_(None), model.offering_id.is_(None))
    return or_(everybody, model.centre_id.in_(_reachable_centres(actor)), model.offering_id.in_(reachable))


def of_pieces(actor, numbers=None):
    """Return the columns of the pieces asked where an actor sees candidatures, in order; of those types only when given."""
    wanted = select(RequiredPiece.piece_type_id).where(_is_aimed_at(RequiredPiece, actor))
    chosen = select(PieceType.id, PieceType.name).where(PieceType.id.in_(wanted), _is_open_to(PieceType, actor))
    if numbers is not None:
        chosen = chosen.where(PieceType.id.in_(numbers))
    return [_piece_column(number, formats.translated(name)) for number, name in db.session.execute(chosen.order_by(PieceType.id))]


def of_questions(actor, form_ids=None):
    """Return the columns of the questions published in the forms asked where an actor sees candidatures, one for each key.

    The newest wording is kept, with the choices that only earlier versions offered after its own.
    """
    wanted = select(RequiredForm.form_id).where(_is_aimed_at(RequiredForm, actor))
    chosen = select(FormField, Form.id).join(FormVersion, FormField.form_version_id == FormVersion.id)
    chosen = chosen.join(Form, Form.id == FormVersion.form_id).where(Form.id.in_(wanted), _is_open_to(Form, actor))
    if form_ids is not None:
        chosen = chosen.where(Form.id.in_(form_ids))
    chosen = chosen.where(FormVersion.is_draft.is_(False), FormField.kind.in_(KINDS))
    newest, offered = {}, {}
    for question, form_id in db.session.execute(chosen.order_by(Form.id, FormVersion.number.desc(), FormField.position, FormField.id)):
        newest.setdefault((form_id, question.key), question)
        offered[form_id, question.key] = (question.choices or {}) | offered.get((form_id, question.key), {})
    return [_question_column(place[0], question, _ordered(question, offered[place])) for place, question in newest.items()]


def _ordered(question, offered):
    return {key: offered[key] for key in dict.fromkeys([*(question.choices or {}), *offered])}


def resolved(keys, actor):
    """Return {key: column} of the keys that exist and that an actor may see; every other key is left out."""
    found = {key: columns.COLUMNS[key] for key in keys if key in columns.COLUMNS and columns.held(columns.COLUMNS[key], actor)}
    made = []
    if numbers := {int(match[1]) for key in keys if (match := PIECE.fullmatch(key))}:
        made += of_pieces(actor, numbers)
    if form_ids := {int(match[1]) for key in keys if (match := QUESTION.fullmatch(key))}:
        made += of_questions(actor, form_ids)
    return found | {column.key: column for column in made if column.key in keys}


def every(actor):
    """Return every column that an actor may see, in the order of the chooser."""
    return [column for column in columns.DECLARED if columns.held(column, actor)] + of_pieces(actor) + of_questions(actor)
