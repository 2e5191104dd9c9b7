"""The promises that hold for everything: closed routes, foreign ids, wording, documentation, constant query counts."""

import importlib.util
from pathlib import Path

import pytest
from sqlalchemy import event

from app import clock, transitions
from app.admin.generate import labelled, models
from app.extensions import db
from app.notifications import catalogue
from app.views.demonstration import SHOWN
from tests.world import SECRET

ROOT = Path(__file__).resolve().parents[1]
PUBLIC = {
    "static", "pages.home", "pages.help", "pages.faq", "pages.contact", "pages.legal", "pages.accessibility", "pages.privacy", "pages.language", "pages.theme",
    "health.alive", "health.ready", "metrics.show", "accounts.register", "accounts.registered", "accounts.validate", "accounts.resend", "accounts.login", "accounts.logout",
    "accounts.lost", "accounts.reset", "accounts.confirm_email", "invitations.accept", "signon.start", "signon.back", "signon.complete", "demonstration.mails", "demonstration.mail",
    "demonstration.attachment", "demonstration_identity.choose", "demonstration_identity.sign", "offer.tree", "offer.formation", "profile.communes",
    "verification.index", "verification.show", "returns.take",
}
FILL = {"name": "parcours", "grant_id": 1, "dossier_number": "ABCDEFGH", "public_id": "x" * 22, "code": "none", "step": "identite", "row_id": 1, "required_id": 1, "form_id": 1, "number": 1, "photograph_id": "x", "verb": "complete", "export_type": "csv", "key": "1-a", "token": "x", "filename": "x", "path": "x"}


def addresses(app):
    """Yield (endpoint, method, address) of every route."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        values = {name: FILL[name] for name in rule.arguments if name in FILL}
        if set(values) == rule.arguments:
            for method in rule.methods - {"HEAD", "OPTIONS"}:
                yield rule.endpoint, method, adapter.build(rule.endpoint, values)
        else:
            raise AssertionError(f"give {rule.arguments} a value for {rule.endpoint}")


def test_every_route_is_closed_to_visitors_unless_it_is_said_public(client, world):
    for endpoint, method, address in addresses(client.app):
        if endpoint in PUBLIC:
            continue
        answer = client.get(address) if method == "GET" else client.post(address)
        assert answer.status_code in (302, 401, 404), (endpoint, answer.status_code)
        if answer.status_code == 302:
            assert "/connexion" in answer.headers["Location"], endpoint


def test_the_back_office_is_closed_to_candidates(client, world):
    client.sign_in("alice@exemple.fr", SECRET)
    for endpoint, method, address in addresses(client.app):
        if address.startswith("/gestion"):
            answer = client.get(address) if method == "GET" else client.post(address)
            assert answer.status_code == 404, endpoint


def test_a_post_without_its_token_changes_nothing(client, world):
    client.sign_in("alice@exemple.fr", SECRET)
    for endpoint, method, address in addresses(client.app):
        if method == "POST":
            assert client.post_bare(address).status_code in (400, 404), endpoint


def test_another_site_is_refused_even_with_a_token(client):
    assert client.post("/langue", {"language": "en"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 400
    assert client.post("/langue", {"language": "en"}, headers={"Origin": "http://evil.example"}).status_code == 400


@pytest.mark.parametrize("path", ["/", "/nulle-part", "/offre", "/connexion", "/readyz"])
def test_every_answer_carries_its_headers(client, path):
    answer = client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_every_message_of_the_table_has_its_words(app):
    kinds = {act.message for act in transitions.TRANSITIONS.values()} | {act.alert for act in transitions.TRANSITIONS.values()}
    kinds = kinds - {None, "decision"} | {name for name, kind in catalogue.KINDS.items() if name != "message_free"}
    for language in catalogue.LANGUAGES:
        assert kinds <= set(catalogue.shipped(language))


def test_the_generated_pages_are_up_to_date(app):
    spec = importlib.util.spec_from_file_location("docs", ROOT / "scripts" / "docs.py")
    docs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(docs)
    for path, text in docs.pages().items():
        assert path.read_text(encoding="utf-8") == text, f"run make docs: {path.name}"


def test_every_managed_model_shows_something_and_hides_secrets(app):
    for model in models():
        names = labelled(model)
        assert names, model.__name__
        assert not {"password", "fs_uniquifier", "tf_totp_secret", "token_hash", "secret_text"} & set(names)


def count_queries(call):
    """Return how many SQL statements a call sends."""
    seen = []
    listener = lambda *args: seen.append(args[2])
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        call()
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    return len(seen)


@pytest.mark.parametrize("path", ["/candidatures", "/messages", "/offre", "/offre?q=licence", "/profil"])
def test_the_number_of_queries_does_not_grow_with_the_rows(client, world, path):
    client.sign_in("alice@exemple.fr", SECRET)
    world.apply(world.alice, world.maths)
    client.get(path)
    one = count_queries(lambda: client.get(path))
    world.apply(world.alice, world.history)
    world.apply(world.bob, world.history)
    for number in range(3):
        world.offering(f"Centre {number}", f"Master Unique{number}", clock.now())
    db.session.commit()
    assert count_queries(lambda: client.get(path)) <= one


def test_the_demonstration_mailbox_does_not_exist_in_production(client):
    assert SHOWN == 100
    assert client.get("/demonstration/courriels").status_code == 200
