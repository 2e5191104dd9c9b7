"""The one door for a candidature's state: a readable table of transitions, and the function that carries one out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from app import access, clock, deadlines, journal, orm, ranks
from app.enums import AccessTrack, Answer, FileStatus, Functionality, Outcome, Stage
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.notifications import announcements

lock = journal.lock  # every operation takes it first
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


# when a file came to a status, kept beside the status itself for lists, exports and the silence clock
STATUS_DATES = {RECEIVED: "received_at", COMPLETE: "completed_at", INCOMPLETE: "incomplete_at"}
# the columns that hold each axis that an act may give back
COLUMNS = {
    "file_status": ("file_status", "file_status_at", *STATUS_DATES.values()),
    "track": ("access_track",),
    "track_validated": ("track_validated_at",),
    "outcome": ("published_decision_id", "outcome", "rank"),
    "answer": ("answer", "answered_at"),
}


def refusal(name, candidature, actor, now=None):
    """Return why an actor cannot do an act now (an exception, not raised), or None when it can be done."""
    transition = TRANSITIONS[name]
    if not _may(transition, candidature, actor):
        return NotAllowed(_("Vous n’avez pas le droit de faire cela sur ce dossier. Demandez-le à la personne qui gère les droits."))
    if not _stands(transition, journal.state_of(candidature)):
        return DomainError(
            _(
                "« %(verb)s » n’est plus possible dans l’état actuel du dossier. Rechargez la page pour voir où il en est.",
                verb=transition.verb,
            )
        )
    try:
        if transition.guard is not None:
            transition.guard(candidature, actor, now or clock.now())
    except DomainError as error:
        return error
    return None


def stands(name, candidature):
    """Whether a candidature's state allows an act, whoever asks."""
    return _stands(TRANSITIONS[name], journal.state_of(candidature))


def available(candidature, actor, now=None):
    """Return the transitions that an actor may carry out now, in the order of the table: the buttons to offer."""
    now = now or clock.now()
    return [act for act in TRANSITIONS.values() if act.is_offered and refusal(act.name, candidature, actor, now) is None]


def apply(name, candidature, *, actor, now=None, details=None, command_key=None, change=None, decision=None, context=None, kept=None):
    """Carry out a transition: check, change, record, announce; the caller holds the row's lock and commits.

    Args:
        name: key of `TRANSITIONS`.
        actor: a `User`, or `access.SYSTEM`.
        now: instant read after the lock, in UTC.
        details: what the history keeps for people (reason, comment); personal values allowed.
        command_key: the same key twice gives the first event and changes nothing (trust R6).
        change: called once everything is checked, to change the rows that go with the act (a decision, a frozen copy);
            what it returns, if anything, is more placeholders.
        decision: the decision that the act publishes; it gives the outcome.
        context: more placeholders for the message.
        kept: what `keep` returned before the act that this one takes back.
    Returns:
        The `CandidatureEvent`.
    Raises:
        NotAllowed: the actor lacks the right. DomainError: the state or a guard refuses.
    """
    done = journal.already_done(name, candidature, command_key)
    if done is not None:
        return done
    now = now or clock.now()
    error = refusal(name, candidature, actor, now)
    if error is not None:
        raise error
    transition = TRANSITIONS[name]
    before, was_listed = journal.state_of(candidature), ranks.is_waiting(candidature)
    context = (change() if change else None) or context
    _move(candidature, transition, now, decision, kept)
    db.session.flush()
    db.session.expire(candidature, ["decisions", "published_decision"])
    if was_listed or ranks.is_waiting(candidature):
        ranks.renew(candidature.offering_id)
    event = journal.record(name, candidature, actor=actor, before=before, details=details, now=now, command_key=command_key)
    _announce(transition, candidature, event, context)
    return event


def _may(transition, candidature, actor):
    kind = journal.kind_of(actor)
    if kind not in transition.who:
        return False
    if kind == STAFF:
        return access.can(actor, transition.right, candidature, write=True)
    return kind == SYSTEM or access.owns(actor, candidature)


def _stands(transition, state):
    return all(state[axis] in allowed for axis, allowed in transition.source.items())


def keep(candidature):
    """Return every axis of a candidature as JSON values, so that an act can be taken back."""
    return orm.plain(candidature, [name for names in COLUMNS.values() for name in names])


def _move(candidature, transition, now, decision, kept):
    """Set the columns that the target names; `draft` lives in the decisions, which the operation has changed."""
    for axis, value in transition.target.items():
        if value == RESTORED:
            orm.put_back(candidature, {name: kept[name] for name in COLUMNS.get(axis, ())})
        elif axis == "file_status":
            candidature.file_status, candidature.file_status_at = value, now
            if value in STATUS_DATES:
                setattr(candidature, STATUS_DATES[value], now)
        elif axis == "track":
            candidature.access_track = value
        elif axis == "track_validated":
            candidature.track_validated_at = now if value else None
        elif axis == "cancelled":
            candidature.cancelled_at = now
        elif axis == "outcome":
            candidature.published_decision_id = decision.id
            candidature.outcome, candidature.rank = decision.decision_type.outcome, decision.rank
        elif axis == "answer":
            candidature.answer, candidature.answered_at = value, now if value else None
    if transition.name == "transmit":
        candidature.transmitted_at, candidature.transmission_count = now, candidature.transmission_count + 1


def _announce(transition, candidature, event, context):
    kind = transition.message
    if kind == "decision":
        kind = f"decision_{candidature.outcome.value.lower()}"
    if kind is not None:
        announcements.to_candidate(kind, candidature, event=event, context=context)
    if transition.alert is not None:
        announcements.to_commission(transition.alert, candidature, event=event)
