"""The one door for a candidature's state: the function that carries out a transition of the table, and what may be offered."""

from flask_babel import lazy_gettext as _

from app import access, clock, journal, orm, ranks
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.notifications import announcements
from app.transitions import COMPLETE, INCOMPLETE, RECEIVED, RESTORED, STAFF, SYSTEM, TRANSITIONS

lock = journal.lock  # every operation takes it first

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
        journal.check_not_archived(candidature)
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
    """Carry out a transition: check, change, record, announce, and return the event; the caller holds the row's lock and commits.

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
    Raises:
        NotAllowed: the actor lacks the right. DomainError: the state or a guard refuses.
    """
    done = journal.already_done(name, candidature, command_key)
    if done is not None:
        return done
    now = now or clock.now()
    transition = _allowed(name, candidature, actor, now)
    before, was_listed = journal.state_of(candidature), ranks.is_waiting(candidature)
    context = (change() if change else None) or context
    _move(candidature, transition, now, decision, kept)
    _settle(candidature, was_listed)
    event = journal.record(name, candidature, actor=actor, before=before, details=details, now=now, command_key=command_key)
    _announce(transition, candidature, event, context)
    return event


def _allowed(name, candidature, actor, now):
    """Return the transition that an actor may carry out now; raise why he may not."""
    error = refusal(name, candidature, actor, now)
    if error is not None:
        raise error
    return TRANSITIONS[name]


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


def _settle(candidature, was_listed):
    """Write what was moved, and renew the ranks of a waiting list that somebody entered or left."""
    db.session.flush()
    db.session.expire(candidature, ["decisions", "published_decision"])
    if was_listed or ranks.is_waiting(candidature):
        ranks.renew(candidature.offering_id)


def _announce(transition, candidature, event, context):
    kind = transition.message
    if kind == "decision":
        kind = f"decision_{candidature.outcome.value.lower()}"
    if kind is not None:
        announcements.to_candidate(kind, candidature, event=event, context=context)
    if transition.alert is not None:
        announcements.to_commission(transition.alert, candidature, event=event)
