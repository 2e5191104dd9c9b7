"""Several acts on the same list at the same instant: nobody called twice, no seat given twice, and no deadlock (domain D12, trust F26)."""

import pytest

from app.enums import Answer, Outcome, PromotionMode
from app.extensions import db
from app.models import Candidature, Offering, Promotion, User
from app.operations import candidatures, decisions, promotions, seats
from tests.faults.test_together import together
from tests.hall import Hall

pytestmark = pytest.mark.faults


def act(hall, number, call):
    """Return a call that reads the candidature and its person anew, in a context of its own."""
    row, user = hall.candidature(number).id, hall.people[number].id
    return lambda: call(db.session.get(Candidature, row), db.session.get(User, user))


def withdraw(row, user):
    return candidatures.withdraw(row, actor=user).action


def test_withdrawals_refusals_confirmations_and_answers_cross_without_deadlock(app, world):
    hall = Hall.with_people(world, 12, capacity=5)
    hall.admit(0, 1, 2, 3, 4)
    hall.list_up({number: number for number in range(5, 12)})
    charlie = world.charlie.id
    decisions.propose(hall.of[2], world.kinds[Outcome.REFUSED], actor=world.charlie, reason=world.refusal)
    decisions.validate(hall.of[2], actor=world.charlie)
    db.session.commit()
    offering = hall.offering.id

    def publish(row, user):
        return decisions.publish(row, actor=db.session.get(User, charlie)).action

    calls = [
        act(hall, 0, withdraw),
        act(hall, 1, withdraw),
        act(hall, 2, publish),
        act(hall, 3, lambda row, user: candidatures.confirm(row, actor=user).action),
        act(hall, 5, withdraw),
        act(hall, 11, withdraw),
        lambda: promotions.refresh(offering),
    ]
    db.session.commit()
    results = together(app, *calls)
    assert results[:6] == ["withdraw", "withdraw", "publish", "confirm", "withdraw", "withdraw"], results
    db.session.expire_all()
    now = seats.of(db.session.get(Offering, offering))
    assert (now.taken, now.confirmed, now.free) == (5, 1, 0)
    called = db.session.scalars(db.select(Promotion.candidature_id)).all()
    assert len(called) == len(set(called))
    gone = {hall.of[number].id for number in (5, 11)}
    holding = [hall.of[number].id for number in (5, 6, 7, 8) if hall.of[number].outcome == Outcome.ADMITTED]
    assert set(called) >= set(holding) and len(set(called) - gone) == 3
    rows = db.session.scalars(db.select(Candidature).where(Candidature.real_rank.is_not(None)).order_by(Candidature.real_rank)).all()
    assert [row.real_rank for row in rows] == list(range(1, len(rows) + 1))
    assert all(row.answer is None for row in rows) and hall.of[0].answer == Answer.WITHDRAWN


def test_two_managers_never_give_the_same_place(app, world):
    hall = Hall.with_people(world, 4, capacity=1)
    hall.admit(0)
    hall.list_up({1: 1, 2: 2, 3: 3})
    world.maths.promotion_mode = PromotionMode.PROPOSED
    db.session.commit()
    hall.withdraw(0)
    proposal, charlie, eve = hall.promotions()[0].id, world.charlie.id, world.eve.id
    db.session.commit()

    def accept(who):
        return promotions.accept(db.session.get(Promotion, proposal), actor=db.session.get(User, who))

    results = together(app, *(lambda who=who: accept(who) for who in (charlie, eve) * 4))
    assert [str(result)[:18] for result in results if result is not None] == ["Cette place a déjà"] * 7
    db.session.expire_all()
    assert seats.of(world.maths).taken == 1 and hall.waiting() == [2, 3]
