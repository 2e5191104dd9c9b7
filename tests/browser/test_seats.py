"""A place given back by a candidate goes to the next of the list: seen on the screen of seats, in the rank of those who wait, and by mail."""

import re

import pytest

from tests.browser.conftest import violations
from tests.browser.test_journey import STAFF, sign_in

pytestmark = pytest.mark.browser
CANDIDATE = ("louise.chevalier@exemple.postulo.example", "nuage-velo-grenade")
FULL = "BUT - Gestion des entreprises et des administrations"  # the formation of few seats of the demonstration


def words(text):
    return text


def numbers(page):
    """Return the figures of the places: places, offers, confirmed, free, on the list."""
    return page.locator("#seats .figures dd").all_inner_texts()


def open_list(page):
    page.goto("/gestion/places/")
    assert violations(page) == []
    page.locator("table").get_by_role("link", name=FULL).click()
    page.wait_for_url(re.compile(r"/gestion/places/\d+"))


def waiting(page):
    return page.locator("#list tbody tr").all_inner_texts()


def test_a_withdrawal_calls_the_next_on_the_page_and_by_mail(visit, stack):
    manager = visit()
    sign_in(manager, *STAFF, words)
    manager.wait_for_url("**/gestion/**")
    assert violations(manager) == []
    call_by_a_withdrawal(visit, stack, manager)


def call_by_a_withdrawal(visit, stack, manager):
    """See on the seats page, and in a mail, that the place a candidate gives back in another browser goes to the next."""
    open_list(manager)
    assert violations(manager) == []
    places, offers, confirmed, free, listed = numbers(manager)
    first, second = waiting(manager)[:2]
    called = manager.locator("#list tbody a").first.inner_text()

    candidate = visit(device="telephone")
    sign_in(candidate, *CANDIDATE, words)
    candidate.goto("/candidatures")
    candidate.get_by_role("main").get_by_role("link", name=re.compile("Gestion|Licence|BUT|DUT")).first.click()
    candidate.get_by_role("link", name="Se désister").click()
    candidate.get_by_role("main").get_by_role("button", name=re.compile("désister|désistement")).click()
    candidate.get_by_text("Désistement").first.wait_for()

    manager.reload()
    assert numbers(manager) == [places, offers, confirmed, free, str(int(listed) - 1)]
    assert waiting(manager)[0].split("\t")[1:] == second.split("\t")[1:] and first.split("\t")[0] == waiting(manager)[0].split("\t")[0] == "1"
    story = manager.locator("#promotions li").first.inner_text()
    assert "désistement de Chevalier Louise" in story and called in story
    last, given = re.match(r"(\S+) (\S+)", called).groups()
    address = f"{given}.{last}@exemple.postulo.example".lower().replace("é", "e")
    _mail, text = stack.sink.wait_for(address, "vous étiez sur la liste complémentaire", seconds=200)  # after those of the demonstration
    assert "avant le" in text


def test_simulation_capacity_order_statistics_and_preferences_on_both_devices(visit, stack):
    page = visit()
    sign_in(page, *STAFF, words)
    page.wait_for_url("**/gestion/**")
    open_list(page)
    page.get_by_label(re.compile("Offres refusées, sur")).fill("1")
    page.get_by_role("button", name="Simuler").click()
    page.locator("#outlook").get_by_text(re.compile("serait appelée|Personne ne serait")).first.wait_for()
    before = page.locator("#drafts li").all_inner_texts()
    page.locator("#drafts").get_by_role("button", name=re.compile("Descendre")).first.click()
    page.wait_for_load_state()
    after = page.locator("#drafts li").all_inner_texts()
    assert before[0].split()[1:3] == after[1].split()[1:3]
    page.get_by_label(re.compile("Nombre de places")).fill("beaucoup")
    page.locator("#seats").get_by_role("button", name="Enregistrer").first.click()
    page.get_by_text("Écrivez un nombre entier").wait_for()
    assert violations(page) == []
    for device in ("desktop", "telephone"):
        seen = visit(device=device)
        sign_in(seen, *STAFF, words)
        seen.wait_for_url("**/gestion/**")
        for address in ("/gestion/", "/gestion/places/", "/gestion/statistiques/", "/gestion/preferences/", "/gestion/candidature/?tab=silence"):
            seen.goto(address)
            assert violations(seen) == [], (device, address)
            assert seen.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (device, address)
        seen.goto("/gestion/statistiques/")
        seen.get_by_text("Les chiffres").first.click()
        assert seen.get_by_role("table").first.is_visible()
