"""The journal of changes as people read it: who did what to what, before and after, why; found by person, object, act and day."""

from datetime import date, datetime, timedelta

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from sqlalchemy import Enum, String, cast

from app import access, clock, models, parameters
from app.admin.base import ManagedView, readable
from app.admin.instants import is_closing
from app.enums import FileStatus, Functionality
from app.models import AuditEntry
from app.orm import UtcDateTime

ACTIONS = {
    "create": lazy_gettext("Création"),
    "update": lazy_gettext("Modification"),
    "delete": lazy_gettext("Suppression"),
    "export": lazy_gettext("Export"),
    "grant": lazy_gettext("Droit donné"),
    "ungrant": lazy_gettext("Droit retiré"),
    "invite": lazy_gettext("Invitation renvoyée"),
    "password_link": lazy_gettext("Lien de nouveau mot de passe envoyé"),
    "run": lazy_gettext("Traitement lancé à la main"),
    "over_capacity": lazy_gettext("Place donnée au-delà de la capacité"),
}
OBJECTS = {  # what has no screen of its own
    "BatchSchedule": lazy_gettext("Horaires des traitements"),
    "Note": lazy_gettext("Notes internes"),
    "Opinion": lazy_gettext("Opinions"),
    "Parameter": lazy_gettext("Paramètres"),
    "Recusal": lazy_gettext("Récusations"),
}
LABELS = {
    "grants": lazy_gettext("Droits"),
    "email": lazy_gettext("Adresse électronique"),
    "signature": lazy_gettext("Signature des lettres"),
    "visible_statuses": lazy_gettext("Dossiers visibles"),
    "is_president": lazy_gettext("Préside la commission"),
    "value": lazy_gettext("Valeur"),
    "kind": lazy_gettext("Opinion"),
    "total": lazy_gettext("Total"),
    "marks": lazy_gettext("Notes par critère"),
}
LEVELS = {None: lazy_gettext("fermé"), "read": lazy_gettext("lecture"), "write": lazy_gettext("écriture")}
ASKED = ("personne", "acte", "objet", "numero", "du", "au")  # what the form of the journal sends


class AuditEntryView(ManagedView):
    """The list, narrowed by the journal's own form."""

    list_template, cell_limit = "admin/gestion/changes.html", 1500
    has_filters = False  # it has its own, which say nothing of what is reserved

    def get_query(self):
        return super().get_query().filter(*self._asked())

    def get_count_query(self):
        return super().get_count_query().filter(*self._asked())

    def _asked(self):
        """Return the conditions of the form; what is no value of the vocabulary or no day narrows nothing."""
        asked = {name: request.args.get(name, "").strip()[:100] for name in ASKED}
        parts = []
        if asked["personne"]:
            parts.append(AuditEntry.actor_name.icontains(asked["personne"], autoescape=True))
        if asked["acte"] in ACTIONS:
            parts.append(AuditEntry.action == asked["acte"])
        if asked["objet"] in dict(_objects()):
            parts.append(AuditEntry.entity == asked["objet"])
        if asked["numero"]:
            parts.append(cast(AuditEntry.entity_id, String) == asked["numero"])
        first, last = _day(asked["du"]), _day(asked["au"])
        if first:
            parts.append(AuditEntry.at >= clock.opening_of(first))
        if last:
            parts.append(AuditEntry.at < clock.opening_of(last + timedelta(days=1)))
        return parts

    def list_context(self, rows):
        asked = {name: request.args[name][:100] for name in ASKED if request.args.get(name)}
        own = {"asked": asked, "actions": ACTIONS.items(), "objects": _objects(), "filter_args": asked, "is_narrowed": bool(asked)}
        return super().list_context(rows) | own

    def shown(self, model, name):
        if name == "entity":
            return _object(model.entity)
        if name == "action":
            return ACTIONS.get(model.action, model.action)
        if name == "entity_id" and model.entity == "Parameter" and model.entity_id in parameters.DEFINITIONS:
            return parameters.DEFINITIONS[model.entity_id].label
        if name == "reason" and _is_reserved(model):
            return ""
        return _changes(model) if name == "changes" else super().shown(model, name)


def _day(text):
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None


def _objects():
    """Return [(name kept, words)] of everything that the journal may be about, in the order of the words."""
    managed = {name: model.__managed__.plural for name, model in vars(models).items() if hasattr(model, "__managed__")}
    return sorted(((name, str(words)) for name, words in {**OBJECTS, **managed}.items()), key=lambda pair: pair[1])


def _object(name):
    meta = getattr(getattr(models, name, None), "__managed__", None)
    return meta.plural if meta else OBJECTS.get(name, name)


# what only those may read who have the right to it where it is written, the journal included
RESERVED = {
    "Note": Functionality.NOTES,
    "Opinion": Functionality.OPINIONS,
    "Recusal": Functionality.OPINIONS,
    "Candidate": Functionality.CANDIDATES,
}


def _is_reserved(entry):
    right = RESERVED.get(entry.entity)
    return right is not None and not access.can(current_user, right)


def _changes(entry):
    if entry.changes is None:
        return _("effacé avec les données de la personne")
    if _is_reserved(entry):
        return _("réservé aux personnes qui ont ce droit")
    entity, lines = getattr(models, entry.entity, None), []
    for name, (before, after) in entry.changes.items():
        label, words = _words(entity, name)
        lines.append(_("%(label)s : %(before)s → %(after)s", label=label, before=words(before), after=words(after)))
    return " ; ".join(lines)


def _words(entity, name):
    """Return the label of a changed attribute, and the function that says a value of it."""
    kind, _colon, code = name.partition(":")
    if kind == "right" and code in Functionality.__members__:
        return Functionality[code].label, lambda level: str(LEVELS.get(level, level))
    if name == "visible_statuses":
        return LABELS[name], _statuses
    attribute = getattr(entity, name, None)
    label = (getattr(attribute, "info", None) or {}).get("label") or LABELS.get(name, name)
    return label, lambda value: _human(attribute, value)


def _statuses(names):
    return _("tous") if names is None else ", ".join(str(FileStatus(name).label) for name in names)


def _human(attribute, value):
    """Return a value of the journal as its column's screen would show it."""
    kind = getattr(attribute, "type", None)
    if value is not None and isinstance(kind, Enum):
        value = kind.enum_class(value)
    if value is not None and isinstance(kind, UtcDateTime):
        value = datetime.fromisoformat(value)
    return readable(value, closing=is_closing(getattr(attribute, "key", ""))) or "—"
