"""The dossier page as a manager uses it all day: keys, sections renewed alone, and two managers on one dossier."""

import re
import time

from tests.browser.conftest import violations

STAFF_SECRET = "lampe-riviere-tambour-42"  # noqa: S105 -- of the demonstration


def desk(visit, who, **kwargs):
    """Sign in as somebody of the demonstration and open Sarah Blanc's dossier, transmitted and under review."""
    page = visit(**kwargs)
    page.goto("/connexion")
    page.fill("[name=identifier]", f"{who}@postulo.example")
    page.fill("[name=password]", STAFF_SECRET)
    page.locator("main form button").first.click()
    page.goto("/gestion/candidature/")
    page.locator("tr", has_text="Blanc Sarah").first.get_by_role("link").first.click()
    page.wait_for_selector("#pieces")
    end = time.monotonic() + 90
    unchecked = page.locator("#pieces .tag", has_text="vérification")
    while unchecked.count() and time.monotonic() < end:  # the worker checks the files one by one
        time.sleep(1)
        page.reload()
    return page


def settled(page, part, words):
    """Wait until a section says something."""
    page.locator(part, has_text=words).first.wait_for()


def test_a_dossier_is_worked_through_from_the_keyboard(visit):
    page = desk(visit, "gestion")
    assert violations(page) == []
    page.locator("#pieces h2").click()
    first = page.locator(".piece-list .current a").inner_text()
    page.keyboard.press("j")
    page.wait_for_function("first => document.querySelector('.piece-list .current a').innerText !== first", arg=first)
    page.keyboard.press("k")
    page.wait_for_function("first => document.querySelector('.piece-list .current a').innerText === first", arg=first)
    page.locator("#note").fill("À moitié écrite")
    page.keyboard.press("v")
    assert page.locator("#note").input_value() == "À moitié écritev", "in a field, a key is a letter"
    page.keyboard.press("Escape")
    page.keyboard.press("v")
    settled(page, ".piece-list li", re.compile(re.escape(first) + r".*Validée", re.DOTALL))
    assert page.locator("#note").input_value() == "À moitié écritev", "what is typed elsewhere stays"
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.id") == "shown-comment"
    page.locator("#shown-comment-canned").select_option(index=1)
    assert page.locator("#shown-comment").input_value().startswith("Le document est illisible")
    refused = page.locator(".piece-list .current a").inner_text()
    page.locator("#refuse-shown").click()
    settled(page, ".piece-list li", re.compile(re.escape(refused) + r".*Refusée", re.DOTALL))
    page.get_by_role("button", name="Ajouter la note").click()
    settled(page, "#notes .rows", "À moitié écritev")
    assert page.locator("#note").input_value() == ""
    settled(page, "#history", "Note interne ajoutée")
    page.locator("#pieces h2").click()
    page.keyboard.press("?")
    page.get_by_label("Utiliser ces raccourcis sur cet appareil").uncheck()
    page.locator("#pieces h2").click()
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.id") != "shown-comment", "the keys can be switched off"
    assert violations(page) == []


def test_of_two_managers_one_wins_and_the_other_keeps_his_text(visit):
    one, other = desk(visit, "gestion"), desk(visit, "administration", statuses=(409,))
    for page, words in ((one, "Avis d’Inès"), (other, "Avis d’Hugo")):
        page.locator("#decision_type").select_option(index=1)
        page.locator("#decision #comment").fill(words)
    one.get_by_role("button", name="Proposer un avis").click()
    settled(one, "#decision .notice", "Avis d’Inès")
    other.locator("#note").fill("Une note commencée")
    other.get_by_role("button", name="Proposer un avis").click()
    settled(other, "#decision [role=alert]", "Avis proposé")
    settled(other, "#decision [role=alert]", "Inès Moreau")
    settled(other, "#decision .notice", "Avis d’Inès")
    assert other.locator("#decision #comment").input_value() == "Avis d’Hugo"
    assert other.locator("#note").input_value() == "Une note commencée"
    assert violations(other) == []
    other.get_by_role("button", name="Proposer un avis").click()
    settled(other, "#decision .notice", "Avis d’Hugo")


def test_a_message_is_seen_before_it_leaves_and_comes_in_the_history(visit, stack):
    page = desk(visit, "gestion", device="telephone")
    page.locator("#messages summary", has_text="Écrire au candidat").click()
    page.locator("#message-subject").fill("Une précision, {candidat.prenom}")
    page.locator("#message-text").fill("Bonjour , une question.")
    page.evaluate("document.getElementById('message-text').setSelectionRange(8, 8)")
    page.locator("#message-placeholder").select_option("candidat.prenom")
    assert page.locator("#message-text").input_value() == "Bonjour {candidat.prenom}, une question."
    page.get_by_role("button", name="Voir avant d’envoyer").click()
    settled(page, "#preview", "Bonjour Sarah, une question.")
    assert violations(page) == []
    page.get_by_role("button", name="Envoyer ce message").click()
    settled(page, "#history", "Message du service")
    message, text = stack.sink.wait_for("sarah.blanc@exemple.postulo.example", "Bonjour Sarah, une question.")
    assert message["Subject"] == "Une précision, Sarah"
