"""The fields of bulk acts: what a form sent says, as the JSON values of the act; what is wrong is told beside its field."""

import re
from datetime import datetime

from flask_babel import lazy_gettext as _

from app import formats
from app.admin import instants
from app.enums import Outcome
from app.errors import DomainError
from app.operations import act_choices, messages
from app.operations.notes import LONGEST as LONGEST_NOTE

LONGEST = 4000  # characters of a comment
CHOOSE = _("Choisissez dans la liste.")


class Choices:
    """What the fields of an act offer to somebody."""

    orders = (
        ("name", _("par nom")),
        ("score", _("par note moyenne, la meilleure d’abord")),
        ("transmitted", _("par date de transmission")),
    )

    def __init__(self, act, actor):
        wants = act.fields
        self.types = act_choices.decision_types(actor) if "decision_type" in wants else []
        self.reasons = act_choices.reasons(actor) if "reason" in wants else []
        self.tags = act_choices.tags(actor) if "put" in wants else []
        self.templates = messages.templates() if "text" in wants else []
        self.placeholders = messages.placeholders() if "text" in wants else []
        self.type_options = [(kind.id, f"{formats.translated(kind.name)} ({kind.outcome.label})") for kind in self.types]
        self.reason_options = [(reason.id, formats.translated(reason.name)) for reason in self.reasons]
        self.template_options = [(template.id, formats.translated(template.subject)) for template in self.templates]


def read(act, form, choices):
    """Return the values of an act's fields.

    Raises:
        DomainError: a value cannot be read, or one is lacking; its `field` names it.
    """
    values = {}
    for name in act.fields:
        values |= READERS[name](form, choices)
    if "decision_type" in act.fields:
        _check_proposal(values, choices)
    if "put" in act.fields and not (values["put"] or values["off"]):
        raise DomainError(_("Cochez au moins une étiquette à poser ou à retirer."), field="put")
    if "clear" in act.fields and not (values["return_by"] or values["confirm_by"] or values["clear"]):
        raise DomainError(_("Donnez au moins une date, ou cochez la case qui les retire."), field="return_by")
    return values


def _text(name, longest=LONGEST):
    def reader(form, choices):
        text = form.get(name, "").replace("\x00", "").strip()
        if len(text) > longest:
            raise DomainError(_("Ce texte est trop long : %(most)s caractères au plus.", most=longest), field=name)
        return {name: text}

    return reader


def _date(name, *, closing=True):
    def reader(form, choices):
        try:
            value = instants.typed(form.get(name), closing=closing)
        except DomainError as error:
            raise DomainError(error.sentence, field=name) from error
        return {name: value.isoformat() if value else None}

    return reader


def _chosen(name, rows, form):
    number = form.get(name, "")
    row = next((row for row in rows if str(row.id) == number), None)
    if number and row is None:
        raise DomainError(CHOOSE, field=name)
    return row


def _row(name, attribute):
    def reader(form, choices):
        row = _chosen(name, getattr(choices, attribute), form)
        return {name: row.id if row else None}

    return reader


def _rank(form, choices):
    text = form.get("rank", "").strip()
    if text and not re.fullmatch(r"[1-9][0-9]{0,4}", text, re.ASCII):
        raise DomainError(_("Donnez le rang sur la liste complémentaire (1, 2, 3…)."), field="rank")
    mode, order = form.get("rank_mode"), form.get("order")
    return {
        "rank": int(text) if text else None,
        "rank_mode": "order" if mode == "order" else "same",
        "order": order if order in act_choices.ORDERS else "name",
    }


def _interview(form, choices):
    return _date("interview_at", closing=False)(form, choices) | _text("interview_place", 200)(form, choices)


def _tags(name):
    def reader(form, choices):
        known = {str(tag.id): tag.id for tag in choices.tags}
        asked = form.getlist(name)
        if not set(asked) <= set(known):
            raise DomainError(CHOOSE, field=name)
        return {name: sorted(known[number] for number in set(asked))}

    return reader


def _words(form, choices):
    template = _chosen("template", choices.templates, form)
    subject, text = form.get("subject", "").replace("\x00", "").strip(), form.get("text", "").replace("\x00", "").strip()
    if template is not None and (subject or text):
        raise DomainError(_("Choisissez un modèle, ou écrivez le message : pas les deux."), field="template")
    values = {"subject": template.subject, "text": template.body} if template else {"subject": subject, "text": text}
    messages.check(**values)
    return values


def _note(form, choices):
    values = _text("note", LONGEST_NOTE)(form, choices)
    if not values["note"]:
        raise DomainError(_("Écrivez la note avant de l’ajouter."), field="note")
    return values


def _check_proposal(values, choices):
    kind = next((kind for kind in choices.types if kind.id == values["decision_type"]), None)
    if kind is None:
        raise DomainError(_("Choisissez l’avis."), field="decision_type")
    if kind.outcome == Outcome.REFUSED and not values["reason"]:
        raise DomainError(_("Choisissez le motif du refus."), field="reason")
    if kind.outcome == Outcome.WAITLISTED and not values["rank"]:
        raise DomainError(_("Donnez le rang sur la liste complémentaire (1, 2, 3…)."), field="rank")


READERS = {
    "comment": _text("comment"),
    "return_by": _date("return_by"),
    "confirm_by": _date("confirm_by"),
    "clear": lambda form, choices: {"clear": form.get("clear") == "1"},
    "decision_type": _row("decision_type", "types"),
    "reason": _row("reason", "reasons"),
    "rank": _rank,
    "interview": _interview,
    "put": _tags("put"),
    "off": _tags("off"),
    "subject": lambda form, choices: {},
    "text": _words,
    "note": _note,
}


def said(act, values, choices):
    """Return (label, words) of each value given, as the page of confirmation repeats them."""
    names = {row.id: formats.translated(row.name) for row in (*choices.types, *choices.reasons)}
    tags = {tag.id: tag.name for tag in choices.tags}
    moments = {"return_by": _("Retour avant le"), "confirm_by": _("Réponse avant le"), "interview_at": _("Entretien le")}
    lines = [(label, _moment(values[name], name)) for name, label in moments.items() if values.get(name)]
    lines += [
        (label, names.get(values[name], "")) for name, label in (("decision_type", _("Avis")), ("reason", _("Motif"))) if values.get(name)
    ]
    lines += [
        (label, ", ".join(tags.get(number, "") for number in values[name]))
        for name, label in (("put", _("À poser")), ("off", _("À retirer")))
        if values.get(name)
    ]
    if values.get("rank"):
        words = _("à partir de %(rank)s, dans l’ordre", rank=values["rank"]) if values["rank_mode"] == "order" else values["rank"]
        lines.append((_("Rang"), words))
    if values.get("clear"):
        lines.append((_("Dates individuelles"), _("retirées, sauf celles données ici")))
    texts = {"comment": _("Commentaire"), "note": _("Note"), "interview_place": _("Lieu")}
    return lines + [(label, values[name]) for name, label in texts.items() if values.get(name)]


def _moment(text, name):
    value = datetime.fromisoformat(text)
    return formats.instant(value) if name == "interview_at" else formats.deadline(value)
