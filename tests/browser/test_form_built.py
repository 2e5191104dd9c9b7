"""A form is built in a real browser: the question is seen as it is written, in both languages; conditions show and hide; rows are dragged."""

import pytest

from tests.browser.conftest import manager, violations

pytestmark = pytest.mark.browser


def test_a_question_is_seen_as_it_is_written_then_dragged(visit):
    page = manager(visit, "configuration")
    page.goto("/gestion/form/")
    page.locator("tr", has_text="PROJET").get_by_role("link", name="Voir").click()
    page.get_by_role("link", name="Construire le formulaire").click()
    page.get_by_role("button", name="Commencer un brouillon").click()
    page.get_by_role("link", name="Ajouter une question").click()
    page.locator("#choices").wait_for(state="hidden")
    page.locator("#kind").select_option("MULTIPLE")
    page.locator("#label_fr").fill("Quelles langues parlez-vous ?")
    page.locator("#label_en").fill("Which languages do you speak?")
    page.locator("#choice-fr-1").fill("Allemand")
    page.locator("#choice-en-1").fill("German")
    page.locator("#previews [lang=en]").get_by_label("German").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Enregistrer dans le brouillon").click()
    asked = page.locator("#en-logements")
    asked.wait_for(state="hidden")
    page.locator("#en-mobilite").select_option("recherche")
    asked.wait_for()
    page.locator("#fr-logements").wait_for(state="hidden")
    assert violations(page) == []
    rows = page.locator("[data-row]")
    moved, below = rows.nth(0), rows.nth(1)
    number = moved.get_attribute("data-row")
    with page.expect_navigation():
        moved.drag_to(below, target_position={"x": 200, "y": below.bounding_box()["height"] - 4})
    assert rows.nth(1).get_attribute("data-row") == number
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Abandonner le brouillon").click()
    page.get_by_role("button", name="Commencer un brouillon").wait_for()
