"""How staff type an instant: a day, or a day and an hour, in the campaign's zone (domain A5, D13)."""

from datetime import datetime, time, timedelta

from flask_babel import lazy_gettext as _

from app import clock
from app.errors import DomainError

CLOSINGS = ("closes_at", "return_by", "confirm_by", "deadline", "ends_at", "candidates_end_at")


def is_closing(name):
    """Whether a column of that name closes something: its day is written whole, and shown until 23 h 59."""
    return name.endswith(CLOSINGS)


def typed(text, *, closing):
    """Return the instant of "2027-05-12" or "2027-05-12 18:00" (Paris), in UTC; None when empty.

    Args:
        closing: a day without hour means its end (the next midnight, exclusive), not its start.
    Raises:
        DomainError: it cannot be read, or that hour does not exist, or exists twice, that day.
    """
    text = (text or "").strip().replace("T", " ")
    if not text:
        return None
    try:
        if len(text) <= 10:
            day = datetime.strptime(text, "%Y-%m-%d").date()
            return clock.closing_of(day) if closing else clock.opening_of(day)
        moment = datetime.strptime(text, "%Y-%m-%d %H:%M")
        return clock.instant_of(moment.date(), moment.time())
    except (ValueError, OverflowError) as error:
        raise DomainError(_("Écrivez la date ainsi : 2027-05-12, ou 2027-05-12 18:00.")) from error


def written(value, *, closing):
    """Return the text that `typed` reads back as this instant (to the minute)."""
    if value is None:
        return ""
    local = value.astimezone(clock.PARIS)
    if local.time() != time():
        return local.strftime("%Y-%m-%d %H:%M")
    day = local.date() - timedelta(days=1) if closing else local.date()
    return day.isoformat()


def last_minute(value):
    """Return the instant by which something closing at `value` is shown: midnight is 23 h 59 of the day before."""
    is_midnight = value.astimezone(clock.PARIS).time() == time()
    return value - timedelta(minutes=1) if is_midnight else value
