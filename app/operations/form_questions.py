"""The questions of a draft: added, changed, put in order and taken out; each has a key that follows it from version to version."""

import re

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app import formats
from app.errors import Conflict, DomainError
from app.extensions import db
from app.models import FormField, FormVersion
from app.operations import audit, conditions, ordering
from app.search_text import normalised

LONGEST_KEY, MOST_QUESTIONS, STEP = 50, 200, 10


def add(draft, values, *, actor):
    """Add a question at the end of a draft; return it.

    Args:
        values: {column: value}, as `check` takes them.
    Raises:
        DomainError: it could not be asked as it stands, or there are too many.
    """
    if len(draft.fields) >= MOST_QUESTIONS:
        raise DomainError(_("Un formulaire a %(most)s questions au plus : faites-en un second.", most=MOST_QUESTIONS))
    last = max((field.position for field in draft.fields), default=0)
    question = FormField(key=_new_key(draft, values["label"]["fr"]), position=last + STEP, **values)
    check(question, draft)
    draft.fields.append(question)
    db.session.flush()
    audit.record("create", question, actor=actor, changes={"key": [None, question.key]})
    return question


def change(question, values, *, actor, seen_version):
    """Change a question of a draft.

    Raises:
        Conflict: somebody changed it meanwhile. DomainError: it could not be asked as it would stand.
    """
    _check_seen(question, seen_version)
    with db.session.no_autoflush:  # the audit reads the change before it is written
        for name, value in values.items():
            setattr(question, name, value)
        check(question, question.form_version)
        changes = audit.changes_of(question)
    if changes:
        db.session.flush()
        audit.record("update", question, actor=actor, changes=changes)


def remove(question, *, actor, seen_version):
    """Take a question out of a draft: what is published keeps it.

    Raises:
        Conflict: somebody changed it meanwhile. DomainError: another question depends on it.
    """
    _check_seen(question, seen_version)
    dependent = next((field for field in question.form_version.fields if field.condition_key == question.key), None)
    if dependent is not None:
        label = formats.translated(dependent.label)
        raise DomainError(_("« %(label)s » dépend de cette question : changez d’abord sa condition.", label=label))
    audit.record("delete", question, actor=actor, changes={"key": [question.key, None]})
    question.form_version.fields.remove(question)
    db.session.flush()


def move(question, beside, *, is_after, actor, seen_version):
    """Put a question before or after another of its draft.

    Args:
        beside: primary key of the other.
    Raises:
        Conflict: somebody moved or changed it meanwhile. DomainError: the other is not of the same draft.
    """
    rows = ordering.siblings(question, FormField.form_version_id == question.form_version_id)
    for each, position in ordering.places(rows, question, beside, is_after=is_after, seen_version=seen_version):
        audit.record("update", each, actor=actor, changes={"position": [each.position, position]})
        each.position = position
    db.session.flush()


def check(question, draft):
    """Refuse a question that could not be asked as it stands among those before it.

    Raises:
        DomainError: what is wrong, in a sentence.
    """
    others = [field for field in conditions.in_order(draft.fields) if field is not question]
    conditions.check_alone(question)
    conditions.check_condition(question, {field.key: field for field in others if field.position < question.position})


def sources(draft, question=None):
    """Return the questions of a draft on which one may depend: those before it, all of them for a new one."""
    fields = [field for field in conditions.in_order(draft.fields) if field.kind not in conditions.SILENT]
    return fields if question is None else [field for field in fields if field.position < question.position]


def slug(text, taken, otherwise):
    """Return a key made of the words of a text, that is not taken yet."""
    words = re.sub(r"[^a-z0-9]+", "_", normalised(text)).strip("_")[: LONGEST_KEY - 4].strip("_") or otherwise
    key, number = words, 2
    while key in taken:
        key, number = f"{words}_{number}", number + 1
    return key


def _new_key(draft, label):
    """Return a key that no question of any version of the form ever had."""
    used = select(FormField.key).join(FormVersion).where(FormVersion.form_id == draft.form_id)
    return slug(label, set(db.session.scalars(used)), "question")


def _check_seen(question, seen_version):
    if question.version != seen_version:
        raise Conflict(_("Quelqu’un a changé cette question depuis que vous avez ouvert la page : rechargez-la, puis recommencez."))
