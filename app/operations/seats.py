"""Seats and complementary lists: how many places an offering has left, and who stands where, under one lock."""

from dataclasses import dataclass

from sqlalchemy import case, func, select, update

from app.enums import Answer, Outcome
from app.extensions import db
from app.models import Candidature, Decision, Offering

OFFERED = (Candidature.outcome == Outcome.ADMITTED) & Candidature.answer.is_(None)
CONFIRMED = Candidature.answer == Answer.CONFIRMED
WAITING = (Candidature.outcome == Outcome.WAITLISTED) & Candidature.answer.is_(None) & Candidature.cancelled_at.is_(None)
GIVEN_UP = (Candidature.outcome == Outcome.ADMITTED) & (Candidature.answer == Answer.WITHDRAWN)


@dataclass(frozen=True)
class Seats:
    """The seats of one offering, in persons; `capacity` and `free` are None when the number of places is not set.

    Attributes:
        offers: favourable opinions published and not answered.
        confirmed: offers accepted.
        waiting: persons on the published complementary list who have not answered.
        withdrawn: offers given up.
    """

    capacity: int | None
    offers: int = 0
    confirmed: int = 0
    waiting: int = 0
    withdrawn: int = 0

    @property
    def taken(self):
        return self.offers + self.confirmed

    @property
    def free(self):
        return None if self.capacity is None else self.capacity - self.taken


def counts():
    """Return the SQL sums of offers, confirmed, waiting and withdrawn, in this order, over selected candidatures."""
    return tuple(
        func.coalesce(func.sum(case((condition, 1), else_=0)), 0).label(name)
        for name, condition in (("offers", OFFERED), ("confirmed", CONFIRMED), ("waiting", WAITING), ("withdrawn", GIVEN_UP))
    )


def of(offering):
    """Return the `Seats` of an offering as the database has them now."""
    return of_many([offering.id])[offering.id]


def of_many(offering_ids):
    """Return {offering id: `Seats`} in one query, whatever their number."""
    chosen = (
        select(Offering.id, Offering.capacity, *counts())
        .outerjoin(Candidature, Candidature.offering_id == Offering.id)
        .where(Offering.id.in_(offering_ids))
        .group_by(Offering.id, Offering.capacity)
    )
    return {number: Seats(*values) for number, *values in db.session.execute(chosen).tuples()}


def lock(offering_id):
    """Lock an offering's seats, always before any of its candidatures: two acts on one list wait for each other, never cross.

    Creating a candidature does not wait: only the key of the row is shared with it.
    """
    db.session.flush()
    return db.session.scalars(
        select(Offering)
        .where(Offering.id == offering_id)
        .with_for_update(of=Offering, key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def in_order(offering_id):
    """Return the select of the persons waiting on an offering's published list, first to be called first."""
    return (
        select(Candidature)
        .join(Decision, Candidature.published_decision_id == Decision.id)
        .where(Candidature.offering_id == offering_id, WAITING)
        .order_by(*ORDER)
    )


ORDER = (Candidature.rank.nulls_last(), Decision.published_at, Candidature.id)  # ranks entered twice: the first published is called first


def rerank(offering_id):
    """Write the real rank of every person waiting on an offering's list, and none for the others; return how many changed.

    The caller holds `lock(offering_id)`. Only rows whose place moved are written.
    """
    db.session.flush()
    place = func.row_number().over(order_by=ORDER).label("place")
    listed = in_order(offering_id).with_only_columns(Candidature.id.label("id"), place).order_by(None).subquery()
    moved = update(Candidature).where(Candidature.id == listed.c.id, Candidature.real_rank.is_distinct_from(listed.c.place))
    gone = update(Candidature).where(Candidature.offering_id == offering_id, Candidature.real_rank.is_not(None), ~WAITING)
    quiet = {"synchronize_session": False}
    changed = db.session.execute(moved.values(real_rank=listed.c.place), execution_options=quiet).rowcount
    changed += db.session.execute(gone.values(real_rank=None), execution_options=quiet).rowcount
    for row in db.session.identity_map.values():
        if isinstance(row, Candidature) and row.offering_id == offering_id:
            db.session.expire(row, ["real_rank"])
    return changed
