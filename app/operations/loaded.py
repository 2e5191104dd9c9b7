"""Fills the cells that a candidature has several of (notes, pieces, answers), one statement a page for each sort."""

from dataclasses import replace

from sqlalchemy import or_, select

from app import access, formats
from app.enums import Functionality
from app.extensions import db
from app.models import Candidature, FormAnswer, FormField, FormResponse, Note, RequiredPiece, StaffMember
from app.operations.asked import STATUS, asked


def fill(rows, shown, actor):
    """Return the rows with the cells of their loaded columns; untouched when no such column is shown.

    Args:
        rows: `listing.Row`s; shown: their columns, in order.
    """
    if not rows or all(column.loaded is None for column in shown):
        return rows
    values = values_of([row.id for row in rows], shown, actor)
    return [replace(row, cells=_cells(row, shown, values)) for row in rows]


def values_of(numbers, shown, actor):
    """Return {(candidature id, column key): value} of the loaded columns among those shown.

    Args:
        numbers: ids of candidatures, a thousand at most, all in the actor's scope.
    """
    wanted, values = {}, {}
    for column in shown:
        if column.loaded is not None:
            wanted.setdefault(column.loaded, []).append(column)
    for name, columns in wanted.items():
        values |= LOADERS[name](numbers, columns, actor)
    return values


def _cells(row, shown, values):
    return tuple(cell if column.loaded is None else values.get((row.id, column.key)) for cell, column in zip(row.cells, shown, strict=True))


def _notes(numbers, columns, actor):
    chosen = select(Note.candidature_id, Note.at, Note.text, StaffMember.last_name).outerjoin(StaffMember, StaffMember.id == Note.author_id)
    chosen = chosen.join(Candidature, Candidature.id == Note.candidature_id)
    chosen = chosen.where(Candidature.id.in_(numbers), access.scope_for(Candidature, actor, right=Functionality.NOTES))
    found = {}
    for number, at, text, author in db.session.execute(chosen.order_by(Note.id)):
        found.setdefault((number, "note_texts"), []).append(f"{formats.brief(at)} {author or ''} : {text}".replace("  ", " "))
    return {key: "\n".join(lines) for key, lines in found.items()}


def _pieces(numbers, columns, actor):
    keys = {column.about: column.key for column in columns}
    chosen = asked(Candidature.id, RequiredPiece.piece_type_id, STATUS, numbers=numbers)
    chosen = chosen.where(RequiredPiece.piece_type_id.in_(keys)).order_by(RequiredPiece.position.desc(), RequiredPiece.id.desc())
    return {(number, keys[piece]): status for number, piece, status in db.session.execute(chosen)}


def _answers(numbers, columns, actor):
    keys = {column.about[:2]: (column.key, column.about[2], column.is_several) for column in columns}
    owner = or_(FormResponse.candidature_id == Candidature.id, FormResponse.candidate_id == Candidature.candidate_id)
    chosen = select(Candidature.id, FormResponse.form_id, FormField.key, FormAnswer).join(FormResponse, owner)
    chosen = chosen.join(FormAnswer, FormAnswer.response_id == FormResponse.id).join(FormField, FormField.id == FormAnswer.form_field_id)
    chosen = chosen.where(Candidature.id.in_(numbers), FormResponse.form_id.in_({form_id for form_id, _key in keys}))
    found = {}
    for number, form_id, key, answer in db.session.execute(chosen):
        if (form_id, key) in keys:
            column_key, name, is_several = keys[form_id, key]
            value = getattr(answer, name)
            found[number, column_key] = value if not is_several or isinstance(value, list) else None
    return found


LOADERS = {"notes": _notes, "pieces": _pieces, "answers": _answers}
