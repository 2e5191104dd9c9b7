"""The silence clock on the list: the colour of a line, its words, and the legend."""

from flask_babel import ngettext

from app import parameters
from app.admin import row_tones
from app.operations import silence


@row_tones.register
def silent(ids, actor):
    """Return the colour and words of the lines whose dossier has waited too long."""
    found = silence.of_many(ids)
    words = {days: words_of(days) for days, _colour in found.values()}
    return {number: (colour, words[days]) for number, (days, colour) in found.items()}


def words_of(days):
    """Return what an alert of so many days says."""
    return ngettext("%(num)d jour ou plus sans avis", "%(num)d jours ou plus sans avis", days)


def legend():
    """Return [(colour, words)] of the alerts in service, shortest first; nothing when no silence is counted."""
    if parameters.get("SILENCE_FROM") not in silence.FROM:
        return []
    return [(alert.colour, words_of(alert.days)) for alert in reversed(silence.alerts())]
