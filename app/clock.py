"""The one clock: every rule that depends on time asks here, and only for UTC (trust R9)."""

import contextlib
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _

from app.errors import DomainError

PARIS = ZoneInfo("Europe/Paris")


_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now():
    """Return the current instant, aware, in UTC."""
    return _told.get() or datetime.now(UTC)


@contextlib.contextmanager
def at(instant):
    """Have it be another instant (UTC) meanwhile: the demonstration tells what happened weeks ago."""
    token = _told.set(instant)
    try:
        yield
    finally:
        _told.reset(token)


def instant_of(day, at, zone=PARIS):
    """Return the UTC instant of a day and wall-clock time typed in a zone.

    Raises:
        DomainError: the time does not exist that day (spring change) or exists twice (autumn change, trust F24).
    """
    local = datetime.combine(day, at, tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise DomainError(_("Cette heure n’existe pas ce jour-là (passage à l’heure d’été) : choisissez une autre heure."))
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise DomainError(_("Cette heure existe deux fois ce jour-là (passage à l’heure d’hiver) : choisissez une autre heure."))
    return local.astimezone(UTC)


def opening_of(day, zone=PARIS):
    """Return the instant at which something open from `day` opens: midnight at its start (domain A5)."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def closing_of(day, zone=PARIS):
    """Return the exclusive instant at which something closing on `day` closes: the next midnight (domain D13)."""
    return opening_of(day + timedelta(days=1), zone)


def local_day(instant, zone=PARIS) -> date:
    """Return the calendar day of an instant in a zone."""
    return instant.astimezone(zone).date()
