"""Long work in the background: asked for in one transaction, done in slices by workers, resumed where it stopped."""

import secrets
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from flask import current_app
from flask_babel import force_locale
from flask_babel import lazy_gettext as _
from sqlalchemy import insert, or_, select, update
from sqlalchemy.exc import DBAPIError

from app import clock
from app.enums import JobState, LineState
from app.errors import DomainError, NotAllowed
from app.extensions import db, ring
from app.models import Candidature, Job, JobLine, User
from app.orm import after_commit
from app.storage import vault

LEASE = timedelta(seconds=60)
SLICE = 45  # seconds of work before a job goes back to the queue, so that messages and files take their turn
RENEW = 15  # seconds between two renewals of the lease by a job that makes a file
AGAIN = timedelta(seconds=15)  # after an unforeseen failure
MAX_CRASHES = 5
GIVEN_UP = 2  # tries after which a line that always fails is refused, so that the others are done
MANY = 200  # lines at once of a work that only looks
KEPT_FOR = timedelta(hours=24)
MOST_BYTES = 4 * 1024**3
LIVE = (JobState.WAITING, JobState.RUNNING)


@dataclass(frozen=True)
class Kind:
    """One kind of work: `each`, `many` or `make`, one of them alone.

    Attributes:
        name: what `Job.kind` holds.
        each: called as (candidature, job, actor, line) for every line, in a transaction of its own that the runner
            commits with the line; it returns the `CandidatureEvent` made, or None; `DomainError` refuses the line.
        many: called as (lines, job, actor) for some lines at once, in one transaction; it changes nothing and returns for
            each the sentence that refuses it, or None.
        make: called as (job, actor, folder, progress) to write one file in a private folder; returns a `Made`.
            It must read in short transactions (a long read stops every writer on SQLite) and call progress(done) often.
        ended: called as (job, actor) once, when all is done, in the last transaction.
    """

    name: str
    each: Callable | None = None
    many: Callable | None = None
    make: Callable | None = None
    ended: Callable | None = None


@dataclass(frozen=True)
class Made:
    """A file that a job has made: where it is, and the name and type under which it is given.

    `refused` tells, by number of candidature, why some of those chosen are not in it.
    """

    path: Path
    name: str
    media_type: str
    refused: dict = field(default_factory=dict)


class HoldLost(Exception):
    """Another worker has the job now, or somebody stopped it."""


KINDS = {}


def register(kind):
    """Declare a kind of work (when its module is imported); return it."""
    KINDS[kind.name] = kind
    return kind


def ask(kind, *, actor, title, parameters=None, candidature_ids=(), total=None, reason=None, not_before=None):
    """Write a job and its lines, and ring a worker once committed; the caller commits.

    Args:
        kind: a name of `KINDS`.
        title: what the person reads (200 characters).
        parameters: JSON values: identifiers and choices, never objects.
        candidature_ids: numbers, in the order of work.
        total: what progress is counted against when there are no lines.
        not_before: instant (UTC) until which the work waits.
    Returns:
        The flushed `Job`.
    """
    ids = list(dict.fromkeys(candidature_ids))
    now = clock.now()
    job = Job(
        kind=KINDS[kind].name,
        title=str(title)[:200],
        parameters=parameters or {},
        reason=(reason or "").strip()[:500] or None,
        created_by_id=actor.id,
        total=len(ids) if total is None else total,
        not_before=not_before or now,
    )
    db.session.add(job)
    db.session.flush()
    for start in range(0, len(ids), 1000):
        rows = [
            {"job_id": job.id, "candidature_id": number, "position": start + i, "state": LineState.WAITING}
            for i, number in enumerate(ids[start : start + 1000])
        ]
        db.session.execute(insert(JobLine), rows)
    if not_before is None or not_before <= now:
        _ring_after_commit(job.id)
    return job


def _ring_after_commit(number):
    after_commit(db.session, lambda: ring("app.tasks.run_job", number, timeout=3600))


def stop(job, *, actor):
    """Stop a job that has not ended: what is done stays done; the caller commits.

    Raises:
        NotAllowed: it is another person's. DomainError: it has ended.
    """
    if job.created_by_id != actor.id:
        raise NotAllowed(_("Ce travail n’est pas le vôtre."))
    db.session.refresh(job, with_for_update={"of": Job})
    if job.state not in LIVE:
        raise DomainError(_("Ce travail est déjà terminé."))
    job.state, job.ended_at, job.owner, job.lease_until = JobState.STOPPED, clock.now(), None, None


def due(limit=20):
    """Return the numbers of the jobs to work on now, oldest first: the waiting ones, and those whose worker died."""
    return db.session.scalars(select(Job.id).where(_is_due(clock.now())).order_by(Job.not_before, Job.id).limit(limit)).all()


def _is_due(now):
    return or_(
        (Job.state == JobState.WAITING) & (Job.not_before <= now),
        (Job.state == JobState.RUNNING) & (Job.lease_until < now),
    )


def run(job_id, *, is_stopping=lambda: False):
    """Work on a job for a slice if it is due and nobody else is at it; commit on its own; return whether it has ended."""
    owner = secrets.token_hex(8)
    job = _claim(job_id, owner)
    if job is None:
        return False
    kind, actor = KINDS.get(job.kind), db.session.get(User, job.created_by_id) if job.created_by_id else None
    if kind is None or actor is None:
        return _end(job_id, owner, JobState.FAILED, error=str(_("La personne qui l’a demandé n’a plus de compte.")))
    try:
        with force_locale(actor.language):
            return _make(job, kind, actor, owner) if kind.make else _each(job, kind, actor, owner, is_stopping)
    except HoldLost:
        db.session.rollback()
        return False
    except DomainError as error:
        db.session.rollback()
        return _end(job_id, owner, JobState.FAILED, error=str(error)[:500])
    except Exception as error:  # noqa: BLE001 -- recorded; tried again a few times, then shown as failed
        db.session.rollback()
        current_app.logger.exception("job %s failed", job_id)
        return _again(job_id, owner, error)


def _claim(job_id, owner):
    now = clock.now()
    job = db.session.scalar(select(Job).where(Job.id == job_id, _is_due(now)).with_for_update(skip_locked=True, of=Job))
    if job is None:
        db.session.rollback()
        return None
    crashed = job.state == JobState.RUNNING
    job.attempts = job.attempts + 1 if crashed else job.attempts
    if job.attempts >= MAX_CRASHES:
        job.state, job.ended_at, job.error = JobState.FAILED, now, str(_("Le travail s’est interrompu plusieurs fois."))
        db.session.commit()
        return None
    job.state, job.owner, job.lease_until, job.started_at = JobState.RUNNING, owner, now + LEASE, job.started_at or now
    db.session.commit()
    return job


def _each(job, kind, actor, owner, is_stopping):
    """Do the waiting lines one by one: the act, the line and the count are durable together or not at all."""
    end_at, job_id = time.monotonic() + SLICE, job.id
    while True:
        if is_stopping() or time.monotonic() > end_at:
            return _release(job_id, owner)
        _hold(job_id, owner)
        waiting = select(JobLine).where(JobLine.job_id == job_id, JobLine.state == LineState.WAITING).order_by(JobLine.position)
        lines = db.session.scalars(waiting.limit(MANY if kind.many else 1)).all()
        if not lines:
            db.session.refresh(job)
            if kind.ended is not None:
                kind.ended(job, actor)
            return _end(job_id, owner, JobState.DONE)
        if kind.many:
            _many(job, kind, actor, lines)
        else:
            _one(job, kind, actor, lines[0])
        db.session.commit()


def _one(job, kind, actor, line):
    candidature = db.session.get(Candidature, line.candidature_id)
    try:
        with db.session.begin_nested():
            event = kind.each(candidature, job, actor, line)
        line.state, line.event_id = LineState.DONE, event.id if event is not None else None
        values = {"done_count": Job.done_count + 1}
    except DomainError as error:
        line.state, line.sentence = LineState.REFUSED, str(error)[:500]
        values = {"refused_count": Job.refused_count + 1}
    except DBAPIError:  # the database's own trouble: the line is tried again
        raise
    except Exception:
        if job.attempts < GIVEN_UP:
            raise
        current_app.logger.exception("job %s: line %s given up", job.id, line.id)
        line.state, line.sentence = LineState.REFUSED, str(_("Erreur inattendue sur ce dossier : ouvrez-le pour agir."))
        values = {"refused_count": Job.refused_count + 1}
    db.session.flush()
    db.session.execute(update(Job).where(Job.id == job.id).values(attempts=0, **values))


def _many(job, kind, actor, lines):
    sentences = kind.many(lines, job, actor)
    for line, sentence in zip(lines, sentences, strict=True):
        line.state, line.sentence = LineState.DONE if sentence is None else LineState.REFUSED, sentence and str(sentence)[:500]
    refused = sum(sentence is not None for sentence in sentences)
    values = {"done_count": Job.done_count + len(lines) - refused, "refused_count": Job.refused_count + refused, "attempts": 0}
    db.session.flush()
    db.session.execute(update(Job).where(Job.id == job.id).values(values))


def _hold(job_id, owner):
    """Renew the lease in the transaction of the next line: a worker thought dead can then write nothing more."""
    values = {"lease_until": clock.now() + LEASE}
    mine = update(Job).where(Job.id == job_id, Job.owner == owner, Job.state == JobState.RUNNING).values(**values)
    if db.session.execute(mine, execution_options={"synchronize_session": False}).rowcount != 1:
        raise HoldLost


def _make(job, kind, actor, owner):
    last, job_id = [time.monotonic()], job.id

    def progress(done):
        if time.monotonic() - last[0] >= 1:
            last[0] = time.monotonic()
            _hold(job_id, owner)
            db.session.execute(update(Job).where(Job.id == job_id).values(done_count=done))
            db.session.commit()

    with tempfile.TemporaryDirectory(prefix="postulo-job-") as folder:
        made = kind.make(job, actor, Path(folder), progress)
        db.session.rollback()
        with open(made.path, "rb") as file:
            stored = vault().put(file, limit=MOST_BYTES)
    for number, sentence in made.refused.items():
        mine = update(JobLine).where(JobLine.job_id == job_id, JobLine.candidature_id == number)
        db.session.execute(mine.values(state=LineState.REFUSED, sentence=str(sentence)[:500]))
    values = {"storage_key": stored.key, "size": stored.size, "file_name": made.name[:200], "media_type": made.media_type}
    values |= {"done_count": Job.total - len(made.refused), "refused_count": len(made.refused)}
    return _end(job_id, owner, JobState.DONE, expires_at=clock.now() + KEPT_FOR, **values)


def _release(job_id, owner):
    """Give the job back to the queue for its next slice."""
    _settle(job_id, owner, {"state": JobState.WAITING, "not_before": clock.now(), "owner": None, "lease_until": None})
    ring("app.tasks.run_job", job_id, timeout=3600)
    return False


def _end(job_id, owner, state, **values):
    _settle(job_id, owner, {"state": state, "ended_at": clock.now(), "owner": None, "lease_until": None, **values})
    return True


def _again(job_id, owner, error):
    """Leave a job that met an unforeseen failure as its dead worker would: it is taken again after its lease."""
    _settle(job_id, owner, {"error": type(error).__name__, "lease_until": clock.now() + AGAIN})
    return False


def _settle(job_id, owner, values):
    mine = update(Job).where(Job.id == job_id, Job.owner == owner, Job.state == JobState.RUNNING)
    db.session.execute(mine.values(values), execution_options={"synchronize_session": False})
    db.session.commit()
    db.session.expire_all()


def sweep(*, is_stopping=lambda: False):
    """Take up the jobs that no bell announced: ring again for each, or work a slice here when there is no Redis."""
    numbers = due()
    db.session.rollback()
    for job_id in numbers:
        if is_stopping():
            return
        if not ring("app.tasks.run_job", job_id, timeout=3600):
            run(job_id, is_stopping=is_stopping)
            return  # one slice a sweep: messages and files take their turn


def forget_expired(now, limit=200):
    """Delete the files of jobs that are past their time; return how many; the caller commits."""
    rows = db.session.scalars(select(Job).where(Job.expires_at < now, Job.storage_key.is_not(None)).limit(limit)).all()
    for job in rows:
        key, job.storage_key = job.storage_key, None
        after_commit(db.session, lambda key=key: vault().delete(key))
    return len(rows)
