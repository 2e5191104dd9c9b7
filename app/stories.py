"""The history of a dossier in plain words, for the candidate and for staff."""

from datetime import datetime

from flask_babel import gettext, lazy_gettext

from app import formats

STORIES = {
    "create": lazy_gettext("Candidature créée"),
    "propose_admission": lazy_gettext("Dossier préparé par le service"),
    "deposit": lazy_gettext("Pièce déposée"),
    "remove_piece": lazy_gettext("Pièce retirée"),
    "not_concerned": lazy_gettext("Pièce dite « non concerné » ou de nouveau concernée"),
    "form": lazy_gettext("Formulaire rempli"),
    "review": lazy_gettext("Pièce examinée"),
    "deadline": lazy_gettext("Échéance modifiée"),
    "transmit": lazy_gettext("Dossier transmis"),
    "cancel": lazy_gettext("Candidature annulée"),
    "receive": lazy_gettext("Dossier noté « reçu »"),
    "complete": lazy_gettext("Dossier noté « complet »"),
    "ask_corrections": lazy_gettext("Corrections demandées"),
    "reopen": lazy_gettext("Dossier rouvert"),
    "reject_file": lazy_gettext("Fichier illisible écarté : corrections demandées"),
    "validate_track": lazy_gettext("Avis publié"),
    "publish": lazy_gettext("Avis publié"),
    "promote": lazy_gettext("Place proposée depuis la liste complémentaire"),
    "confirm": lazy_gettext("Confirmation"),
    "withdraw": lazy_gettext("Désistement"),
    "withdraw_automatically": lazy_gettext("Désistement automatique, faute de réponse"),
    "message": lazy_gettext("Message du service"),
    "unsend": lazy_gettext("Message annulé avant l’envoi"),
    "undo_status": lazy_gettext("Changement de statut annulé"),
    "undo_track_validation": lazy_gettext("Publication annulée"),
    "recall": lazy_gettext("Publication annulée"),
}
FOR_STAFF = {  # what candidates are not told
    "control": lazy_gettext("Traitement : accès contrôlé"),
    "direct": lazy_gettext("Traitement : accès direct"),
    "undecide": lazy_gettext("Traitement remis à choisir"),
    "propose": lazy_gettext("Avis proposé"),
    "rank": lazy_gettext("Rang du projet d’avis changé"),
    "validate": lazy_gettext("Avis validé"),
    "discard": lazy_gettext("Avis non publié supprimé"),
    "undo_track": lazy_gettext("Choix du traitement annulé"),
    "undo_proposal": lazy_gettext("Proposition d’avis annulée"),
    "unvalidate": lazy_gettext("Validation de l’avis annulée"),
    "undo_discard": lazy_gettext("Avis non publié rétabli"),
    "check_again": lazy_gettext("Nouvelle vérification d’un fichier demandée"),
    "note": lazy_gettext("Note interne ajoutée"),
    "remove_note": lazy_gettext("Note interne retirée"),
    "tags": lazy_gettext("Étiquettes changées"),
    "opinion": lazy_gettext("Opinion donnée"),
    "recuse": lazy_gettext("Récusation"),
    "lift_recusal": lazy_gettext("Récusation levée"),
}
ACTORS = {"CANDIDATE": lazy_gettext("vous"), "STAFF": lazy_gettext("le service"), "SYSTEM": lazy_gettext("automatiquement")}


CLOSER = {
    ("not_concerned", "concerned", False): lazy_gettext("Pièce dite « non concerné »"),
    ("not_concerned", "concerned", True): lazy_gettext("Pièce de nouveau à déposer"),
    ("review", "status", "VALIDATED"): lazy_gettext("Pièce validée"),
    ("review", "status", "REFUSED"): lazy_gettext("Pièce refusée"),
    ("form", "state", "NOT_CONCERNED"): lazy_gettext("Formulaire dit « non concerné »"),
    ("form", "state", "STARTED"): lazy_gettext("Formulaire de nouveau à remplir"),
}
SEVERAL = {"VALIDATED": lazy_gettext("Pièces validées"), "REFUSED": lazy_gettext("Pièces refusées")}


def story(event, names):
    """Return (what happened, who did it, to which piece or form) for the candidate, or None for what only staff sees.

    Args:
        names: {("piece" or "form", code): name}; what is no longer there, or was erased, has none.
    """
    words = STORIES.get(event.action)
    if words is None:
        return None
    details = event.details or {}
    known = [names[key] for key in _keys(details) if key in names]
    who = ACTORS[event.actor_kind]
    if details.get("in_place"):
        who = gettext("le service, à votre place : %(reason)s", reason=details["in_place"])
    return _closest(event) or words, who, ", ".join(str(name) for name in known) or None


def _keys(details):
    """Return the ("piece" or "form", code) of each thing that an event is about."""
    own = [(kind, details[kind]) for kind in ("piece", "form") if details.get(kind)]
    return own + [("piece", code) for code in details.get("reviewed", ())]


def _closest(event):
    """Return the words that say an event best because of its details, or None."""
    details = event.details or {}
    if event.action == "review" and details.get("reviewed"):
        return SEVERAL.get(details.get("status"))
    closer = (found for (action, key, value), found in CLOSER.items() if action == event.action and details.get(key, ...) == value)
    return next(closer, None)


def words_of(event):
    """Return what an event is called in the back office: the closest words there are."""
    return _closest(event) or STORIES.get(event.action) or FOR_STAFF.get(event.action) or event.action


def facts_of(event, names):
    """Return what the history keeps of an event beside its words, line by line, for staff: piece, opinion, rank, dates, comment.

    Args:
        names: {("piece" or "form", code): name}.
    """
    details = event.details or {}
    lines = [names.get(key, key[1]) for key in _keys(details)]
    lines += [details[key] for key in ("type", "reason", "subject") if details.get(key)]
    if details.get("in_place"):
        lines.append(gettext("à la place du candidat : %(reason)s", reason=details["in_place"]))
    if details.get("rank"):
        lines.append(gettext("rang %(rank)s", rank=details["rank"]))
    lines += [f"+ {name}" for name in details.get("put", ())] + [f"− {name}" for name in details.get("off", ())]
    for key, label in (("return_by", gettext("retour avant le")), ("confirm_by", gettext("réponse avant le"))):
        if details.get(key):
            lines.append(f"{label} {formats.deadline(datetime.fromisoformat(details[key]))}")
    return lines + ([details["comment"]] if details.get("comment") else [])
