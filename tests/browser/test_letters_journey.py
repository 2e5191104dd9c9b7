"""A candidate takes his letter home, somebody else verifies it by its code, and a manager prints many; axe finds nothing."""

import re

import pytest

from app.operations.demonstration.cast import CANDIDATE_SECRET, STAFF_SECRET
from tests.browser.conftest import downloaded, violations

pytestmark = pytest.mark.browser


def sign_in(page, identifier, password):
    page.goto("/connexion")
    page.get_by_label("Adresse électronique ou numéro de dossier").fill(identifier)
    page.get_by_label("Mot de passe").fill(password)
    page.locator("main form.card button").click()
    page.wait_for_load_state()


def faults(page):
    page.wait_for_load_state("load")
    return violations(page)


def test_a_letter_from_its_download_to_its_verification(visit):
    page = visit()
    sign_in(page, "noah.robert@exemple.postulo.example", CANDIDATE_SECRET)
    page.goto("/candidatures")
    page.locator("main a[href^='/candidatures/']:not([href$=nouvelle])").first.click()
    assert faults(page) == []
    name, text, _document = downloaded(page, page.get_by_role("link", name="Télécharger la lettre (PDF)").click)
    assert re.fullmatch(r"lettre-[A-Z0-9]{8}-\d+\.pdf", name)
    assert "avis favorable" in text and "Monsieur Noah Robert" in text
    code = re.search(r"/verification/(\S{22})", text)[1]
    _name, dossier, document = downloaded(page, page.get_by_role("link", name="Télécharger mon dossier (PDF)").click)
    assert "Robert Noah" in dossier and f"page {len(document)}/{len(document)}" in dossier

    for device, language in (("desktop", "fr"), ("telephone", "en")):
        other = visit(device=device, language=language)
        other.goto("/verification")
        assert faults(other) == []
        other.locator("#code").fill(code)
        other.locator("main form button").click()
        other.wait_for_url(f"**/verification/{code}")
        words = other.locator("main").inner_text()
        assert ("l’avis est en vigueur" if language == "fr" else "the decision stands") in words
        assert [secret for secret in ("Noah", "Robert", "noah.robert") if secret in words] == []
        assert faults(other) == []


def test_a_manager_prints_the_dossiers_that_he_ticks_and_an_editor_sees_a_letter(visit):
    page = visit()
    sign_in(page, "administration@postulo.example", STAFF_SECRET)
    page.goto("/gestion/candidature/")
    rows = page.locator("input[name=row]")
    for number in range(2):
        rows.nth(number).check()
    page.locator("summary", has_text="Documents").click()
    page.get_by_role("button", name="Dossiers en un seul PDF").click()
    assert "2 candidatures choisies" in page.locator("main").inner_text() and faults(page) == []
    page.get_by_label(re.compile("Pour quelle raison")).fill("Jury du 3 mai")
    page.get_by_role("button", name="Préparer le fichier").click()
    link = page.get_by_role("link", name=re.compile("Télécharger dossiers"))
    link.wait_for(timeout=60_000)
    assert faults(page) == []
    _name, text, document = downloaded(page, link.click)
    assert text.count("page 1/") == 2 and len([mark for mark in document.get_toc() if mark.level == 0]) == 2

    for address in ("lettertemplate/", "lettertemplate/edit/?id=1", "lettertemplate/new/", "identite/"):
        page.goto(f"/gestion/{address}")
        assert faults(page) == [], address
    page.goto("/gestion/lettertemplate/edit/?id=1")
    _name, text, _document = downloaded(page, page.get_by_role("button", name="Voir la lettre (PDF)").click)
    assert "Camille Martin" in text and "remise à personne" in text
