"""The order of what a university lists as it wishes: questions, criteria, pieces, families of diplomas, each among its own."""

from flask_babel import gettext as _
from sqlalchemy import select

from app.errors import Conflict, DomainError
from app.extensions import db


def group_of(model):
    """Return the column whose rows are ordered apart: the first obligatory reference (a criterion's grid, a piece's campaign), or None."""
    return next((column for column in model.__table__.columns if column.foreign_keys and not column.nullable), None)


def siblings(row, reach):
    """Return the rows ordered with one, itself included, first to last, locked until the end of the transaction.

    Args:
        reach: SQL condition of those that the actor may change: the others keep their place.
    """
    model, group = type(row), group_of(type(row))
    chosen = select(model).where(reach).order_by(model.position, model.id).with_for_update(key_share=True)
    if group is not None:
        chosen = chosen.where(group == getattr(row, group.key))
    return db.session.scalars(chosen.execution_options(populate_existing=True)).all()


def places(rows, row, beside, *, is_after, seen_version):
    """Return [(row, new position)] of what changes place when one goes before or after another; the fewest possible change.

    Args:
        rows: what `siblings` gave. beside: primary key of the other row. seen_version: of the row moved, as its page showed it.
    Raises:
        Conflict: somebody moved or changed it meanwhile. DomainError: the other is not among them.
    """
    other = next((each for each in rows if each.id == beside), None)
    if row not in rows or other is None or other is row:
        raise DomainError(_("Ces deux lignes ne se rangent pas ensemble : rechargez la page, puis recommencez."))
    if row.version != seen_version:
        raise Conflict(_("Quelqu’un a changé cette ligne depuis que vous avez ouvert la page : relisez l’ordre, puis recommencez."))
    arranged = [each for each in rows if each is not row]
    arranged.insert(arranged.index(other) + is_after, row)
    changed, last = [], None
    for each, position in zip(arranged, sorted(each.position for each in rows), strict=True):
        last = position if last is None else max(position, last + 1)
        if each.position != last:
            changed.append((each, last))
    return changed
