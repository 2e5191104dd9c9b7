"""Seats: how many places an offering has, gave and has left, and the lock under which they move."""

from dataclasses import dataclass

from sqlalchemy import case, func, select

from app.enums import Answer, Outcome
from app.extensions import db
from app.models import Candidature, Offering
from app.ranks import WAITING

OFFERED = (Candidature.outcome == Outcome.ADMITTED) & Candidature.answer.is_(None)
CONFIRMED = Candidature.answer == Answer.CONFIRMED
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
