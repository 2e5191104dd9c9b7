"""One answer: read from what was typed, kept in its typed column, put aside when its question is not asked, and told again."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from flask_babel import lazy_gettext as _

from app.enums import FieldKind
from app.errors import DomainError
from app.models import FormField

COLUMNS = {
    FieldKind.TEXT: "value_text",
    FieldKind.LONG_TEXT: "value_text",
    FieldKind.NUMBER: "value_number",
    FieldKind.DATE: "value_date",
    FieldKind.CHOICE: "value_choice",
    FieldKind.MULTIPLE: "value_choices",
    FieldKind.YES_NO: "value_yes",
}
LENGTHS = {FieldKind.TEXT: 300, FieldKind.LONG_TEXT: 5000}  # characters
ASIDE = "aside"  # where, beside the typed column, an answer waits that nobody must see


def parse(field: FormField, raw):
    """Return the typed value of a raw answer (None when empty): a list of keys for several choices.

    Raises:
        DomainError: it cannot be read, or is out of bounds.
    """
    if field.kind == FieldKind.MULTIPLE:
        return _several(field, raw)
    raw = (raw or "").strip()
    if not raw:
        return None
    if field.kind in LENGTHS:
        if len(raw) > LENGTHS[field.kind]:
            raise DomainError(_("%(count)s caractères au plus.", count=LENGTHS[field.kind]))
        return raw
    if field.kind == FieldKind.NUMBER:
        return _number(field, raw)
    if field.kind == FieldKind.DATE:
        return _day(raw)
    if raw not in ({"yes", "no"} if field.kind == FieldKind.YES_NO else field.choices or {}):
        raise DomainError(_("Choisissez une réponse de la liste."))
    return raw == "yes" if field.kind == FieldKind.YES_NO else raw


def _several(field, raw):
    """Return the keys chosen, each once, in the order of the list."""
    chosen = {raw} if isinstance(raw, str) else set(raw or ())
    chosen.discard("")
    if chosen - set(field.choices or {}):
        raise DomainError(_("Choisissez des réponses de la liste."))
    return [key for key in field.choices or {} if key in chosen] or None


def _number(field, raw):
    try:
        value = Decimal(raw.replace(" ", "").replace("\u00a0", "").replace(",", "."))
    except InvalidOperation as error:
        raise DomainError(_("Écrivez un nombre, par exemple 12,5.")) from error
    if not value.is_finite() or abs(value) >= 10**12:
        raise DomainError(_("Ce nombre est trop grand."))
    if field.minimum is not None and value < field.minimum or field.maximum is not None and value > field.maximum:
        raise DomainError(_("Ce nombre est hors des limites demandées."))
    return value


def _day(raw):
    try:
        value = datetime.strptime(raw, "%Y-%m-%d").date()  # noqa: DTZ007 -- a day has no zone
    except ValueError as error:
        raise DomainError(_("Écrivez une date, par exemple 2005-09-30.")) from error
    if not 1900 <= value.year <= 2100:
        raise DomainError(_("Cette date est trop ancienne ou trop lointaine."))
    return value


def keep(answer, value):
    """Keep a value where lists, filters, exports and documents read it."""
    clear(answer)
    setattr(answer, COLUMNS[answer.form_field.kind], value)


def put_aside(answer, raw):
    """Keep what was typed out of everything that reads answers, until its question is asked again."""
    clear(answer)
    if not raw:
        return
    if answer.form_field.kind == FieldKind.MULTIPLE:
        answer.value_text = "\n".join(raw)
    else:
        answer.value_choices = {ASIDE: raw}


def clear(answer):
    """Take the value of an answer out, wherever it is kept."""
    for name in {*COLUMNS.values()}:
        setattr(answer, name, None)


def plain(answer):
    """Return an answer as a JSON-ready value, the name of a file; None when it is empty or put aside."""
    if answer.form_field.kind == FieldKind.FILE:
        return answer.file_version.original_name if answer.file_version is not None else None
    value = getattr(answer, COLUMNS[answer.form_field.kind])
    return str(value) if isinstance(value, Decimal | date) else value


def raw(answer):
    """Return an answer, even put aside, as its form field shows it again: a text, or the list of keys chosen."""
    kind = answer.form_field.kind
    if kind == FieldKind.MULTIPLE:
        return answer.value_choices or (answer.value_text or "").split()
    if isinstance(answer.value_choices, dict):
        return answer.value_choices[ASIDE]
    return as_typed(kind, plain(answer))


def as_typed(kind, value):
    """Return a plain value as a person types it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    text = value if isinstance(value, list) else str(value)
    return text.rstrip("0").rstrip(".") if kind == FieldKind.NUMBER and "." in text else text
