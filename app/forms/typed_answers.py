"""What a page sends of the answers to a form: a text each, the list of keys chosen where several may be."""

from app.enums import FieldKind
from app.forms.fields import trimmed

LONGEST = 100_000  # characters kept to be shown again; the largest answer is far below
MOST = 200  # choices read of one question


def read(fields, form):
    """Return {key: what was typed} of the questions shown.

    Args:
        form: a MultiDict.
    """
    return {
        field.key: form.getlist(field.key)[:MOST] if field.kind == FieldKind.MULTIPLE else trimmed(form.get(field.key, "")[:LONGEST])
        for field in fields
    }
