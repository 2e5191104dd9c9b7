"""The filters of a generated list: one for each column that it shows, made from the column itself and named by it in the address."""

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import Boolean, Date, Enum, Integer, Numeric, and_, inspect, or_

from app import clock, formats
from app.admin.instants import is_closing
from app.admin.references import LARGE, contains
from app.orm import UtcDateTime

TEXT, CHOICE, YES, DAYS, NUMBERS = "text", "choice", "yes", "days", "numbers"
FROM, TO = ".from", ".to"
LONGEST, INT = 100, 2_147_483_647
NAMES = ("name", "last_name", "first_name", "code", "label")  # the columns by which people name a row


@dataclass(frozen=True)
class Filter:
    """One filter.

    Attributes:
        kind: TEXT, CHOICE, YES, DAYS (from one day to another, both whole) or NUMBERS (from one to another, both taken).
        paths: of a TEXT, the columns that may hold each word (see `references.contains`).
    """

    model: Any
    column: str
    label: Any
    kind: str
    paths: tuple = ()

    @property
    def name(self):
        """Its name in the address: of its column, the same in every language."""
        return f"f.{self.column}"

    @property
    def names(self):
        """Every name that it has in the address."""
        return (self.name + FROM, self.name + TO) if self.kind in (DAYS, NUMBERS) else (self.name,)

    @property
    def options(self):
        """[(value, words)] of what can be chosen."""
        if self.kind == YES:
            return [("1", _("oui")), ("0", _("non"))]
        return [(member.value, member.label) for member in self.attribute.type.enum_class] if self.kind == CHOICE else []

    @property
    def attribute(self):
        return getattr(self.model, self.column)

    def condition(self, typed):
        """Return the SQL condition of what was typed, {name: text}; ValueError when it means nothing."""
        if self.kind == TEXT:
            return and_(*(or_(*(contains(self.model, path, word) for path in self.paths)) for word in typed[self.name].split()[:10]))
        if self.kind in (CHOICE, YES):
            if typed[self.name] not in dict(self.options):
                raise ValueError(typed[self.name])
            return self.attribute == (self.attribute.type.enum_class(typed[self.name]) if self.kind == CHOICE else typed[self.name] == "1")
        first, last = (typed.get(self.name + end) for end in (FROM, TO))
        return self._between(first, last) if self.kind == NUMBERS else self._within(first and _day(first), last and _day(last))

    def _between(self, first, last):
        bounds = [(first, self.attribute.__ge__, math.ceil), (last, self.attribute.__le__, math.floor)]
        is_whole = isinstance(self.attribute.type, Integer)
        numbers = [(compare, whole(_number(text)) if is_whole else _number(text)) for text, compare, whole in bounds if text]
        return and_(*(compare(number) for compare, number in numbers))

    def _within(self, first, last):
        """Return the condition of two days, as they are shown: what closes at midnight closes on the day before (domain A5)."""
        value, parts = self.attribute, []
        if isinstance(value.type, Date):
            parts += [value >= first] if first else []
            return and_(*parts, *([value <= last] if last else []))
        closes = is_closing(self.column)
        if first:
            parts.append(value > clock.opening_of(first) if closes else value >= clock.opening_of(first))
        if last:
            parts.append(value <= clock.closing_of(last) if closes else value < clock.closing_of(last))
        return and_(*parts)

    def words(self, typed):
        """Return what is said of the filter in force."""
        if self.kind == TEXT:
            return _("%(label)s contient « %(text)s »", label=self.label, text=typed[self.name])
        if self.kind in (CHOICE, YES):
            return _("%(label)s : %(value)s", label=self.label, value=dict(self.options)[typed[self.name]])
        write = (lambda text: formats.day(_day(text))) if self.kind == DAYS else str
        first, last = (write(typed[self.name + end]) if typed.get(self.name + end) else None for end in (FROM, TO))
        if first and last:
            return _("%(label)s : de %(first)s à %(last)s", label=self.label, first=first, last=last)
        if first:
            return _("%(label)s : à partir de %(first)s", label=self.label, first=first)
        return _("%(label)s : jusqu’à %(last)s", label=self.label, last=last)


class Asked:
    """The filters that an address asks for.

    Attributes:
        conditions: what the list is narrowed by. chips: [(words, address without it)]. misunderstood: labels of those that mean nothing.
        typed: {name: text} of what the address says of filters that exist; any other word is no filter (trust U04).
    """

    def __init__(self, filters, arguments, endpoint):
        names = [name for flt in filters.values() for name in flt.names]
        self.typed = {name: arguments[name].strip()[:LONGEST] for name in names if arguments.get(name, "").strip()}
        self.kept = {name: arguments[name][:LONGEST] for name in ("search", "sort", "desc") if arguments.get(name)}
        self.conditions, self.chips, self.misunderstood = [], [], []
        for flt in filters.values():
            typed = {name: self.typed[name] for name in flt.names if name in self.typed}
            if typed:
                self._add(flt, typed, endpoint)

    def _add(self, flt, typed, endpoint):
        try:
            self.conditions.append(flt.condition(typed))
        except ValueError:
            self.misunderstood.append(flt.label)
        else:
            others = {name: text for name, text in {**self.kept, **self.typed}.items() if name not in typed}
            self.chips.append((flt.words(typed), url_for(f"{endpoint}.index_view", **others)))


def of(model, columns, infos):
    """Return {column: Filter} of the columns shown that can be filtered, in their order.

    Args:
        columns: names of columns and relations. infos: {name: info}; `filter=False` there says that one is not filtered.
    """
    made = ((name, _made(model, name, infos[name]["label"])) for name in columns if infos[name]["filter"] is not False)
    return {name: flt for name, flt in made if flt is not None}


def _made(model, name, label):
    relation = inspect(model).relationships.get(name)
    if relation is not None:
        paths = tuple(f"{name}.{path}" for path in paths_of(relation.mapper.class_))
        return Filter(model, name, label, TEXT, paths) if paths else None
    kind = getattr(model, name).type
    kinds = ((Enum, CHOICE), (Boolean, YES), (Date, DAYS), (UtcDateTime, DAYS), (Integer, NUMBERS), (Numeric, NUMBERS))
    found = next((found for of_type, found in kinds if isinstance(kind, of_type)), TEXT)
    return Filter(model, name, label, found, (name,) if found == TEXT else ())


def paths_of(target):
    """Return the columns that name a row of a model, its own or those of what it belongs to."""
    mapper = inspect(target)
    own = LARGE.get(target) or tuple(name for name in NAMES if name in mapper.columns)
    parents = ((relation.key, relation.mapper.class_) for relation in mapper.relationships if not relation.uselist)
    return own or tuple(f"{key}.{name}" for key, parent in parents for name in NAMES if name in inspect(parent).columns)


def _day(text):
    found = date.fromisoformat(text)
    if not 1900 <= found.year <= 2200:
        raise ValueError(text)
    return found


def _number(text):
    try:
        found = Decimal(text.replace(",", "."))
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not found.is_finite() or abs(found) > INT:
        raise ValueError(text)
    return found
