"""The history of a candidature: one event per act under its lock, chained by digests so that nobody rewrites it unseen."""

import hashlib
import json
import secrets
from contextlib import contextmanager
from contextvars import ContextVar

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import clock
from app.access import SYSTEM
from app.errors import DomainError
from app.extensions import db
from app.models import (
    Candidate,
    Candidature,
    CandidatureEvent,
    EnrolmentLine,
    EnrolmentProposal,
    FileVersion,
    FormAnswer,
    FormResponse,
    Offering,
    SubmittedPiece,
    Transmission,
)

GENESIS = "0" * 64
AXES = ("file_status", "track", "track_validated", "draft", "outcome", "answer", "cancelled")
DOSSIER = (SubmittedPiece, FileVersion, FormResponse, FormAnswer, Transmission, EnrolmentLine, EnrolmentProposal)


_reason: ContextVar[str | None] = ContextVar("acting_reason", default=None)


@contextmanager
def in_place_of_candidate(reason):
    """Keep a reason with every event that staff records meanwhile: the candidate reads it in the timeline (domain D22)."""
    token = _reason.set(reason)
    try:
        yield
    finally:
        _reason.reset(token)


def lock(candidature, *, person=False, seats=False):
    """Lock a candidature's row, read its dossier anew, and return the instant read after the lock (trust R7, F23).

    Args:
        person: whether the act changes what the person's candidatures share; they are then all locked first, in one order.
        seats: whether the act may give, free or queue for a place; the offering is then locked before any candidature,
            always in this order, so that two such acts wait for each other and never cross (domain D12).
    Raises:
        DomainError: the campaign is archived: nothing in its dossiers changes any more.
    """
    db.session.flush()
    if seats:
        db.session.execute(select(Offering.id).where(Offering.id == candidature.offering_id).with_for_update(key_share=True))
    if person:
        owner = candidature.candidate_id
        db.session.execute(select(Candidate.id).where(Candidate.id == owner).with_for_update(key_share=True))
        db.session.execute(select(Candidature.id).where(Candidature.candidate_id == owner).order_by(Candidature.id).with_for_update())
    for row in db.session.identity_map.values():  # what was read before the lock may have changed while we waited
        if isinstance(row, DOSSIER):
            db.session.expire(row)
    db.session.scalars(_locked(candidature.id)).one()
    db.session.expire(candidature, ["published_decision", "transmissions", "enrolment_line"])
    check_not_archived(candidature)
    return clock.now()


def check_not_archived(candidature):
    """Refuse to change a dossier of an archived campaign.

    Raises:
        DomainError: it is archived.
    """
    if candidature.campaign.archived_at is not None:
        raise DomainError(_("La campagne de ce dossier est archivée : il se lit, mais rien n’y change plus."))


def _locked(candidature_id):
    chosen = select(Candidature).where(Candidature.id == candidature_id).with_for_update(of=Candidature)
    chosen = chosen.options(selectinload(Candidature.pieces).joinedload(SubmittedPiece.file_version), selectinload(Candidature.decisions))
    return chosen.execution_options(populate_existing=True)


def state_of(candidature):
    """Return the candidature's place on every axis, as plain values."""
    drafts = [decision.stage.value for decision in candidature.decisions if decision.published_at is None]
    return {
        "file_status": candidature.file_status.value,
        "track": candidature.access_track.value if candidature.access_track else None,
        "track_validated": candidature.track_validated_at is not None,
        "draft": drafts[-1] if drafts else None,
        "outcome": candidature.outcome.value if candidature.outcome else None,
        "answer": candidature.answer.value if candidature.answer else None,
        "cancelled": candidature.cancelled_at is not None,
    }


def record(action, candidature, *, actor, before=None, details=None, now=None, command_key=None):
    """Append an event to a candidature's history; the caller holds the row's lock and commits.

    Args:
        actor: a `User`, or `access.SYSTEM`.
        before: state before the act; the present one for an act that moves no axis.
        details: what people may read of it (personal values: erasable, only their digest is chained).
        now: instant of the act in UTC.
        command_key: key of the command, so that the same one sent twice is done once (trust R6).
    Returns:
        The flushed `CandidatureEvent`.
    """
    sequence, digest = _last_link(candidature)
    if _reason.get() is not None and kind_of(actor) == "STAFF":
        details = {**(details or {}), "in_place": _reason.get()}
    after = state_of(candidature)
    event = CandidatureEvent(
        candidature_id=candidature.id,
        sequence=sequence + 1,
        at=now or clock.now(),
        action=action,
        actor_kind=kind_of(actor),
        actor_id=actor.id,
        command_key=command_key,
        before=before if before is not None else after,
        after=after,
        details=details or None,
        details_salt=secrets.token_hex(16) if details else None,
        previous_digest=digest,
    )
    event.details_digest = _details_digest(event)
    event.digest = _digest(event)
    db.session.add(event)
    db.session.flush()
    return event


def _last_link(candidature):
    """Return (sequence, digest) of the last event of a candidature: where the next one hooks on."""
    events = select(CandidatureEvent.sequence, CandidatureEvent.digest).where(CandidatureEvent.candidature_id == candidature.id)
    return db.session.execute(events.order_by(CandidatureEvent.sequence.desc()).limit(1)).first() or (0, GENESIS)


def kind_of(actor):
    """Return who acts: SYSTEM, CANDIDATE or STAFF."""
    if actor is SYSTEM:
        return "SYSTEM"
    return "CANDIDATE" if actor.candidate is not None else "STAFF"


def already_done(action, candidature, command_key):
    """Return the event of a command already carried out on a candidature, or None.

    Raises:
        DomainError: the key has served for another act, which a form of ours never does.
    """
    if command_key is None:
        return None
    done = db.session.scalar(
        select(CandidatureEvent).where(CandidatureEvent.candidature_id == candidature.id, CandidatureEvent.command_key == command_key)
    )
    if done is not None and done.action != action:
        raise DomainError(_("Cette page a déjà servi. Rechargez-la pour voir où en est le dossier."))
    return done


def verify(candidature_id):
    """Check the chain of one candidature.

    Raises:
        DomainError: naming the first broken event (trust T18).
    """
    previous, state = GENESIS, None
    events = select(CandidatureEvent).where(CandidatureEvent.candidature_id == candidature_id).order_by(CandidatureEvent.sequence)
    for expected, event in enumerate(db.session.scalars(events), start=1):
        intact = event.sequence == expected and event.previous_digest == previous and event.digest == _digest(event)
        kept = event.details is None or event.details_digest == _details_digest(event)
        follows = state is None or event.before == state
        if not (intact and kept and follows):
            raise DomainError(f"candidature {candidature_id}: event {expected} (row {event.id}) was altered or is missing")
        previous, state = event.digest, event.after
    return state


def verify_all():
    """Check every chain, in batches; return (number of candidatures checked, sentences naming the broken ones)."""
    broken, last, checked = [], 0, 0
    while True:
        page = select(CandidatureEvent.candidature_id).where(CandidatureEvent.candidature_id > last)
        ids = db.session.scalars(page.group_by(CandidatureEvent.candidature_id).order_by(CandidatureEvent.candidature_id).limit(500)).all()
        if not ids:
            return checked, broken
        for candidature_id in ids:
            try:
                verify(candidature_id)
            except DomainError as error:
                broken.append(str(error))
        checked, last = checked + len(ids), ids[-1]
        db.session.expire_all()


def canonical(value):
    """Return the one way in which a value is written before it is digested."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str).encode()


def _details_digest(event):
    if event.details is None:
        return hashlib.sha256(b"").hexdigest()
    return hashlib.sha256((event.details_salt or "").encode() + canonical(event.details)).hexdigest()


def _digest(event):
    covered = {
        "candidature": event.candidature_id,
        "sequence": event.sequence,
        "at": event.at.isoformat(timespec="microseconds"),
        "action": event.action,
        "kind": event.actor_kind,
        "before": event.before,
        "after": event.after,
        "details": event.details_digest,
        "previous": event.previous_digest,
    }
    return hashlib.sha256(canonical(covered)).hexdigest()
