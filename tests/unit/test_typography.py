"""A French line never begins with a punctuation mark; English, typed values and files are left alone."""

import pytest
from flask_babel import gettext, ngettext

from app.views.typography import french

NBSP, NARROW = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    "typed,printed",
    [
        ("Pourquoi ?", f"Pourquoi{NARROW}?"),
        ("Bravo ! Reçu ; lu", f"Bravo{NARROW}! Reçu{NARROW}; lu"),
        ("Nom : %(name)s", f"Nom{NBSP}: %(name)s"),
        ("dit « oui » puis", f"dit «{NBSP}oui{NBSP}» puis"),
        ("14:05, https://a.example/?q=a;b", "14:05, https://a.example/?q=a;b"),
        ("un ?x=1 et :nom", "un ?x=1 et :nom"),
        (" : ", " : "),
    ],
)
def test_punctuation_stays_with_its_word(typed, printed):
    assert french(typed) == printed
    assert french(printed) == printed


def test_a_page_in_french_is_printed_so_and_a_page_in_english_is_not(app, world):
    raw = app.test_client()
    words = raw.get("/aide", headers={"Accept-Language": "fr"}).text
    assert NBSP in words and " ?<" not in words and " :<" not in words and " »" not in words
    with app.test_request_context("/", headers={"Accept-Language": "fr"}):
        assert gettext("Choisissez l’avis.") == "Choisissez l’avis."
        assert ngettext("%(num)d refus : lisez", "%(num)d refus ; lisez", 2) == f"2 refus{NARROW}; lisez"
    assert gettext("Nom : %(name)s", name="a : b") == "Nom : a : b"  # outside a page: the plain sentence


def test_what_a_person_typed_comes_back_as_typed(client, world):
    refused = client.post("/compte/creer", {"last_name": "Dupont : fils ?", "first_name": "", "email": "x"}, page="/compte/creer")
    assert refused.status_code == 422 and 'value="Dupont : fils ?"' in refused.get_data(as_text=True)
