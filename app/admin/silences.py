"""The silence clock on the list: the colour of a line, its words, and the legend."""

from flask_babel import ngettext

from app import parameters
from app.admin import row_tones
from app.operations import silence


@row_tones.register
def silent(ids, actor):
    """Return the colour and words of the lines whose dossier has waited too long."""
    return {number: (alert.colour, words_of(alert)) for number, alert in silence.of_many(ids).items()}


def words_of(alert):
    """Return what an alert says."""
    return ngettext("%(num)d jour ou plus sans avis", "%(num)d jours ou plus sans avis", alert.days)


def legend():
    """Return [(colour, words)] of the alerts in service, shortest first; nothing when no silence is counted."""
    if parameters.get("SILENCE_FROM") not in silence.FROM:
        return []
    return [(alert.colour, words_of(alert)) for alert in reversed(silence.alerts())]
