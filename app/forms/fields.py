"""The fields and the base that all candidate forms share: trimmed texts, telephone keyboards, choices from tables."""

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import PasswordField, SelectField, StringField

from app import formats
from app.errors import DomainError
from app.extensions import db
from app.search_text import normalised


def trimmed(value):
    """Return a typed text without outer spaces, and without the NUL that no database keeps (None stays None)."""
    return value.replace("\x00", "").strip() if isinstance(value, str) else value


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
