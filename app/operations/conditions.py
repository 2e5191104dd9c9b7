"""Which questions of a form are asked of somebody: their conditions on earlier answers and on the profile, and what makes them sound."""

from flask_babel import lazy_gettext as _

from app import audiences, formats
from app.enums import FieldKind
from app.errors import DomainError

LISTS = (FieldKind.CHOICE, FieldKind.MULTIPLE)
YES_OR_NO = ("yes", "no")
SILENT = (FieldKind.SECTION, FieldKind.FILE)  # what takes no answer typed, and on which nothing depends: a title, a file


def in_order(fields):
    """Return the questions of a version in the order in which they are asked."""
    return sorted(fields, key=lambda field: (field.position, field.id or 0))


def reached(fields, candidate):
    """Return, in order, the questions that a profile opens, whatever is answered; all of them without a candidate."""
    return [field for field in in_order(fields) if candidate is None or audiences.reaches(field, candidate)]


def asked(fields, values, candidate=None):
    """Return the keys of what is asked: a question hidden by its condition hides those that depend on it.

    Args:
        values: {key: what is answered}: text, number, day, true or false, list of keys.
        candidate: whose profile counts; None opens every condition on the profile.
    """
    found = set()
    for field in reached(fields, candidate):
        source = field.condition_key
        if not source or source in found and meets(values.get(source), field.condition_value):
            found.add(field.key)
    return found


def as_answered(fields, typed):
    """Return {key: value that conditions compare} of what a page holds, before it is checked.

    Args:
        typed: {key: text, or list of keys}.
    """
    yes = {"yes": True, "no": False}
    return {field.key: yes.get(typed.get(field.key)) if field.kind == FieldKind.YES_NO else typed.get(field.key) for field in fields}


def meets(value, wanted):
    """Whether an answer meets a condition: equal to the wanted one, holding it, or any answer when nothing precise is wanted."""
    if value is None or value in ("", []):
        return False
    if not wanted:
        return True
    if isinstance(value, bool):
        return wanted == ("yes" if value else "no")
    return wanted in value if isinstance(value, list) else wanted == value


def values_of(field):
    """Return the answers that a condition on a question may want, with their words: none, when any answer is the only condition."""
    if field.kind == FieldKind.YES_NO:
        return {"yes": str(_("Oui")), "no": str(_("Non"))}
    return {key: formats.translated(words) for key, words in (field.choices or {}).items()} if field.kind in LISTS else {}


def hints(fields):
    """Return {key: the condition in words} of the questions that depend on an earlier answer."""
    by_key = {field.key: field for field in fields}
    return {field.key: hint(field, by_key[field.condition_key]) for field in fields if field.condition_key in by_key}


def hint(field, source):
    """Return the condition of a question in words, for who reads the form without script and for who builds it."""
    label = formats.translated(source.label)
    if not field.condition_value:
        return str(_("Seulement si vous répondez à « %(source)s ».", source=label))
    value = values_of(source).get(field.condition_value, field.condition_value)
    if source.kind == FieldKind.MULTIPLE:
        return str(_("Seulement si vous choisissez « %(value)s » à « %(source)s ».", source=label, value=value))
    return str(_("Seulement si vous répondez « %(value)s » à « %(source)s ».", source=label, value=value))


def check(fields):
    """Refuse questions that nobody could answer as they stand.

    Raises:
        DomainError: no question, a list without choices, bounds that cross, or a condition that can never be met.
    """
    earlier = {}
    if all(field.kind == FieldKind.SECTION for field in fields):
        raise DomainError(_("Ce formulaire ne pose aucune question : ajoutez-en une."))
    for field in in_order(fields):
        check_alone(field)
        check_condition(field, earlier)
        earlier[field.key] = field


def check_alone(field):
    """Refuse a question that could not be answered, whatever comes before it."""
    label = formats.translated(field.label)
    if field.kind == FieldKind.FILE and field.piece_type_id is None and field.piece_type is None:
        raise DomainError(_("« %(label)s » : dites quelle pièce ce fichier dépose.", label=label))
    if field.kind in LISTS and not field.choices:
        raise DomainError(_("« %(label)s » : donnez au moins un choix.", label=label))
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        raise DomainError(_("« %(label)s » : la valeur minimale dépasse la valeur maximale.", label=label))


def check_condition(field, earlier):
    """Refuse a condition on anything but a question that comes before, or on an answer that it cannot have.

    Args:
        earlier: {key: question} of those before it.
    """
    label = formats.translated(field.label)
    if not field.condition_key:
        if field.condition_value:
            raise DomainError(_("« %(label)s » : dites aussi de quelle question dépend la condition.", label=label))
        return
    source = earlier.get(field.condition_key)
    if source is None or source.kind in SILENT:
        raise DomainError(
            _("« %(label)s » dépend d’une question qui ne la précède pas : placez-la après, ou changez sa condition.", label=label)
        )
    if field.condition_value and field.condition_value not in values_of(source):
        raise DomainError(
            _(
                "« %(label)s » attend une réponse que « %(source)s » ne propose pas : changez sa condition.",
                label=label,
                source=formats.translated(source.label),
            )
        )
