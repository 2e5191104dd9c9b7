"""An empty installation is brought to an open campaign by someone who only has the screens; then a candidate goes through it (docs/configure.md)."""

import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest

from app import clock
from tests import services
from tests.browser.conftest import ROOT, installed, violations
from tests.browser.test_journey import SECRET as JOURNEY_SECRET
from tests.browser.test_journey import choose, deposit, fill_profile, open_account, sign_in, transmit
from tests.world import pdf

pytestmark = pytest.mark.browser
EDITOR, SECRET = "editrice@postulo.example", "lampe-riviere-tambour-42"
PERSON = ["--email", EDITOR, "--first-name", "Ève", "--last-name", "Dupuis", "--profile", "ADMINISTRATION", "--password", SECRET]
SWITCH = "from app import create_app, parameters; from app.extensions import db\nwith create_app().app_context(): parameters.change('SECOND_FACTOR_NOT_ASKED', True); db.session.commit()"


@pytest.fixture(scope="module")
def stack(tmp_path_factory, redis_server):
    """An installation with its reference tables, one administrator, and nothing else."""
    with services.redis() as redis, installed(tmp_path_factory.mktemp("bare"), redis.url, prepare=[["reference", "load"], ["user", "create", *PERSON]]) as running:
        subprocess.run([sys.executable, "-c", SWITCH], cwd=ROOT, env={"DATA_DIR": str(running.folder), "PATH": "/usr/bin:/bin"}, check=True)
        yield running


def picture(page, name):
    """Keep a picture of the page for docs/configure.md when asked to (PICTURES=docs/pictures)."""
    if os.environ.get("PICTURES"):
        page.screenshot(path=ROOT / os.environ["PICTURES"] / f"{name}.png")


def day(days):
    return (clock.local_day(clock.now()) + timedelta(days=days)).isoformat()


def labelled(page, label):
    """Return the field of a label, optional or not, whatever else begins like it."""
    return page.get_by_label(re.compile(rf"^\s*{re.escape(label)}\s*(\(facultatif\))?\s*$")).first


def write(page, values):
    """Fill fields as a person does: a choice by its words, a box by ticking it, anything else by typing."""
    for label, value in values.items():
        field = labelled(page, label)
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(label=value)
        elif isinstance(value, bool):
            field.set_checked(value)
        else:
            field.fill(value)


def add(page, menu, values):
    """Open a screen of the configuration by its name, press « Ajouter », fill, save, and see that it was taken."""
    page.goto("/gestion/configurer/")
    page.get_by_role("main").get_by_role("link", name=menu, exact=True).click()
    page.get_by_role("link", name=re.compile(r"^\+ Ajouter$")).first.click()
    assert violations(page) == []
    write(page, values)
    picture(page, f"ajouter-{page.url.split('/')[4]}")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.wait_for_url(lambda url: "/new" not in url)
    assert violations(page) == []


def both(label, french, english):
    return {label: french, f"{label} : English": english}


def ask(page, values, choices=()):
    """Add a question to the draft of a form."""
    page.get_by_role("link", name="+ Ajouter une question").click()
    write(page, values)
    for number, (french, english) in enumerate(choices, 1):
        write(page, {f"Choix {number}, en français": french, f"Choix {number}, en anglais": english})
    assert violations(page) == []
    page.get_by_role("button", name="Enregistrer dans le brouillon").click()


def institution(page):
    page.goto("/gestion/configurer/")
    picture(page, "configuration")
    page.goto("/gestion/parametres/")
    write(page, {"Nom de l’établissement": "Université de la Limagne", "Adresse de contact": "scolarite@limagne.example"})
    page.get_by_role("button", name="Enregistrer", exact=True).first.click()
    add(page, "Centres de candidature", {
        "Code": "SCI", "Nom": "UFR Sciences", "Adresse de contact": "sciences@limagne.example", "Candidatures à partir du": day(-1),
        "Candidatures jusqu’au": day(60), "Dossier à transmettre avant le": day(70), "Délai de réponse après publication (jours)": "10",
    })
    add(page, "Commissions", {
        "Code": "SCI-L", "Nom": "Commission des licences", "Adresse de contact": "licences@limagne.example", "Centre": "UFR Sciences",
        "Signataire des lettres": "Anne Roche", "Qualité du signataire": "Présidente", "Le candidat peut télécharger sa lettre": True,
    })  # fmt: skip
    add(page, "Types de diplôme", {"Code": "licence", **both("Nom", "Licence", "Bachelor")})


def campaign(page):
    add(page, "Campagnes", {"Code": "2027", **both("Nom", "Campagne 2027", "2027 campaign"), "Début": day(-2), "Fin": day(300)})


NAMES = {"MATH": "Licence Mathématiques", "PHYS": "Licence Physique", "CHIM": "Licence Chimie"}


def formations(page):
    for code, name in NAMES.items():
        add(page, "Formations", {"Code": code, "Intitulé": name, "Ville": "Aubière", "Commission": "Commission des licences", "Type de diplôme": "Licence"})
    for name in NAMES.values():
        add(page, "Ouvertures dans la campagne", {
            "Places": "30", "Formation": name, "Campagne": "Campagne 2027", "Commission": "Commission des licences",
            "Avis favorable par défaut": "Favorable",
        })  # fmt: skip


PIECES = {
    "ID": ("Pièce d’identité", "Identity document", True, False),
    "CV": ("Curriculum vitæ", "CV", True, False),
    "NOTES": ("Relevés de notes", "Transcripts", True, False),
    "LETTRE": ("Lettre de motivation", "Cover letter", False, False),
    "HANDICAP": ("Demande d’aménagement", "Request for arrangements", False, True),
    "LANGUE": ("Attestation de français", "French certificate", True, False),
}


def give_model(page, name):
    """Give a type of piece a PDF to fill."""
    page.get_by_role("main").get_by_role("link", name=re.compile(name)).first.click()
    page.get_by_label("Fichier PDF du modèle").set_input_files({"name": "Modèle de lettre.pdf", "mimeType": "application/pdf", "buffer": pdf("Modele")})
    picture(page, "modele")
    page.get_by_role("button", name="Déposer le modèle").click()
    page.get_by_text("les candidats le voient désormais").wait_for()


def pieces(page):
    for position, (code, (french, english, is_shared, is_conditional)) in enumerate(PIECES.items(), 1):
        add(page, "Types de pièces", {
            "Code": code, **both("Nom", french, english), **both("Pourquoi elle est demandée", "Pour étudier votre dossier.", "To study your file."),
            "Déposée une fois pour toutes les candidatures": is_shared, "Le candidat peut être non concerné": is_conditional,
        })  # fmt: skip
        if code == "LETTRE":
            give_model(page, french)
        more = {"Seulement si la nationalité est": "Étrangère, quelle qu’elle soit"} if code == "LANGUE" else {}
        add(page, "Pièces demandées", {"Ordre": str(10 * position), "Campagne": "Campagne 2027", "Pièce": french, **more})


def form(page):
    add(page, "Formulaires", {"Code": "PROJET", **both("Nom", "Votre projet", "Your project")})
    page.get_by_role("main").get_by_role("link", name=re.compile("Votre projet")).first.click()
    page.get_by_role("link", name="Construire le formulaire").click()
    page.get_by_role("button", name="Commencer un brouillon").click()
    ask(page, {"Type": "Texte long", "Question, en français": "Quel est votre projet ?", "Question, en anglais": "What is your plan?"})
    ask(page, {"Type": "Oui ou non", "Question, en français": "Avez-vous un emploi ?", "Question, en anglais": "Do you have a job?"})
    ask(page, {
        "Type": "Choix dans une liste", "Question, en français": "Quel contrat ?", "Question, en anglais": "Which contract?",
        "Poser cette question": "si la réponse à « Avez-vous un emploi ? » est « Oui »",
    }, [("Durée déterminée", "Fixed term"), ("Durée indéterminée", "Permanent")])  # fmt: skip
    picture(page, "formulaire")
    page.get_by_role("button", name="Publier cette version").click()
    add(page, "Formulaires demandés", {"Ordre": "10", "Campagne": "Campagne 2027", "Formulaire": "Votre projet"})


DECISIONS = {"ADM": ("Favorable", "Favourable", "Avis favorable"), "REF": ("Défavorable", "Unfavourable", "Avis défavorable"), "LC": ("Liste complémentaire", "Waiting list", "Liste complémentaire"), "ENT": ("Convocation à un entretien", "Interview", "Présélection")}


def decisions(page):
    """Each decision has its own mail; the favourable one its own letter too."""
    add(page, "Modèles de lettres", {
        "Code": "ADMISSION-SCIENCES", "Emploi": "Lettre d’admission", **both("Objet de la lettre", "Votre admission", "Your admission"),
        **both("Texte", "<p>Bienvenue en {formation.nom}, {candidat.prenom}.</p>", "<p>Welcome to {formation.nom}, {candidat.prenom}.</p>"),
    })  # fmt: skip
    for code, (french, english, outcome) in DECISIONS.items():
        add(page, "Modèles de courriels", {
            "Code": f"AVIS-{code}", **both("Objet", f"{french} : {{formation.nom}}", f"{english}: {{formation.nom}}"),
            **both("Texte", f"Bonjour {{candidat.prenom}},\n\n{french}.[[si avis.commentaire]]\n\n{{avis.commentaire}}[[fin]]", f"Hello {{candidat.prenom}},\n\n{english}."),
        })  # fmt: skip
        more = {"Lettre propre": "ADMISSION-SCIENCES"} if code == "ADM" else {}
        add(page, "Types d’avis", {"Code": code, **both("Nom", french, english), "Nature de l’avis": outcome, "Courriel propre": f"AVIS-{code}", **more})
    add(page, "Motifs", {"Code": "NIVEAU", "Emploi": "Motif de refus", **both("Texte", "Niveau insuffisant", "Level too low")})


def opening(page):
    """Read the campaign's page, open it, and see that it says so."""
    page.goto("/gestion/configurer/")
    page.get_by_role("main").get_by_role("link", name="Campagnes", exact=True).click()
    page.get_by_role("main").get_by_role("link", name=re.compile("Campagne 2027")).first.click()
    assert violations(page) == []
    page.get_by_role("link", name=re.compile("^(Ouvrir|Mettre en service)")).first.click()
    assert violations(page) == []
    picture(page, "ouvrir")
    tick = page.get_by_label(re.compile("J’ai lu"))
    if tick.count():
        tick.check()
    page.get_by_role("main").get_by_role("button", name=re.compile("^(Ouvrir|Mettre en service|Confirmer)")).first.click()
    page.get_by_text("En cours").first.wait_for()


def person_sees_model(page):
    return page.get_by_role("link", name=re.compile("Voir le modèle à remplir")).count() == 1


def candidate(page, stack, tmp_path):
    """The guide's journey, with the pieces, the question asked under a condition, and the receipt."""
    open_account(page, stack, "zoe@exemple.fr", str)
    sign_in(page, "zoe@exemple.fr", JOURNEY_SECRET, str)
    fill_profile(page, "2998123456u", str)
    page.goto("/")
    page.get_by_role("link", name="Voir les formations").click()
    for name in NAMES.values():
        page.get_by_text(name).first.wait_for()
    choose(page, str)
    (tmp_path / "piece.pdf").write_bytes(pdf("Zoe"))
    names = page.locator("li[id^=piece-] h3").all_inner_texts()
    assert "Attestation de français" not in names and len(names) == len(PIECES) - 1  # asked of foreigners alone
    assert person_sees_model(page)
    for name in names:
        not_concerned = page.get_by_role("button", name=f"Non concerné : {name}")
        if not_concerned.count():
            not_concerned.click()
            page.get_by_role("button", name=f"Je suis concerné : {name}").wait_for()
        else:
            deposit(page, name, tmp_path / "piece.pdf", str)
    page.get_by_role("link", name=re.compile("^Remplir")).first.click()
    contract = page.get_by_label("Quel contrat ?")
    assert not contract.is_visible()
    picture(page, "candidat-formulaire")
    page.get_by_label("Quel est votre projet ?").fill("Enseigner.")
    page.get_by_label("Avez-vous un emploi ?").select_option(label="Oui")
    contract.select_option(label="Durée déterminée")
    page.get_by_role("button", name="Enregistrer, c’est complet").click()
    transmit(page, str)
    stack.sink.wait_for("zoe@exemple.fr", "Accusé de réception")


def decide(page, stack):
    """The favourable decision reaches the candidate in the words of this university."""
    page.goto("/gestion/candidature/?tab=")
    page.get_by_role("link", name=re.compile("D’Arc")).first.click()
    page.get_by_role("button", name=re.compile("complet")).first.click()
    page.locator("#decision_type").select_option(label="Favorable (Avis favorable)")
    page.locator("form:has(#decision_type)").get_by_label("Commentaire").first.fill("Excellent dossier.")
    page.get_by_role("button", name="Proposer un avis").click()
    page.get_by_role("button", name="Valider l’avis").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Publier l’avis").click()
    _message, text = stack.sink.wait_for("zoe@exemple.fr", "Favorable : Licence Mathématiques")
    assert "Bonjour Zoé" in text and "Excellent dossier." in text


def test_from_an_empty_installation_to_an_open_campaign_a_dossier_and_its_answer(visit, stack, tmp_path):
    page = visit()
    page.goto("/connexion")
    page.get_by_label("Adresse électronique ou numéro de dossier").fill(EDITOR)
    page.get_by_label("Mot de passe").fill(SECRET)
    page.get_by_role("main").get_by_role("button", name="Se connecter").click()
    page.wait_for_url("**/gestion/**")
    for step in (institution, decisions, campaign, formations, pieces, form, opening):
        step(page)
    person = visit()
    candidate(person, stack, tmp_path)
    decide(page, stack)
    person.get_by_role("navigation").get_by_role("link", name="Candidature", exact=True).click()
    person.get_by_text("Favorable").first.wait_for()
