"""What a person asks of the list of candidatures, as plain JSON: read from an address, checked, and turned into SQL.

A description is {"search": words, "tab": name, "where": {column: {"in": […], "from": …, "to": …, "empty": "1" or "0"}}, "sort": key}.
Kept in saved views, jobs and addresses, it is checked again at each use, in the scope and with the rights of that moment.
"""

import re
from datetime import date
from decimal import Decimal

from flask_babel import lazy_gettext as _
from sqlalchemy import Float, Text, and_, cast, false, func, literal, or_, select

from app import clock
from app.enums import Answer, FileStatus, Outcome, Stage
from app.errors import DomainError
from app.models import Campaign, Candidature, Decision
from app.operations import asked_columns, columns, search_index, silence  # noqa: F401 -- it listens, and writes what is searched here
from app.operations.columns import CHOICE, DAY, INSTANT, NUMBER, REF, TEXT, YES
from app.search_text import words

MOST_CLAUSES, MOST_VALUES, LONGEST = 30, 50, 200
NUMERAL = re.compile(r"[+-]?[0-9]{1,12}([.,][0-9]{1,4})?", re.ASCII)
ROW_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
PARTS = ("in", "from", "to", "empty")
UNREAD = _("Ce filtre n’est plus compris : revenez à la liste et choisissez de nouveau.")


def _alive():
    archived = select(Campaign.id).where(Campaign.archived_at.is_not(None))
    return and_(Candidature.cancelled_at.is_(None), Candidature.campaign_id.not_in(archived))


def _drafted(stage):
    return Candidature.id.in_(select(Decision.candidature_id).where(Decision.stage == stage))


# name: (what people read, the condition); the first is where everybody begins
TABS = {
    "": (_("En cours"), lambda: ()),
    "a-transmettre": (_("À transmettre"), lambda: (Candidature.file_status == FileStatus.WAITING,)),
    "a-examiner": (_("À examiner"), lambda: (Candidature.file_status == FileStatus.RECEIVED,)),
    "incomplets": (_("Incomplets"), lambda: (Candidature.file_status == FileStatus.INCOMPLETE,)),
    "complets": (_("Complets"), lambda: (Candidature.file_status == FileStatus.COMPLETE,)),
    "a-valider": (_("Avis à valider"), lambda: (_drafted(Stage.PROPOSED),)),
    "a-publier": (_("Avis à publier"), lambda: (_drafted(Stage.VALIDATED),)),
    "sans-reponse": (_("Offres sans réponse"), lambda: (Candidature.outcome == Outcome.ADMITTED, Candidature.answer.is_(None))),
    "liste-complementaire": (_("Liste complémentaire"), lambda: (Candidature.outcome == Outcome.WAITLISTED, Candidature.answer.is_(None))),
    "silence": (_("Sans avis depuis longtemps"), lambda: (silence.reached(clock.now(), silence.alerts()).is_not(None),)),
    "confirmees": (_("Confirmées"), lambda: (Candidature.answer == Answer.CONFIRMED,)),
    "annulees": (_("Annulées"), None),
    "toutes": (_("Toutes, même archivées"), None),
}


def from_args(args):
    """Return the raw description that a query string holds; nothing is checked yet.

    Args:
        args: a MultiDict: `q`, `tab`, `sort`, and for each filter `f.column`, `f.column.from`, `.to`, `.empty`.
    """
    raw = {"search": args.get("q", ""), "tab": args.get("tab", ""), "sort": args.get("sort", ""), "where": {}}
    for name in args:
        _f, _dot, rest = name.partition(".")
        if _f != "f" or not rest:
            continue
        key, _dot, part = rest.partition(".")
        values = [value for value in args.getlist(name) if value.strip()]
        if values and (part or "in") in PARTS:
            raw["where"].setdefault(key, {})[part or "in"] = values if not part else values[0]
    return raw


def to_args(spec):
    """Return the (name, value) pairs of the query string that gives a description back."""
    pairs = [(name, spec[key]) for name, key in (("q", "search"), ("tab", "tab"), ("sort", "sort")) if spec.get(key)]
    for key, clause in spec.get("where", {}).items():
        pairs += [(f"f.{key}", value) for value in clause.get("in", ())]
        pairs += [(f"f.{key}.{part}", clause[part]) for part in PARTS[1:] if part in clause]
    return pairs


def cleaned(raw, actor, *, strict=False):
    """Return the part of a description that is understood and that an actor may use, with its columns.

    Args:
        raw: whatever came from an address, a form, a saved view or a job.
        strict: whether anything not understood is an error: a selection must never grow because a filter was dropped.
    Returns:
        (description, {key: `Column`}).
    Raises:
        DomainError: in strict reading.
    """
    raw = raw if isinstance(raw, dict) else {}
    where = raw.get("where") if isinstance(raw.get("where"), dict) else {}
    found = asked_columns.resolved(list(where)[:MOST_CLAUSES], actor)
    kept = {key: clause for key, column in found.items() if (clause := _clause(column, where[key]))}
    spec = {
        "search": _plain(raw.get("search"))[:LONGEST],
        "tab": _plain(raw.get("tab")),
        "where": kept,
        "sort": _plain(raw.get("sort"))[:60],
    }
    if strict and (kept != {key: _bare(clause) for key, clause in where.items()} or spec["tab"] not in TABS):
        raise DomainError(UNREAD)
    if spec["tab"] not in TABS:
        spec["tab"] = ""
    return spec, {key: found[key] for key in kept}


def _plain(text):
    return text.replace("\x00", "").strip() if isinstance(text, str) else ""


def _bare(clause):
    """Return a clause as `_clause` would keep it if every part of it were understood."""
    clause = clause if isinstance(clause, dict) else {"?": clause}
    return {part: value for part, value in clause.items() if value not in ("", [], None)}


def _clause(column, raw):
    """Return the parts of a filter that its column understands."""
    raw = raw if isinstance(raw, dict) else {}
    values = raw.get("in") if isinstance(raw.get("in"), list) else []
    if column.kind == TEXT:  # several texts are typed in one field
        values = [part for text in values if isinstance(text, str) for part in text.split(";")]
    kept = {
        "in": [
            text.strip() if column.kind == TEXT else text
            for text in values[:MOST_VALUES]
            if isinstance(text, str) and _value(column, text) is not None
        ]
    }
    if column.kind in (DAY, INSTANT, NUMBER):
        kept |= {part: raw[part] for part in ("from", "to") if isinstance(raw.get(part), str) and _value(column, raw[part]) is not None}
    if raw.get("empty") in ("0", "1"):
        kept["empty"] = raw["empty"]
    return {part: value for part, value in kept.items() if value}


def _value(column, text):
    """Return what a text typed or chosen means for a column, or None when it means nothing."""
    return READERS[column.kind](column, _plain(text)[:LONGEST])


def _member(column, text):
    return column.vocabulary(text) if text in set(column.vocabulary) else None


def _row(column, text):
    if column.value.type.python_type is int:
        return int(text) if ROW_NUMBER.fullmatch(text) else None
    return text or None


def _number(column, text):
    return Decimal(text.replace(",", ".")) if NUMERAL.fullmatch(text) else None


def _day(column, text):
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if EARLIEST <= found <= LATEST else None


READERS = {
    TEXT: lambda column, text: text or None,
    CHOICE: _member,
    REF: _row,
    NUMBER: _number,
    DAY: _day,
    INSTANT: _day,
    YES: lambda column, text: {"1": True, "0": False}.get(text),
}


def conditions(spec, found, actor):
    """Return the SQL conditions of a cleaned description, without the scope, and the joins that they need.

    Args:
        found: the columns that `cleaned` gave with it.
    """
    made, needs = list(_tab(spec["tab"])), []
    made += [Candidature.search_text.contains(word, autoescape=True) for word in words(spec["search"])]
    if spec["search"] and not words(spec["search"]):
        made.append(false())  # nothing but signs: nothing can hold them
    for key, clause in spec["where"].items():
        column = found[key]
        condition = _condition(column, clause)
        if column.right is not None:
            condition = and_(columns.reached(column, actor), condition)
        made.append(condition)
        needs += column.needs
    return made, needs


def _tab(name):
    if name == "annulees":
        return (Candidature.cancelled_at.is_not(None),)
    return () if name == "toutes" else (_alive(), *TABS[name][1]())


def _condition(column, clause):
    """Return the condition of one filter: any of its values, or empty; and within its bounds."""
    inside = column.inside or (lambda condition: condition)
    any_of = [inside(_same(column, _value(column, text))) for text in clause.get("in", ())]
    if clause.get("empty") == "1":
        any_of.append(_is_empty(column, inside))
    all_of = [or_(*any_of)] if any_of else []
    if clause.get("empty") == "0":
        all_of.append(~_is_empty(column, inside))
    all_of += [inside(_bound(column, part, _value(column, clause[part]))) for part in ("from", "to") if part in clause]
    return and_(*all_of)


def _same(column, value):
    if column.kind == TEXT:
        return _holds(column.value, value)
    if column.is_several:
        return _lists(column.value, f'"{value}"')
    if column.kind == INSTANT:
        return and_(column.value >= clock.opening_of(value), column.value < clock.closing_of(value))
    if column.kind == NUMBER:
        return column.value == literal(float(value), Float)
    if column.kind == YES:
        return column.value.is_(value) if column.inside else column.value == value
    return column.value == value


def _holds(expression, text):
    """Whether a text is held, whatever its case (SQLite folds ASCII letters alone: the usual cases of the others are tried)."""
    ways = {text} if text.isascii() else {text, text.lower(), text.upper(), text.title()}
    return or_(*(expression.icontains(way, autoescape=True) for way in sorted(ways)))


def _lists(expression, text=""):
    """Whether a list kept as JSON has something in it, or a value written as in JSON."""
    written = cast(expression, Text)
    return and_(written.startswith('["', autoescape=True), written.contains(text, autoescape=True))


def _bound(column, part, value):
    if column.kind == INSTANT:
        return column.value >= clock.opening_of(value) if part == "from" else column.value < clock.closing_of(value)
    bound = literal(float(value), Float) if column.kind == NUMBER else value
    return column.value >= bound if part == "from" else column.value <= bound


def _is_empty(column, inside):
    has = _lists(column.value) if column.is_several else column.value.is_not(None)
    if column.kind == TEXT:
        has = and_(has, func.length(column.value) > 0)
    if column.kind == NUMBER and column.inside is None:
        has = and_(has, column.value != 0) if column.key.startswith("pieces_") or column.key in ("notes", "opinions") else has
    return ~inside(has) if column.inside else ~func.coalesce(has, False)
