"""The screen of parameters: typed, bounded, explained, audited, and two people do not undo each other."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select

from app import parameters
from app.enums import Functionality
from app.errors import DomainError
from app.extensions import db
from app.models import AuditEntry
from app.operations import documents_asked
from tests.admin.pages import form_of
from tests.world import SECRET

ROOT = Path(__file__).resolve().parents[2]
URL = "/gestion/parametres/"


def value(code):
    db.session.rollback()
    parameters.forget()
    return parameters.get(code)


def test_each_parameter_is_explained(eve):
    page = eve.get(URL).text
    for definition in parameters.DEFINITIONS.values():
        assert str(definition.label) in page and str(definition.help) in page
    assert "Entre 1 et 200 ; 20 au départ." in page


def test_saving_untouched_changes_nothing(eve):
    before = {code: value(code) for code in parameters.DEFINITIONS}
    assert eve.post(URL, form_of(eve.get(URL))).status_code == 302
    assert {code: value(code) for code in before} == before
    assert db.session.query(AuditEntry).count() == 0


def test_a_change_is_kept_and_written_down(eve, world):
    eve.post(URL, {**form_of(eve.get(URL)), "MAX_CANDIDATURES": "12", "CONTACT_PHONE": "01 23"})
    assert (value("MAX_CANDIDATURES"), value("CONTACT_PHONE")) == (12, "01 23")
    entries = {entry.entity_id: (entry.changes, entry.actor_id) for entry in db.session.scalars(select(AuditEntry))}
    assert entries == {
        "MAX_CANDIDATURES": ({"value": [20, 12]}, world.eve.id),
        "CONTACT_PHONE": ({"value": ["", "01 23"]}, world.eve.id),
    }
    assert "20 → 12" in eve.get("/gestion/auditentry/").text


@pytest.mark.parametrize(
    ("code", "typed"),
    [
        ("MAX_CANDIDATURES", "0"), ("MAX_CANDIDATURES", "201"), ("MAX_CANDIDATURES", ""), ("MAX_CANDIDATURES", "-5"),
        ("MAX_CANDIDATURES", "1e3"), ("MAX_CANDIDATURES", "9" * 30), ("MAX_CANDIDATURES", "١٢"), ("INSTITUTION_COLOUR", "red"),
        ("INSTITUTION_COLOUR", "#12345g"), ("CONTACT_EMAIL", "pas une adresse"), ("ENROLMENT_URL", "javascript:alert(1)"),
        ("ENROLMENT_URL", "file:///etc/passwd"), ("ENROLMENT_PREFIX", "TROP"), ("INSTITUTION_NAME", "x" * 201),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_and_nothing_of_the_page_is_kept(code, typed, eve):
    before = value(code)
    answer = eve.post(URL, {**form_of(eve.get(URL)), code: typed, "CONTACT_PHONE": "01 23"})
    assert answer.status_code == 422
    assert str(parameters.DEFINITIONS[code].label) in answer.text and form_of(answer)[code] == [typed]
    assert (value(code), value("CONTACT_PHONE")) == (before, "")


def test_two_people_do_not_undo_each_other(eve, signed_in, world):
    mine = form_of(eve.get(URL))
    gina = world.staff("gina", (Functionality.PARAMETERS,))
    db.session.commit()
    other = signed_in(gina)
    other.post(URL, {**form_of(other.get(URL)), "MAX_CANDIDATURES": "7"})
    assert eve.post(URL, {**mine, "CONTACT_PHONE": "01 23"}).status_code == 302, "what I did not touch is left alone"
    assert (value("MAX_CANDIDATURES"), value("CONTACT_PHONE")) == (7, "01 23")
    answer = eve.post(URL, {**mine, "MAX_CANDIDATURES": "9"})
    assert answer.status_code == 422 and "quelqu’un vient d’y mettre « 7 »" in answer.text
    assert value("MAX_CANDIDATURES") == 7
    assert eve.post(URL, {**form_of(answer), "CONTACT_PHONE": "01 23"}).status_code == 302
    assert value("MAX_CANDIDATURES") == 9


def test_a_reader_reads(signed_in, world):
    reader = world.staff("reader", (Functionality.PARAMETERS,), is_write=False)
    db.session.commit()
    client = signed_in(reader)
    assert client.get(URL).status_code == 200 and "Enregistrer" not in client.get(URL).text
    assert client.post(URL, {"MAX_CANDIDATURES": "9"}).status_code == 403
    assert value("MAX_CANDIDATURES") == 20


def test_a_word_narrows_the_page_and_saving_it_leaves_the_others_alone(eve):
    parameters.change("LETTERS_BLOCKED", True)
    db.session.commit()
    page = eve.get(f"{URL}?q=telephone contact")
    assert "CONTACT_PHONE" in page.text and "MAX_CANDIDATURES" not in page.text
    eve.post(f"{URL}?q=telephone", {**form_of(page), "CONTACT_PHONE": "01 23"})
    assert (value("CONTACT_PHONE"), value("LETTERS_BLOCKED")) == ("01 23", True)


def test_each_says_who_changed_it_last_and_takes_its_default_again(eve, charlie, world):
    eve.post(URL, {**form_of(eve.get(URL)), "MAX_CANDIDATURES": "12"})
    page = eve.get(URL).text
    assert f"Changé par {world.eve.staff_member}" in page and "Valeur par défaut : 20." in page
    assert eve.post(f"{URL}defaut", {"code": "NOTHING"}).status_code == 404
    assert eve.post(f"{URL}defaut", {"code": "MAX_CANDIDATURES"}).status_code == 302
    assert value("MAX_CANDIDATURES") == 20 and "Valeur par défaut : 20." not in eve.get(URL).text
    assert [entry.changes for entry in db.session.scalars(select(AuditEntry))] == [{"value": [20, 12]}, {"value": [12, 20]}]


def test_each_parameter_has_one_theme_and_is_read_by_the_code():
    codes = [code for _title, of_theme in parameters.THEMES for code in of_theme]
    assert sorted(codes) == sorted(parameters.DEFINITIONS)
    code = re.sub(r"parameter\(", "get(", "".join(path.read_text() for path in (ROOT / "app").rglob("*.py") if path.name != "parameters.py"))
    assert [name for name in codes if not re.search(f"""get\\(["']{name}["']\\)""", code)] == []


def test_a_door_that_is_closed_lets_nobody_in_anew(app, client):
    parameters.change("LOCAL_ACCOUNTS_OPEN", False)
    parameters.change("UNIVERSITY_DOOR_OPEN", False)
    db.session.commit()
    typed = {"last_name": "X", "first_name": "Y", "email": "x@exemple.fr", "email_again": "x@exemple.fr"}
    typed |= {"password": SECRET, "password_again": SECRET, "certified": "y"}
    assert "La création de compte est fermée" in client.post("/compte/creer", typed).text
    assert client.get("/connexion/universite").status_code == 404
    assert "identifiants universitaires" not in client.get("/connexion").text
    assert not [address for address in ("/", "/connexion", "/formations") if "Créer un compte" in client.get(address).text]


def test_an_archive_holds_no_more_dossiers_than_said(world):
    parameters.change("DOSSIERS_PER_DOWNLOAD", 1)
    assert documents_asked.most_of("dossiers_zip") == 1
    rows = [world.transmitted(user, world.maths).id for user in (world.alice, world.bob)]
    with pytest.raises(DomainError):
        documents_asked.ask("dossiers_zip", rows, actor=world.charlie)
