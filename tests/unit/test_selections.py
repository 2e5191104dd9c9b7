"""A selection is what its words say, in the scope of who asks, or nothing at all."""

import pytest

from app.enums import Functionality
from app.errors import DomainError
from app.extensions import db
from app.operations import filters, selections


@pytest.fixture
def dossiers(world):
    """One candidature in each centre."""
    return world.transmitted(world.alice, world.maths), world.apply(world.bob, world.history)


def found(actor, spec, **more):
    return db.session.scalars(selections.selection(actor, spec, **more)).all()


def test_those_ticked_are_found_in_scope(world, dossiers):
    mine, other = dossiers
    assert found(world.charlie, {"ids": [mine.public_id]}) == [mine.id]
    assert found(world.eve, {"ids": [other.public_id, mine.public_id]}) == [mine.id, other.id]


@pytest.mark.parametrize("foreign", ["other", "x" * 22, "", "\x00", 12, None])
def test_one_foreign_id_refuses_them_all(world, dossiers, foreign):
    mine, other = dossiers
    named = other.public_id if foreign == "other" else foreign
    with pytest.raises(selections.Foreign):
        found(world.charlie, {"ids": [mine.public_id, named]})


def test_a_right_held_in_another_centre_makes_an_id_foreign(world, dossiers):
    mine, _other = dossiers
    assert found(world.charlie, {"ids": [mine.public_id]}, right=Functionality.EXPORTS, write=True) == [mine.id]
    with pytest.raises(selections.Foreign):
        found(world.frank, {"ids": [mine.public_id]}, right=Functionality.EXPORTS)


@pytest.mark.parametrize("spec", [None, {}, {"ids": []}, {"ids": "abc"}, {"filter": None}, {"filter": []}, {"filter": "x"}, "x", {"ids": ["a"] * 1 + [str(n) for n in range(3000)]}])
def test_what_is_no_selection_is_refused_in_words(world, dossiers, spec):
    with pytest.raises(DomainError):
        selections.count(world.eve, spec)


def test_the_filter_is_evaluated_again_in_scope(world, dossiers):
    mine, other = dossiers
    everything = {"filter": {"search": "", "tab": "", "where": {}}}
    assert found(world.eve, everything) == [mine.id, other.id]
    assert found(world.charlie, everything) == [mine.id] and selections.count(world.charlie, everything) == 1
    waiting = {"filter": {"where": {"file_status": {"in": ["WAITING"]}}}}
    assert found(world.eve, waiting) == [other.id]
    with pytest.raises(DomainError):
        selections.count(world.charlie, waiting)


@pytest.mark.parametrize(
    "where",
    [
        {"unknown": {"in": ["x"]}},
        {"file_status": {"in": ["NOWHERE"]}},
        {"file_status": {"in": ["WAITING", "NOWHERE"]}},
        {"created_at": {"from": "hier"}},
        {"rank": {"to": "beaucoup"}},
        {"file_status": ["WAITING"]},
        {"piece-999": {"in": ["MISSING"]}},
        {f"unknown{n}": {"in": ["x"]} for n in range(40)},
    ],
)
def test_a_filter_not_understood_never_widens_a_selection(world, dossiers, where):
    with pytest.raises(DomainError):
        found(world.eve, {"filter": {"where": where}})
    spec, _columns = filters.cleaned({"where": where}, world.eve)  # the list, which only reads, leaves it out
    assert spec["where"] in ({}, {"file_status": {"in": ["WAITING"]}})


def test_a_filter_on_what_one_may_not_see_is_refused(world, dossiers):
    with pytest.raises(DomainError):
        found(world.frank, {"filter": {"where": {"notes": {"from": "1"}}}})
    assert filters.cleaned({"where": {"notes": {"from": "1"}}}, world.frank)[0]["where"] == {}


def test_too_many_is_refused(world, dossiers, monkeypatch):
    monkeypatch.setattr(selections, "MOST", 1)
    with pytest.raises(DomainError, match="Plus de 1"):
        selections.ids(world.eve, {"filter": {}})
