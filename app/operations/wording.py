"""How a cell of the list is written for people, in their language: on the screen and in an export alike."""

from datetime import date, timedelta
from decimal import Decimal

from flask_babel import gettext as _

from app import clock, formats
from app.operations import options
from app.operations.columns import CHOICE, DAY, INSTANT, NUMBER, REF, TAG_END, YES

MINUTE = timedelta(minutes=1)


def text_of(column, value):
    """Return the words of a cell, "" for none."""
    if value is None:
        return ""
    if column.key == "tags":
        return ", ".join(name for name, _colour in tags_of(value))
    if column.kind == CHOICE:
        return str(value.label)
    if column.kind == INSTANT:
        return formats.brief(last_minute(value) if column.is_closing else value)
    if column.kind == DAY:
        return value.strftime("%d/%m/%Y")
    if column.kind == YES:
        return _("oui") if value else _("non")
    if column.kind == NUMBER:
        return numeral(value)
    return _words(column, value)


def writer(column):
    """Return the function that writes the cells of one column, for many lines: what repeats is worked out once."""
    if column.kind == CHOICE:
        words = {member: str(member.label) for member in column.vocabulary} | {None: ""}
        return words.__getitem__
    if column.kind == YES:
        return {True: _("oui"), False: _("non"), None: ""}.__getitem__
    return lambda value: text_of(column, value)


def tags_of(value):
    """Return the (name, colour) of each tag that a cell of tags holds, by name."""
    parts = (tag.partition(":") for tag in value.split(TAG_END))
    return sorted((name, colour) for colour, _colon, name in parts)


def _words(column, value):
    if isinstance(value, dict):
        return formats.translated(value)
    if column.is_several:
        names = dict(column.choices)
        return ", ".join(names.get(key, key) for key in value)
    if isinstance(column.choices, tuple):
        return dict(column.choices).get(value, value)
    return str(value)


def numeral(value):
    """Write a number without the zeros that say nothing."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)


def last_minute(instant):
    """Return the instant to show for an exclusive end: midnight is told as 23:59 of the day before."""
    local = instant.astimezone(clock.PARIS)
    return instant - MINUTE if (local.hour, local.minute, local.second) == (0, 0, 0) else instant


def clause_text(column, clause, actor):
    """Return the words of one filter of a list: "Incomplet ou Complet", "du 01/02/2027 au 05/02/2027", "vide"."""
    names = dict(options.choices(column, actor)) if column.kind in (CHOICE, REF) else {}
    names |= {"1": _("oui"), "0": _("non")} if column.kind == YES else {}
    values = [names.get(text, _typed(column, text)) for text in clause.get("in", ())]
    values += [_("vide")] if clause.get("empty") == "1" else []
    parts = [_(" ou ").join(values)] if values else []
    parts += [_("rempli")] if clause.get("empty") == "0" else []
    return ", ".join(parts + _bounds(column, clause))


def _typed(column, text):
    return date.fromisoformat(text).strftime("%d/%m/%Y") if column.kind in (DAY, INSTANT) else text


def _bounds(column, clause):
    start, end = (_typed(column, clause[part]) if part in clause else None for part in ("from", "to"))
    if start and end:
        return [_("de %(start)s à %(end)s", start=start, end=end)]
    if start:
        return [_("à partir de %(start)s", start=start)]
    return [_("jusqu’à %(end)s", end=end)] if end else []
