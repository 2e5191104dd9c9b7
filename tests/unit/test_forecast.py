"""The simulation of refusals: a pure function that says what the real rules then do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.enums import Outcome
from app.extensions import db
from app.operations import forecast, promotions, seats
from tests.hall import Hall

FREE = st.one_of(st.none(), st.integers(-5, 20))


@given(refused=st.integers(-3, 30), offers=st.integers(0, 20), free=FREE, pending=st.integers(0, 5), waiting=st.integers(0, 20))
def test_order_seats_and_bounds_hold(refused, offers, free, pending, waiting):
    listed = list(range(waiting))
    given_to = forecast.called(refused, offers=offers, free=free, pending=pending, listed=listed)
    assert given_to == listed[pending : pending + len(given_to)]
    assert len(given_to) <= max(0, min(refused, offers))
    if free is not None:
        assert not given_to or len(given_to) + pending <= free + min(refused, offers)


@given(offers=st.integers(1, 15), free=FREE, pending=st.integers(0, 3), waiting=st.integers(0, 12))
def test_the_table_ends_with_all_refused_and_never_goes_down(offers, free, pending, waiting):
    rows = forecast.table(offers=offers, free=free, pending=pending, listed=list(range(waiting)))
    assert rows[-1][0] == offers
    counts = [count for _refused, count, _last in rows]
    assert counts == sorted(counts)


@pytest.mark.parametrize("capacity, refused, expected", [(3, 2, [4, 5]), (2, 2, [4]), (1, 2, []), (None, 2, [4, 5]), (9, 1, [4])])
def test_what_it_foretells_is_what_refusals_do(world, capacity, refused, expected):
    hall = Hall.with_people(world, 7, capacity=capacity)
    hall.admit(0, 1, 2)
    hall.list_up({4: 1, 5: 2, 6: 3})
    now = seats.of(hall.offering)
    foretold = forecast.called(refused, offers=now.offers, free=now.free, pending=len(promotions.pending_of(hall.offering.id)), listed=hall.waiting())
    for number in range(refused):
        hall.refuse(number)
    called = [number for number in (4, 5, 6) if hall.of[number].outcome == Outcome.ADMITTED]
    assert foretold == called == expected
    db.session.rollback()
