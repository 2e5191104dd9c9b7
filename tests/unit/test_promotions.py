"""The complementary list: what frees a place, who is called, in which order, and never above the seats unless a person says so."""

import secrets
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import clock, journal, parameters, ranks
from app.enums import Answer, Outcome, PromotionCause, PromotionMode, PromotionState
from app.errors import Conflict, DomainError, NotAllowed
from app.extensions import db
from app.models import AuditEntry, CandidatureEvent, Formation, Offering, OutboxMessage
from app.operations import candidatures, promotions, seats
from tests.hall import Hall
from tests.test_consistency import count_queries


@pytest.fixture
def hall(world):
    """Three places: persons 0, 1 and 2 have them, 3, 4 and 5 wait in another order than they were entered."""
    hall = Hall.with_people(world, 7, capacity=3)
    hall.admit(0, 1, 2)
    hall.list_up({3: 30, 4: 10, 5: 20})
    return hall


def outcomes(hall):
    return {number: row.outcome.value for number, row in hall.of.items()}


def test_seats_are_counted_for_many_offerings_in_one_query(hall, world):
    candidatures.confirm(hall.of[0], actor=hall.people[0])
    hall.withdraw(1)
    numbers, found = [world.maths.id, world.history.id], {}
    assert count_queries(lambda: found.update(seats.of_many(numbers))) == 1
    of_maths, of_history = found[world.maths.id], found[world.history.id]
    assert (of_maths.capacity, of_maths.offers, of_maths.confirmed, of_maths.free) == (3, 2, 1, 0)
    assert (of_maths.waiting, of_maths.withdrawn) == (2, 1)
    assert (of_history.capacity, of_history.taken, of_history.free) == (20, 0, 20)
    world.maths.capacity = None
    assert seats.of(world.maths).free is None


def test_real_ranks_follow_the_list_in_the_transaction_that_moves_it(hall):
    assert [hall.of[number].real_rank for number in (4, 5, 3)] == [1, 2, 3]
    candidatures.withdraw(hall.of[4], actor=hall.people[4])
    assert [hall.of[number].real_rank for number in (4, 5, 3)] == [None, 1, 2]
    hall.decide(6, Outcome.WAITLISTED, 5)
    assert [hall.of[number].real_rank for number in (6, 5, 3)] == [1, 2, 3]
    hall.refuse(6)
    assert [hall.of[number].real_rank for number in (6, 5, 3)] == [None, 1, 2]


def test_equal_ranks_are_called_in_the_order_of_publication(world):
    hall = Hall.with_people(world, 3, capacity=0)
    hall.list_up({2: 1, 0: 1, 1: 1})
    assert hall.waiting() == [2, 0, 1]


def test_the_candidate_sees_the_rank_that_the_university_chose(hall):
    for choice, shown in (("NONE", None), ("ENTERED", 20), ("REAL", 2)):
        parameters.change("RANK_SHOWN", choice)
        assert ranks.shown(hall.of[5]) == shown
    assert ranks.shown(hall.of[0]) is None
    with pytest.raises(DomainError):
        parameters.change("RANK_SHOWN", "SOME")


def test_the_mail_of_the_list_gives_the_real_rank(world):
    parameters.change("RANK_SHOWN", "REAL")
    hall = Hall.with_people(world, 2, capacity=0)
    hall.list_up({0: 40, 1: 50})
    mail = db.session.scalar(db.select(OutboxMessage).where(OutboxMessage.kind == "decision_waitlisted", OutboxMessage.candidature_id == hall.of[1].id))
    assert "rang 2" in mail.text


def test_a_withdrawal_calls_the_next_with_its_own_deadline_and_its_own_mail(hall, world):
    world.maths.waitlist_confirm_days = 2
    hall.withdraw(1)
    called = hall.of[4]
    assert called.outcome == Outcome.ADMITTED and outcomes(hall)[5] == "WAITLISTED"
    assert clock.local_day(called.published_decision.confirm_by - timedelta(seconds=1)) == clock.local_day(clock.now()) + timedelta(days=2)
    made = hall.promotions()[0]
    assert (made.state, made.cause, made.freed_by_id, made.rank, made.real_rank) == (PromotionState.DONE, PromotionCause.WITHDRAWAL, hall.of[1].id, 10, 1)
    mails = db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.candidature_id == called.id)).all()
    offer = next(mail for mail in mails if mail.kind == "decision_admitted")
    assert "vous étiez sur la liste complémentaire" in offer.text
    alert = next(mail for mail in mails if mail.kind == "commission_alert_promotion")
    assert "Nom4" in alert.text and alert.recipient == "jury@postulo.example"


def test_an_ordinary_offer_does_not_speak_of_the_list(hall):
    mail = db.session.scalar(db.select(OutboxMessage).where(OutboxMessage.kind == "decision_admitted", OutboxMessage.candidature_id == hall.of[0].id))
    assert "liste complémentaire" not in mail.text


def test_a_refusal_published_over_an_offer_frees_its_place(hall):
    hall.refuse(0)
    assert outcomes(hall)[4] == "ADMITTED" and hall.promotions()[0].cause == PromotionCause.DECISION


def test_an_answer_that_never_came_frees_its_place(hall):
    hall.of[2].individual_confirm_by = clock.now() - timedelta(days=1)
    db.session.commit()
    candidatures.withdraw_automatically(hall.of[2])
    db.session.commit()
    assert outcomes(hall)[4] == "ADMITTED" and hall.promotions()[0].cause == PromotionCause.LAPSE


def test_a_withdrawal_from_the_list_frees_nothing(hall):
    hall.withdraw(4)
    assert hall.promotions() == [] and hall.waiting() == [5, 3]


def test_places_added_go_to_as_many_as_they_are(hall, world):
    promotions.set_capacity(world.maths, 5, actor=world.charlie)
    db.session.commit()
    assert hall.waiting() == [3]
    assert {(made.cause, made.freed_by_id, made.capacity) for made in hall.promotions()} == {(PromotionCause.CAPACITY, None, 5)}
    promotions.set_capacity(world.maths, 4, actor=world.charlie)
    assert hall.waiting() == [3]


def test_above_capacity_a_withdrawal_calls_nobody(hall):
    hall.admit(6)
    hall.withdraw(0)
    assert hall.promotions() == []
    hall.withdraw(1)
    assert [made.candidature_id for made in hall.promotions()] == [hall.of[4].id]


def test_places_never_filled_wait_for_a_manager(hall, world):
    """One place freed is one call: seats still kept for opinions to come are not given away by somebody's withdrawal."""
    world.maths.capacity = 6
    hall.withdraw(0)
    assert hall.waiting() == [5, 3] and seats.of(world.maths).free == 3
    promotions.call(world.maths, 2, actor=world.charlie)
    assert hall.waiting() == [] and {made.cause for made in hall.promotions()[1:]} == {PromotionCause.CALL}


def test_without_a_number_of_places_one_withdrawal_is_one_call(hall, world):
    world.maths.capacity = None
    hall.withdraw(0)
    hall.withdraw(1)
    assert hall.waiting() == [3]


def test_never_means_never(hall, world):
    world.maths.promotion_mode = PromotionMode.NONE
    hall.withdraw(0)
    assert hall.promotions() == [] and hall.waiting() == [4, 5, 3]


def test_an_offering_that_lacks_its_favourable_opinion_never_stops_a_withdrawal(hall, world):
    world.maths.admitted_type = None
    db.session.commit()
    hall.withdraw(0)
    assert hall.of[0].answer == Answer.WITHDRAWN
    assert [made.state for made in hall.promotions()] == [PromotionState.PROPOSED]
    world.maths.admitted_type = world.kinds[Outcome.ADMITTED]
    db.session.commit()
    promotions.refresh(world.maths.id)  # as the night does
    assert outcomes(hall)[4] == "ADMITTED"


# --- proposed to a manager ---


@pytest.fixture
def proposed(hall, world):
    world.maths.promotion_mode = PromotionMode.PROPOSED
    db.session.commit()
    hall.withdraw(0)
    hall.withdraw(1)
    return hall


def test_a_manager_accepts_in_order_and_is_named(proposed, world):
    first, second = proposed.promotions()
    assert proposed.waiting() == [4, 5, 3]
    with pytest.raises(DomainError, match="ordre"):
        promotions.accept(second, actor=world.charlie)
    promotions.accept(first, actor=world.charlie, seen=proposed.of[4].public_id)
    db.session.commit()
    assert first.decided_by_id == world.charlie.staff_member_id and proposed.waiting() == [5, 3]
    with pytest.raises(Conflict, match="déjà"):
        promotions.accept(first, actor=world.charlie)


def test_who_is_called_is_who_was_seen(proposed, world):
    proposed.withdraw(4)
    first = proposed.promotions()[0]
    with pytest.raises(Conflict, match="liste a changé"):
        promotions.accept(first, actor=world.charlie, seen=proposed.of[4].public_id)
    assert first.candidature_id == proposed.of[5].id and first.freed_by_id == proposed.of[0].id


def test_a_place_set_aside_stays_empty_and_order_is_kept(proposed, world):
    first, second = proposed.promotions()
    promotions.dismiss(first, actor=world.charlie)
    db.session.commit()
    assert first.state == PromotionState.DISMISSED and second.candidature_id == proposed.of[4].id
    assert promotions.accept_all(world.maths, actor=world.charlie) == 1
    assert proposed.waiting() == [5, 3] and seats.of(world.maths).free == 1
    assert promotions.dismiss_all(world.maths, actor=world.charlie) == 0


def test_only_who_holds_the_right_decides(proposed, world):
    for actor in (world.dora, world.frank):
        for act in (lambda who: promotions.accept(proposed.promotions()[0], actor=who), lambda who: promotions.dismiss(proposed.promotions()[0], actor=who),
                    lambda who: promotions.accept_all(world.maths, actor=who), lambda who: promotions.call(world.maths, 1, actor=who),
                    lambda who: promotions.set_capacity(world.maths, 9, actor=who)):
            with pytest.raises(NotAllowed):
                act(actor)


def test_above_the_seats_a_person_must_say_so_and_it_is_kept(proposed, world):
    first = proposed.promotions()[0]
    proposed.admit(6, 0)
    with pytest.raises(DomainError, match="même au-delà") as refused:
        promotions.accept(first, actor=world.charlie)
    assert refused.value.field == "over_capacity" and promotions.accept_all(world.maths, actor=world.charlie) == 0
    promotions.accept(first, actor=world.charlie, over_capacity=True)
    db.session.commit()
    assert first.is_over_capacity and seats.of(world.maths).free == -1
    entry = db.session.scalar(db.select(AuditEntry).where(AuditEntry.action == "over_capacity"))
    assert entry.changes == {"capacity": 3, "over": 1} and entry.actor_id == world.charlie.id


def test_calling_by_hand_holds_to_the_seats_too(hall, world):
    with pytest.raises(DomainError, match="0 place"):
        promotions.call(world.maths, 1, actor=world.charlie)
    with pytest.raises(DomainError, match="autant"):
        promotions.call(world.maths, 4, actor=world.charlie, over_capacity=True)
    with pytest.raises(DomainError, match="combien"):
        promotions.call(world.maths, 0, actor=world.charlie)
    promotions.call(world.maths, 2, actor=world.charlie, over_capacity=True)
    assert [made.is_over_capacity for made in hall.promotions()] == [True, True] and hall.waiting() == [3]


def test_a_call_by_hand_takes_first_the_place_already_proposed_to_the_first(hall, world):
    world.maths.promotion_mode = PromotionMode.PROPOSED
    world.maths.capacity = 3
    hall.withdraw(0)
    world.maths.capacity = 9
    db.session.commit()
    assert [made.candidature_id for made in promotions.pending_of(world.maths.id)] == [hall.of[4].id]
    promotions.call(world.maths, 1, actor=world.charlie)
    assert hall.waiting() == [5, 3] and promotions.pending_of(world.maths.id) == []
    promotions.call(world.maths, 2, actor=world.charlie)
    called = db.select(CandidatureEvent.candidature_id).where(CandidatureEvent.action == "promote").order_by(CandidatureEvent.id)
    assert db.session.scalars(called).all() == [hall.of[number].id for number in (4, 5, 3)]


def test_a_place_proposed_to_somebody_who_left_goes_to_the_next_or_to_nobody(proposed):
    for number in (4, 5, 3):
        proposed.withdraw(number)
    assert {made.state for made in proposed.promotions()} == {PromotionState.DISMISSED}


# --- properties ---

PEOPLE = 6
WHO = st.integers(0, PEOPLE - 1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("admit"), WHO), st.tuples(st.just("waitlist"), WHO, st.integers(1, 4)), st.tuples(st.just("refuse"), WHO),
        st.tuples(st.just("withdraw"), WHO), st.tuples(st.just("confirm"), WHO), st.tuples(st.just("lapse"), WHO),
        st.tuples(st.just("capacity"), st.sampled_from([None, 0, 1, 2, 3, 4])), st.tuples(st.just("mode"), st.sampled_from(list(PromotionMode))),
        st.tuples(st.just("accept"), st.booleans()), st.tuples(st.just("dismiss")), st.tuples(st.just("call"), st.integers(1, 2), st.booleans()),
        st.tuples(st.just("night")),
    ),
    min_size=4, max_size=16,
)


BEGUN = [("admit", 0), ("admit", 1), ("admit", 2), ("waitlist", 3, 2), ("waitlist", 4, 1)]  # an offer too many, a list of two


def take(hall, step):
    """Take one step; what the rules refuse changes nothing."""
    name, *rest = step
    world, offering = hall.world, hall.offering
    pending = promotions.pending_of(offering.id)
    acts = {
        "admit": lambda who: hall.admit(who),
        "waitlist": lambda who, rank: hall.decide(who, Outcome.WAITLISTED, rank),
        "refuse": lambda who: hall.refuse(who),
        "withdraw": lambda who: hall.withdraw(who),
        "confirm": lambda who: candidatures.confirm(hall.candidature(who), actor=hall.people[who]),
        "lapse": lambda who: lapse(hall, who),
        "capacity": lambda number: promotions.set_capacity(offering, number, actor=world.charlie),
        "mode": lambda mode: setattr(offering, "promotion_mode", mode),
        "accept": lambda over: pending and promotions.accept(pending[0], actor=world.charlie, over_capacity=over),
        "dismiss": lambda: pending and promotions.dismiss(pending[-1], actor=world.charlie),
        "call": lambda count, over: promotions.call(offering, count, actor=world.charlie, over_capacity=over),
        "night": lambda: promotions.refresh(offering.id),
    }
    try:
        acts[name](*rest)
        db.session.commit()
    except DomainError:
        db.session.rollback()


def lapse(hall, who):
    row = hall.candidature(who)
    row.individual_confirm_by = clock.now() - timedelta(days=1)
    candidatures.withdraw_automatically(row)


def check(hall, step, listed, done):
    """Check what one step made of the list and of the seats."""
    now = seats.of(hall.offering)
    rows = db.session.scalars(ranks.in_order(hall.offering.id)).all()
    assert [row.real_rank for row in rows] == list(range(1, len(rows) + 1))
    assert all(row.real_rank is None for row in hall.of.values() if row.id not in {waiting.id for waiting in rows})
    made = [one for one in hall.promotions() if one.state == PromotionState.DONE and one.id not in done]
    if any(not one.is_over_capacity for one in made) and not any(one.is_over_capacity for one in made) and now.capacity is not None:
        assert now.taken <= now.capacity, step
    numbers = {row.id: number for number, row in hall.of.items()}
    called = {numbers[one.candidature_id] for one in made}
    still = [number for number in listed if number not in called and number in hall.waiting()]
    assert all(listed.index(who) < listed.index(left) for who in called if who in listed for left in still), (step, listed, called)
    for one in hall.promotions():
        assert (one.freed_by_id is not None) == (one.cause in (PromotionCause.WITHDRAWAL, PromotionCause.LAPSE, PromotionCause.DECISION))
        assert one.cause != PromotionCause.CALL or one.decided_by_id == hall.world.charlie.staff_member_id
    pending = promotions.pending_of(hall.offering.id)
    assert [numbers[one.candidature_id] for one in pending] == hall.waiting()[: len(pending)]
    return done | {one.id for one in made}


def another(world):
    """Open another formation of the same commission."""
    model = world.maths
    formation = Formation(code=secrets.token_hex(4), name="Une autre", commission=model.commission, diploma_type=world.licence)
    offering = Offering(formation=formation, campaign=world.campaign, commission=model.commission, admitted_type=model.admitted_type)
    db.session.add(offering)
    db.session.commit()
    return offering


def story_of(hall, steps):
    """Play the steps in an offering and return all that came of them, without numbers of rows."""
    done = set()
    for step in [*BEGUN, *steps]:
        listed = hall.waiting()
        take(hall, step)
        done = check(hall, step, listed, done)
    numbers = {row.id: number for number, row in hall.of.items()}
    for row in hall.of.values():
        assert journal.verify(row.id) == journal.state_of(row)
    promoted = [(numbers[one.candidature_id], numbers.get(one.freed_by_id), one.cause, one.state, one.is_over_capacity) for one in hall.promotions()]
    return {number: (row.outcome, row.answer, row.real_rank) for number, row in hall.of.items()}, promoted


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_whatever_happens_seats_order_and_reasons_hold_and_the_same_gives_the_same(world, steps):
    db.session.rollback()
    people = getattr(world, "people", None) or [world.candidate(f"q{number}", "Q", f"Q{number}") for number in range(PEOPLE)]
    world.people = people
    parameters.change("MAX_CANDIDATURES", 200)
    db.session.commit()
    told = []
    for _again in range(2):
        told.append(story_of(Hall(world, another(world), capacity=2, people=people), steps))
    assert told[0] == told[1]


def test_every_call_is_told_in_the_history_without_naming_anybody(hall):
    hall.withdraw(0)
    event = db.session.scalar(db.select(CandidatureEvent).where(CandidatureEvent.action == "promote"))
    assert event.details == {"promotion": hall.promotions()[0].id, "rank": 10, "cause": "WITHDRAWAL"}
