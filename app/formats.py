"""How instants, days, sizes and translated texts are written for people, in the language of the moment."""

from datetime import timedelta

from flask_babel import format_date, get_locale, ngettext
from flask_babel import gettext as _

from app import clock, orm

KIBI = 1024


def current_language():
    """Return the code of the language that texts are now shown in."""
    locale = get_locale()
    return locale.language if locale else "fr"


def instant(value):
    """Write an instant in the campaign's zone: "24 novembre 2026 à 14 h 05 (heure de Paris)"."""
    if value is None:
        return ""
    local = value.astimezone(clock.PARIS)
    if current_language() == "en":
        return _("%(day)s à %(time)s (heure de Paris)", day=format_date(local, "d MMMM y"), time=local.strftime("%H:%M"))
    return _("%(day)s à %(time)s (heure de Paris)", day=format_date(local, "d MMMM y"), time=f"{local.hour}\u00a0h\u00a0{local.minute:02d}")


def brief(value):
    """Write an instant in a list: "24/11/2026 14:05" (Paris)."""
    return "" if value is None else value.astimezone(clock.PARIS).strftime("%d/%m/%Y %H:%M")


def deadline(value):
    """Write an exclusive closing instant: midnight is shown as 23 h 59 of the day before (domain A5)."""
    if value is None:
        return ""
    local = value.astimezone(clock.PARIS)
    return instant(value - timedelta(minutes=1) if (local.hour, local.minute, local.second) == (0, 0, 0) else value)


def day(value):
    """Write a calendar day: "24 novembre 2026"."""
    if value is None:
        return ""
    return format_date(value.astimezone(clock.PARIS) if hasattr(value, "hour") else value, "d MMMM y")


def translated(value):
    """Return a translated text in the page's language."""
    return orm.text_in(value, current_language())


def filesize(size):
    """Write a number of bytes in the unit a person expects (1 Mo = 1 048 576 bytes here, as the limits)."""
    if size is None:
        return ""
    if size < KIBI:
        return ngettext("%(num)d octet", "%(num)d octets", size)
    if size < KIBI * KIBI:
        return _("%(size)d Ko", size=round(size / KIBI))
    text = f"{size / KIBI / KIBI:.1f}".removesuffix(".0")
    return _("%(size)s Mo", size=text if current_language() == "en" else text.replace(".", ","))
