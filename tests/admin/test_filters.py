"""Generated lists: filters made from the columns, references that lead to what they name, and screens with nothing to show."""

import re
from datetime import UTC, datetime

import pytest

from app.admin import SPECIAL
from app.admin.base import ManagedView
from app.admin.generate import attributes, models
from app.enums import Functionality
from app.extensions import db
from app.models import Campaign, EnrolmentProposal, FormField, RequiredPiece, Tag


def rows(answer):
    """Return the text of the table, without what stands around it."""
    assert answer.status_code == 200
    return answer.text.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in answer.text else ""


def chips(answer):
    return [re.sub(r"<[^>]+>", "", chip).split("×")[0].strip() for chip in re.findall(r'<li><a href="[^"]*"><span>.*?</li>', answer.text)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("f.name=maths", {"Licence Maths"}),
        ("f.name=maths&f.centre=", {"Licence Maths"}),
        ("f.name=%25", set()),
        ("f.code=", {"Licence Maths", "Licence Histoire"}),
    ],
)
def test_texts_are_found_literally(query, found, eve, world):
    world.maths.formation.name, world.history.formation.name = "Licence Maths", "Licence Histoire"
    db.session.commit()
    shown = rows(eve.get(f"/gestion/formation/?{query}"))
    assert {name for name in ("Licence Maths", "Licence Histoire") if name in shown} == found


def test_a_reference_is_filtered_by_its_name(eve, world):
    shown = rows(eve.get("/gestion/commission/?f.centre=lettres"))
    assert "Commission Lettres" in shown and "Commission Sciences" not in shown
    shown = rows(eve.get("/gestion/offering/?f.formation=mathématiques&f.campaign=2027"))
    assert "Mathématiques" in shown and "Histoire" not in shown


def test_a_translated_text_is_found_in_each_language(eve, world):
    db.session.add_all(
        [
            Campaign(
                code=code, name={"fr": fr, "en": en}, starts_at=datetime(2030, 1, 1, tzinfo=UTC), ends_at=datetime(2031, 1, 1, tzinfo=UTC)
            )
            for code, fr, en in (("a", "Été", "Summer"), ("b", "Hiver", "Winter"))
        ]
    )
    db.session.commit()
    for words in ("Été", "summer"):
        shown = rows(eve.get(f"/gestion/campaign/?f.name={words}"))
        assert "Été" in shown and "Hiver" not in shown, words


def test_days_are_whole_and_closings_are_read_as_they_are_shown(eve, world):
    campaign = world.campaign
    campaign.starts_at, campaign.ends_at = datetime(2027, 1, 9, 23, tzinfo=UTC), datetime(2027, 6, 30, 22, tzinfo=UTC)
    db.session.commit()
    assert "30/06/2027 23:59" in rows(eve.get("/gestion/campaign/"))
    for query, is_found in (
        ("f.starts_at.from=2027-01-10", True), ("f.starts_at.from=2027-01-11", False), ("f.starts_at.to=2027-01-10", True), ("f.starts_at.to=2027-01-09", False),
        ("f.ends_at.to=2027-06-30", True), ("f.ends_at.to=2027-06-29", False), ("f.ends_at.from=2027-06-30", True), ("f.ends_at.from=2027-07-01", False),
    ):  # fmt: skip
        assert ("Campagne 2027" in rows(eve.get(f"/gestion/campaign/?{query}"))) is is_found, query


def test_numbers_are_taken_with_their_bounds(eve, world):
    world.maths.capacity = 30
    db.session.commit()
    for query, is_found in (("from=30&", True), ("from=30,5", False), ("to=29", False), ("to=30.5", True)):
        query = "&".join(f"f.capacity.{part}" for part in query.split("&") if part)
        assert ("Mathématiques" in rows(eve.get(f"/gestion/offering/?{query}"))) is is_found, query


def test_filters_in_force_are_said_and_taken_away_one_by_one(eve, world):
    page = eve.get("/gestion/centre/?search=s&f.name=scien&f.is_active=1&sort=0&password=x")
    assert chips(page) == ["« s »", "Nom contient « scien »", "En service : oui"]
    addresses = re.findall(r'<li><a href="([^"]*)"><span>', page.text)
    assert [address.replace("&amp;", "&").partition("?")[2] for address in addresses] == [
        "f.name=scien&f.is_active=1", "search=s&sort=0&f.is_active=1", "search=s&sort=0&f.name=scien",
    ]  # fmt: skip
    assert 'value="scien"' in page.text
    export = re.search(r'href="([^"]*export/csv[^"]*)"', page.text)[1].replace("&amp;", "&")
    taken = eve.get(export).text
    assert "Sciences" in taken and "Lettres" not in taken


def test_a_value_that_means_nothing_is_said_and_narrows_nothing(eve, world):
    for query in ("f.is_active=peut-%C3%AAtre", "f.opens_at.from=demain"):
        page = eve.get(f"/gestion/offering/?{query}" if "opens" in query else f"/gestion/centre/?{query}")
        assert "ne se comprend pas" in page.text and rows(page).count("<tr>") >= 2, query


def test_every_column_of_every_list_has_its_filter(eve, world):
    """In one panel, without script, each field with its name."""
    for model in models():
        found = attributes(model, SPECIAL.get(model, ManagedView))
        page = eve.get(f"/gestion/{model.__name__.lower()}/").text
        for flt in found["list_filters"].values():
            assert all(f'name="{name}"' in page for name in flt.names), flt
    assert set(attributes(RequiredPiece, ManagedView)["list_filters"]) == set(attributes(RequiredPiece, ManagedView)["column_list"])
    assert set(attributes(FormField, ManagedView)["list_filters"]) == set(attributes(FormField, ManagedView)["column_list"])


# --- references lead to what they name ---


def test_a_reference_leads_to_the_page_of_what_it_names(eve, world):
    link = f'<a href="/gestion/centre/details/?id={world.sciences.id}">Sciences</a>'
    assert link in rows(eve.get("/gestion/commission/"))
    page = eve.get(f"/gestion/commission/details/?id={world.maths.commission_id}")
    assert page.status_code == 200
    page = eve.get(f"/gestion/formation/details/?id={world.maths.formation_id}").text
    assert f'<a href="/gestion/commission/details/?id={world.maths.commission_id}">' in page
    assert eve.get(f"/gestion/centre/details/?id={world.sciences.id}").status_code == 200


def test_a_reference_that_may_not_be_opened_is_only_named(signed_in, world):
    rights = tuple(right for right in Functionality if right != Functionality.ORGANISATION)
    client = signed_in(world.staff("without", rights))
    shown = rows(client.get("/gestion/offering/"))
    assert "Sciences" in shown and "/gestion/commission/details" not in shown and "/gestion/formation/details" in shown


def test_a_person_named_in_a_list_is_opened_on_her_own_page(eve, world):
    candidature = world.transmitted(world.alice, world.maths)
    db.session.add(EnrolmentProposal(candidate=candidature.candidate, campaign=world.campaign, opi_number="EC1"))
    db.session.commit()
    assert f'<a href="/gestion/candidat/{candidature.candidate.dossier_number}">' in rows(eve.get("/gestion/enrolmentproposal/"))


# --- nothing to show ---


def test_an_empty_screen_says_what_it_is_for_and_how_to_begin(eve, signed_in, world):
    page = eve.get("/gestion/tag/").text
    assert "Rien ici pour l’instant" in page and "Les étiquettes de couleur que l’on pose sur les dossiers." in page
    assert 'href="/gestion/tag/new/' in page.split('class="card empty"')[1]
    reader = signed_in(world.staff("reader", tuple(Functionality), is_write=False))
    page = reader.get("/gestion/tag/").text
    assert "Rien ici pour l’instant" in page and "/gestion/tag/new/" not in page


def test_what_must_exist_first_is_named(eve, world):
    assert db.session.query(Tag).count() == 0
    page = eve.get("/gestion/criterion/").text.split('class="card empty"')[1]
    assert "Il faut d’abord" in page and 'href="/gestion/scoringgrid/"' in page and "/gestion/criterion/new/" not in page


def test_filters_that_hide_everything_say_so(eve, world):
    page = eve.get("/gestion/centre/?f.name=inexistant").text
    assert "Rien ne répond à ces filtres" in page and "Rien ici pour l’instant" not in page
    assert 'href="/gestion/centre/">Tout montrer' in page
