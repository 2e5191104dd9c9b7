"""Accounts on screen: one page whoever asks, throttling, sessions that end, and nothing typed that is lost."""

import re
from datetime import timedelta

import pytest
import time_machine

from app import clock, parameters
from app.extensions import db
from app.models import OutboxMessage, User, UserSession
from app.operations import accounts
from app.views import sessions, timing
from tests.clients import PageClient
from tests.world import SECRET

GOOD = "tournesol-parapluie-xylophone"
FORM = {"last_name": "Martin", "first_name": "Zoé", "email": "zoe@exemple.fr", "email_again": "zoe@exemple.fr", "password": GOOD}


def last(kind):
    return db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id.desc())).first()


def path_of(kind):
    return last(kind).secret_text.removeprefix("http://localhost")


def body(answer):
    """Return a page without what differs at each rendering: tokens, nonces, references."""
    return re.sub(r'(nonce="[^"]*"|value="[^"]*"|[0-9a-f]{12})', "", answer.text)


def in_(client, name="alice"):
    answer = client.sign_in(f"{name}@{'exemple.fr' if name in ('alice', 'bob') else 'postulo.example'}", SECRET)
    assert answer.status_code == 302, answer.text
    return answer


# --- opening an account ---


def test_register_then_validate_then_sign_in(client):
    answer = client.post("/compte/creer", FORM)
    assert answer.status_code == 302 and answer.location == "/compte/cree"
    page = client.get("/compte/cree")
    assert "zoe@exemple.fr" in page.text and "5 jours" in page.text
    assert client.sign_in("zoe@exemple.fr", GOOD).status_code == 422
    page = client.get(path_of("account_created"))
    user = db.session.scalar(db.select(User))
    assert page.status_code == 200 and user.candidate.dossier_number in page.text
    again = client.get(path_of("account_created"))
    assert again.status_code == 410 and "déjà validé" in again.text
    answer = client.sign_in(user.candidate.dossier_number, GOOD)
    assert answer.status_code == 302 and answer.location == "/candidatures"


def test_register_shows_the_same_page_for_a_known_address(client, world):
    answers = []
    for email in ("alice@exemple.fr", "charlie@postulo.example", "neuve@exemple.fr"):
        visitor = PageClient(client.app)
        answer = visitor.post("/compte/creer", FORM | {"email": email, "email_again": email})
        answers.append((answer.status_code, answer.location, body(visitor.get("/compte/cree")).replace(email, "")))
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"email_again": "autre@exemple.fr"}, "différentes"),
        ({"email": "zoé@exemple.fr", "email_again": "zoé@exemple.fr"}, "pas valable"),
        ({"password": "motdepasse2026"}, "facile à deviner"),
        ({"password": "court"}, "au moins 12"),
        ({"first_name": "Jean🎓"}, "signe"),
        ({"first_name": ""}, "Remplissez"),
        ({"last_name": "a" * 101}, "Cent caractères"),
    ],
)
def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(client, changed, words):
    answer = client.post("/compte/creer", FORM | changed)
    assert answer.status_code == 422 and words in answer.text
    assert 'role="alert"' in answer.text and 'aria-invalid="true"' in answer.text
    kept = (FORM | changed)["last_name"]
    assert f'value="{kept}"' in answer.text
    assert (FORM | changed)["password"] not in answer.text  # a password is never sent back
    assert db.session.scalar(db.select(User)) is None


def test_a_form_of_600_000_characters_is_refused_without_reading_it(client):
    assert client.post("/compte/creer", FORM | {"first_name": "a" * 600_000}).status_code == 413


def test_resend_and_lost_show_one_page_whoever_asks(client, world):
    world.bob.password = None
    db.session.commit()
    client.post("/compte/creer", FORM)
    for url, name in (("/compte/renvoyer-le-lien", "email"), ("/compte/identifiants-perdus", "identifier")):
        pages = set()
        for address in ("alice@exemple.fr", "bob@exemple.fr", "zoe@exemple.fr", "nobody@exemple.fr"):
            answer = client.post(url, {name: address})
            assert answer.status_code == 200
            pages.add(body(answer).replace(address, ""))
        assert len(pages) == 1, url


def test_what_differs_by_account_is_answered_at_the_same_moment(client, world, monkeypatch):
    waits = []
    monkeypatch.setattr(timing.time, "sleep", lambda seconds: waits.append((seconds, db.session.get_bind() and db.session().in_transaction())))
    client.post("/compte/creer", FORM)
    client.post("/compte/renvoyer-le-lien", {"email": "alice@exemple.fr"})
    client.post("/compte/identifiants-perdus", {"identifier": "nobody@exemple.fr"})
    assert len(waits) == 3 and all(0 <= seconds <= timing.FLOOR for seconds, _held in waits)  # 0: the machine itself was that slow
    assert not any(held for _seconds, held in waits)  # nobody else waits for the database meanwhile


def test_an_expired_or_invented_link_says_what_to_do(client):
    client.post("/compte/creer", FORM)
    with time_machine.travel(clock.now() + timedelta(days=6), tick=False):
        page = client.get(path_of("account_created"))
    assert page.status_code == 410 and "/compte/renvoyer-le-lien" in page.text
    for url in ("/compte/valider/x", "/compte/nouveau-mot-de-passe/x", "/mon-compte/courriel/x", "/compte/valider/%ff%00", "/compte/valider/" + "x" * 5000):
        assert client.get(url).status_code == 410, url


def test_links_of_mails_always_bear_the_public_address(client):
    assert client.post("/compte/creer", FORM, headers={"Host": "evil.example"}).status_code == 400
    client.post("/compte/creer", FORM, headers={"X-Forwarded-Host": "evil.example"})
    assert last("account_created").secret_text.startswith("http://localhost/compte/valider/")


# --- signing in ---


def test_every_failure_has_the_same_answer(client, world):
    client.post("/compte/creer", FORM)
    pages = {
        body(PageClient(client.app).sign_in(identifier, password))
        for identifier, password in (("alice@exemple.fr", "wrong"), ("nobody@exemple.fr", SECRET), ("ZZZZZZZZ", SECRET), ("zoe@exemple.fr", GOOD))
    }
    assert len(pages) == 1 and "/compte/renvoyer-le-lien" in pages.pop()


def test_five_failures_hold_back_one_account_from_one_address_only(client, world):
    for _attempt in range(5):
        assert client.sign_in("alice@exemple.fr", "wrong").status_code == 422
    refused = client.sign_in("alice@exemple.fr", SECRET)
    assert refused.status_code == 429 and 0 < int(refused.headers["Retry-After"]) <= 900
    assert re.search(r"Attendez \d+ minutes", refused.text)
    assert client.sign_in("bob@exemple.fr", "wrong").status_code == 422  # another account, same address
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.7"}}
    answer = client.post("/connexion", {"identifier": "alice@exemple.fr", "password": SECRET}, page="/connexion", **elsewhere)
    assert answer.status_code == 302  # no lock-out by a stranger's storm


def test_thirty_failures_hold_back_an_address(client, world):
    codes = [client.sign_in(f"nobody{n}@exemple.fr", "wrong").status_code for n in range(32)]
    assert codes == [422] * 30 + [429] * 2


def test_a_storm_from_a_hundred_addresses_does_not_keep_the_owner_out(client, world):
    for n in range(100):
        client.http.post("/connexion", environ_overrides={"REMOTE_ADDR": f"192.0.2.{n}"}, data={"identifier": "alice@exemple.fr", "password": "no"})
    assert in_(client).location == "/candidatures"


def test_staff_enter_only_when_no_second_factor_is_asked(client, world):
    refused = client.sign_in("charlie@postulo.example", SECRET)
    assert refused.status_code == 422 and "second facteur" in refused.text
    assert db.session.scalar(db.select(UserSession)) is None
    parameters.change("SECOND_FACTOR_NOT_ASKED", True)
    db.session.commit()
    assert in_(client, "charlie").location == "/gestion/"


def test_signing_in_gives_a_new_session_each_time(client, world):
    client.get("/connexion")
    with client.http.session_transaction() as cookie:
        cookie["sid"] = "chosen-by-somebody-else"
    in_(client)
    with client.http.session_transaction() as cookie:
        first = cookie["sid"]
    assert first != "chosen-by-somebody-else"
    client.post("/deconnexion")
    in_(client)
    with client.http.session_transaction() as cookie:
        assert cookie["sid"] != first
    assert first not in [row.token_hash for row in db.session.scalars(db.select(UserSession))]  # digests only


HOSTILE = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "http:evil.example", "javascript:alert(1)",
    "/%5cevil.example", "/\t/evil.example", "/\n/evil.example", " //evil.example", "/..//evil.example", "https:/evil.example", "//localhost@evil.example",
    "/nowhere", "/deconnexion", "data:text/html,x", "candidatures", "?next=//evil", "//", "/.", "http://localhost/candidatures", "/" + "x" * 3000,
    "/candidatures\r\nLocation: //evil", "/\u2044evil.example", "////", "/;@evil.example", "/@evil.example", "http://", "//%0d%0aevil",
]


@pytest.mark.parametrize("target", HOSTILE)
def test_next_goes_nowhere_but_to_a_page_of_ours(client, world, target):
    answer = client.http.get("/connexion")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.text).group(1)
    answer = client._fresh(
        lambda: client.http.post("/connexion", query_string={"next": target}, data={"csrf_token": token, "identifier": "alice@exemple.fr", "password": SECRET})
    )
    assert answer.status_code == 302 and answer.location == "/candidatures"


def test_next_brings_back_to_the_page_asked_for(client, world):
    asked = client.get("/profil/adresse?x=1")
    assert asked.status_code == 302 and asked.location.startswith("/connexion?next=")
    answer = client.post(asked.location, {"identifier": "alice@exemple.fr", "password": SECRET}, page="/connexion")
    assert answer.location == "/profil/adresse?x=1"


# --- sessions ---


def is_in(client):
    return client.get("/mon-compte").status_code == 200


def test_a_copied_cookie_is_worth_nothing_after_logout(client, world):
    in_(client)
    copied = client.http.get_cookie("postulo").value
    answer = client.post("/deconnexion")
    assert answer.status_code == 302 and '"cache"' in answer.headers["Clear-Site-Data"]
    thief = PageClient(client.app)
    thief.http.set_cookie("postulo", copied)
    assert not is_in(thief)


@pytest.mark.parametrize(("name", "idle"), [("alice", timedelta(hours=2)), ("eve", timedelta(minutes=30))])
def test_a_session_ends_when_idle(client, world, name, idle):
    parameters.change("SECOND_FACTOR_NOT_ASKED", True)
    db.session.commit()
    in_(client, name)
    start = clock.now()
    with time_machine.travel(start + idle - timedelta(seconds=30), tick=False):
        assert is_in(client)
    with time_machine.travel(start + 2 * idle - timedelta(minutes=1), tick=False):
        assert is_in(client)  # what was seen counts
    with time_machine.travel(start + 3 * idle, tick=False):
        assert not is_in(client)


def test_a_session_ends_after_twelve_hours_whatever_happens(client, world):
    in_(client)
    start = clock.now()
    for hours in range(1, 12):
        with time_machine.travel(start + timedelta(hours=hours), tick=False):
            assert is_in(client)
    with time_machine.travel(start + timedelta(hours=12, minutes=1), tick=False):
        assert not is_in(client)


def test_a_session_is_noted_once_a_minute(client, world):
    in_(client)
    row = db.session.scalar(db.select(UserSession))
    first = row.seen_at
    start = clock.now()
    for seconds, moves in ((30, False), (70, True)):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            client.get("/aide")
        db.session.expire_all()
        assert (row.seen_at > first) is moves


def test_noting_a_session_never_undoes_the_work_of_its_request(client, world):
    client.post("/compte/creer", FORM)
    in_(client)
    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=False):
        assert client.get(path_of("account_created")).status_code == 200
    assert accounts.by_email("zoe@exemple.fr").confirmed_at is not None


@pytest.mark.parametrize("end", ["active", "password", "revoked"])
def test_a_session_ends_with_its_account_its_password_or_its_revocation(client, world, end):
    in_(client)
    if end == "active":
        world.alice.active = False
    elif end == "password":
        accounts.send_identifiers("alice@exemple.fr")
        accounts.reset_password(last("lost_identifiers").secret_text.rsplit("/", 1)[1], GOOD)
    else:
        db.session.scalar(db.select(UserSession)).ended_at = clock.now()
    db.session.commit()
    assert not is_in(client)


def test_a_person_sees_and_closes_their_own_sessions_only(client, world):
    other, stranger = PageClient(client.app), PageClient(client.app)
    in_(client), in_(other), in_(stranger, "bob")
    page = client.get("/mon-compte").text
    assert page.count("/fermer") == 2 and "cet appareil" in page
    here, there, bobs = db.session.scalars(db.select(UserSession).order_by(UserSession.id)).all()
    assert client.post(f"/mon-compte/sessions/{bobs.public_id}/fermer").status_code == 404
    assert client.post("/mon-compte/sessions/absent/fermer").status_code == 404
    assert is_in(stranger)
    assert client.post(f"/mon-compte/sessions/{there.public_id}/fermer").status_code == 302
    assert is_in(client) and not is_in(other)


def test_pages_of_a_person_are_kept_out_of_caches(client, world):
    in_(client)
    for url in ("/mon-compte", "/candidatures", "/profil", "/aide"):
        assert client.get(url).headers["Cache-Control"] == "no-store", url


def test_a_device_is_named_never_the_whole_agent(client, world):
    agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Mobile Safari/537.36 \x1b[31m${jndi:x}"
    client.post("/connexion", {"identifier": "alice@exemple.fr", "password": SECRET}, page="/connexion", headers={"User-Agent": agent})
    assert db.session.scalar(db.select(UserSession)).device == "Chrome · Android"


# --- nothing typed is lost, nobody else sends it ---


def test_a_form_sent_after_the_session_ended_is_kept_until_sign_in(client, world):
    in_(client)
    row = db.session.scalar(db.select(UserSession))
    client.get("/mon-compte")
    row.ended_at = clock.now()
    db.session.commit()
    late = client.post("/mon-compte/courriel", {"email": "alice@ailleurs.fr"}, headers={"Referer": "http://localhost/mon-compte"})
    assert late.status_code == 401 and "est gardé" in late.text
    sealed = re.search(r'name="kept"[^>]*value="([^"]+)"', late.text).group(1)
    answer = client.post("/connexion", {"identifier": "alice@exemple.fr", "password": SECRET, "kept": sealed}, page="/connexion")
    assert answer.status_code == 200 and 'action="/mon-compte/courriel"' in answer.text
    assert 'name="email" value="alice@ailleurs.fr"' in answer.text
    assert last("email_change") is None  # sent again by the person, not by us


def test_a_form_of_the_back_office_sent_too_late_is_kept_too(client, world):
    parameters.change("SECOND_FACTOR_NOT_ASKED", True)
    db.session.commit()
    in_(client, "eve")
    db.session.scalar(db.select(UserSession)).ended_at = clock.now()
    db.session.commit()
    assert client.get("/gestion/centre/new/").location == "/connexion?next=/gestion/centre/new/"
    late = client.post("/gestion/centre/new/", {"code": "droit", "name": "Droit"}, headers={"Referer": "http://localhost/gestion/centre/new/"})
    assert late.status_code == 401 and 'name="kept"' in late.text and "next=/gestion/centre/new/" in late.text


def test_what_was_kept_opens_for_its_author_only(client, world):
    in_(client)
    db.session.scalar(db.select(UserSession)).ended_at = clock.now()
    db.session.commit()
    late = client.post("/mon-compte/mot-de-passe", {"current": SECRET, "password": GOOD, "x": "secret text"})
    sealed = re.search(r'name="kept"[^>]*value="([^"]+)"', late.text).group(1)
    answer = client.post("/connexion", {"identifier": "bob@exemple.fr", "password": SECRET, "kept": sealed}, page="/connexion")
    assert answer.status_code == 302 and "secret text" not in answer.text
    with client.app.test_request_context():
        from app.views import kept

        assert kept.opened(sealed, world.alice) == ("/mon-compte/mot-de-passe", [["x", "secret text"]])  # no password is ever kept
        assert kept.opened(sealed[:-2], world.alice) is None


def test_a_dead_token_of_our_own_page_offers_to_send_again(client, world):
    in_(client)
    typed = {"email": "alice@ailleurs.fr", "csrf_token": "dead"}
    ours = client.post_bare("/mon-compte/courriel", typed, headers={"Sec-Fetch-Site": "same-origin"})
    assert ours.status_code == 400 and 'value="alice@ailleurs.fr"' in ours.text and "Renvoyer" in ours.text
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}):
        foreign = client.post_bare("/mon-compte/courriel", typed, headers=headers)
        assert foreign.status_code == 400 and "alice@ailleurs.fr" not in foreign.text, headers


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)
def test_another_site_cannot_send_our_forms_even_with_a_good_token(client, world, headers):
    assert client.post("/connexion", {"identifier": "alice@exemple.fr", "password": SECRET}, headers=headers).status_code == 400
    assert db.session.scalar(db.select(UserSession)) is None


# --- « Mon compte » ---


def test_lost_identifiers_to_a_new_password(client, world):
    in_(client)
    visitor = PageClient(client.app)
    visitor.post("/compte/identifiants-perdus", {"identifier": world.alice.candidate.dossier_number})
    url = path_of("lost_identifiers")
    assert visitor.get(url).headers["Cache-Control"] == "no-store"
    weak = visitor.post(url, {"password": "motdepasse2026"}, page=url)
    assert weak.status_code == 422 and "facile à deviner" in weak.text
    assert visitor.post(url, {"password": GOOD}, page=url).location == "/connexion"
    assert visitor.get(url).status_code == 410
    assert not is_in(client)
    assert visitor.sign_in("alice@exemple.fr", GOOD).status_code == 302


def test_changing_ones_address_and_password_on_screen(client, world):
    other = PageClient(client.app)
    in_(client), in_(other)
    assert client.post("/mon-compte/courriel", {"email": "a@b"}).status_code == 422
    assert client.post("/mon-compte/courriel", {"email": "alice@ailleurs.fr"}).status_code == 302
    assert PageClient(client.app).get(path_of("email_change")).location == "/mon-compte"
    assert "alice@ailleurs.fr" in client.get("/mon-compte").text
    wrong = client.post("/mon-compte/mot-de-passe", {"current": "wrong", "password": GOOD})
    assert wrong.status_code == 422 and "mot de passe actuel" in wrong.text
    assert client.post("/mon-compte/mot-de-passe", {"current": SECRET, "password": GOOD}).status_code == 302
    assert is_in(client) and not is_in(other)


def test_who_has_no_password_here_sets_one_without_the_present_one(client, world):
    in_(client)
    world.alice.password = None
    db.session.commit()
    assert 'name="current"' not in client.get("/mon-compte").text
    assert client.post("/mon-compte/mot-de-passe", {"password": GOOD}).status_code == 302
    assert PageClient(client.app).sign_in("alice@exemple.fr", GOOD).status_code == 302


def test_only_our_own_account_pages_exist(client):
    served = {rule.rule for rule in client.app.url_map.iter_rules()}
    for closed in ("/login", "/logout", "/register", "/reset", "/confirm", "/verify", "/tf-setup", "/wan-register", "/change"):
        assert closed not in served and client.get(closed).status_code == 404
    assert client.app.config["SECURITY_REGISTER_BLUEPRINT"] is False


def test_hashes_are_argon2id_at_the_strength_decided(world):
    assert world.alice.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_home_of_each_person(app, world):
    with app.test_request_context():
        assert sessions.home_of(world.alice) == "/candidatures"
        assert sessions.home_of(world.eve) == "/gestion/"


def test_a_dead_link_leads_to_the_page_that_gives_another_one(client):
    for url, way in (
        ("/compte/valider/x", "/compte/renvoyer-le-lien"),
        ("/compte/nouveau-mot-de-passe/x", "/compte/identifiants-perdus"),
        ("/mon-compte/courriel/x", "/mon-compte"),
    ):
        page = client.get(url)
        assert page.status_code == 410 and f'class="button" href="{way}"' in page.text, url


def test_what_was_kept_is_sent_again_at_the_first_press(client, world):
    in_(client)
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=False):
        late = client.post("/profil/stages/ajouter", {"organisation": "Laboratoire"})
        sealed = re.search(r'name="kept"[^>]*value="([^"]+)"', late.text).group(1)
        page = client.post("/connexion", {"identifier": "alice@exemple.fr", "password": SECRET, "kept": sealed}, page="/connexion")
        form = page.text.split('action="/profil/stages/ajouter"')[1]
        token = re.search(r'name="csrf_token" value="([^"]+)"', form).group(1)
        again = client.post_bare("/profil/stages/ajouter", {"csrf_token": token, "organisation": "Laboratoire"})
    assert again.status_code == 422 and 'value="Laboratoire"' in again.text
