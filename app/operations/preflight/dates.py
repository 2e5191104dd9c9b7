"""Checks of dates: in order, within the campaign, still to come, and on days when somebody can help."""

from flask_babel import format_date
from flask_babel import lazy_gettext as _

from app import clock, formats
from app.operations import campaign_dates
from app.operations.preflight import holidays
from app.operations.preflight.registry import BLOCKS, WARNS, check

LATE = ("closes_at", "return_by", "confirm_by", "waitlist_confirm_by")  # what people do at the last moment
MORNING = 7  # o'clock


@check("campaign_dates", BLOCKS)
def campaign_dates_in_order(scene):
    campaign = scene.campaign
    for sentence in campaign_dates.faults_of_campaign(campaign.starts_at, campaign.ends_at, campaign.candidates_end_at):
        yield sentence, campaign


@check("campaign_over", BLOCKS)
def campaign_over(scene):
    if scene.ends_at <= scene.now:
        yield (
            _("La fin de cette campagne pour les candidats (%(day)s) est passée : changez-la.", day=formats.deadline(scene.ends_at)),
            scene.campaign,
        )


@check("another_running", WARNS)
def another_running(scene):
    for other in scene.others:
        if other.is_running and not scene.campaign.is_running:
            yield _("« %(name)s » est en cours : elle sera fermée à l’ouverture de celle-ci.", name=formats.translated(other.name)), other


@check("another_planned", WARNS)
def another_planned(scene):
    for other in scene.others:
        if other.activates_at is not None:
            yield (
                _(
                    "L’ouverture de « %(name)s » est prévue le %(at)s : elle fermera celle-ci.",
                    name=formats.translated(other.name),
                    at=formats.instant(other.activates_at),
                ),
                other,
            )


@check("offering_dates", BLOCKS)
def offering_dates(scene):
    for offering, sentences in campaign_dates.faults_in(scene.campaign, scene.published):
        for sentence in sentences:
            yield _("%(name)s : %(fault)s", name=offering.formation.name, fault=sentence), offering


@check("offering_undated", BLOCKS)
def offering_undated(scene):
    for row in scene.published:
        if row.opening is None or row.closing is None:
            yield (
                _("%(name)s n’a pas de date d’ouverture ou de clôture : donnez-les-lui, ou à son centre.", name=row.formation.name),
                row,
            )


@check("offering_closed", WARNS)
def offering_closed(scene):
    for row in scene.published:
        if row.closing is not None and row.closing <= scene.now:
            yield (
                _(
                    "%(name)s : les candidatures ont fermé le %(day)s. Changez cette date, ou masquez la formation.",
                    name=row.formation.name,
                    day=formats.deadline(row.closing),
                ),
                row,
            )


@check("answer_days", BLOCKS)
def answer_days(scene):
    for row in (*scene.centres, *scene.published):
        for days in (row.confirm_days, row.waitlist_confirm_days):
            if days is not None and days < 1:
                yield _("%(name)s : le délai de réponse est de %(days)s jour. Donnez au moins un jour.", name=_named(row), days=days), row


@check("closed_day", WARNS)
def closed_day(scene):
    for row, name, value in _deadlines(scene):
        day = campaign_dates.last_day(name, value)
        if holidays.is_closed(day):
            words = _("%(name)s : %(what)s tombe un jour fermé (%(day)s), sans personne pour aider. Choisissez un jour ouvré.")
            yield str(words) % {"name": _named(row), "what": _what(name), "day": format_date(day, "EEEE d MMMM y")}, row


@check("night_deadline", WARNS)
def night_deadline(scene):
    for row, name, value in _deadlines(scene):
        local = value.astimezone(clock.PARIS) if hasattr(value, "hour") else None
        if local is not None and local.hour < MORNING and (local.hour, local.minute) != (0, 0):
            words = _("%(name)s : %(what)s tombe la nuit (%(at)s). Choisissez la fin d’un jour.")
            yield str(words) % {"name": _named(row), "what": _what(name), "at": formats.instant(value)}, row


def _deadlines(scene):
    """Yield (row, name, value) of each deadline to come, once: that of a centre is not said again of its offerings."""
    for row in (*scene.centres, *scene.published):
        for name in (*LATE, "publication_on"):
            value = getattr(row, name)
            if value is not None and campaign_dates.last_day(name, value) >= clock.local_day(scene.now):
                yield row, name, value
    for row in scene.pieces:
        if row.deadline is not None and row.deadline > scene.now:
            yield row, "deadline", row.deadline


def _what(name):
    return campaign_dates.NAMES.get(name) or _("la date de dépôt")


def _named(row):
    return (
        row.name
        if hasattr(row, "contact_email")
        else formats.translated(row.piece_type.name)
        if hasattr(row, "piece_type")
        else row.formation.name
    )
