"""How a column becomes a form field in the back office: labels in, names out, instants in the campaign's zone."""

from flask_admin.contrib.sqla.form import AdminModelConverter
from flask_admin.model.form import converts
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from wtforms import DateField, DecimalField, Field, HiddenField, IntegerField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import html_params

from app.admin import instants
from app.admin.references import empty_words
from app.errors import DomainError
from app.orm import Translated

INT = 2_147_483_647  # what an integer column holds
FRENCH = _("Le texte français est obligatoire.")
KEY = "abcdefghijklmnopqrstuvwxyz0123456789_-"


class SeenVersion(HiddenField):
    """The version that the person had before the eyes; compared, never written."""

    def populate_obj(self, obj, name):
        pass


class InstantField(StringField):
    """A day, or a day and an hour, in Paris time; a closing day without hour means its end (domain A5)."""

    def _value(self):
        return self.raw_data[0] if self.raw_data else self._written(self.data)

    def _written(self, value):
        return instants.written(value, closing=instants.is_closing(self.short_name))

    def process_formdata(self, valuelist):
        text = (valuelist[0] if valuelist else "").strip()
        if text and text == self._written(self.object_data):
            self.data = self.object_data  # left as it was, seconds included
            return
        try:
            self.data = instants.typed(text, closing=instants.is_closing(self.short_name))
        except DomainError as error:
            raise ValueError(str(error)) from error


class TranslatedField(Field):
    """One text per language; the French one is obligatory unless all are empty."""

    languages = (("fr", "Français"), ("en", "English"))

    def widget(self, field, **kwargs):
        value, parts = field.data or {}, []
        for code, language in self.languages:
            key = field.id if code == "fr" else f"{field.id}-{code}"
            attributes = html_params(**{**kwargs, "id": key, "name": field.name, "lang": code, "rows": 2})
            parts.append(
                Markup(
                    '<label class="hint" for="{}"><span class="visually-hidden">{} : </span>{}</label><textarea {}>\r\n{}</textarea>'
                ).format(key, field.label.text, language, Markup(attributes), value.get(code, ""))  # noqa: S704 -- html_params escapes
            )
        return Markup("").join(parts)

    def process_formdata(self, valuelist):
        if not valuelist:
            return
        values = {code: text.strip() for (code, _name), text in zip(self.languages, valuelist, strict=False)}
        self.data = {code: text for code, text in values.items() if text} or None
        if self.data and "fr" not in self.data:
            raise ValueError(str(FRENCH))


class ChoicesField(TextAreaField):
    """The answers a list offers, one a line: "clé | texte | English text"; kept as {key: {language: text}}."""

    def _value(self):
        if self.raw_data:
            return self.raw_data[0]
        return "\n".join(" | ".join((key, *_texts(texts))) for key, texts in (self.data or {}).items())

    def process_formdata(self, valuelist):
        lines = [line.strip() for line in (valuelist[0] if valuelist else "").splitlines() if line.strip()]
        choices = {}
        for line in lines:
            key, *texts = (part.strip() for part in line.split("|"))
            if not 1 <= len(texts) <= 2 or not texts[0] or not 0 < len(key) <= 50 or set(key) - set(KEY):
                raise ValueError(str(_("« %(line)s » : écrivez clé | texte | English text ; clé en lettres sans accent.", line=line[:80])))
            if key in choices:
                raise ValueError(str(_("La clé « %(key)s » est donnée deux fois.", key=key)))
            choices[key] = {code: text for code, text in zip(("fr", "en"), texts, strict=False) if text}
        self.data = choices or None


def _texts(texts):
    return (texts.get("fr", ""), texts["en"]) if texts.get("en") else (texts.get("fr", ""),)


class EnumField(SelectField):
    """A closed vocabulary: labels shown, members kept; nothing is chosen in anybody's place, an unknown name is refused."""

    def __init__(self, label=None, validators=None, *, vocabulary, nullable=False, **kwargs):
        super().__init__(label, validators, coerce=lambda value: vocabulary(value) if value else None, **kwargs)
        self.choices = [(member.value, member.label) for member in vocabulary]
        self.is_nullable, self.flags.required = nullable, not nullable

    def iter_choices(self):
        words = empty_words(self.description) if self.is_nullable else _("Choisir…")
        first = [("", words, self.data is None, {})] if self.is_nullable or self.data is None else []
        return [*first, *super().iter_choices()]

    def process_formdata(self, valuelist):
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(_("Choisissez dans la liste."))) from error

    def pre_validate(self, form):
        if self.data is None and not self.is_nullable and not self.errors:
            raise ValidationError(_("Choisissez dans la liste."))


class Converter(AdminModelConverter):
    """Flask-Admin's converter with our column types (flask-admin.md §3, line 7)."""

    @converts("Enum")
    def convert_enum(self, column, field_args, **extra):
        return EnumField(vocabulary=column.type.enum_class, nullable=column.nullable, **_plain(field_args))

    @converts("UtcDateTime")
    def convert_instant(self, column, field_args, **extra):
        return InstantField(**_needed(column, field_args))

    @converts("Translated")
    def convert_translated(self, column, field_args, **extra):
        return TranslatedField(**_needed(column, field_args, missing=FRENCH))

    @converts("JSON", "JSONB")
    def convert_json(self, column, field_args, **extra):
        if isinstance(column.type, Translated):
            return TranslatedField(**_needed(column, field_args, missing=FRENCH))
        return ChoicesField(**_needed(column, field_args))

    @converts("Date")
    def convert_day(self, column, field_args, **extra):
        return DateField(**_needed(column, field_args))

    @converts("Integer")
    def handle_integer_types(self, column, field_args, **extra):
        return IntegerField(**_needed(column, field_args, NumberRange(-INT, INT, _("Écrivez un nombre entier."))))

    @converts("Float", "Double", "REAL", "Numeric")
    def handle_decimal_types(self, column, field_args, **extra):
        limit = 10 ** ((column.type.precision or 15) - (column.type.scale or 0)) - 1
        return DecimalField(**_needed(column, field_args, NumberRange(-limit, limit, _("Écrivez un nombre."))))


def _plain(field_args):
    return {name: value for name, value in field_args.items() if name in ("label", "description", "default", "name")}


def _needed(column, field_args, *validators, missing=_("Remplissez ce champ.")):
    """Return what a field is told: its words, whether it must be filled (`missing` says it is not), and what else it must obey."""
    is_needed = not column.nullable
    return {**_plain(field_args), "validators": [InputRequired(missing) if is_needed else Optional(), *validators]}
