"""The dates of a campaign: moved to another year by the wall clock, and what is out of order said in words (domain B4.4, D19)."""

from datetime import UTC, timedelta

from flask_babel import format_date
from flask_babel import lazy_gettext as _
from sqlalchemy import Date, inspect, select
from sqlalchemy.orm import joinedload

from app import clock
from app.extensions import db
from app.models import Commission, Formation, Offering
from app.orm import UtcDateTime
from app.tables.offer import Dates

WEEK = 7
NAMES = {
    "opens_at": _("l’ouverture"),
    "closes_at": _("la clôture"),
    "return_by": _("la date de retour"),
    "jury_on": _("le jury"),
    "publication_on": _("la publication"),
    "confirm_by": _("la date de réponse"),
    "waitlist_confirm_by": _("la date de réponse de la liste complémentaire"),
}
# each date, and those that it may not precede
AFTER = {
    "closes_at": ("opens_at",),
    "return_by": ("closes_at",),
    "jury_on": ("return_by",),
    "publication_on": ("jury_on", "return_by"),
    "confirm_by": ("publication_on", "jury_on", "return_by"),
    "waitlist_confirm_by": ("publication_on", "jury_on", "return_by", "confirm_by"),
}
INSTANTS = ("opens_at", "closes_at", "return_by", "confirm_by", "waitlist_confirm_by")
OWN = tuple(vars(Dates)["__annotations__"])  # what an offering inherits from its centre when it is empty


# --- moved ---


def rounded(days, keeps_weekdays):
    """Return a number of days, brought to the nearest whole weeks when the week-days are kept."""
    return (days + WEEK // 2) // WEEK * WEEK if keeps_weekdays else days


def shifted(value, days):
    """Return a day or an instant moved by a number of days; an instant keeps its hour of the wall clock in Paris.

    An hour that does not exist on the new day (spring change) becomes the first that does, so that the order is kept.
    """
    if value is None:
        return None
    if not hasattr(value, "hour"):
        return value + timedelta(days=days)
    wall = value.astimezone(clock.PARIS).replace(tzinfo=None) + timedelta(days=days)
    moved = wall.replace(tzinfo=clock.PARIS).astimezone(UTC)
    shown = moved.astimezone(clock.PARIS)
    if shown.replace(tzinfo=None) != wall:
        moved = shown.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    return moved


def dated(model):
    """Return the names of the columns of a table that hold a day or an instant of the calendar of a campaign."""
    marks = ("activates_at", "closed_at", "archived_at", "changed_at")
    kinds = {column.key: column.columns[0].type for column in inspect(model).column_attrs}
    return [name for name, kind in kinds.items() if name not in marks and isinstance(kind, UtcDateTime | Date)]


# --- out of order ---


def effective(offering):
    """Return {name: date} of an offering: its own, else its centre's."""
    centre = offering.commission.centre
    return {name: own if (own := getattr(offering, name)) is not None else getattr(centre, name) for name in NAMES}


def faults_of(dates, campaign=None):
    """Return the sentences saying which dates are out of order; an empty list when all is well.

    Args:
        dates: {name: day or instant (UTC) or None}, as `effective` returns them.
        campaign: the dates must also fall within it; None: not looked at.
    """
    pairs = ((name, before) for name, others in AFTER.items() for before in others)
    found = [_disorder(name, before, dates) for name, before in pairs if _precedes(name, before, dates)]
    opens, closes = dates.get("opens_at"), dates.get("closes_at")
    if campaign is None:
        return found
    if opens is not None and opens >= (campaign.candidates_end_at or campaign.ends_at):
        found.append(
            _outside(
                _("L’ouverture (%(day)s) vient après la fin de la campagne pour les candidats : personne ne pourrait candidater."), opens
            )
        )
    if closes is not None and closes <= campaign.starts_at:
        found.append(
            _outside(
                _("La clôture (%(day)s) vient avant le début de la campagne : personne ne pourrait candidater."),
                last_day("closes_at", closes),
            )
        )
    return found


def faults_of_campaign(starts_at, ends_at, candidates_end_at=None):
    """Return the sentences saying which bounds of a campaign (instants in UTC, or None) are out of order."""
    found = []
    if starts_at and ends_at and ends_at <= starts_at:
        words = _("La fin (%(day)s) précède le début (%(other)s) : changez l’une des deux dates.")
        found.append(str(words) % {"day": _last(ends_at), "other": _short(clock.local_day(starts_at))})
    if candidates_end_at and starts_at and candidates_end_at <= starts_at:
        words = _("La fin pour les candidats (%(day)s) précède le début (%(other)s) : changez l’une des deux dates.")
        found.append(str(words) % {"day": _last(candidates_end_at), "other": _short(clock.local_day(starts_at))})
    if candidates_end_at and ends_at and candidates_end_at > ends_at:
        words = _("La fin pour les candidats (%(day)s) vient après la fin de la campagne (%(other)s) : changez l’une des deux dates.")
        found.append(str(words) % {"day": _last(candidates_end_at), "other": _last(ends_at)})
    return found


def _last(closing):
    return _short(last_day("closes_at", closing))


def _precedes(name, before, dates):
    late, early = dates.get(name), dates.get(before)
    if late is None or early is None:
        return False
    if name in INSTANTS and before in INSTANTS:
        return late <= early if before == "opens_at" else late < early
    return last_day(name, late) < last_day(before, early)


def last_day(name, value):
    """Return the calendar day of a date; a closing at midnight belongs to the day before (domain A5)."""
    if not hasattr(value, "hour"):
        return value
    return clock.local_day(value if name == "opens_at" else value - timedelta(microseconds=1))


def _disorder(name, before, dates):
    late, early = (_short(last_day(each, dates[each])) for each in (name, before))
    words = str(NAMES[name])
    return str(
        _(
            "%(late)s (%(day)s) précède %(early)s (%(other)s) : changez l’une des deux dates.",
            late=words[:1].upper() + words[1:],
            day=late,
            early=NAMES[before],
            other=early,
        )
    )


def _outside(words, value):
    return str(words) % {"day": _short(clock.local_day(value) if hasattr(value, "hour") else value)}


def _short(day):
    return format_date(day, "d MMMM y")


def offerings_of(campaign):
    """Return the offerings of a campaign with all that their dates need, in one query, by the name of the formation."""
    return db.session.scalars(
        select(Offering)
        .join(Offering.formation)
        .where(Offering.campaign_id == campaign.id)
        .options(joinedload(Offering.formation), joinedload(Offering.commission).joinedload(Commission.centre))
        .order_by(Formation.name, Offering.id)
    ).all()


def faults_in(campaign, offerings=None):
    """Return [(offering, sentences)] of the offerings of a campaign whose dates are out of order; one query at most."""
    found = [(row, faults_of(effective(row), campaign)) for row in (offerings_of(campaign) if offerings is None else offerings)]
    return [(row, faults) for row, faults in found if faults]
