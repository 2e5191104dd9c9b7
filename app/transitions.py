"""The readable table of what can happen to a candidature: each act, who may do it, from which state to which."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from app import deadlines, journal
from app.enums import AccessTrack, Answer, FileStatus, Functionality, Outcome, Stage
from app.errors import DomainError

CANDIDATE, STAFF, SYSTEM = "CANDIDATE", "STAFF", "SYSTEM"
CHOSEN = "…"  # the act itself gives the value: the outcome of the decision published
RESTORED = "↶"  # the act gives back what stood before the one it takes back

WAITING, RECEIVED, INCOMPLETE, COMPLETE = FileStatus
PROPOSED, VALIDATED = Stage.PROPOSED, Stage.VALIDATED
ADMITTED, REFUSED, WAITLISTED, ON_HOLD, SHORTLISTED = Outcome
CONFIRMED, WITHDRAWN = Answer


@dataclass(frozen=True)
class Transition:
    """One act on a candidature.

    Attributes:
        name: the verb in code, the same from the button to the test.
        verb: what the button says.
        who: kinds of actors who may do it.
        right: functionality that a staff member needs, in write.
        source: allowed values of each axis that matters; an axis left out may hold anything.
        target: new value of each axis that changes.
        guard: called with (candidature, actor, now); raises `DomainError` saying what to do next.
        message: kind of message to the candidate (of a decision: by its outcome); alert: to the commission.
        undo: the transition that takes it back, when one does.
        is_offered: whether it is a button of the dossier; the others are carried out by what undoes a bulk act.
    """

    name: str
    verb: str
    who: frozenset
    source: Mapping
    target: Mapping
    right: Functionality | None = None
    guard: Callable | None = None
    message: str | None = None
    alert: str | None = None
    undo: str | None = None
    is_offered: bool = True


def _candidate_in_time(candidature, actor, now):
    if journal.kind_of(actor) == CANDIDATE:
        deadlines.check_return(candidature, now)


def _answer_in_time(candidature, actor, now):
    if journal.kind_of(actor) == CANDIDATE:
        deadlines.check_answer(candidature, now)


def _answer_overdue(candidature, actor, now):
    if not deadlines.is_past(deadlines.answer_by(candidature), now):
        raise DomainError(_("Le délai de réponse n’est pas passé : rien n’est à faire."))


def _never_transmitted(candidature, actor, now):
    if candidature.transmission_count:
        raise DomainError(_("Ce dossier a été transmis : il ne s’annule plus. Vous pouvez vous désister."))


def _handed_over(candidature, actor, now):
    if not candidature.transmission_count and candidature.outcome is None:
        raise DomainError(_("Ce dossier n’est pas transmis : pour y renoncer, annulez la candidature."))


def _has_admission_type(candidature, actor, now):
    kind = candidature.offering.admitted_type
    if kind is None or kind.outcome != ADMITTED:
        raise DomainError(_("Choisissez d’abord l’avis favorable par défaut de cette formation (Ouvertures dans la campagne)."))


def _act(name, verb, who, *, source, target, **rest):
    return Transition(name=name, verb=verb, who=frozenset(who.split()), source={"cancelled": (False,), **source}, target=target, **rest)


BOTH, STAFF_ONLY = "CANDIDATE STAFF", "STAFF"
ACT = Functionality.ACT_FOR_CANDIDATE
OPEN_ANSWER = (None, CONFIRMED)

TRANSITIONS = {
    act.name: act
    for act in (
        # --- the candidate's file ---
        _act(
            "transmit",
            _("Transmettre"),
            BOTH,
            right=ACT,
            source={"file_status": (WAITING, INCOMPLETE), "answer": OPEN_ANSWER},
            target={"file_status": RECEIVED},
            guard=_candidate_in_time,
            message="candidature_transmitted",
            alert="commission_alert_transmission",
        ),
        _act(
            "cancel",
            _("Annuler la candidature"),
            BOTH,
            right=ACT,
            source={"file_status": (WAITING,), "draft": (None,), "outcome": (None,), "answer": (None,)},
            target={"cancelled": True},
            guard=_never_transmitted,
            message="candidature_cancelled",
            alert="commission_alert_cancellation",
        ),
        _act(
            "propose_admission",
            _("Proposer une admission"),
            STAFF_ONLY,
            right=ACT,
            source={"file_status": (WAITING,), "draft": (None,), "outcome": (None,), "answer": (None,)},
            target={"file_status": COMPLETE, "track": AccessTrack.CONTROLLED, "track_validated": True, "draft": PROPOSED},
            guard=_has_admission_type,
            alert="commission_alert_proposal",
            is_offered=False,
        ),
        # --- its examination ---
        _act(
            "receive",
            _("Marquer « reçu »"),
            STAFF_ONLY,
            right=Functionality.FILE_STATUS,
            source={"file_status": (WAITING, INCOMPLETE, COMPLETE)},
            target={"file_status": RECEIVED},
            message="candidature_received",
            undo="reopen",
        ),
        _act(
            "complete",
            _("Marquer « complet »"),
            STAFF_ONLY,
            right=Functionality.FILE_STATUS,
            source={"file_status": (WAITING, RECEIVED, INCOMPLETE)},
            target={"file_status": COMPLETE},
            message="candidature_complete",
            undo="receive",
        ),
        _act(
            "ask_corrections",
            _("Demander des corrections"),
            STAFF_ONLY,
            right=Functionality.FILE_STATUS,
            source={"file_status": (RECEIVED, COMPLETE, INCOMPLETE), "answer": OPEN_ANSWER},
            target={"file_status": INCOMPLETE},
            message="candidature_incomplete",
            undo="receive",
        ),
        _act(
            "reopen",
            _("Remettre « à transmettre »"),
            STAFF_ONLY,
            right=Functionality.FILE_STATUS,
            source={"file_status": (RECEIVED, INCOMPLETE, COMPLETE), "answer": OPEN_ANSWER},
            target={"file_status": WAITING},
            message="candidature_waiting",
            undo="receive",
        ),
        _act(
            "reject_file",
            _("Écarter un fichier illisible"),
            SYSTEM,
            source={"file_status": (RECEIVED, COMPLETE, INCOMPLETE), "answer": OPEN_ANSWER},
            target={"file_status": INCOMPLETE},
            message="candidature_incomplete",
        ),
        # --- the access track ---
        _act(
            "control",
            _("Traiter en accès contrôlé"),
            STAFF_ONLY,
            right=Functionality.SET_TRACK,
            source={"track": (None, AccessTrack.DIRECT), "track_validated": (False,)},
            target={"track": AccessTrack.CONTROLLED, "track_validated": True},
            undo="undecide",
        ),
        _act(
            "direct",
            _("Traiter en accès direct"),
            STAFF_ONLY,
            right=Functionality.SET_TRACK,
            source={"track": (None, AccessTrack.CONTROLLED), "draft": (None,), "outcome": (None,), "answer": (None,)},
            target={"track": AccessTrack.DIRECT, "track_validated": False},
            undo="undecide",
        ),
        _act(
            "undecide",
            _("Remettre le traitement à choisir"),
            STAFF_ONLY,
            right=Functionality.SET_TRACK,
            source={"track": tuple(AccessTrack), "outcome": (None,)},
            target={"track": None, "track_validated": False},
        ),
        _act(
            "validate_track",
            _("Valider l’accès direct"),
            STAFF_ONLY,
            right=Functionality.VALIDATE_TRACK,
            source={"track": (AccessTrack.DIRECT,), "track_validated": (False,), "draft": (None,), "outcome": (None,), "answer": (None,)},
            target={"track_validated": True, "outcome": ADMITTED},
            guard=_has_admission_type,
            message="decision",
        ),
        # --- the decision ---
        _act(
            "propose",
            _("Proposer un avis"),
            STAFF_ONLY,
            right=Functionality.PROPOSE_DECISION,
            source={"draft": (None, PROPOSED)},
            target={"draft": PROPOSED},
            undo="discard",
        ),
        _act(
            "validate",
            _("Valider l’avis"),
            STAFF_ONLY,
            right=Functionality.VALIDATE_DECISION,
            source={"draft": (PROPOSED,)},
            target={"draft": VALIDATED},
            undo="discard",
        ),
        _act(
            "publish",
            _("Publier l’avis"),
            STAFF_ONLY,
            right=Functionality.PUBLISH_DECISION,
            source={"draft": (VALIDATED,)},
            target={"draft": None, "outcome": CHOSEN, "answer": None},
            message="decision",
        ),
        _act(
            "discard",
            _("Supprimer l’avis non publié"),
            STAFF_ONLY,
            right=Functionality.DECISION_HISTORY,
            source={"draft": (PROPOSED, VALIDATED)},
            target={"draft": None},
        ),
        _act(
            "promote",
            _("Appeler depuis la liste complémentaire"),
            "STAFF SYSTEM",
            right=Functionality.SEATS,
            source={"draft": (None,), "outcome": (WAITLISTED,), "answer": (None,)},
            target={"outcome": ADMITTED},
            guard=_has_admission_type,
            message="decision",
            alert="commission_alert_promotion",
        ),
        # --- the answer ---
        _act(
            "confirm",
            _("Confirmer"),
            BOTH,
            right=ACT,
            source={"outcome": (ADMITTED,), "answer": (None,)},
            target={"answer": CONFIRMED},
            guard=_answer_in_time,
            message="answer_confirmed",
            undo="withdraw",
        ),
        _act(
            "withdraw",
            _("Se désister"),
            BOTH,
            right=ACT,
            source={"outcome": (None, ADMITTED, WAITLISTED, ON_HOLD, SHORTLISTED), "answer": OPEN_ANSWER},
            target={"answer": WITHDRAWN},
            guard=_handed_over,
            message="answer_withdrawn",
            alert="commission_alert_withdrawal",
        ),
        _act(
            "withdraw_automatically",
            _("Désistement automatique"),
            SYSTEM,
            source={"outcome": (ADMITTED,), "answer": (None,)},
            target={"answer": WITHDRAWN},
            guard=_answer_overdue,
            message="answer_withdrawn_automatically",
            alert="commission_alert_withdrawal",
        ),
        # --- taking back a bulk act or a release while its messages are held (domain D23) ---
        _act(
            "undo_status",
            _("Annuler le changement de statut"),
            STAFF_ONLY,
            right=Functionality.FILE_STATUS,
            source={},
            target={"file_status": RESTORED},
            is_offered=False,
        ),
        _act(
            "undo_track",
            _("Annuler le choix du traitement"),
            STAFF_ONLY,
            right=Functionality.SET_TRACK,
            source={},
            target={"track": RESTORED, "track_validated": RESTORED},
            is_offered=False,
        ),
        _act(
            "undo_track_validation",
            _("Annuler la validation du traitement"),
            STAFF_ONLY,
            right=Functionality.VALIDATE_TRACK,
            source={"outcome": (ADMITTED,), "answer": (None,)},
            target={"track_validated": RESTORED, "outcome": RESTORED},
            is_offered=False,
        ),
        _act(
            "undo_proposal",
            _("Annuler la proposition"),
            STAFF_ONLY,
            right=Functionality.PROPOSE_DECISION,
            source={"draft": (PROPOSED,)},
            target={"draft": RESTORED},
            is_offered=False,
        ),
        _act(
            "unvalidate",
            _("Annuler la validation de l’avis"),
            STAFF_ONLY,
            right=Functionality.VALIDATE_DECISION,
            source={"draft": (VALIDATED,)},
            target={"draft": PROPOSED},
            is_offered=False,
        ),
        _act(
            "recall",
            _("Rappeler l’avis publié"),
            STAFF_ONLY,
            right=Functionality.PUBLISH_DECISION,
            source={"draft": (None,), "outcome": tuple(Outcome), "answer": (None,)},
            target={"draft": VALIDATED, "outcome": RESTORED, "answer": RESTORED},
            is_offered=False,
        ),
        _act(
            "undo_discard",
            _("Rétablir l’avis non publié"),
            STAFF_ONLY,
            right=Functionality.DECISION_HISTORY,
            source={"draft": (None,)},
            target={"draft": RESTORED},
            is_offered=False,
        ),
    )
}
