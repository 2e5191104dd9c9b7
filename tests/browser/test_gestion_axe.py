"""Every screen of the back office that a person can reach, crawled from the menu: no accessibility fault, one h1, a title, no overflow."""

import re
import time
from itertools import cycle
from urllib.parse import urljoin, urlsplit

import pytest

from tests.browser.conftest import violations

pytestmark = pytest.mark.browser
SECRET = "lampe-riviere-tambour-42"  # noqa: S105 -- of the demonstration, printed by it
FILES = re.compile(r"/export/|\.(png|csv|xlsx|pdf|jpg)$|/fichier$|/documents/(dossier|lettre)|/piece/.*/page/|/exporter\b|/livree/|/apercu/")
NAMES = re.compile(r"/([0-9]+|[A-Za-z0-9_-]{20,}|[2-9A-HJ-NP-Z]{8})(?=/|$)")
BUDGET = 400  # seconds for one person on a machine that does much else; a quiet one needs about a minute


def sign_in(page, name):
    page.goto("/connexion")
    page.locator("#identifier").fill(f"{name}@postulo.example")
    page.locator("#password").fill(SECRET)
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_url("**/gestion/**")


def shape_of(address):
    """Return what two pages of the same kind share: the path without names and numbers."""
    return NAMES.sub("/…", urlsplit(address).path)


def faults_of(page, status):
    """Return what is wrong with the page shown."""
    found = [] if status == 200 else [f"status {status}"]
    found += violations(page)
    width, room, headings, title, language = page.evaluate(
        "[document.documentElement.scrollWidth, window.innerWidth, document.querySelectorAll('h1').length, document.title, document.documentElement.lang]"
    )
    found += [f"{width} px wide in {room}"] if width > room else []
    found += [f"{headings} h1"] if headings != 1 else []
    found += ["raw object shown"] if re.search(r"<[A-Z]\w+ \d+>", page.inner_text("main")) else []
    return found + ([] if title.strip(" –") and language in ("fr", "en") else ["no title or language"])


def links_of(page):
    hrefs = page.evaluate("[...document.querySelectorAll('a[href]')].map((link) => link.href)")
    here = urlsplit(page.url).netloc
    return [href.split("#")[0] for href in hrefs if urlsplit(href).netloc == here and urlsplit(href).path.startswith("/gestion") and not FILES.search(urlsplit(href).path)]


@pytest.mark.parametrize("name", ["administration", "gestion", "membre"])
def test_every_screen_reached_from_the_menu(visit, stack, name):
    devices = [visit(device=device, language=language) for device, language in (("desktop", "fr"), ("telephone", "en"), ("telephone", "fr"), ("desktop", "en"))]
    for page in devices:
        sign_in(page, name)
    waiting, seen, faults, titles, end = [urljoin(stack.url, "/gestion/")], {"/gestion/"}, {}, {}, time.monotonic() + BUDGET
    for page in cycle(devices):
        if not waiting or time.monotonic() > end:
            break
        address = waiting.pop(0)
        status = page.goto(address).status
        found = faults_of(page, status)
        if found:
            faults[address] = found
        titles.setdefault((page.evaluate("document.documentElement.lang"), page.title()), set()).add(shape_of(page.url))
        for link in links_of(page):
            if shape_of(link) not in seen:
                seen.add(shape_of(link))
                waiting.append(link)
    assert faults == {}
    assert {title: shapes for title, shapes in titles.items() if len(shapes) > 1} == {}
    assert not waiting, f"{len(waiting)} screens not looked at in {BUDGET} s"
    assert len(seen) > {"administration": 60, "gestion": 40, "membre": 4}[name]
