"""The reminder rules to start with; an installation that had days of its own in the parameters keeps them."""

from sqlalchemy import select

from app.enums import ReminderEvent
from app.models import Parameter, ReminderRule

# code, event, days before, the parameter that held them before there were rules
RULES = (
    ("DOSSIER-NON-TRANSMIS", ReminderEvent.NOT_TRANSMITTED, 3, "REMINDER_RETURN_DAYS"),
    ("ADMISSION-SANS-REPONSE", ReminderEvent.OFFER_UNANSWERED, 2, "REMINDER_ANSWER_DAYS"),
)


def load(session):
    """Add the rules whose code is not there yet; one that somebody changed stays as it is. The caller commits.

    Returns:
        How many were added.
    """
    known, added = set(session.scalars(select(ReminderRule.code))), 0
    for code, event, days, parameter in RULES:
        if code in known:
            continue
        chosen = session.get(Parameter, parameter)
        session.add(ReminderRule(code=code, event=event, days=chosen.value["value"] if chosen else days))
        added += 1
    session.flush()
    return added
