"""Taking back a bulk act or a release while its messages are held: each dossier as it was, unless something happened since (domain D23)."""

from datetime import timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app import access, clock, journal, orm, parameters, transitions, workflow
from app.enums import JobState, LedgerState, LineState, Stage
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import CandidatureEvent, Decision, Job, JobLine, Note, OutboxMessage, Promotion, Tag
from app.notifications import outbox
from app.operations import acts, jobs, notes, promotions

WITHIN = timedelta(hours=24)  # for an act that writes to nobody
UNDOABLE = ("act", "release")
CORRECTION, DATES = ("individual_return_by", "correction_comment"), ("individual_return_by", "individual_confirm_by")
PUBLICATION = ("individual_confirm_by", "withdrawal_reason_id", "is_answer_automatic", "reminded_answer_at")


def until(job):
    """Return until when a job may be taken back (UTC), or None when it may not: not ended, of another kind, or undone."""
    is_ended = job.kind in UNDOABLE and job.state in (JobState.DONE, JobState.STOPPED, JobState.FAILED)
    if not is_ended or not job.done_count or job.ended_at is None:
        return None
    if not acts.act_of(job).has_message:
        return job.ended_at + WITHIN
    hold = timedelta(minutes=parameters.get("HOLD_MINUTES"))
    return acts.held_until(job, job.ended_at) if hold else None


def ask(job, *, actor):
    """Ask a worker to take back what a job did; the caller commits.

    Raises:
        NotAllowed: it is another person's. DomainError: it is too late, or asked already.
    """
    if job.created_by_id != actor.id:
        raise NotAllowed(_("Ce travail n’est pas le vôtre."))
    db.session.flush()
    db.session.refresh(job, with_for_update={"of": Job})
    before = db.session.get(Job, job.parameters.get("undo", 0))
    if before is not None and before.state in jobs.LIVE:
        return before
    end = until(job)
    if end is None or end <= clock.now():
        raise DomainError(_("Il est trop tard pour annuler : les courriels sont partis, ou rien n’a été fait."))
    done = select(JobLine.candidature_id).where(JobLine.job_id == job.id, JobLine.state == LineState.DONE)
    numbers = db.session.scalars(done.order_by(JobLine.position.desc())).all()
    if not numbers:
        raise DomainError(_("Tout est déjà annulé."))
    given = {"act": job.parameters["act"], "job": job.id}
    undo = jobs.ask("undo", actor=actor, title=_("Annuler : %(title)s", title=job.title), parameters=given, candidature_ids=numbers)
    job.parameters = {**job.parameters, "undo": undo.id}
    return undo


def _take_back(candidature, undo, actor, line):
    act = acts.act_of(undo)
    if not access.can(actor, act.right, candidature, write=True):
        raise NotAllowed(acts.NO_RIGHT)
    now = workflow.lock(candidature, seats=True)
    chosen = select(JobLine).where(JobLine.job_id == undo.parameters["job"], JobLine.candidature_id == candidature.id)
    done = db.session.scalar(chosen.where(JobLine.state == LineState.DONE).with_for_update(of=JobLine))
    if done is None:
        raise DomainError(_("C’est déjà annulé sur ce dossier."))
    event = db.session.get(CandidatureEvent, done.event_id) if done.event_id else None
    if event is not None:
        _check_nothing_since(candidature, event)
    _check_nobody_called(candidature, done)
    if not outbox.recall(done.before["messages"]):
        raise DomainError(_("Le courriel est déjà parti : changez l’avis ou le statut depuis le dossier, le candidat en sera averti."))
    done.state = LineState.UNDONE
    made = act.undo(candidature, done, event, actor, now)
    promotions.arrange(candidature.offering, now=now)
    return made


def _check_nobody_called(candidature, done):
    """Refuse when the act has called somebody else from the list: that person's place and message stand."""
    others = select(OutboxMessage.id).where(
        OutboxMessage.key.in_(done.before["messages"]),
        OutboxMessage.candidature_id != candidature.id,
        OutboxMessage.candidate_id.is_not(None),
    )
    if db.session.scalar(others.limit(1)) is not None:
        raise DomainError(_("Une autre personne de la liste a été appelée par cet acte : il ne s’annule plus ici."))


# what somebody may have done since and that undoing would wipe, even when no axis moved
DONE_SINCE = frozenset({*transitions.TRANSITIONS, "deadline", "rank", "deposit", "remove_piece", "not_concerned", "form"})


def _check_nothing_since(candidature, event):
    """Refuse when the act is no longer the last thing that moved the dossier."""
    later = select(CandidatureEvent).where(CandidatureEvent.candidature_id == candidature.id, CandidatureEvent.sequence > event.sequence)
    if any(row.before != row.after or row.action in DONE_SINCE for row in db.session.scalars(later)):
        raise DomainError(_("Ce dossier a changé depuis : ouvrez-le pour voir ce qui s’y est passé."))
    called = select(Promotion.id).where(Promotion.freed_by_id == candidature.id, Promotion.at >= event.at)
    if db.session.scalar(called.limit(1)) is not None:
        raise DomainError(_("La place que cet avis a libérée est déjà proposée à une autre personne."))


def _close(undo, actor):
    """Say that the whole job is undone once none of its lines stands."""
    job = db.session.get(Job, undo.parameters["job"])
    left = select(JobLine.id).where(JobLine.job_id == job.id, JobLine.state == LineState.DONE)
    if db.session.scalar(left.limit(1)) is None:
        job.state = JobState.UNDONE


jobs.register(jobs.Kind("undo", each=_take_back, ended=_close))


# --- how each act is taken back; the dossier is locked and its messages are recalled ---


def status(candidature, line, event, actor, now):
    """Give back the file status, its dates, and what was asked to correct."""
    return _apply("undo_status", candidature, line, actor, now, lambda: _put_back(candidature, line, CORRECTION))


def track(candidature, line, event, actor, now):
    """Give back the access track."""
    return _apply("undo_track", candidature, line, actor, now)


def track_validation(candidature, line, event, actor, now):
    """Take back the favourable opinion that validating the direct access published; it stays in the history of opinions."""
    return _apply("undo_track_validation", candidature, line, actor, now, lambda: _put_back(candidature, line, PUBLICATION))


def proposal(candidature, line, event, actor, now):
    """Give back the opinion that stood in preparation before, or none."""
    return _apply("undo_proposal", candidature, line, actor, now, lambda: _put_back_draft(candidature, line))


def validation(candidature, line, event, actor, now):
    """Leave the opinion proposed, and no longer validated."""
    return _apply("unvalidate", candidature, line, actor, now, lambda: _put_back_draft(candidature, line))


def discard(candidature, line, event, actor, now):
    """Write again the opinion in preparation that was deleted."""
    return _apply("undo_discard", candidature, line, actor, now, lambda: _put_back_draft(candidature, line))


def publication(candidature, line, event, actor, now):
    """Leave the opinion validated, and no longer published; the one published before stands again with its answer."""
    decision = _published(candidature)

    def change():
        orm.put_back(decision, line.before["draft"])
        decision.published_at = decision.published_by_id = None
        _put_back(candidature, line, PUBLICATION)
        if line.before["enrolment"] and candidature.enrolment_line is not None:
            candidature.enrolment_line.state = LedgerState(line.before["enrolment"])

    return _apply("recall", candidature, line, actor, now, change)


def dates(candidature, line, event, actor, now):
    """Give back the individual dates."""
    _put_back(candidature, line, DATES)
    given = {"return_by": line.before["side"]["individual_return_by"], "confirm_by": line.before["side"]["individual_confirm_by"]}
    return journal.record("deadline", candidature, actor=actor, details=given, now=now)


def tags(candidature, line, event, actor, now):
    """Take off the tags that were put, and put on again those that were taken off."""
    before = set(line.before["more"])
    values = line.job.parameters["values"]
    rows = {number: db.session.get(Tag, number) for number in (*values.get("put", ()), *values.get("off", ()))}
    put = [rows[number] for number in values.get("off", ()) if number in before and rows[number] is not None]
    off = [rows[number] for number in values.get("put", ()) if number not in before and rows[number] is not None]
    notes.change_tags(candidature, actor=actor, put=put, off=off)


def note(candidature, line, event, actor, now):
    """Remove the note that was added."""
    chosen = select(Note).where(Note.candidature_id == candidature.id, Note.id.not_in(line.before["more"]))
    mine = chosen.where(Note.author_id == actor.staff_member.id, Note.text == line.job.parameters["values"]["note"].strip())
    row = db.session.scalar(mine.order_by(Note.id).limit(1))
    if row is None:
        raise DomainError(_("La note a déjà été retirée."))
    notes.remove(row, actor=actor)


def message(candidature, line, event, actor, now):
    """Say in the history that the message never left."""
    return journal.record("unsend", candidature, actor=actor, now=now)


def _apply(name, candidature, line, actor, now, change=None):
    return workflow.apply(name, candidature, actor=actor, now=now, change=change, kept=line.before["kept"])


def _put_back(candidature, line, names):
    orm.put_back(candidature, {name: line.before["side"][name] for name in names})


def _put_back_draft(candidature, line):
    draft = next((decision for decision in candidature.decisions if decision.published_at is None), None)
    kept = line.before["draft"]
    if kept is None:
        db.session.delete(draft)
        return
    if draft is None:
        draft = Decision(candidature_id=candidature.id, stage=Stage(kept["stage"]))
        db.session.add(draft)
    orm.put_back(draft, kept)


def _published(candidature):
    return db.session.get(Decision, candidature.published_decision_id)
