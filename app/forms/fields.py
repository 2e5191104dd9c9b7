"""The fields and the base that all candidate forms share: trimmed texts, telephone keyboards, choices from tables."""

import unicodedata

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import DateField, IntegerField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, StopValidation

from app import formats
from app.errors import DomainError
from app.extensions import db
from app.search_text import normalised

UNSEEN = frozenset(("Cc", "Cs", "Cn", "Co"))  # controls and what is no character
TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # marks that turn the direction of a text


def trimmed(value):
    """Return a typed text in NFC, without outer spaces, controls and turning marks; empty when nothing of it is seen (None stays None)."""
    if not isinstance(value, str):
        return value
    kept = (c for c in unicodedata.normalize("NFC", value) if c in "\n\r\t" or c not in TURNING and unicodedata.category(c) not in UNSEEN)
    text = "".join(kept).strip()
    is_seen = any(unicodedata.category(c) != "Cf" and not c.isspace() for c in text)
    return text if is_seen else ""


class Filled(InputRequired):
    """Ask for a value that is still there once trimmed: spaces alone are no answer."""

    def __call__(self, form, field):
        super().__call__(form, field)
        if field.data is None or field.data == "":
            field.errors = []
            raise StopValidation(self.message)


class Readable:
    """A field that says one thing, in our words, when what was typed cannot be read, and nothing else."""

    def __init__(self, label=None, validators=None, *, words, **kwargs):
        super().__init__(label, validators, **kwargs)
        self.words = words

    def process_formdata(self, valuelist):
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(self.words) from error

    def pre_validate(self, form):
        if self.process_errors and any((text or "").strip() for text in self.raw_data):
            raise StopValidation
        self.process_errors = []
        self.errors = []


class Whole(Readable, IntegerField):
    """A whole number."""


class Day(Readable, DateField):
    """A day of the calendar."""


class PageForm(FlaskForm):
    """A form whose refusals by the domain stand beside the field they concern."""

    class Meta(FlaskForm.Meta):
        @property
        def locales(self):
            return [str(get_locale() or "fr")]

        def bind_field(self, form, unbound_field, options):
            kind = unbound_field.field_class
            if issubclass(kind, StringField) and not issubclass(kind, PasswordField):  # a password is what was typed
                options["filters"] = (*options.get("filters", ()), trimmed)
            return super().bind_field(form, unbound_field, options)

    def refuse(self, error: DomainError):
        """Show a domain refusal beside its field, or above the form when it concerns none."""
        field = self._fields.get(error.field) if error.field else None
        if field is None:
            self.form_errors.append(str(error))
        else:
            field.errors = [*field.errors, str(error)]


class TableSelect(SelectField):
    """A choice among the rows of a reference table, in the language of the page; the empty choice is offered first."""

    def __init__(self, label=None, validators=None, *, rows, text, **kwargs):
        super().__init__(label, validators, coerce=lambda value: value or None, **kwargs)
        self.rows, self.text = rows, text

    def pre_validate(self, form):
        if self.data is not None:
            super().pre_validate(form)

    def iter_choices(self):
        self._fill()
        return super().iter_choices()

    def process_formdata(self, valuelist):
        self._fill()
        super().process_formdata(valuelist)

    def _fill(self):
        rows = db.session.scalars(self.rows()).all()
        options = sorted(((row.code, self.text(row)) for row in rows), key=lambda option: normalised(option[1]))
        self.choices = [("", _("Choisir…")), *options]


def table(model, text, **kwargs):
    """Return the options of a `TableSelect` on a model: its rows, and the function giving each one's words."""
    return {
        "rows": lambda: select(model),
        "text": lambda row: formats.translated(getattr(row, text)) if isinstance(getattr(row, text), dict) else getattr(row, text),
        **kwargs,
    }
