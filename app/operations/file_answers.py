"""The files that a form asks for: each is the piece of that type of the same candidature, deposited and checked as any piece."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import queries
from app.enums import FieldKind, PieceStatus
from app.extensions import db
from app.models import FormAnswer, RequiredPiece, SubmittedPiece


def asked(fields, candidature):
    """Return the questions of a list without the files of pieces that are not asked of a candidature."""
    if not any(field.kind == FieldKind.FILE for field in fields):
        return list(fields)
    required = queries.required_pieces(candidature.offering, track=candidature.access_track, candidate=candidature.candidate)
    types = {row.piece_type_id for row in required}
    return [field for field in fields if field.kind != FieldKind.FILE or field.piece_type_id in types]


def missing(fields, candidature):
    """Return the obligatory files among some questions that are neither deposited nor said not to concern."""
    files = [field for field in fields if field.kind == FieldKind.FILE and field.is_required]
    given = _given(candidature) if files else {}
    return [field for field in files if field.piece_type_id not in given]


def pin(response, fields, candidature):
    """Make the answers to the files asked name what is deposited now; those no longer asked name nothing."""
    known = {answer.form_field_id: answer for answer in response.answers if answer.form_field.kind == FieldKind.FILE}
    files = {field.id: field for field in fields if field.kind == FieldKind.FILE}
    given = _given(candidature) if files else {}
    for number, field in files.items():
        piece = given.get(field.piece_type_id)
        version = piece.file_version if piece is not None else None
        if number in known:
            known[number].file_version = version
        elif version is not None:
            response.answers.append(FormAnswer(form_field=field, file_version=version))
    for number in known.keys() - files.keys():
        known[number].file_version = None


def _given(candidature):
    """Return {piece type: the piece answered}, a file or the word that it does not concern."""
    chosen = select(RequiredPiece.piece_type_id, SubmittedPiece).join(SubmittedPiece, SubmittedPiece.required_piece_id == RequiredPiece.id)
    chosen = chosen.where(SubmittedPiece.candidature_id == candidature.id).options(joinedload(SubmittedPiece.file_version))
    rows = db.session.execute(chosen).tuples()
    return {kind: piece for kind, piece in rows if piece.file_version_id is not None or piece.status == PieceStatus.NOT_CONCERNED}
