"""The menu by task: one registry, only what the person may open, where one is, what each screen is for."""

import re

import pytest

from app.admin import navigation
from tests.clients import PageClient

# reached by a link from another page, never from the menu
BY_LINK = {"personnes", "candidat", "agir", "configurer", "ensemble", "documents", "preferences"}


def views(app):
    return {view.endpoint: view for view in app.extensions["admin"][0]._views}


def links(page):
    """Return the addresses of the unfolded menu."""
    return re.findall(r'href="([^"]+)"', page.split('class="unfolded"')[1].split("</div>")[0])


def test_every_screen_has_its_line_or_is_reached_by_a_link(app):
    known = views(app)
    assert known.keys() - navigation.SCREENS.keys() - BY_LINK == set(), "write its line in app/admin/navigation.py"
    assert navigation.SCREENS.keys() <= known.keys()
    assert all(str(screen.why).endswith((".", "…")) for _group, screen in navigation.SCREENS.values())


def test_what_the_menu_shows_opens_and_what_opens_is_shown(app, signed_in, world):
    for user in (world.eve, world.charlie, world.frank):
        client = signed_in(user)
        page = client.get("/gestion/").text
        index = client.get("/gestion/configurer/").text
        for address in links(page):
            assert client.get(address).status_code == 200, address
        for endpoint in navigation.SCREENS:
            address = "/gestion/" if endpoint == "admin" else views(app)[endpoint].url
            is_open = client.get(address, follow_redirects=True).status_code == 200
            assert (f'href="{address}' in page + index) == is_open, (user.email, endpoint)


@pytest.mark.parametrize("address,current", [("/gestion/", "Accueil"), ("/gestion/formation/", "Formations"), ("/gestion/configurer/", "Configuration")])
def test_the_present_screen_is_marked_and_its_path_told(eve, address, current):
    page = eve.get(address).text
    assert f'aria-current="page">{current}</a>' in page.split('class="unfolded"')[1].split("</div>")[0]
    if address != "/gestion/":
        assert f'aria-current="page">{current}</span>' in page.split('class="trail"')[1].split("</nav>")[0]


def test_a_page_inside_a_screen_leads_back_to_it(eve, world):
    page = eve.get(f"/gestion/formation/edit/?id={world.maths.formation_id}").text
    path = page.split('class="trail"')[1].split("</nav>")[0]
    assert re.findall(r'href="([^"]+)"', path) == ["/gestion/", "/gestion/configurer/", "/gestion/formation/"]
    assert "Licence Mathématiques" in path
    assert "Licence Mathématiques" in re.search(r"<title>(.*?)</title>", page)[1]


def test_who_configures_nothing_is_told_whom_to_ask(frank):
    assert "Rien à configurer avec vos droits" in frank.get("/gestion/configurer/").text
    assert "/gestion/configurer" not in "".join(links(frank.get("/gestion/").text))


def test_the_back_office_speaks_english(app, signed_in, world):
    client: PageClient = signed_in(world.eve)
    client.post("/langue", {"language": "en"})
    page = client.get("/gestion/formation/").text
    assert 'lang="en"' in page and "Set up" in page and "Configurer" not in page
