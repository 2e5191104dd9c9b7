"""Pages of the list of candidatures: one statement whatever the number of rows, by key and never by counting from the start."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Float, and_, func, select, tuple_

from app import access
from app.extensions import db
from app.models import Candidature
from app.operations import columns, filters, joins, loaded
from app.operations.columns import CHOICE, DAY, INSTANT, NUMBER, REF, TEXT, YES
from app.operations.joins import Person

SIZE = 50  # rows of a page
MOST_COUNTED = 10_000  # past it the count says "more than"
# what stands for "nothing" when sorting, below every real value: the order is then total, the same on every database
NOTHING = {TEXT: "", CHOICE: "", REF: "", NUMBER: -1e15, DAY: date(1800, 1, 1), INSTANT: datetime(1800, 1, 1, tzinfo=UTC), YES: False}
NEVER_EMPTY = frozenset({"created_at", "file_status", "number", "last_name", "formation", "centre", "commission"})
DEFAULT_SORT = "-id"


@dataclass(frozen=True)
class Row:
    """One line: whose it is, and its cells as SQL gave them, in the order of the page's columns."""

    id: int
    public_id: str
    name: str
    number: str
    cells: tuple


@dataclass(frozen=True)
class Page:
    """Some lines of the list, and the dossiers after and before which the next pages begin (None: there is none)."""

    rows: list
    previous: str | None
    next: str | None


@dataclass(frozen=True)
class _Order:
    keys: tuple
    needs: tuple
    is_descending: bool


def sortable(key):
    """Whether the list can be sorted by a column."""
    column = columns.COLUMNS.get(key)
    return column is not None and column.order is not None


def order_of(sort, actor):
    """Return the order that a key asks for, newest first when it asks nothing that exists.

    Args:
        sort: key of a column, after a minus sign to go down.
    """
    name = sort.lstrip("-")
    column = columns.COLUMNS.get(name)
    if column is None or column.order is None or not columns.held(column, actor):
        return _Order((Candidature.id,), (), sort != "id")
    if name == "last_name":
        keys = (Person.last_name, Person.first_name)
    elif name in NEVER_EMPTY:
        keys = (column.order,)
    else:
        keys = (_never_null(column, actor),)
    return _Order((*keys, Candidature.id), column.needs, sort.startswith("-"))


def _never_null(column, actor):
    made = column.order
    if column.right is not None:
        made = columns.masked(column, made, actor)
    if column.kind == NUMBER:
        return func.coalesce(made.cast(Float), NOTHING[NUMBER])
    return func.coalesce(made, NOTHING[column.kind])


def page(actor, spec, found, shown, *, after=None, before=None, size=SIZE):
    """Return one page of the list in the actor's scope.

    Args:
        spec, found: what `filters.cleaned` gave.
        shown: the columns to fill, in order.
        after, before: public id of the dossier that the page follows or precedes; one that is not in scope is no place.
    """
    order = order_of(spec["sort"], actor)
    here = _place(order, after or before, actor)
    is_backward = here is not None and not after
    chosen = _keys_of_page(actor, spec, found, order, here, is_backward, size)
    rows = [_row(line, shown) for line in db.session.execute(_with_cells(chosen, shown, actor, order, is_backward))]
    has_more, rows = len(rows) > size, rows[:size]
    if is_backward and len(rows) < size:  # the beginning: a whole page of it rather than a remnant
        return page(actor, spec, found, shown, size=size)
    filled = loaded.fill(rows[::-1] if is_backward else rows, shown, actor)
    return _page(filled, has_more if is_backward else here is not None, is_backward or has_more)


def _page(rows, has_previous, has_next):
    ends = (rows[0].public_id, rows[-1].public_id) if rows else (None, None)
    return Page(rows, ends[0] if has_previous else None, ends[1] if has_next else None)


def _place(order, public_id, actor):
    """Return the sort keys of a dossier in scope, or None."""
    if not public_id:
        return None
    own = joins.joined(order.keys, order.needs).where(Candidature.public_id == public_id, access.scope_for(Candidature, actor))
    return db.session.execute(own).first()


def _matching(actor, spec, found, order, selected):
    conditions, needs = filters.conditions(spec, found, actor)
    chosen = joins.joined(selected, [*needs, *order.needs])
    return chosen.where(access.scope_for(Candidature, actor), *conditions)


def _beyond(order, here, is_backward):
    """Return the condition "further on than this place, in this direction"."""
    keys, place, first = tuple_(*order.keys), tuple_(*here), order.keys[0]
    is_down = order.is_descending != is_backward
    near = first <= here[0] if is_down else first >= here[0]  # said apart, so that an index on the first key serves
    return and_(near, keys < place if is_down else keys > place)


def _keys_of_page(actor, spec, found, order, here, is_backward, size):
    named = [key.label(f"k{number}") for number, key in enumerate(order.keys)]
    chosen = _matching(actor, spec, found, order, named)
    if here is not None:
        chosen = chosen.where(_beyond(order, here, is_backward))
    is_down = order.is_descending != is_backward
    return chosen.order_by(*(key.desc() if is_down else key for key in order.keys)).limit(size + 1).subquery("page")


def _with_cells(chosen, shown, actor, order, is_backward):
    """Join what is displayed to the few rows of a page only, once they are known."""
    cells = [column.selected(actor).label(f"c{number}") for number, column in enumerate(shown) if column.loaded is None]
    needs = ["candidate", *(name for column in shown if column.loaded is None for name in column.needs)]
    own = [Candidature.id, Candidature.public_id, Person.last_name, Person.first_name, Person.dossier_number]
    last = chosen.c[f"k{len(order.keys) - 1}"]
    start = joins.beside(chosen, last)
    is_down = order.is_descending != is_backward
    keys = [chosen.c[f"k{number}"] for number in range(len(order.keys))]
    return joins.joined([*own, *cells], needs, start).order_by(*(key.desc() if is_down else key for key in keys))


def _row(line, shown):
    number, public_id, last_name, first_name, dossier, *values = line
    given = iter(values)
    cells = tuple(next(given) if column.loaded is None else None for column in shown)
    return Row(number, public_id, f"{last_name} {first_name}", dossier, cells)


def count(actor, spec, found, *, most=MOST_COUNTED):
    """Return how many candidatures the description finds, counted up to one more than `most`."""
    chosen = _matching(actor, spec, found, order_of("", actor), [Candidature.id]).limit(most + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(chosen))


def neighbours(candidature, raw, actor):
    """Return the public ids (previous, next) of a dossier in a list, None at its ends.

    Args:
        candidature: the dossier now shown, in the actor's scope; it need not be in the list any more.
        raw: the description of the list (see `filters`), as the address of the dossier carries it.
    """
    spec, found = filters.cleaned(raw, actor)
    order = order_of(spec["sort"], actor)
    here = _place(order, candidature.public_id, actor)
    if here is None:
        return None, None
    either = (_nearest(actor, spec, found, order, here, is_backward) for is_backward in (True, False))
    return tuple(db.session.execute(select(*either)).one())


def _nearest(actor, spec, found, order, here, is_backward):
    is_down = order.is_descending != is_backward
    chosen = _matching(actor, spec, found, order, [Candidature.public_id]).where(_beyond(order, here, is_backward))
    return chosen.order_by(*(key.desc() if is_down else key for key in order.keys)).limit(1).scalar_subquery()
