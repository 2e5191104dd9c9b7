"""The scheduled jobs: when each is due, each period once, resumed after a death, with what was done (domain B10, trust F30, F31)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from flask import current_app
from flask_babel import lazy_gettext as _
from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError

from app import access, clock
from app.enums import Functionality, RunState
from app.errors import DomainError, NotAllowed
from app.extensions import db, ring
from app.models import BatchRun, BatchSchedule
from app.operations import audit
from app.orm import after_commit

LEASE = timedelta(minutes=5)
MAX_CRASHES = 5
SHOWN = 100  # runs of a history
EVERY_DAY = "1234567"
BY_HAND = "manual"


@dataclass(frozen=True)
class Batch:
    """A scheduled job.

    Attributes:
        name: what `BatchRun.name` holds.
        title, what: its name and, in one sentence, what it does: people read both.
        call: called as (now, run): it works in short transactions and calls run.count(done) to commit each,
            so that one whose worker died goes on with what is left, the count right.
        hour, minute, weekdays, every_minutes, is_enabled: the schedule as long as nobody changed it (Paris wall clock);
            with `every_minutes`, the minute only shifts the periods.
    """

    name: str
    title: str
    what: str
    call: Callable
    hour: int = 0
    minute: int = 0
    weekdays: str = EVERY_DAY
    every_minutes: int | None = None
    is_enabled: bool = True


BATCHES = {}


def register(batch):
    """Declare a scheduled job (when its module is imported); return it."""
    BATCHES[batch.name] = batch
    return batch


class HoldLost(Exception):
    """Another worker has the run now, or this one was told to stop."""


class Run:
    """One worker's hold on a run; the lease itself is the proof of it."""

    def __init__(self, row, is_stopping):
        self.row_id, self.lease, self.is_stopping = row.id, row.lease_until, is_stopping

    def count(self, done=1):
        """Commit the work in hand with its count, and keep the run a little longer.

        Raises:
            HoldLost: the work in hand was given up, with its transaction.
        """
        lease = clock.now() if self.is_stopping() else max(clock.now() + LEASE, self.lease + timedelta(microseconds=1))
        self._settle(lease_until=lease, done_count=BatchRun.done_count + done, attempts=0)
        self.lease = lease
        if self.is_stopping():
            raise HoldLost

    def end(self, state, detail=None):
        """Record how the run ended."""
        self._settle(state=state, detail=detail, ended_at=clock.now(), lease_until=None)

    def _settle(self, **values):
        mine = update(BatchRun).where(BatchRun.id == self.row_id, BatchRun.lease_until == self.lease, BatchRun.state == RunState.RUNNING)
        if db.session.execute(mine.values(**values), execution_options={"synchronize_session": False}).rowcount != 1:
            db.session.rollback()
            raise HoldLost
        db.session.commit()
        db.session.expire_all()


# --- when ---


def schedule_of(batch):
    """Return the schedule of a job: as somebody changed it, else as declared (a row not yet written)."""
    row = db.session.scalar(select(BatchSchedule).where(BatchSchedule.name == batch.name))
    names = ("name", "hour", "minute", "weekdays", "every_minutes", "is_enabled")
    return row or BatchSchedule(**{name: getattr(batch, name) for name in names})


def period_of(schedule, now):
    """Return (name, start) of the latest period of a schedule at an instant, or None when it has none.

    The day of the wall clock in Paris names it, so that the two nights of the change of hour have one run each.
    """
    if schedule.every_minutes:
        length, shift = schedule.every_minutes * 60, schedule.minute * 60
        start = datetime.fromtimestamp((now.timestamp() - shift) // length * length + shift, tz=UTC)
        return f"{start:%Y-%m-%dT%H:%MZ}", start
    local = now.astimezone(clock.PARIS)
    for back in range(8):
        day = local.date() - timedelta(days=back)
        is_reached = back > 0 or (local.hour, local.minute) >= (schedule.hour, schedule.minute)
        if is_reached and str(day.isoweekday()) in schedule.weekdays:
            return day.isoformat(), _at(schedule, day)
    return None


def next_of(schedule, now):
    """Return when a job runs next: an instant (UTC), or None when it is out of service."""
    if not schedule.is_enabled or not (schedule.weekdays or schedule.every_minutes):
        return None
    if schedule.every_minutes:
        return period_of(schedule, now)[1] + timedelta(minutes=schedule.every_minutes)
    local = now.astimezone(clock.PARIS)
    is_passed = (local.hour, local.minute) >= (schedule.hour, schedule.minute)
    days = (local.date() + timedelta(days=ahead) for ahead in range(is_passed, 9))
    day = next(day for day in days if str(day.isoweekday()) in schedule.weekdays)
    return _at(schedule, day)


def _at(schedule, day):
    return datetime.combine(day, time(schedule.hour, schedule.minute), tzinfo=clock.PARIS).astimezone(UTC)


def change(name, *, actor, hour=0, minute=0, weekdays=EVERY_DAY, every_minutes=None, is_enabled=True):
    """Change when a job runs; audited; the caller commits. What was due before the change is not caught up.

    Args:
        hour, minute: of the wall clock in Paris. weekdays: digits from 1 (Monday) to 7.
        every_minutes: 1 to 1440, instead of an hour; None for an hour.
    Raises:
        NotAllowed: without the right. DomainError: a value is out of bounds; its `field` names it.
    """
    batch = _entitled(name, actor)
    weekdays = "".join(day for day in EVERY_DAY if day in weekdays)
    if every_minutes is not None and not 1 <= every_minutes <= 1440:
        raise DomainError(_("Entre 1 et 1440 minutes."), field="every_minutes")
    if not (0 <= hour <= 23 and 0 <= minute <= 59):
        raise DomainError(_("Écrivez l’heure ainsi : 22:30."), field="hour")
    if every_minutes is None and not weekdays:
        raise DomainError(_("Choisissez au moins un jour, ou mettez le traitement hors service."), field="weekdays")
    row = schedule_of(batch)
    values = {"hour": hour, "minute": minute, "weekdays": weekdays, "every_minutes": every_minutes, "is_enabled": is_enabled}
    changes = {name: [getattr(row, name), value] for name, value in values.items() if getattr(row, name) != value}
    for name, value in values.items():
        setattr(row, name, value)
    row.changed_at = clock.now()
    db.session.add(row)
    db.session.flush()
    if changes:
        audit.write("update", "BatchSchedule", batch.name, actor=actor, changes=changes)
    return row


def _entitled(name, actor):
    if name not in BATCHES:
        raise DomainError(_("Le traitement « %(name)s » n’existe pas : choisissez-en un dans la liste.", name=name))
    if not access.can(actor, Functionality.OPERATIONS, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit de gérer les traitements."))
    return BATCHES[name]


def ask(name, *, actor):
    """Ask a worker to run a job now, beside its schedule; the caller commits.

    Raises:
        NotAllowed: without the right. DomainError: it is running already.
    """
    _entitled(name, actor)
    now = clock.now()
    running = select(BatchRun.id).where(BatchRun.name == name, BatchRun.state == RunState.RUNNING)
    if db.session.scalar(running.limit(1)) is not None:
        raise DomainError(_("Ce traitement est déjà en cours : attendez sa fin."))
    row = BatchRun(name=name, period=f"{BY_HAND} {now.isoformat()}"[:40], lease_until=now)
    db.session.add(row)
    db.session.flush()
    audit.write("run", "BatchRun", name, actor=actor, changes={})
    after_commit(db.session, lambda: ring("app.tasks.run_batch", row.id, timeout=3600))
    return row


def history(name=None):
    """Return the last runs of a job, or of all, newest first."""
    chosen = select(BatchRun).order_by(BatchRun.id.desc()).limit(SHOWN)
    return db.session.scalars(chosen.where(BatchRun.name == name) if name else chosen).all()


def last_runs():
    """Return {name: last run} of every job."""
    last = select(func.max(BatchRun.id)).group_by(BatchRun.name)
    return {row.name: row for row in db.session.scalars(select(BatchRun).where(BatchRun.id.in_(last)))}


# --- run ---


def run_due(*, is_stopping=lambda: False):
    """Run each job whose latest period has not been run, then those asked for by hand or left by a dead worker."""
    now = clock.now()
    for batch in BATCHES.values():
        if is_stopping():
            return
        period = _due_period(batch, now)
        if period is not None:
            run(batch.name, period=period, is_stopping=is_stopping)
    for number in _left(now):
        if is_stopping():
            return
        resume(number, is_stopping=is_stopping)


def _due_period(batch, now):
    """Return the name of the period to run now, or None; what a change of schedule left behind is not caught up."""
    schedule = schedule_of(batch)
    period = period_of(schedule, now) if schedule.is_enabled else None
    if period is None:
        return None
    name, start = period
    if db.session.scalar(select(BatchRun.id).where(BatchRun.name == batch.name, BatchRun.period == name)) is not None:
        return None
    is_older = schedule.changed_at is not None and start < schedule.changed_at
    return None if is_older else name


def _left(now):
    expired = or_(BatchRun.lease_until.is_(None), BatchRun.lease_until <= now)
    rows = db.session.scalars(select(BatchRun.id).where(BatchRun.state == RunState.RUNNING, expired).order_by(BatchRun.id).limit(20)).all()
    db.session.rollback()
    return rows


def run(name, *, period=None, is_stopping=lambda: False):
    """Run one job here and now; commits on its own.

    Args:
        period: what it stands for; run once for each (None: an extra run, by hand).
    Returns:
        The `BatchRun`, or None when that period was already run or is running.
    Raises:
        DomainError: there is no such job.
    """
    if name not in BATCHES:
        raise DomainError(_("Le traitement « %(name)s » n’existe pas : choisissez-en un dans la liste.", name=name))
    now = clock.now()
    row = BatchRun(name=name, period=(period or f"{BY_HAND} {now.isoformat()}")[:40], lease_until=now + LEASE)
    db.session.add(row)
    try:
        db.session.commit()
    except IntegrityError:  # run before, or another scheduler was quicker
        db.session.rollback()
        number = db.session.scalar(select(BatchRun.id).where(BatchRun.name == name, BatchRun.period == period))
        return resume(number, is_stopping=is_stopping) if number is not None else None
    return _work(Run(row, is_stopping), name, now)


def resume(row_id, *, is_stopping=lambda: False):
    """Take up a run that nobody holds; return it, or None when it has ended or somebody is at it."""
    now = clock.now()
    row = db.session.scalar(select(BatchRun).where(BatchRun.id == row_id).with_for_update(skip_locked=True))
    is_free = row is not None and row.state == RunState.RUNNING and (row.lease_until is None or row.lease_until <= now)
    if not is_free:
        db.session.rollback()
        return None
    row.attempts, row.lease_until = row.attempts + 1, now + LEASE
    name, held, is_poison = row.name, Run(row, is_stopping), row.attempts > MAX_CRASHES or row.name not in BATCHES
    db.session.commit()
    if is_poison:
        held.end(RunState.FAILED, str(_("Le traitement s’est interrompu plusieurs fois.")))
        return db.session.get(BatchRun, row_id)
    return _work(held, name, now)


def _work(held, name, now):
    row_id = held.row_id
    try:
        held.end(RunState.DONE, BATCHES[name].call(now, held))
    except HoldLost:
        db.session.rollback()
    except Exception as error:  # noqa: BLE001 -- the failure is recorded and the next job runs
        db.session.rollback()
        current_app.logger.exception("batch %s failed", name)
        held.end(RunState.FAILED, type(error).__name__)
    return db.session.get(BatchRun, row_id)
