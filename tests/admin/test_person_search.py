"""A person is found from any page, by number or by words, across campaigns; whoever is out of reach answers like nobody."""

import pytest

from app.admin.persons import highlighted
from app.extensions import db
from app.operations import person_search
from tests.test_consistency import count_queries


@pytest.fixture
def people(world):
    """Alice applied to Sciences, Bob to Letters; each has every number there is."""
    world.apply(world.alice, world.maths)
    world.apply(world.bob, world.history)
    for user, number, ine in ((world.alice, "22001234", "1234567890D"), (world.bob, "22005678", "0987654321F")):
        user.candidate.sis_number, user.candidate.ine = number, ine
    world.alice.candidate.last_name = "Alpha-Éclair"
    db.session.commit()
    return world


def ask(client, text):
    return client.get("/gestion/personnes/", query_string={"q": text})


@pytest.mark.parametrize("name", ["dossier_number", "ine", "sis_number", "email"])
def test_a_whole_number_opens_the_person_at_once(charlie, people, name):
    person = people.alice.candidate
    text = people.alice.email if name == "email" else getattr(person, name)
    for typed in (text, f" {text.lower()} ", text.upper()):
        answer = ask(charlie, typed)
        assert answer.status_code == 302 and answer.location.endswith(f"/gestion/candidat/{person.dossier_number}"), typed


@pytest.mark.parametrize("name", ["dossier_number", "ine", "sis_number", "email", "last_name"])
def test_who_is_out_of_reach_answers_like_nobody(charlie, people, name):
    bob = people.bob.candidate
    text = people.bob.email if name == "email" else getattr(bob, name)
    answer, nobody = ask(charlie, text), ask(charlie, "zzzznobody")
    assert answer.status_code == nobody.status_code == 200
    assert answer.text.count("Personne ne répond") == nobody.text.count("Personne ne répond") and bob.dossier_number not in answer.text.replace(text, "")
    assert charlie.get(f"/gestion/candidat/{bob.dossier_number}").status_code == 404
    assert charlie.get(f"/gestion/candidat/{bob.dossier_number}/candidater").status_code == 404
    assert charlie.post(f"/gestion/candidat/{bob.dossier_number}/compte/valider").status_code == 404


def test_words_find_in_any_order_without_accents_and_are_marked(charlie, eve, people):
    page = ask(charlie, "ALICE eclair")
    assert page.status_code == 200 and "<mark>Éclair</mark>" in page.text and "<mark>Alice</mark>" in page.text and "(1)" in page.text
    both = ask(eve, "exemple").text
    assert "2 personnes répondent" in both and "Licence Mathématiques" in both and "Licence Histoire" in both


def test_a_person_of_two_centres_shows_to_each_only_its_own_candidatures(charlie, dora, people):
    people.apply(people.alice, people.history)
    number = people.alice.candidate.dossier_number
    mine, theirs = charlie.get(f"/gestion/candidat/{number}").text, dora.get(f"/gestion/candidat/{number}").text
    assert "Licence Mathématiques" in mine and "Licence Histoire" not in mine
    assert "Licence Histoire" in theirs and "Licence Mathématiques" not in theirs
    assert "Licence Histoire" not in ask(charlie, "alpha").text


def test_what_is_typed_is_never_a_pattern_nor_markup(charlie, people):
    for text in ("%", "_____", "<script>alert(1)</script>", "a" * 5000, "'; DROP TABLE candidate;--"):
        page = ask(charlie, text)
        assert page.status_code == 200 and "<script>alert" not in page.text and people.alice.candidate.dossier_number not in page.text


def test_the_field_is_on_every_page_of_who_may_search(charlie, frank, people):
    assert 'action="/gestion/personnes/"' in charlie.get("/gestion/").text and 'action="/gestion/personnes/"' in frank.get("/gestion/candidature/").text
    assert ask(frank, "alpha").status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_people(charlie, people):
    few = count_queries(lambda: person_search.seen_candidatures(person_search.find(people.eve, "exemple").people, people.eve))
    for number in range(6):
        user = people.candidate(f"autre{number}", "Autre", f"Nom{number}")
        people.apply(user, people.maths)
    db.session.expire_all()
    many = count_queries(lambda: person_search.seen_candidatures(person_search.find(people.eve, "exemple").people, people.eve))
    assert many <= few + 1


def test_marks_escape_what_they_surround():
    assert highlighted("<b>Léa</b> Petit", ["lea"]) == "&lt;b&gt;<mark>Léa</mark>&lt;/b&gt; Petit"
