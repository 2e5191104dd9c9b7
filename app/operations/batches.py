"""The scheduled jobs: purge of unvalidated accounts, reminders, automatic withdrawals; each period is run once."""

from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError

from app import clock, deadlines, parameters
from app.enums import FileStatus, Outcome, RunState
from app.errors import DomainError
from app.extensions import db
from app.models import BatchRun, Candidature, Commission, Decision, FileVersion, Job, Letter, Offering, Photograph, PieceType
from app.notifications import announcements
from app.operations import accounts, candidatures
from app.storage import vault

LEASE = timedelta(minutes=30)
CHUNK = 200


@dataclass(frozen=True)
class Batch:
    """A job: what it does, the hour (Paris) from which it runs each day, and its function (now) -> number done."""

    name: str
    title: str
    hour: int
    call: object


def purge_accounts(now):
    """Delete the accounts that nobody validated in time."""
    total = 0
    while done := accounts.purge_unvalidated(now, limit=CHUNK):
        db.session.commit()
        total += done
    return total


def remind_return(now):
    """Write to those whose dossier is not transmitted, some days before its deadline, once (domain A2.10)."""
    until = now + timedelta(days=parameters.get("REMINDER_RETURN_DAYS"))
    own = func.coalesce(Offering.return_deadline, Offering.closing)
    deadline = func.coalesce(Candidature.individual_return_by, own)
    chosen = (
        select(Candidature.id)
        .join(Candidature.offering)
        .where(
            Candidature.cancelled_at.is_(None),
            Candidature.answer.is_(None),
            Candidature.reminded_return_at.is_(None),
            Candidature.file_status.in_((FileStatus.WAITING, FileStatus.INCOMPLETE)),
            deadline > now,
            or_(own <= until, deadline <= until),
        )
    )
    return _each(chosen, lambda row: _remind(row, "return_reminder", "reminded_return_at", deadlines.return_by(row), now, until))


def remind_answer(now):
    """Write to those who have not answered a favourable opinion, some days before the deadline, once (domain T13)."""
    until = now + timedelta(days=parameters.get("REMINDER_ANSWER_DAYS"))
    chosen = _unanswered().where(Candidature.reminded_answer_at.is_(None), _answer_by() > now, _answer_by() <= until)
    return _each(chosen, lambda row: _remind(row, "answer_reminder", "reminded_answer_at", deadlines.answer_by(row), now, until))


def withdraw(now):
    """Record the withdrawal of those who did not answer in time (domain T12)."""
    return _each(_unanswered().where(_answer_by() <= now), candidatures.withdraw_automatically)


def sweep_files(now):
    """Remove from the vault the files that no row names and that are over a day old (trust R8)."""
    columns = (
        *(FileVersion.original_key, FileVersion.served_key, FileVersion.preview_key, Photograph.storage_key, PieceType.template_key),
        *(Job.storage_key, Letter.storage_key, Commission.signature_key),
    )
    known = {key for column in columns for key in db.session.scalars(select(column).where(column.is_not(None)))}
    removed, missing = vault().sweep(known)
    if missing:
        current_app.logger.error("%s files named by rows are missing from the vault", len(missing))
    return removed


def _unanswered():
    return (
        select(Candidature.id)
        .join(Decision, Candidature.published_decision_id == Decision.id)
        .where(Candidature.outcome == Outcome.ADMITTED, Candidature.answer.is_(None), Candidature.cancelled_at.is_(None))
    )


def _answer_by():
    return func.coalesce(Candidature.individual_confirm_by, Decision.confirm_by)


def _remind(candidature, kind, mark, deadline, now, until):
    if deadline is None or not now < deadline <= until:
        raise DomainError("not due")
    announcements.to_candidate(kind, candidature, key=f"{kind}:{candidature.id}:{deadline.isoformat()}")
    setattr(candidature, mark, now)


def _each(chosen, call):
    """Do something to each candidature in a transaction of its own; one that refuses does not stop the others."""
    done = 0
    for candidature_id in db.session.scalars(chosen.order_by(Candidature.id)).all():
        candidature = db.session.get(Candidature, candidature_id, with_for_update={"of": Candidature})
        try:
            call(candidature)
            db.session.commit()
            done += 1
        except DomainError:
            db.session.rollback()
    return done


BATCHES = {
    batch.name: batch
    for batch in (
        Batch("purge_accounts", "Suppression des comptes non validés", 22, purge_accounts),
        Batch("remind_return", "Rappel avant la date de retour", 8, remind_return),
        Batch("remind_answer", "Rappel avant la fin du délai de réponse", 8, remind_answer),
        Batch("withdraw", "Désistement automatique", 0, withdraw),
        Batch("sweep_files", "Retrait des fichiers sans propriétaire", 3, sweep_files),
    )
}


def run_due():
    """Run each job whose hour of today has passed and that has not run today; a missed day is caught up at once."""
    now = clock.now()
    local = now.astimezone(clock.PARIS)
    for batch in BATCHES.values():
        if local.hour >= batch.hour:
            run(batch.name, period=local.date().isoformat())


def run(name, *, period=None):
    """Run one job now.

    Args:
        period: the day it stands for; run once for each (None: an extra run, by hand).
    Returns:
        The `BatchRun`, or None when that period was already run or is running.
    Raises:
        DomainError: there is no such job.
    """
    if name not in BATCHES:
        raise DomainError(f"unknown batch: {name}")
    now = clock.now()
    row = _claim(name, period or f"manual {now.isoformat()}", now)
    if row is None:
        return None
    row_id = row.id
    try:
        _end(row_id, RunState.DONE, BATCHES[name].call(now), None)
    except Exception as error:  # noqa: BLE001 -- the failure is recorded and the next job runs
        db.session.rollback()
        current_app.logger.exception("batch %s failed", name)
        _end(row_id, RunState.FAILED, 0, type(error).__name__)
    return db.session.get(BatchRun, row_id)


def _claim(name, period, now):
    row = db.session.scalar(select(BatchRun).where(BatchRun.name == name, BatchRun.period == period).with_for_update())
    if row is not None and (row.state != RunState.RUNNING or row.lease_until > now):
        db.session.rollback()
        return None
    if row is None:
        row = BatchRun(name=name, period=period)
        db.session.add(row)
    row.lease_until = now + LEASE
    try:
        db.session.commit()
    except IntegrityError:  # another scheduler was quicker
        db.session.rollback()
        return None
    return row


def _end(row_id, state, done, detail):
    row = db.session.get(BatchRun, row_id)
    row.state, row.done_count, row.detail, row.ended_at, row.lease_until = state, done, detail, clock.now(), None
    db.session.commit()
