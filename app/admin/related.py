"""How a generated screen leads to the others: to the rows that it names, and to what must exist before it has any of its own."""

from sqlalchemy import inspect, select

from app.extensions import db


def screen_of(view, model):
    """Return the screen of a model that the signed-in person may open, or None."""
    return next((other for other in view.admin._views if getattr(other, "model", None) is model and other.is_accessible()), None)


def links(view, rows, names):
    """Return the function giving, for a row and a relation, the address of what is named there, or None when it may not be opened.

    It costs one query for each relation, however many rows there are.
    """
    found, relations = {}, inspect(view.model).relationships
    for name in names:
        screen = screen_of(view, relations[name].mapper.class_) if name in relations else None
        named = {inspect(row).identity[0]: row for row in (getattr(row, name) for row in rows) if row is not None} if screen else {}
        if named:
            key = getattr(screen.model, screen._primary_key)
            opened = db.session.scalars(select(key).where(key.in_(named), screen.reach()))
            found.update({named[number]: screen.address_of(named[number]) for number in opened})
    return lambda row, name: found.get(getattr(row, name)) if name in relations else None


def wanting(view):
    """Return [(plural, address or None)] of what a row must name, and of which there is nothing to choose yet."""
    missing = []
    for name in view.form_columns:
        relation = inspect(view.model).relationships.get(name)
        target = relation.mapper.class_ if relation is not None else None
        if not hasattr(target, "__managed__") or any(column.nullable for column in relation.local_columns):
            continue
        if view.form_args[name]["query_factory"]().first() is None:
            screen = screen_of(view, target)
            missing.append((target.__managed__.plural, f"{screen.url}/" if screen is not None else None))
    return missing
