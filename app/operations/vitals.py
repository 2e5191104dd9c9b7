"""How the installation is: what waits, what failed, whether workers live; counted in the database, so that every node agrees."""

import os
import socket
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, or_, select

from app import clock
from app.enums import CheckState, JobState, MessageState, RunState
from app.extensions import db
from app.models import BatchRun, FileVersion, Heartbeat, Job, OutboxMessage
from app.notifications import transport
from app.storage import verdicts

LATE = timedelta(minutes=2)  # a worker sweeps every fifteen seconds
FORGOTTEN = timedelta(days=1)
UNCHECKED = (CheckState.RECEIVED, CheckState.CHECKING)


@dataclass(frozen=True)
class Worker:
    """The workers seen lately: seconds since the last sweep (None: never), and whether one holds its mails back."""

    seconds: float | None
    is_mail_paused: bool

    @property
    def status(self):
        if self.seconds is None:
            return "absent"
        return "ok" if self.seconds <= LATE.total_seconds() else "late"


def beat():
    """Note that this process has swept, and whether its mails are held back; commits on its own."""
    now, name = clock.now(), f"{socket.gethostname()}:{os.getpid()}"[:100]
    db.session.execute(delete(Heartbeat).where(Heartbeat.at < now - FORGOTTEN))
    row = db.session.scalar(select(Heartbeat).where(Heartbeat.name == name))
    if row is None:
        row = Heartbeat(name=name)
        db.session.add(row)
    row.at, row.is_mail_paused = now, transport.breaker.is_open()
    db.session.commit()


def worker(now):
    """Return how the workers are at an instant."""
    last = db.session.scalar(select(func.max(Heartbeat.at)))
    if last is None:
        return Worker(None, False)
    paused = select(func.count()).where(Heartbeat.is_mail_paused, Heartbeat.at >= now - LATE)
    return Worker(max(0.0, (now - last).total_seconds()), bool(db.session.scalar(paused)))


def outbox(now):
    """Return ({state: messages}, seconds since which the oldest message to send has been due; 0 when none is)."""
    due = or_(OutboxMessage.state == MessageState.PENDING, OutboxMessage.state == MessageState.SENDING)
    oldest = db.session.scalar(select(func.min(OutboxMessage.not_before)).where(due))
    return _by_state(OutboxMessage.state, MessageState), _age(oldest, now)


def files(now):
    """Return (files to check, seconds for which the oldest has waited, files set aside for a person)."""
    count, oldest = db.session.execute(
        select(func.count(), func.min(FileVersion.created_at)).where(FileVersion.check_state.in_(UNCHECKED))
    ).one()
    aside = select(func.count()).where(FileVersion.check_state == CheckState.QUARANTINED, FileVersion.check_code == verdicts.SET_ASIDE)
    return count, _age(oldest, now), db.session.scalar(aside)


def jobs():
    """Return {state: jobs}."""
    return _by_state(Job.state, JobState)


def failed_batches():
    """Return how many scheduled jobs failed at their last run."""
    last = select(func.max(BatchRun.id)).group_by(BatchRun.name)
    return db.session.scalar(select(func.count()).where(BatchRun.id.in_(last), BatchRun.state == RunState.FAILED))


def _by_state(column, vocabulary):
    found = dict(db.session.execute(select(column, func.count()).group_by(column)).all())
    return {state.value: found.get(state, 0) for state in vocabulary}


def _age(instant, now):
    return max(0.0, (now - instant).total_seconds()) if instant else 0.0
