"""The history of a dossier in plain words, for the candidate and for staff."""

from flask_babel import lazy_gettext

STORIES = {
    "create": lazy_gettext("Candidature créée"),
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


def story(event, names):
    """Return (what happened, who did it, to which piece or form) for the candidate, or None for what only staff sees.

    Args:
        names: {("piece" or "form", code): name}; what is no longer there, or was erased, has none.
    """
    words = STORIES.get(event.action)
    if words is None:
        return None
    details = event.details or {}
    closer = (found for (action, key, value), found in CLOSER.items() if action == event.action and details.get(key, ...) == value)
    name = next((names[kind, details[kind]] for kind in ("piece", "form") if (kind, details.get(kind)) in names), None)
    return next(closer, words), ACTORS[event.actor_kind], name
