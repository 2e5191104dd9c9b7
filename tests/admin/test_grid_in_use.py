"""A scoring grid that has served is frozen: what a mark is worth never changes under it; its words and its order still do."""

import pytest

from app.enums import OpinionKind
from app.extensions import db
from app.models import Criterion, ScoringGrid
from app.operations import opinions
from tests.admin.pages import form_of
from tests.world import both

pytestmark = pytest.mark.parametrize("app", ["sqlite"], indirect=True)


@pytest.fixture
def grid(world):
    made = ScoringGrid(name="Grille", criteria=[Criterion(label=both("Projet"), maximum=10, weight=2)])
    other = ScoringGrid(name="Autre", criteria=[Criterion(label=both("Notes"), maximum=20, weight=1)])
    db.session.add_all([made, other])
    world.maths.scoring_grid = made
    db.session.commit()
    return made


@pytest.fixture
def marked(world, grid):
    dossier = world.transmitted(world.alice, world.maths)
    opinions.give(dossier, OpinionKind.FAVOURABLE, actor=world.eve, marks={grid.criteria[0].id: "8"})
    db.session.commit()
    return dossier


def changed(client, criterion, **values):
    url = f"/gestion/criterion/edit/?id={criterion.id}"
    return client.post(url, {**form_of(client.get(url)), **values})


@pytest.mark.parametrize("what", [{"maximum": "40"}, {"weight": "3"}, {"grid": "other"}])
def test_what_a_mark_is_worth_no_longer_changes(eve, grid, marked, what):
    criterion, other = grid.criteria[0], db.session.query(ScoringGrid).filter_by(name="Autre").one()
    answer = changed(eve, criterion, **{name: str(other.id) if value == "other" else value for name, value in what.items()})
    assert answer.status_code == 422 and "Des notes ont été données avec cette grille" in answer.text
    db.session.expire_all()
    assert (criterion.maximum, criterion.weight, criterion.grid_id) == (10, 2, grid.id)


def test_no_criterion_joins_a_grid_that_has_served(eve, grid, marked):
    url = "/gestion/criterion/new/"
    typed = {**form_of(eve.get(url)), "label": ["Anglais", "English"], "grid": str(grid.id), "maximum": "20", "weight": "1", "position": "2"}
    answer = eve.post(url, typed)
    assert answer.status_code == 422 and "Des notes ont été données" in answer.text
    assert db.session.query(Criterion).count() == 2
    other = db.session.query(ScoringGrid).filter_by(name="Autre").one()
    assert eve.post(url, {**typed, "grid": str(other.id)}).status_code == 302
    assert db.session.query(Criterion).count() == 3


def test_words_and_order_still_change_and_so_does_a_grid_that_has_not_served(eve, grid, marked):
    other = db.session.query(ScoringGrid).filter_by(name="Autre").one()
    assert changed(eve, grid.criteria[0], position="7").status_code == 302
    assert changed(eve, other.criteria[0], maximum="30").status_code == 302
    assert "Ne change plus dès qu’une note est donnée" in eve.get("/gestion/criterion/new/").text
    db.session.expire_all()
    assert (grid.criteria[0].position, other.criteria[0].maximum) == (7, 30)
