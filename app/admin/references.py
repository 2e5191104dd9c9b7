"""How a form points at one row among many: by name or number, searched in what the person manages, without any script."""

import re

from flask_admin.contrib.sqla.fields import QuerySelectField
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy import Unicode, cast, or_
from wtforms import StringField, ValidationError

from app.models import Formation, Offering
from app.notifications.catalogue import LANGUAGES
from app.orm import Translated

LIMIT = 20  # rows a search answers with, whatever is asked
NUMBER = re.compile(r"\(n° ([0-9]{1,9})\)\s*$")

# the targets too many for a list to unfold, and where they are searched
LARGE = {Formation: ("name", "code"), Offering: ("formation.name", "formation.code")}


def contains(model, path, word):
    """Return the condition "this column holds the word"; `%` and `_` stand for themselves (trust X07).

    Args:
        path: name of a column, through relations with dots ("candidate.last_name").
    """
    name, _dot, rest = path.partition(".")
    attribute = getattr(model, name)
    if rest:
        return attribute.has(contains(attribute.property.mapper.class_, rest, word))
    escaped = word.replace("/", "//").replace("%", "/%").replace("_", "/_")
    texts = [attribute[code].as_string() for code in LANGUAGES] if isinstance(attribute.type, Translated) else [cast(attribute, Unicode)]
    return or_(*(text.ilike(f"%{escaped}%", escape="/") for text in texts))


def matching(query, model, paths, text):
    """Narrow a query to the rows holding every word of a text (ten at most) in one of the columns."""
    for word in text.split()[:10]:
        query = query.filter(or_(*(contains(model, path, word) for path in paths)))
    return query


def written(row):
    """Return the words that name a row in a form: `found` reads its number back."""
    return f"{row} (n° {row.id})"


def found(query, model, text, limit=LIMIT):
    """Return the rows that a text names, at most `limit` (never above 20): one by its number, or several by their words."""
    number = NUMBER.search(text)
    if number:
        return query.filter(model.id == int(number[1])).all()
    return matching(query, model, LARGE[model], text).order_by(model.id).limit(min(limit, LIMIT)).all()


def empty_words(meaning):
    """Return the words of the choice of nothing: what the help says of it ("Vide : tout l’établissement."), or that there is none."""
    head, _colon, meant = str(meaning or "").partition(":")
    meant = meant.split(".")[0].strip()
    return f"— {meant} —" if meant and head.startswith(str(_("Vide"))) else _("— aucun —")


class RowField(QuerySelectField):
    """A row among few, in a list: nothing is chosen in anybody's place, and a choice of nothing says what it means."""

    def iter_choices(self):
        if self.allow_blank or self.data is None:
            words = empty_words(self.description) if self.allow_blank else _("Choisir…")
            yield "", words, self.data is None, {}
        yield from ((key, self.get_label(row), row == self.data, {}) for key, row in self._get_object_list())

    def process_formdata(self, valuelist):
        self._data, self._formdata = None, valuelist[0] if valuelist else None
        self.is_unknown = bool(self._formdata) and self.data is None

    def pre_validate(self, form):
        if self.data is None and (self.is_unknown or not self.allow_blank):
            raise ValidationError(_("Choisissez dans la liste."))


class ReferenceField(StringField):
    """A row named by its words or its number; only a row of the query given can be chosen."""

    def __init__(self, label=None, validators=None, *, query_factory, target, allow_blank=False, get_label=None, **kwargs):
        super().__init__(label, validators, **kwargs)
        self.query_factory, self.target, self.allow_blank = query_factory, target, allow_blank

    def widget(self, field, **kwargs):
        kwargs.setdefault("data-lookup", field.short_name)
        shown = super().widget(field, autocomplete="off", list=f"{field.id}-found", **kwargs)
        return shown + Markup('<datalist id="{}-found"></datalist>').format(field.id)

    def _value(self):
        if self.raw_data:
            return self.raw_data[0]
        return written(self.data) if self.data is not None else ""

    def process_formdata(self, valuelist):
        text = (valuelist[0] if valuelist else "").strip()[:300]
        if self.object_data is not None and text == written(self.object_data):
            self.data = self.object_data
            return
        rows = found(self.query_factory(), self.target, text, limit=6) if text else []
        self.data = rows[0] if len(rows) == 1 else None
        if text and not rows:
            raise ValueError(_("Rien de ce nom dans ce que vous gérez : écrivez une partie du nom, ou le code."))
        if len(rows) > 1:
            raise ValueError(_("Plusieurs répondent à ces mots, recopiez le bon : %(names)s", names=" ; ".join(map(written, rows[:5]))))

    def pre_validate(self, form):
        if self.data is None and not self.allow_blank and not self.errors:
            raise ValidationError(lazy_gettext("Remplissez ce champ."))
