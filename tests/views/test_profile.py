"""The profile on screen: what is refused says why beside its field and keeps what was typed; nothing typed breaks the page."""

import itertools

import pytest

from app.extensions import db
from app.models import Candidate
from tests.world import SECRET

IDENTITY = {
    "nationality_code": "BE",
    "ine": "",
    "civility": "MS",
    "last_name": "Alpha",
    "first_name": "Alice",
    "birth_on": "2004-05-06",
    "birth_country_code": "BE",
    "birth_town": "Liège",
    "phone": "",
}
ADDRESS = {"country_code": "FR", "line1": "1 rue Blatin", "postal_code": "63000", "commune_code": "63113", "town": ""}
ROW = {"year": "2022", "diploma": "Licence 1", "institution": "Université", "country_code": "FR", "obtained": "YES"}
STEPS = {"identite": IDENTITY, "adresse": ADDRESS, "cursus-externe/ajouter": ROW}


@pytest.fixture
def alice(client, world):
    client.sign_in("alice@exemple.fr", SECRET)
    return client


def person():
    db.session.expire_all()
    return db.session.scalar(db.select(Candidate).where(Candidate.first_name == "Alice"))


def refused(client, url, values, name):
    """Send a step that must be refused; return the page, whose sentence stands in the summary and beside the field."""
    answer = client.post(f"/profil/{url}", values)
    assert answer.status_code == 422, answer.text
    assert f'id="{name}-error"' in answer.text and f'href="#{name}"' in answer.text and 'role="alert"' in answer.text
    return answer.text


@pytest.mark.parametrize("step", STEPS)
def test_a_required_text_of_nothing_visible_is_empty(alice, step):
    required = [name for name in ("last_name", "first_name", "birth_town", "line1", "diploma", "institution") if name in STEPS[step]]
    for name, nothing in itertools.product(required, ("   ", "\x00", "\u200b", "\u202e\u200d")):
        assert "Remplissez ce champ." in refused(alice, step, STEPS[step] | {name: nothing}, name)


def test_a_name_that_is_none_is_refused_in_the_profile_as_at_the_door(alice):
    names = ("last_name", "usual_name", "first_name", "other_names", "birth_town")
    for name, typed in itertools.product(names, ("Jean🎓", "a\u0301\u0301\u0301\u0301", "<script>alert(1)</script>")):
        refused(alice, "identite", IDENTITY | {name: typed}, name)
    assert person().last_name == "Alpha"


def test_names_of_everywhere_are_kept_without_what_is_not_seen(alice):
    answer = alice.post("/profil/identite", IDENTITY | {"last_name": "Müller-Łukasz", "birth_town": "L\u2019Haÿ\x0b-les\u202e-Roses", "other_names": "é " * 99})
    assert answer.status_code == 302, answer.text
    assert (person().last_name, person().birth_town) == ("Müller-Łukasz", "L\u2019Haÿ-les-Roses")


NO_DAYS = ("2007-02-29", "2004-04-31", "0000-00-00", "29.02.2008", "02/29/2008", "-0001", "10000-01-01", "20080209", "2026-W53", "é")


def test_a_day_that_does_not_exist_is_refused_once_and_in_words(alice):
    for day in NO_DAYS:
        text = refused(alice, "identite", IDENTITY | {"birth_on": day}, "birth_on")
        assert text.count("Cette date n’existe pas") == 2 and f'value="{day}"' in text  # beside the field, and in the summary


def test_a_birth_date_out_of_reason_is_refused(alice):
    for day in ("0001-01-01", "1899-12-31", "9999-12-31", "2022-01-01", "  "):
        refused(alice, "identite", IDENTITY | {"birth_on": day}, "birth_on")


def test_a_rare_age_is_asked_twice_then_believed(alice):
    text = refused(alice, "identite", IDENTITY | {"birth_on": "1921-06-01"}, "birth_on")
    assert 'name="birth_repeated" type="hidden" value="1921-06-01"' in text
    refused(alice, "identite", IDENTITY | {"birth_on": "1920-06-01", "birth_repeated": "1921-06-01"}, "birth_on")
    answer = alice.post("/profil/identite", IDENTITY | {"birth_on": "1921-06-01", "birth_repeated": "1921-06-01"})
    assert answer.status_code == 302 and person().birth_on.year == 1921


def test_what_is_no_telephone_number_is_refused(alice):
    for phone in ("abc", "=cmd()", "06", "++33612345678"):
        refused(alice, "identite", IDENTITY | {"phone": phone}, "phone")


def test_telephone_numbers_are_kept_as_written(alice):
    for phone in ("06 12 34 56 78", "+33 6 12 34 56 78", "0612345678", "(514) 555-0199", "+32\u00a0470 12 34 56"):
        assert alice.post("/profil/identite", IDENTITY | {"phone": phone}).status_code == 302
        assert person().phone == phone


def test_a_year_is_refused_with_one_sentence(alice):
    for year in ("", "  ", "abc", "1e3", "2022.5", "-5", "9" * 30):
        text = refused(alice, "cursus-externe/ajouter", ROW | {"year": year}, "year")
        assert text.count('class="error-text"') == 1 and "Not a valid" not in text


def test_a_postal_code_may_be_written_with_a_space(alice):
    assert ["63113", "Clermont-Ferrand"] in alice.get("/profil/communes?code=63+000").json
    assert alice.post("/profil/adresse", ADDRESS | {"postal_code": "63 000"}).status_code == 302
    assert person().address.postal_code == "63000"


def test_what_an_address_in_france_needs_is_not_said_optional(alice):
    text = alice.get("/profil/adresse").text
    assert '<label for="line2">Complément d’adresse <span class="optional">' in text
    for name in ("postal_code", "commune_code", "town"):
        label = text.split(f'<label for="{name}">')[1].split("</label>")[0]
        assert "facultatif" not in label


def test_texts_that_no_database_keeps_do_not_break_a_page(alice):
    answer = alice.http.post("/profil/identite", data=b"\xff\xfe=\xff&last_name=%ff%fe", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400
    assert alice.post("/profil/adresse", ADDRESS | {"line1": "1 rue\x00 \x0bBlatin"}).status_code == 302
    assert person().address.line1 == "1 rue Blatin"
