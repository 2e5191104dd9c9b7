"""Every page that the walk of the guide does not cross: each without accessibility fault, and without a line wider than a telephone."""

import re

import pytest
from PIL import Image

from tests.browser.conftest import violations
from tests.world import pdf

pytestmark = pytest.mark.browser
SECRET = "nuage-velo-grenade"  # noqa: S105 -- of the demonstration, printed by it
LISTS = ("cursus-externe", "stages", "experiences")
REFUSALS = (400, 404, 405, 409, 410, 413, 422)


def sign_in(page, name):
    page.goto("/connexion")
    page.get_by_label("Adresse électronique ou numéro de dossier").fill(f"{name}@exemple.postulo.example")
    page.get_by_label("Mot de passe").fill(SECRET)
    page.get_by_role("main").get_by_role("button", name="Se connecter").click()
    page.wait_for_url("**/candidatures")


def check(page, address=None):
    """Look at a page (the present one, or another) as axe does, and at its width."""
    if address is not None:
        page.goto(address)
    assert violations(page) == []
    width, room = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert width <= room, page.url


def press(page, name):
    page.get_by_role("main").get_by_role("button", name=name, exact=True).click()
    page.locator("[data-summary]").first.wait_for()


def dossier_of(page):
    page.get_by_role("link", name=re.compile("^Ouvrir")).first.click()
    page.wait_for_url(re.compile(r"/candidatures/[\w-]{20,}$"))
    return page.url


def test_the_profile_and_its_refusals(visit):
    page = visit(device="telephone")
    sign_in(page, "jules.bernard")
    check(page, "/profil")
    page.goto("/profil/identite")
    page.get_by_label("INE (identifiant national étudiant)").fill("1234567890W")
    press(page, "Enregistrer et continuer")
    check(page)
    assert page.get_by_label("INE (identifiant national étudiant)").input_value() == "1234567890W"
    for step in ("adresse", "baccalaureat", "cursus-interne", *LISTS):
        check(page, f"/profil/{step}")
    for step in LISTS:
        check(page, f"/profil/{step}/ajouter")
        press(page, "Enregistrer et continuer")
        check(page)
    page.get_by_label("Année").fill("2024")
    for label in ("Poste", "Employeur", "Durée"):
        page.get_by_label(label).fill("Essai")
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.wait_for_url("**/profil/experiences")
    check(page)
    page.get_by_role("link", name="Modifier : 2024").click()
    check(page)


def test_pieces_photographs_and_their_refusals(visit, tmp_path):
    page = visit(device="telephone")
    sign_in(page, "jules.bernard")
    dossier = dossier_of(page)
    check(page)
    (tmp_path / "good.pdf").write_bytes(pdf())
    (tmp_path / "empty.pdf").write_bytes(b"")
    (tmp_path / "large.pdf").write_bytes(b"%PDF-1.7" + b"x" * 5 * 1024 * 1024)
    Image.effect_noise((1200, 1600), 90).convert("RGB").save(tmp_path / "photo.jpg")
    (tmp_path / "no-photo.jpg").write_bytes(b"GIF89a")
    first, second = page.locator("li[id^=piece-]").nth(0), page.locator("li[id^=piece-]").nth(1)
    second.locator("input[type=file]").set_input_files(tmp_path / "good.pdf")
    for name, words in (("large.pdf", "dépasse 5 Mo"), ("empty.pdf", "Ce fichier est vide")):
        first.locator("input[type=file]").set_input_files(tmp_path / name)
        first.get_by_role("button", name=re.compile("^Ajouter")).click()
        first.get_by_text(words).wait_for()
        assert page.evaluate("document.activeElement.type") == "file"
    check(page)
    first.locator("input[type=file]").set_input_files(tmp_path / "good.pdf")
    first.get_by_role("button", name=re.compile("^Ajouter")).click()
    first.get_by_text("Vérifié", exact=True).wait_for(timeout=40_000)
    assert second.locator("input[type=file]").evaluate("e => e.files.length") == 1  # what was chosen elsewhere is still there
    assert page.locator("#live-timeline").get_by_text(re.compile("Pièce déposée – ")).count() == 1
    first.get_by_role("link", name=re.compile("Voir toutes les pages")).click()
    page.get_by_alt_text("Page 1").wait_for()
    check(page)
    page.goto(dossier)
    second.get_by_role("link", name=re.compile("Plusieurs photos")).click()
    check(page)
    page.locator("#photograph").set_input_files([tmp_path / "photo.jpg", tmp_path / "photo.jpg"])
    page.get_by_role("button", name="Ajouter la photo").click()
    page.get_by_alt_text("Photo 2").wait_for()
    page.locator("#photograph").set_input_files(tmp_path / "no-photo.jpg")
    page.get_by_role("button", name="Ajouter la photo").click()
    page.locator("#photograph-error").get_by_text(re.compile("image|fichier|photo")).wait_for()
    check(page)
    for leaf in ("transmettre", "annuler", "reponse?choice=confirm", "reponse?choice=withdraw"):
        check(page, f"{dossier}/{leaf}")


def test_a_refused_file_without_javascript(visit, tmp_path):
    page = visit(device="telephone", statuses=REFUSALS)
    plain = visit(device="telephone", javascript=False, statuses=REFUSALS)
    for number, size in ((0, 0), (2, 30 * 1024 * 1024)):
        (tmp_path / "bad.pdf").write_bytes(b"x" * size)
        if number == 0:
            sign_in(plain, "jules.bernard")
        plain.goto("/candidatures")
        dossier = dossier_of(plain)
        piece = plain.locator("li[id^=piece-]").nth(2)
        piece.locator("input[type=file]").set_input_files(tmp_path / "bad.pdf")
        piece.get_by_role("button", name=re.compile("^Ajouter")).click()
        if size:
            plain.get_by_text("Envoi trop volumineux").wait_for()
            plain.get_by_role("link", name="Revenir à la page").click()
            plain.wait_for_url(dossier)
        else:
            plain.locator(".summary").get_by_role("link", name=re.compile("Ce fichier est vide")).click()
            assert plain.locator(":focus").get_attribute("type") == "file"
    sign_in(page, "jules.bernard")
    page.goto(dossier)
    page.evaluate("document.querySelector('form[data-upload]').removeAttribute('data-upload')")
    page.locator("li[id^=piece-]").nth(0).locator("input[type=file]").set_input_files({"name": "a.exe", "mimeType": "text/plain", "buffer": b"x"})
    page.locator("li[id^=piece-]").nth(0).locator("form.upload button").click()
    page.locator("[data-summary]").wait_for()
    check(page)


def test_forms_messages_and_the_account(visit):
    page = visit(device="telephone")
    sign_in(page, "jules.bernard")
    dossier_of(page)
    for number in (0, 1):
        page.get_by_role("link", name=re.compile("^Remplir")).nth(number).click()
        check(page)
        if number == 0:
            page.get_by_label("Quel est votre projet professionnel ?").fill("y" * 5001)
            page.get_by_text(re.compile(r"Enregistré, sauf «\sQuel est votre projet")).wait_for()
            press(page, "Enregistrer, c’est complet")
            check(page)
        page.get_by_role("link", name=re.compile("Revenir au dossier")).click()
    check(page, "/messages")
    page.get_by_role("main").get_by_role("button").first.click()
    check(page)
    check(page, "/mon-compte")
    for button in ("Changer d’adresse", "Changer de mot de passe"):
        press(page, button)
        check(page)


@pytest.mark.parametrize("name", ["lea.petit", "noah.robert", "emma.durand", "chloe.faure", "tom.mercier", "sarah.blanc"])
def test_the_dossier_in_each_state_and_its_answers(visit, name):
    page = visit(device="telephone")
    sign_in(page, name)
    check(page)
    dossier = dossier_of(page)
    check(page)
    receipt = page.get_by_role("link", name=re.compile("^AR")).get_attribute("href")
    for address in (receipt, f"{dossier}/transmettre", f"{dossier}/reponse?choice=confirm", f"{dossier}/reponse?choice=withdraw"):
        check(page, address)


def test_errors_and_dead_links(visit):
    page = visit(device="telephone", statuses=REFUSALS)
    addresses = ["/nulle-part", "/deconnexion", "/compte/valider/x", "/compte/nouveau-mot-de-passe/x", "/mon-compte/courriel/x", "/demonstration/courriels"]
    for address in (*addresses, "/compte/cree", "/connexion/universite", "/offre?q=zzzz"):
        check(page, address)
    page.goto("/offre?q=histoire")
    page.get_by_role("main").get_by_role("link", name=re.compile("Histoire")).first.click()
    check(page)
    for address in ("/compte/identifiants-perdus", "/compte/renvoyer-le-lien", "/compte/creer", "/connexion"):
        page.goto(address)
        page.get_by_role("main").locator("form.card button").last.click()
        page.locator("[data-summary]").first.wait_for()
        check(page)
    page.goto("/compte/renvoyer-le-lien")
    page.get_by_label("Adresse électronique").fill("personne@exemple.fr")
    page.get_by_role("main").locator("form.card button").last.click()
    page.get_by_label("Adresse électronique").wait_for(state="detached")
    check(page)


def test_a_form_sent_after_its_session_is_given_back(visit):
    page = visit(device="telephone", statuses=(*REFUSALS, 401))
    sign_in(page, "sarah.blanc")
    page.goto("/profil/stages/ajouter")
    page.get_by_label("Organisme d’accueil").fill("Laboratoire")
    other = page.context.new_page()
    other.goto("/mon-compte")
    other.get_by_role("button", name=re.compile("^Fermer la connexion")).first.click()
    other.close()
    page.get_by_role("button", name="Enregistrer et continuer").click()
    page.get_by_text("ce que vous aviez saisi est gardé").wait_for()
    check(page)
    page.get_by_label("Adresse électronique ou numéro de dossier").fill("sarah.blanc@exemple.postulo.example")
    page.get_by_label("Mot de passe").fill(SECRET)
    page.get_by_role("main").get_by_role("button", name="Se connecter").click()
    page.get_by_role("button", name="Renvoyer ce que j’avais saisi").wait_for()
    check(page)
    page.get_by_role("button", name="Renvoyer ce que j’avais saisi").click()
    page.locator("[data-summary]").wait_for()
    assert page.get_by_label("Organisme d’accueil").input_value() == "Laboratoire"
