"""The candidate's guide walked in a real browser, from « Créer un compte » to « Confirmer », mails read from SMTP."""

import re
import subprocess
from pathlib import Path

import pytest
from babel.support import NullTranslations, Translations
from PIL import Image

from tests.browser.conftest import violations
from tests.world import pdf

pytestmark = pytest.mark.browser
ROOT = Path(__file__).resolve().parents[2]
STAFF = ("gestion@postulo.example", "lampe-riviere-tambour-42")
SECRET = "falaise-mandarine-orage-7"


def catalogue(language):
    """Return the function giving the words of a button in a language."""
    if language == "fr":
        return NullTranslations().gettext
    subprocess.run([str(ROOT / ".venv/bin/pybabel"), "-q", "compile", "-d", str(ROOT / "app/translations")], check=True)
    return Translations.load(ROOT / "app" / "translations", [language]).gettext


def sign_in(page, identifier, password, _):
    page.goto("/connexion")
    page.get_by_label(_("Adresse électronique ou numéro de dossier")).fill(identifier)
    page.get_by_label(_("Mot de passe")).fill(password)
    page.get_by_role("main").get_by_role("button", name=_("Se connecter")).click()


def axe(page):
    assert violations(page) == []


def open_account(page, stack, email, _):
    """« Créer un compte », then the link of the mail."""
    page.goto("/")
    axe(page)
    page.get_by_role("main").get_by_role("link", name=_("Créer un compte")).click()
    axe(page)
    page.get_by_label(_("Nom de famille")).fill("D’Arc")
    page.get_by_label(_("Prénom")).fill("Zoé")
    page.get_by_label(_("Adresse électronique"), exact=True).fill(email)
    page.get_by_label(_("Adresse électronique, une seconde fois")).fill(email)
    page.get_by_label(_("Mot de passe")).fill(SECRET)
    page.get_by_role("main").get_by_role("button", name=_("Créer un compte")).click()
    axe(page)
    _message, text = stack.sink.wait_for(email, "/compte/valider/")
    number = re.search(r"\*?\b([0-9A-Z]{8})\b", text).group(1)
    page.goto(re.search(r"https?://\S+/compte/valider/\S+", text).group())
    axe(page)
    assert page.get_by_text(number).is_visible()
    return number


def fill_profile(page, ine, _):
    """Identity, address, baccalauréat, one external year."""
    page.goto("/profil")
    axe(page)
    page.goto("/profil/identite")
    page.get_by_label(_("Nationalité")).select_option("FR")
    page.get_by_label(_("INE (identifiant national étudiant)")).fill(ine)
    page.get_by_label(_("Civilité")).select_option("MS")
    page.get_by_label(_("Date de naissance")).fill("2004-05-06")
    page.get_by_label(_("Pays de naissance")).select_option("FR")
    page.get_by_label(_("Ville de naissance")).fill("Riom")
    axe(page)
    page.get_by_role("button", name=_("Enregistrer et continuer")).click()
    page.wait_for_url("**/profil/adresse")
    page.get_by_label(_("Pays"), exact=True).select_option("FR")
    page.get_by_label(_("Adresse"), exact=True).fill("1 rue Blatin")
    page.get_by_label(_("Code postal")).fill("63000")
    page.get_by_role("button", name=_("Chercher les communes")).click()
    page.get_by_label(_("Commune")).select_option("63113")
    axe(page)
    page.get_by_role("button", name=_("Enregistrer et continuer")).click()
    page.wait_for_url("**/profil/baccalaureat")
    page.get_by_label(_("Année d’obtention")).fill("2022")
    page.get_by_label(_("Série ou diplôme équivalent")).select_option("GENERAL")
    axe(page)
    page.get_by_role("button", name=_("Enregistrer et continuer")).click()
    page.wait_for_url("**/profil/cursus-interne")
    axe(page)
    page.goto("/profil/cursus-externe/ajouter")
    axe(page)


def choose(page, _):
    """« Candidature », « Nouvelle candidature », « Filtre », the label, « Confirmer »."""
    page.get_by_role("navigation").get_by_role("link", name=_("Candidature"), exact=True).click()
    axe(page)
    page.get_by_role("link", name=_("Nouvelle candidature")).click()
    axe(page)
    page.get_by_label(_("Filtre")).fill("MATHEMATIQUES licence")
    found = page.get_by_role("link", name=re.compile("Mathématiques", re.I)).first
    found.wait_for()
    axe(page)
    found.click()
    axe(page)
    page.get_by_role("main").get_by_role("button", name=_("Confirmer")).click()
    page.wait_for_url(re.compile(r"/candidatures/[\w-]{20,}$"))
    return page.url


def deposit(page, name, path, _):
    """« + » on a piece, then wait until the check is over."""
    item = page.locator("li", has=page.get_by_role("heading", name=name, exact=True))
    item.locator("input[type=file]").set_input_files(path)
    item.get_by_role("button", name=f"{_('Ajouter : %(name)s') % {'name': name}}").click()
    item.get_by_text(_("Vérifié"), exact=True).wait_for(timeout=40_000)


def complete(page, tmp_path, _):
    """Deposit every piece (one as a photograph), say « Non concerné » where it may be said, open the form."""
    (tmp_path / "piece.pdf").write_bytes(pdf("Zoe"))
    Image.effect_noise((1200, 1600), 90).convert("RGB").save(tmp_path / "photo.jpg")
    names = page.locator("li[id^=piece-] h3").all_inner_texts()
    assert len(names) > 4
    for number, name in enumerate(names):
        not_concerned = page.get_by_role("button", name=_("Non concerné : %(name)s") % {"name": name})
        if not_concerned.count():
            not_concerned.click()
            page.get_by_role("button", name=_("Je suis concerné : %(name)s") % {"name": name}).wait_for()
        else:
            deposit(page, name, tmp_path / ("photo.jpg" if number == 1 else "piece.pdf"), _)
    axe(page)
    page.get_by_role("link", name=re.compile("^" + _("Remplir"))).first.click()
    axe(page)


def answer_form(page, fields, _):
    for label, value in fields.items():
        field = page.get_by_label(label)
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_role("button", name=_("Enregistrer, c’est complet")).click()


INES = {"fr": "2998123456u", "en": "0501234567 g"}  # one number, one person
LETTER = {"fr": "Lettre de motivation", "en": "Cover letter"}
FIELDS = {
    "fr": {
        "Quel est votre projet professionnel ?": "Enseigner.",
        "Quelle est votre première langue étrangère ?": "Anglais",
        "Aurez-vous un logement sur place ?": "oui",
    },
    "en": {
        "What is your career plan?": "Teaching.",
        "What is your first foreign language?": "English",
        "Will you have housing nearby?": "oui",
    },
}
SUBJECTS = {
    "fr": ("Accusé de réception", "Candidature - dossier incomplet", "Avis favorable", "Confirmation enregistrée"),
    "en": ("Acknowledgement of receipt", "Application - incomplete file", "Favourable decision", "Confirmation recorded"),
}


def transmit(page, _):
    page.get_by_role("link", name=_("Transmettre"), exact=True).click()
    axe(page)
    page.get_by_role("button", name=_("Confirmer")).click()
    page.wait_for_url("**/recu/*")
    axe(page)


def staff_opens(visit, name):
    """The manager signs in and opens the dossier of that name."""
    page = visit()
    sign_in(page, *STAFF, lambda text: text)
    page.goto("/gestion/candidature/")
    axe(page)
    page.get_by_role("link", name=re.compile(name)).first.click()
    axe(page)
    return page


@pytest.mark.parametrize("language, device", [("fr", "desktop"), ("en", "telephone")])
def test_the_guide_is_true_from_account_to_enrolment(visit, stack, tmp_path, language, device):
    _, email = catalogue(language), f"zoe.{language}@exemple.fr"
    page = visit(device=device, language=language)
    number = open_account(page, stack, email, _)
    sign_in(page, number.lower(), SECRET, _)
    fill_profile(page, INES[language], _)
    dossier = choose(page, _)
    stack.sink.wait_for(email, dossier)
    complete(page, tmp_path, _)
    answer_form(page, FIELDS[language], _)
    transmit(page, _)
    receipt, _text = stack.sink.wait_for(email, SUBJECTS[language][0])
    attached = next(receipt.iter_attachments())
    assert attached.get_content().startswith(b"%PDF")

    staff = staff_opens(visit, number)
    staff.on("dialog", lambda question: question.accept())
    staff.get_by_label(f"Cocher : {LETTER['fr']}", exact=True).check()
    staff.get_by_text("Examiner les pièces cochées").click()
    staff.get_by_label(re.compile("Commentaire au candidat")).fill("La signature manque.")
    staff.get_by_role("button", name="Refuser les cochées").click()
    staff.get_by_text("C’est fait.").wait_for()
    staff.locator("#file summary", has_text="Demander des corrections").click()
    staff.get_by_role("button", name="Demander des corrections").click()
    _message, text = stack.sink.wait_for(email, SUBJECTS[language][1])
    assert "La signature manque." in text

    page.goto(dossier)
    axe(page)
    item = page.locator("li", has=page.get_by_role("heading", name=LETTER[language], exact=True))
    item.get_by_role("button", name=_("Supprimer : %(name)s") % {"name": LETTER[language]}).click()
    deposit(page, LETTER[language], tmp_path / "piece.pdf", _)
    transmit(page, _)

    staff.reload()
    staff.get_by_role("button", name="Marquer « complet »").click()
    staff.get_by_label("Avis", exact=True).select_option(label="Favorable (Avis favorable)")
    staff.get_by_role("button", name="Proposer un avis").click()
    staff.get_by_role("button", name="Valider l’avis").click()
    staff.get_by_role("button", name="Publier l’avis").click()
    stack.sink.wait_for(email, SUBJECTS[language][2])

    page.goto(dossier)
    axe(page)
    page.get_by_role("link", name=_("Confirmer"), exact=True).click()
    axe(page)
    page.get_by_role("button", name=_("Confirmer")).click()
    page.get_by_text(f"EC{number}").wait_for()
    axe(page)
    _message, text = stack.sink.wait_for(email, SUBJECTS[language][3])
    assert f"EC{number}" in text
    page.goto("/messages")
    axe(page)
    page.get_by_role("button", name=re.compile(SUBJECTS[language][3])).click()
    axe(page)
    page.goto("/mon-compte")
    axe(page)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/offre",
        "/aide",
        "/aide/questions",
        "/contact",
        "/mentions-legales",
        "/accessibilite",
        "/donnees-personnelles",
        "/connexion",
        "/compte/creer",
        "/compte/identifiants-perdus",
        "/compte/renvoyer-le-lien",
    ],
)
def test_visitors_pages_have_no_accessibility_fault(visit, path):
    page = visit(device="telephone")
    page.goto(path)
    axe(page)


def test_a_candidate_transmits_without_javascript(visit, stack, tmp_path):
    page = visit(javascript=False)
    sign_in(page, "camille.martin@exemple.postulo.example", "nuage-velo-grenade", lambda text: text)
    page.goto("/candidatures/nouvelle?q=histoire")
    page.get_by_role("link", name=re.compile("Histoire", re.I)).first.click()
    page.get_by_role("button", name="Confirmer").click()
    (tmp_path / "a.pdf").write_bytes(pdf("x"))
    for name in page.locator("li[id^=piece-] h3").all_inner_texts():
        not_concerned = page.get_by_role("button", name=f"Non concerné : {name}")
        if not_concerned.count():
            not_concerned.click()
            page.get_by_role("button", name=f"Je suis concerné : {name}").wait_for()
            continue
        item = page.locator("li", has=page.get_by_role("heading", name=name, exact=True))
        item.locator("input[type=file]").set_input_files(tmp_path / "a.pdf")
        item.get_by_role("button", name=f"Ajouter : {name}").click()
    page.get_by_role("link", name=re.compile("^Remplir")).first.click()
    answer_form(page, FIELDS["fr"], lambda text: text)
    page.get_by_role("link", name="Transmettre", exact=True).click()
    page.get_by_role("button", name="Confirmer").click()
    page.get_by_role("heading", name="Accusé de réception").wait_for()


def test_a_student_of_the_university_comes_by_the_sign_on(visit, stack):
    page = visit()
    page.goto("/connexion")
    page.get_by_role("link", name="entrez avec vos identifiants universitaires").click()
    axe(page)
    page.get_by_role("button", name="Se connecter comme Louise Fontaine").click()
    axe(page)
    page.get_by_label("Ces informations sont bien les miennes").check()
    page.get_by_role("main").get_by_role("button", name="Créer un compte").click()
    _message, text = stack.sink.wait_for("louise.fontaine@etu.postulo.example", "/compte/valider/")
    page.goto(re.search(r"https?://\S+/compte/valider/\S+", text).group())
    page.goto("/connexion/universite")
    page.get_by_role("button", name="Se connecter comme Louise Fontaine").click()
    page.goto("/profil/identite")
    assert page.get_by_label("Nom de famille").is_disabled()
    assert page.get_by_text("contactez votre scolarité").first.is_visible()
    page.goto("/profil/cursus-interne")
    assert page.get_by_text("Licence 3 Informatique").is_visible()
