"""Deciding for many in a browser: the whole filter looked at, confirmed, watched to its end and taken back; a release recalled."""

import re

import pytest

from tests.browser.conftest import ended, manager, start, undone, violations


@pytest.mark.parametrize("javascript", [True, False])
def test_the_whole_filter_is_looked_at_done_watched_and_taken_back(visit, javascript):
    page = manager(visit, javascript=javascript)
    page.goto("/gestion/candidature/?tab=a-examiner")
    before = page.locator("tbody tr").count()
    assert before >= 1
    page.locator("[name=whole]").check()
    start(page, "complete")
    page.get_by_role("heading", name="Marquer « complet »").wait_for()
    assert "rien n’est encore fait" in page.content()
    assert page.locator("pre.letter").count() == 1
    if javascript:
        assert violations(page) == []
    page.locator("#reason").fill("Essai")
    page.get_by_role("button", name=re.compile("Marquer « complet » : [0-9]+ dossier")).click()
    if not javascript:
        _reload_until_ended(page)
    ended(page, "Terminé")
    if javascript:
        assert violations(page) == []
        undone(page)
    else:
        page.get_by_role("button", name="Tout annuler").click()
        _reload_until_ended(page)
        ended(page, "Terminé")
    page.goto("/gestion/candidature/?tab=a-examiner")
    assert page.locator("tbody tr").count() == before


def _reload_until_ended(page):
    for _try in range(60):
        if page.locator("#job progress").count() and not page.get_by_role("link", name="Actualiser").count():
            return
        page.wait_for_timeout(1000)
        page.reload()


def test_a_release_is_read_published_and_recalled(visit):
    page = manager(visit)
    page.goto("/gestion/publications/")
    assert violations(page) == []
    assert "Smith" in page.content() or page.locator(".remark").count()
    count = int(re.search(r"Publier (\d+) avis", page.locator("main form button").last.inner_text())[1])
    assert count >= 5 and page.locator("pre.letter").count() >= 3
    page.get_by_role("button", name=f"Publier {count} avis").click()
    ended(page, "Terminé")
    assert "Avis favorable" in page.locator("#job").inner_text()
    undone(page)
    page.goto("/gestion/publications/")
    page.get_by_role("button", name=f"Publier {count} avis").wait_for()


@pytest.mark.parametrize("device", ["desktop", "telephone"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_screen_is_accessible_and_fits(visit, device, language):
    page = manager(visit, "administration", device=device, language=language)
    for path in ("/gestion/publications/", "/gestion/traitements/", "/gestion/traitements/withdraw"):
        page.goto(path)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
    for act in ("propose", "tags", "message", "dates", "note", "ask_corrections"):
        page.goto("/gestion/candidature/")
        page.locator("[name=whole]").check()
        start(page, act)
        page.locator("[name=ready]").wait_for(state="attached")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), act
