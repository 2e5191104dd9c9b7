"""Who stands where on a complementary list: one order, in SQL, written again whenever the list moves."""

from sqlalchemy import func, select, update

from app import parameters
from app.enums import Outcome
from app.extensions import db
from app.models import Candidature, Decision

WAITING = (Candidature.outcome == Outcome.WAITLISTED) & Candidature.answer.is_(None) & Candidature.cancelled_at.is_(None)
ORDER = (Candidature.rank.nulls_last(), Decision.published_at, Candidature.id)  # equal ranks: first published, first called


def is_waiting(candidature):
    """Whether a candidature stands on the published list and its candidate may be called (Python twin of `WAITING`)."""
    return candidature.outcome == Outcome.WAITLISTED and candidature.answer is None and candidature.cancelled_at is None


def shown(candidature):
    """Return the rank that the candidate may see, as the parameter says, or None."""
    if not is_waiting(candidature):
        return None
    return {"ENTERED": candidature.rank, "REAL": candidature.real_rank}.get(parameters.get("RANK_SHOWN"))


def in_order(offering_id):
    """Return the select of the candidatures waiting on an offering's list, first to be called first."""
    return (
        select(Candidature)
        .join(Decision, Candidature.published_decision_id == Decision.id)
        .where(Candidature.offering_id == offering_id, WAITING)
        .order_by(*ORDER)
    )


def renew(offering_id):
    """Write the real rank of everyone waiting on an offering's list, and none for the others; return how many changed.

    Only rows whose place moved are written. The caller holds the lock of the offering's seats (`journal.lock`, `seats.lock`).
    """
    db.session.flush()
    place = func.row_number().over(order_by=ORDER).label("place")
    listed = in_order(offering_id).with_only_columns(Candidature.id.label("id"), place).order_by(None).subquery()
    moved = update(Candidature).where(Candidature.id == listed.c.id, Candidature.real_rank.is_distinct_from(listed.c.place))
    gone = update(Candidature).where(Candidature.offering_id == offering_id, Candidature.real_rank.is_not(None), ~WAITING)
    quiet = {"synchronize_session": False}
    changed = db.session.execute(moved.values(real_rank=listed.c.place), execution_options=quiet).rowcount
    changed += db.session.execute(gone.values(real_rank=None), execution_options=quiet).rowcount
    for row in list(db.session.identity_map.values()):
        if isinstance(row, Candidature) and row.offering_id == offering_id:
            db.session.expire(row, ["real_rank"])
    return changed
