"""Every address of the back office, taken from the URL map, is shut to visitors and to candidates."""

import pytest

from app.admin.generate import models

METHODS = {"GET", "POST"}
VALUES = {"grant_id": 1, "dossier_number": "ABCDEFGH", "step": "identite", "public_id": "x", "name": "parcours", "verb": "publish", "number": 1, "export_type": "csv", "filename": "x.js", "row_id": "1", "code": "ADMISSION"}


def addresses(app):
    """Return every (method, address) under /gestion."""
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/gestion") and not rule.endpoint.endswith(".static"):
            values = {name: VALUES[name] for name in rule.arguments}
            found += [(method, adapter.build(rule.endpoint, values)) for method in sorted(rule.methods & METHODS)]
    return found


def ask(client, method, address):
    return client.get(address) if method == "GET" else client.post(address)


def test_the_url_map_is_read(app):
    found = {address for _method, address in addresses(app)}
    assert len(found) > 60
    assert {"/gestion/", "/gestion/candidature/dossier/x", "/gestion/parametres/", "/gestion/rightsprofile/new/"} <= found


def test_visitors_are_sent_to_sign_in(app, visitor):
    for method, address in addresses(app):
        answer = ask(visitor, method, address)
        sent = (answer.status_code, (answer.location or "").split("?")[0])
        # a form sent too late gets the sign-in page at once, what was typed kept in it
        assert sent == ((302, "/connexion") if method == "GET" else (401, "")), (method, address)


def test_a_visitor_comes_back_where_he_was_going(visitor):
    assert visitor.get("/gestion/candidature/?search=abc").location == "/connexion?next=/gestion/candidature/?search%3Dabc"


def test_candidates_find_nothing(app, signed_in, world):
    alice = signed_in(world.alice)
    answers = {(method, address): ask(alice, method, address).status_code for method, address in addresses(app)}
    assert set(answers.values()) == {404}, {key: code for key, code in answers.items() if code != 404}


def test_a_person_with_one_right_opens_only_its_screens(frank):
    opened = [model.__name__ for model in models() if frank.get(f"/gestion/{model.__name__.lower()}/").status_code == 200]
    assert opened == ["Candidature"]
    assert frank.get("/gestion/parametres/").status_code == 403
    assert frank.get("/gestion/").status_code == 200


def test_the_menu_shows_only_what_opens(frank, eve):
    assert "/gestion/centre/" not in frank.get("/gestion/").text
    assert "/gestion/candidature/" in frank.get("/gestion/").text
    page = eve.get("/gestion/").text + eve.get("/gestion/configurer/").text
    assert all(f'href="/gestion/{model.__name__.lower()}/"' in page for model in models())


def test_a_reader_changes_and_exports_nothing(frank, world):
    candidature = world.transmitted(world.alice, world.maths)
    assert frank.get("/gestion/candidature/export/csv/").status_code == 404  # candidatures leave by a worker, with the right to export
    assert frank.get("/gestion/candidature/exporter").status_code == 403
    page = frank.get(f"/gestion/candidature/dossier/{candidature.public_id}").text
    assert "Marquer" not in page and "Correspondance" not in page
    for verb in ("complete", "propose", "review", "dates"):
        assert frank.post(f"/gestion/candidature/dossier/{candidature.public_id}/acte/{verb}", {"seen": "0"}).status_code in (403, 409)


@pytest.mark.parametrize("address", ["/gestion/centre/delete/", "/gestion/centre/action/", "/gestion/centre/ajax/update/", "/gestion/rediscli/"])
def test_the_doors_of_flask_admin_that_we_shut_have_no_address(eve, address):
    assert eve.post(address).status_code == 404


def test_a_post_without_its_token_is_refused(charlie, world):
    answer = charlie.post_bare("/gestion/centre/edit/?id=1", {"name": "Pris"})
    assert answer.status_code == 400


def test_a_person_out_of_service_is_shut_out_at_once(charlie, world):
    world.charlie.staff_member.is_active = False
    assert charlie.get("/gestion/candidature/").location.startswith("/connexion")


def test_the_demonstration_says_that_no_second_factor_is_asked(charlie):
    assert "Démonstration : le second facteur n’est pas demandé." in charlie.get("/gestion/").text
