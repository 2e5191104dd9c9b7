"""Bulk acts: looked at first without changing anything, done line by line by a worker, held so that they can be taken back (features G7)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from app import access, clock, orm, parameters, workflow
from app.enums import Functionality, JobState, LineState, MessageState
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import Candidate, Candidature, Commission, Decision, Job, JobLine, Offering, OutboxMessage
from app.notifications import outbox
from app.operations import jobs

MOST = 20_000  # candidatures of one act
AT_ONCE = 200  # candidatures looked at in the request itself; more are looked at by a worker
MOVES_SEATS = ("publish", "validate_track")
SLOWEST = timedelta(seconds=1)  # of one line: what lasted longer was no work
PACE = timedelta(milliseconds=50)  # of one line: messages of one act are held until its end
NO_RIGHT = _("Vous n’avez pas, ou plus, le droit de faire cela sur ce dossier.")


@dataclass(frozen=True)
class Act:
    """One act that may be done on many candidatures.

    Attributes:
        name: key of `ACTS`. verb: what its button says.
        right: what it needs, in write, on each candidature.
        call: called as (candidature, values, actor, position) in a transaction; it returns the event made, or None.
        undo: called as (candidature, line, event, actor, now), the dossier locked, its messages taken back.
        check: called as (candidature, values, now, position); it raises what `call` would, and changes nothing.
        transition: the act of the workflow that it carries out, when it is one.
        keep: called as (candidature, values) before; it returns what `undo` will read in `line.before["more"]`.
        fields: what its page asks.
        has_message: whether the candidate is written to.
    """

    name: str
    verb: Any
    right: Functionality
    call: Callable
    undo: Callable
    check: Callable | None = None
    transition: str | None = None
    keep: Callable | None = None
    fields: tuple = ()
    has_message: bool = True


ACTS = {}


def register(*acts):
    """Declare acts (when their module is imported)."""
    ACTS.update({act.name: act for act in acts})


def act_of(job):
    """Return the act that a job does, looks at or takes back."""
    return ACTS[job.parameters["act"]]


# --- looking first ---


def look(act, numbers, values, *, actor):
    """Ask what an act would do on candidatures, in the order of work; the caller commits, then runs it when `is_small`.

    Args:
        numbers: candidatures in the actor's scope. values: JSON values of the act's fields.
    Raises:
        NotAllowed: the actor may do this nowhere. DomainError: none, or too many.
    """
    if not access.can(actor, act.right, write=True):
        raise NotAllowed(NO_RIGHT)
    if not 0 < len(numbers) <= MOST:
        raise DomainError(_("Choisissez de 1 à %(most)s candidatures : précisez le filtre, et recommencez pour les autres.", most=MOST))
    return jobs.ask("preview", actor=actor, title=act.verb, parameters={"act": act.name, "values": values}, candidature_ids=numbers)


def is_small(job):
    """Whether a preview is made in the request that asks for it."""
    return job.total <= AT_ONCE


def refusal(act, candidature, values, actor, now, position):
    """Return why an act would be refused on a candidature, or None; nothing is changed."""
    if not access.can(actor, act.right, candidature, write=True):
        return NO_RIGHT
    if act.transition is not None:
        if not workflow.stands(act.transition, candidature):
            return _("« %(verb)s » ne se fait pas ici. %(standing)s", verb=act.verb, standing=standing(candidature))
        error = workflow.refusal(act.transition, candidature, actor, now)
        if error is not None:
            return error.sentence
    try:
        if act.check is not None:
            act.check(candidature, values, now, position)
    except DomainError as error:
        return error.sentence
    return None


def standing(candidature):
    """Return where a dossier stands, in words: file, draft, published opinion, answer."""
    if candidature.cancelled_at is not None:
        return str(_("La candidature est annulée."))
    draft = next((decision for decision in candidature.decisions if decision.published_at is None), None)
    parts = [
        (_("dossier"), candidature.file_status),
        (_("avis en préparation"), draft.stage if draft else None),
        (_("avis publié"), candidature.outcome),
        (_("réponse"), candidature.answer),
    ]
    words = " ; ".join(f"{name} : {value.label}" for name, value in parts if value is not None)
    return f"{words[:1].upper()}{words[1:]}."


def _look_at(lines, job, actor):
    act, values, now = act_of(job), job.parameters["values"], clock.now()
    rows = rows_of([line.candidature_id for line in lines])
    return [refusal(act, rows[line.candidature_id], values, actor, now, line.position) for line in lines]


def rows_of(numbers):
    """Return {number: candidature} with what acts read of each, in a constant number of queries."""
    offering = joinedload(Candidature.offering)
    chosen = (
        select(Candidature)
        .where(Candidature.id.in_(numbers))
        .options(
            joinedload(Candidature.candidate).joinedload(Candidate.user),
            offering.joinedload(Offering.formation),
            offering.joinedload(Offering.admitted_type),
            offering.joinedload(Offering.commission).joinedload(Commission.centre),
            selectinload(Candidature.decisions).joinedload(Decision.decision_type),
            selectinload(Candidature.pieces),
            joinedload(Candidature.published_decision),
        )
    )
    return {row.id: row for row in db.session.scalars(chosen)}


def _keep_sample(job, actor):
    """Keep with the preview the mail as the first candidate would read it."""
    first = select(JobLine).where(JobLine.job_id == job.id, JobLine.state == LineState.DONE).order_by(JobLine.position).limit(1)
    line, act = db.session.scalar(first), act_of(job)
    if line is None or not act.has_message:
        return
    letters = trial(lambda: act.call(line.candidature, job.parameters["values"], actor, line.position), line.candidature_id)
    job.parameters = {**job.parameters, "letters": letters}


class _Back(Exception):
    pass


def trial(call, candidature_id):
    """Carry something out, read the messages that it writes to one candidature's person (never another's), and undo it all.

    Returns:
        [{"recipient", "subject", "text"}]; none when it is refused.
    """
    letters = []
    try:
        with db.session.begin_nested(), outbox.held(clock.now() + timedelta(days=1)) as keys:
            call()
            written = select(OutboxMessage).where(
                OutboxMessage.key.in_(keys), OutboxMessage.candidature_id == candidature_id, OutboxMessage.candidate_id.is_not(None)
            )
            for row in db.session.scalars(written.order_by(OutboxMessage.id)):
                letters.append({"recipient": row.recipient, "subject": row.subject, "text": row.text})
            raise _Back
    except (_Back, DomainError):
        return letters


def counted(job):
    """Return [(sentence, count)] of a job's refused lines, the most frequent first."""
    number = db.func.count()
    chosen = select(JobLine.sentence, number).where(JobLine.job_id == job.id, JobLine.state == LineState.REFUSED)
    return db.session.execute(chosen.group_by(JobLine.sentence).order_by(number.desc())).tuples().all()


# --- doing ---


def confirm(preview, *, actor, reason=None):
    """Ask a worker to do what a preview said would be done, once however often it is confirmed; the caller commits.

    Raises:
        DomainError: the preview is not ready, or nothing would be done.
    """
    db.session.flush()
    db.session.refresh(preview, with_for_update={"of": Job})
    done = db.session.get(Job, preview.parameters.get("job", 0))
    if done is not None:
        return done
    if preview.state != JobState.DONE:
        raise DomainError(_("L’aperçu n’est pas terminé : attendez qu’il le soit, puis confirmez."))
    act = act_of(preview)
    ready = select(JobLine.candidature_id).where(JobLine.job_id == preview.id, JobLine.state == LineState.DONE)
    numbers = db.session.scalars(ready.order_by(JobLine.position)).all()
    if not numbers:
        raise DomainError(_("Rien n’est faisable dans cette sélection : les raisons sont ci-dessous."))
    given = {"act": act.name, "values": preview.parameters["values"]}
    job = jobs.ask("act", actor=actor, title=act.verb, parameters=given, candidature_ids=numbers, reason=reason)
    preview.parameters = {**preview.parameters, "job": job.id}
    return job


def held_until(job, now, *, position=None):
    """Return until when messages written now by a job are held, so that all leave together once it should have ended.

    Args:
        position: of the line being done: those left are expected to take as long each as those before did,
            and never more than `SLOWEST`: the time when no worker lived is not work.
    """
    hold = timedelta(minutes=parameters.get("HOLD_MINUTES"))
    if not hold:
        return now
    started = job.started_at or now
    left = timedelta(0)
    if position is not None:
        remaining = job.total - position - 1
        left = min((now - started) / (position + 1) * remaining, SLOWEST * remaining)
    return max(now + left, started + PACE * job.total) + hold


def let_leave(job, actor):
    """Let the messages that were held for longer than the work took leave together, once it has ended."""
    until = held_until(job, clock.now())
    rows = db.session.scalars(select(JobLine.before).where(JobLine.job_id == job.id, JobLine.state == LineState.DONE))
    keys = [key for before in rows if before for key in before.get("messages", ())]
    for start in range(0, len(keys), 500):
        late = update(OutboxMessage).where(
            OutboxMessage.key.in_(keys[start : start + 500]),
            OutboxMessage.state == MessageState.PENDING,
            OutboxMessage.attempts == 0,
            OutboxMessage.not_before > until,
        )
        db.session.execute(late.values(not_before=until), execution_options={"synchronize_session": False})


def do(candidature, job, actor, line, *, check=None):
    """Do a job's act on one candidature, and keep what taking it back needs; the runner commits.

    Args:
        check: called as (candidature, job) once the dossier is locked; it raises what refuses the line.
    """
    act, values, now = act_of(job), job.parameters.get("values", {}), clock.now()
    if not access.can(actor, act.right, candidature, write=True):
        raise NotAllowed(NO_RIGHT)
    before = photograph(candidature, seats=act.transition in MOVES_SEATS)
    if check is not None:
        check(candidature, job)
    if act.keep is not None:
        before["more"] = act.keep(candidature, values)
    with outbox.held(held_until(job, now, position=line.position)) as keys:
        event = act.call(candidature, values, actor, line.position)
    line.before = {**before, "messages": keys}
    return event


SIDE = (
    "individual_return_by",
    "individual_confirm_by",
    "correction_comment",
    "withdrawal_reason_id",
    "is_answer_automatic",
    "reminded_answer_at",
)
DRAFT = (
    *("decision_type_id", "stage", "comment", "reason_id", "rank", "interview_at", "interview_place", "confirm_by"),
    *("is_automatic", "created_at", "created_by_id", "validated_at", "validated_by_id"),
)


def photograph(candidature, *, seats):
    """Return what an act may change of a dossier, as JSON; the dossier is locked first so that it stays so."""
    workflow.lock(candidature, seats=seats)
    draft = next((decision for decision in candidature.decisions if decision.published_at is None), None)
    line = candidature.enrolment_line
    return {
        "kept": workflow.keep(candidature),
        "side": orm.plain(candidature, SIDE),
        "draft": orm.plain(draft, DRAFT) if draft else None,
        "enrolment": line.state.value if line else None,
    }


jobs.register(jobs.Kind("preview", many=_look_at, ended=_keep_sample))
jobs.register(jobs.Kind("act", each=do, ended=let_leave))
