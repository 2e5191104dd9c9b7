"""Saved views: kept, shared among colleagues of the same places with the same rights, opened again next time."""

import re

import pytest

from app.enums import Functionality
from app.extensions import db
from app.models import Note, SavedView

LIST = "/gestion/candidature/"
QUERY = "?tab=toutes&q=alpha&f.file_status=WAITING&sort=-created_at"


def save(client, name, query=QUERY, **more):
    return client.post(f"{LIST}vues{query}", {"name": name, **more})


def view_of(name):
    db.session.expire_all()
    return db.session.scalar(db.select(SavedView).where(SavedView.name == name))


def shown(client):
    """Return the names of the views that a person may open."""
    return re.findall(r'<button class="button secondary">([^<]+)</button></form>(?:<span|</div>)', client.get(f"{LIST}vues", headers={"HX-Request": "true"}).text)


def test_a_view_keeps_filters_columns_and_order(charlie, world):
    world.apply(world.alice, world.maths)
    charlie.post(f"{LIST}colonnes", {"move": "add:email"})
    answer = save(charlie, "  Mes  attentes ")
    view = view_of("Mes attentes")
    assert answer.status_code == 302 and view.owner_id == world.charlie.staff_member.id and not view.is_shared
    assert view.settings["filter"] == {"search": "alpha", "tab": "toutes", "where": {"file_status": {"in": ["WAITING"]}}, "sort": "-created_at"}
    assert view.settings["columns"][-1] == "email"
    charlie.post(f"{LIST}colonnes", {"move": "reset:"})
    page = charlie.get(answer.location)
    assert "Mes attentes" in page.text.split("<h1>")[1][:40] and "alice@exemple.fr" in page.text and "« alpha »" in page.text


def test_the_view_opened_last_is_there_next_time(charlie, world):
    save(charlie, "Une")
    view = view_of("Une")
    assert charlie.get(LIST).location.startswith(f"{LIST}?vue={view.public_id}&q=alpha&tab=toutes")
    assert charlie.get(f"{LIST}?tab=").status_code == 200, "the first tab shows everything again"
    save(charlie, "Deux", "?f.file_status=COMPLETE")
    charlie.post(f"{LIST}vues/{view.public_id}/ouvrir")
    assert view.public_id in charlie.get(LIST).location
    charlie.post(f"{LIST}vues/{view.public_id}/supprimer")
    assert charlie.get(LIST).status_code == 200 and view_of("Une") is None


def test_a_view_is_renamed_replaced_and_deleted_by_its_owner(charlie, world):
    save(charlie, "Une")
    view = view_of("Une")
    charlie.post(f"{LIST}vues/{view.public_id}/modifier", {"name": "Autre", "is_shared": "1"})
    assert view_of("Autre").is_shared and view_of("Une") is None
    charlie.post(f"{LIST}vues/{view.public_id}/remplacer?f.file_status=COMPLETE")
    assert view_of("Autre").settings["filter"]["where"] == {"file_status": {"in": ["COMPLETE"]}}
    assert charlie.post(f"{LIST}vues/{view.public_id}/supprimer").status_code == 302 and view_of("Autre") is None


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "\x00"])
def test_a_view_without_a_right_name_is_refused_with_what_was_typed(charlie, world, name):
    answer = save(charlie, name, is_shared="1")
    assert answer.status_code == 422 and "Donnez à la vue un nom" in answer.text and "checked" in answer.text
    assert db.session.scalars(db.select(SavedView)).all() == []


def test_two_views_of_one_person_have_two_names(charlie, dora, world):
    assert save(charlie, "Une").status_code == 302
    assert save(charlie, "Une").status_code == 422
    assert save(dora, "Une").status_code == 302


def test_a_shared_view_is_seen_by_colleagues_of_the_place_only(signed_in, charlie, dora, eve, frank, world):
    save(charlie, "Canari des sciences", is_shared="1")
    save(charlie, "Pour moi seul")
    view, own = view_of("Canari des sciences"), view_of("Pour moi seul")
    colleague = signed_in(world.staff("gina", tuple(Functionality), centre=world.sciences))
    db.session.commit()
    assert shown(charlie) == ["Canari des sciences", "Pour moi seul"]
    assert shown(colleague) == ["Canari des sciences"] == shown(eve)
    assert shown(dora) == [] and shown(frank) == [], "Dora is of Letters; Frank may not see tags, a column of that view"
    for client, code in ((dora, 404), (frank, 404), (colleague, 302)):
        assert client.post(f"{LIST}vues/{view.public_id}/ouvrir").status_code == code
        assert client.post(f"{LIST}vues/{own.public_id}/ouvrir").status_code == 404
        for verb in ("modifier", "remplacer", "supprimer"):
            assert client.post(f"{LIST}vues/{view.public_id}/{verb}", {"name": "Volée"}).status_code == 404
    assert "Canari" not in dora.get(f"{LIST}?vue={view.public_id}").text
    assert view_of("Canari des sciences").name == "Canari des sciences"


def test_a_shared_view_shows_each_his_own_scope(charlie, eve, world):
    world.apply(world.alice, world.maths)
    world.apply(world.bob, world.history)
    save(eve, "Tout", "?tab=", is_shared="1")
    address = charlie.post(f"{LIST}vues/{view_of('Tout').public_id}/ouvrir").location
    assert "Alpha" in charlie.get(address).text and "Beta" not in charlie.get(address).text


def test_a_view_that_asks_a_lost_right_says_nothing_of_it(charlie, world):
    candidature = world.apply(world.alice, world.maths)
    db.session.add(Note(candidature=candidature, text="secret-canari"))
    db.session.commit()
    charlie.post(f"{LIST}colonnes", {"move": "add:note_texts"})
    save(charlie, "Notes", "?tab=")
    assert "secret-canari" in charlie.get(LIST + "?tab=").text
    profile = world.charlie.staff_member.grants[0].profile
    profile.rights = [right for right in profile.rights if right.functionality != Functionality.NOTES]
    db.session.commit()
    assert "secret" not in charlie.get(f"{LIST}?vue={view_of('Notes').public_id}").text


def test_no_verb_but_the_known_ones(charlie, world):
    save(charlie, "Une")
    for verb in ("detruire", "OUVRIR", "_delete"):
        assert charlie.post(f"{LIST}vues/{view_of('Une').public_id}/{verb}").status_code == 404
    assert charlie.post(f"{LIST}vues/{'x' * 22}/ouvrir").status_code == 404
