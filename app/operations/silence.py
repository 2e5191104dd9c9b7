"""The silence clock: how long a dossier has waited for an opinion, and the alert that this earns it (domain B8.8)."""

from datetime import timedelta

from sqlalchemy import and_, case, false, literal, or_, select

from app import clock, parameters
from app.extensions import db
from app.models import Candidature, Decision, DecisionType, SilenceAlert

# what the parameter names: the column from which days are counted
FROM = {
    "CREATED": "created_at",
    "TRANSMITTED": "transmitted_at",
    "RECEIVED": "received_at",
    "COMPLETED": "completed_at",
    "INCOMPLETE": "incomplete_at",
}


def alerts():
    """Return the alerts in service, the longest silence first: the first that a dossier reaches is its own."""
    return db.session.scalars(select(SilenceAlert).where(SilenceAlert.is_active).order_by(SilenceAlert.days.desc())).all()


def is_counted():
    """Return the SQL condition on `Candidature` for "its silence is counted": alive, begun, and no opinion that ends it."""
    column = FROM.get(parameters.get("SILENCE_FROM"))
    if column is None:
        return false()
    since = getattr(Candidature, column)
    return and_(since.is_not(None), Candidature.cancelled_at.is_(None), Candidature.answer.is_(None), _is_unanswered())


def _is_unanswered():
    if not parameters.get("SILENCE_ENDS_DEFINITIVE"):
        return Candidature.published_decision_id.is_(None)
    ends = select(Decision.id).join(Decision.decision_type).where(DecisionType.is_definitive)
    return or_(Candidature.published_decision_id.is_(None), Candidature.published_decision_id.not_in(ends))


def reached(now, known):
    """Return the SQL expression giving the days of the highest alert that a candidature has reached, or NULL.

    Args:
        now: instant in UTC.
        known: what `alerts` returned.
    """
    column = FROM.get(parameters.get("SILENCE_FROM"))
    if column is None or not known:
        return literal(None)
    since = getattr(Candidature, column)
    return case(*((and_(is_counted(), since <= now - timedelta(days=alert.days)), alert.days) for alert in known), else_=None)


def alert_of(candidature, now, known):
    """Return the highest alert that a candidature has reached, or None (the Python twin of `reached`)."""
    column = FROM.get(parameters.get("SILENCE_FROM"))
    since = getattr(candidature, column) if column else None
    if since is None or candidature.cancelled_at is not None or candidature.answer is not None or _is_ended(candidature):
        return None
    return next((alert for alert in known if since <= now - timedelta(days=alert.days)), None)


def _is_ended(candidature):
    decision = candidature.published_decision
    if decision is None:
        return False
    return decision.decision_type.is_definitive or not parameters.get("SILENCE_ENDS_DEFINITIVE")


def reached_by(candidature, now):
    """Return the alert that one dossier has reached, or None; one statement, none when nothing is counted."""
    return alert_of(candidature, now, alerts()) if parameters.get("SILENCE_FROM") in FROM else None


def of_many(ids):
    """Return {candidature id: (days, colour) of the highest alert reached}; one statement, none when nothing is counted."""
    column = FROM.get(parameters.get("SILENCE_FROM"))
    if column is None or not ids:
        return {}
    since, now, found = getattr(Candidature, column), clock.now(), {}
    each = select(Candidature.id, since, SilenceAlert.days, SilenceAlert.colour).join(SilenceAlert, SilenceAlert.is_active.is_(True))
    for number, began, days, colour in db.session.execute(each.where(Candidature.id.in_(ids), is_counted()).order_by(SilenceAlert.days)):
        if began <= now - timedelta(days=days):
            found[number] = (days, colour)
    return found
