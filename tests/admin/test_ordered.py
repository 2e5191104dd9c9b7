"""Lists put in order from the back office: one mechanism for every model that has a place, without script, kept in the journal."""

import re

import pytest
from sqlalchemy import select

from app.admin.generate import models
from app.admin.ordered import is_ordered
from app.enums import Functionality
from app.extensions import db
from app.models import AuditEntry, Criterion, DiplomaType, PieceType, RequiredPiece, ScoringGrid
from tests.world import both

URL = "/gestion/diplomatype/"


@pytest.fixture
def families(world):
    for family in db.session.scalars(select(DiplomaType)):
        family.position = 1
    rows = [DiplomaType(code=code, name=both(code)) for code in ("premier", "second", "troisieme")]
    db.session.add_all(rows)
    db.session.commit()
    return rows


def order(model=DiplomaType, **criteria):
    db.session.rollback()
    return [row.id for row in db.session.scalars(select(model).filter_by(**criteria).order_by(model.position, model.id))]


def move(client, row, beside, side="before", url=URL, seen=None):
    return client.post(f"{url}{row.id}/ordre", {"beside": f"{side}:{beside.id}", "seen_version": str(seen or row.version)})


def test_a_button_moves_a_row_and_leaves_the_others_in_their_order(eve, families):
    first, second, third = families
    before = order()
    page = eve.get(URL).text
    form = page.split(f'id="ordre-{third.id}"')[1].split("</form>")[0]
    assert re.findall(r'value="((?:before|after):\w*)"( disabled)?', form) == [(f"before:{second.id}", ""), ("after:None", " disabled")]
    answer = move(eve, third, second)
    assert answer.status_code == 302 and answer.headers["Location"].endswith(f"#ordre-{third.id}")
    assert order() == [*before[:-2], third.id, second.id]
    assert move(eve, db.session.get(DiplomaType, first.id), db.session.get(DiplomaType, second.id), "after").status_code == 302
    assert order()[-3:] == [third.id, second.id, first.id]
    shown = eve.get(URL).text
    assert shown.index(">troisieme<") < shown.index(">second<") < shown.index(">premier<")
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "DiplomaType")).all()
    assert entries and all(entry.actor_id and set(entry.changes) == {"position"} for entry in entries)


def test_a_page_left_open_while_others_moved_the_row_changes_nothing(eve, families):
    first, _second, third = families
    seen = third.version
    move(eve, third, first)
    kept = order()
    answer = move(eve, db.session.get(DiplomaType, third.id), db.session.get(DiplomaType, first.id), "after", seen=seen)
    assert answer.status_code == 302 and order() == kept
    assert "relisez l’ordre" in eve.get(URL).text


def test_each_is_ordered_among_its_own(eve, world):
    grids = [ScoringGrid(name=name) for name in "AB"]
    mine, other = (Criterion(grid=grid, label=both(grid.name)) for grid in grids)
    next_one = Criterion(grid=grids[0], label=both("Suivant"))
    db.session.add_all([mine, next_one, other])
    db.session.commit()
    url = "/gestion/criterion/"
    assert move(eve, next_one, mine, url=url).status_code == 302
    assert order(Criterion, grid_id=grids[0].id) == [next_one.id, mine.id]
    kept = other.position
    move(eve, db.session.get(Criterion, mine.id), other, url=url)
    assert "ne se rangent pas ensemble" in eve.get(url).text
    assert order(Criterion, grid_id=grids[0].id) == [next_one.id, mine.id] and db.session.get(Criterion, other.id).position == kept


def test_who_manages_a_centre_orders_its_rows_and_no_others(charlie, dora, world):
    kinds = [
        PieceType(code=code, name=both(code), centre=centre)
        for code, centre in (("a", world.sciences), ("b", world.sciences), ("c", world.letters))
    ]
    rows = [RequiredPiece(campaign=world.campaign, piece_type=kind, centre=kind.centre) for kind in kinds]
    common = RequiredPiece(campaign=world.campaign, piece_type=kinds[0])
    db.session.add_all([*rows, common])
    db.session.commit()
    url, (first, second, foreign) = "/gestion/requiredpiece/", rows
    assert move(charlie, second, first, url=url).status_code == 302
    found = order(RequiredPiece, centre_id=world.sciences.id)
    assert found.index(second.id) < found.index(first.id)
    kept = order(RequiredPiece)
    assert move(charlie, foreign, first, url=url).status_code == 404 and move(charlie, common, first, url=url).status_code == 404
    assert move(dora, db.session.get(RequiredPiece, second.id), foreign, url=url).status_code == 404
    move(charlie, db.session.get(RequiredPiece, second.id), common, "after", url=url)
    assert order(RequiredPiece) == kept
    page = charlie.get(url).text
    assert f'id="ordre-{first.id}"' in page and f'id="ordre-{common.id}"' not in page


def test_who_only_reads_and_what_means_nothing_change_nothing(eve, signed_in, world, families):
    first, second, _third = families
    kept = order()
    reader = signed_in(world.staff("reader", tuple(Functionality), is_write=False))
    assert move(reader, second, first).status_code == 403 and "ordre-" not in reader.get(URL).text
    for data in (
        {},
        {"beside": "before:x", "seen_version": "1"},
        {"beside": f"before:{first.id}", "seen_version": "²"},
        {"beside": f"on:{first.id}", "seen_version": "1"},
    ):
        assert eve.post(f"{URL}{second.id}/ordre", data).status_code == 400, data
    assert order() == kept


def test_every_model_with_a_place_is_put_in_order(eve, world):
    found = {model.__name__ for model in models() if is_ordered(model)}
    assert found >= {"RequiredPiece", "RequiredForm", "FormField", "Criterion", "DiplomaType"}
    assert "ordre-" not in eve.get(f"{URL}?sort=0").text and "ordre-" in eve.get("/gestion/formfield/").text
