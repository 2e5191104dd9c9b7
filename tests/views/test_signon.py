"""The students' door: a state, a ticket of one minute, an account validated like everyone's, locked data, and no link by e-mail."""

import re
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from app import clock
from app.enums import Source
from app.extensions import db
from app.identity import ExternalIdentity
from app.models import Candidate, Identity, OutboxMessage, User
from app.operations import accounts, students
from app.sis import student_system
from tests.clients import PageClient
from tests.world import SECRET

LOUISE = "22100001"
EMAIL = "louise.fontaine@etu.postulo.example"


def state_of(client):
    """Go out to the sign-on and return the state that it was given."""
    answer = client.get("/connexion/universite")
    assert answer.status_code == 302
    url = urlsplit(answer.location)
    assert url.path == "/demonstration/identite"
    return parse_qs(url.query)["state"][0]


def ticket_for(client, number=LOUISE):
    """Choose a student on the demonstration's page and return where it sends back."""
    answer = client.post("/demonstration/identite", {"number": number, "state": state_of(client)})
    return answer.location


def arrived(client, number=LOUISE):
    return client.get(ticket_for(client, number))


def opened(client, number=LOUISE, **values):
    assert arrived(client, number).location == "/connexion/universite/compte"
    return client.post("/connexion/universite/compte", {"email": EMAIL, "certified": "y", **values}, page="/connexion/universite/compte")


def messages(kind):
    return db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.kind == kind)).all()


def validated(client):
    client.get(messages("account_created")[-1].secret_text.removeprefix("http://localhost"))


def test_a_student_comes_once_certifies_validates_then_enters_at_once(client):
    page = client.get(f"/demonstration/identite?state={state_of(client)}")
    assert page.text.count("Se connecter comme") == 3
    assert arrived(client).location == "/connexion/universite/compte"
    page = client.get("/connexion/universite/compte")
    assert "Fontaine" in page.text and LOUISE in page.text and "contactez votre scolarité" in page.text
    uncertified = client.post("/connexion/universite/compte", {"email": EMAIL}, page="/connexion/universite/compte")
    assert uncertified.status_code == 422 and db.session.scalar(db.select(User)) is None
    answer = client.post("/connexion/universite/compte", {"email": EMAIL, "certified": "y"}, page="/connexion/universite/compte")
    assert answer.location == "/compte/cree"
    early = arrived(client)
    assert early.location == "/connexion" and client.get("/mon-compte").status_code == 302  # five days to validate, like everyone
    validated(client)
    assert arrived(client).location == "/candidatures"
    assert client.get("/mon-compte").status_code == 200


def test_what_the_student_system_knows_is_taken_and_locked(client):
    opened(client)
    candidate = db.session.scalar(db.select(Candidate))
    record = student_system().find(LOUISE)
    assert (candidate.last_name, candidate.first_name, candidate.birth_on) == (record.last_name, record.first_name, record.birth_on)
    assert candidate.ine == record.ine and candidate.sis_number == LOUISE
    assert candidate.identity_source == Source.SIS and candidate.baccalaureat.source == Source.SIS
    assert candidate.address.postal_code == record.postal_code and candidate.phone == record.phone
    assert [row.label for row in candidate.internal_records] == [year.label for year in record.years]


@pytest.mark.parametrize("number", ["22100001", "22100002", "22100003"])
def test_each_invented_student_can_open_an_account(client, number):
    assert opened(client, number).location == "/compte/cree"
    assert db.session.scalar(db.select(Candidate)).sis_number == number


def test_a_local_password_is_optional_and_checked(client):
    weak = opened(client, password="motdepasse2026")
    assert weak.status_code == 422 and "facile à deviner" in weak.text
    again = {"email": EMAIL, "certified": "y", "password": "tournesol-parapluie-xylophone"}
    client.post("/connexion/universite/compte", again, page="/connexion/universite/compte")
    validated(client)
    assert PageClient(client.app).sign_in(EMAIL, "tournesol-parapluie-xylophone").location == "/candidatures"


def test_an_address_of_another_account_links_nothing_and_shows_the_same_page(client, world):
    taken = opened(client, email="alice@exemple.fr")
    assert taken.status_code == 302 and taken.location == "/compte/cree"
    assert db.session.scalar(db.select(Identity)) is None  # an e-mail never links (T16)
    assert messages("account_exists")[0].recipient == "alice@exemple.fr"
    free = opened(PageClient(client.app))
    assert (free.status_code, free.location) == (taken.status_code, taken.location)


def test_a_stranger_who_registered_a_students_address_inherits_nothing(client, world):
    stranger = accounts.create_candidate(last_name="X", first_name="Y", email=EMAIL, language="fr", hashed=world.hashed)
    db.session.commit()
    opened(client, email="louise@exemple.fr")
    validated(client)
    louise = accounts.by_email("louise@exemple.fr")
    assert louise.id != stranger.id and louise.identities and not stranger.identities
    assert stranger.candidate.sis_number is None
    assert accounts.sign_in("louise@exemple.fr", SECRET) is None


def test_the_account_form_sent_twice_opens_one_account(app):
    found = ExternalIdentity(provider="demo", subject=LOUISE, sis_number=LOUISE)
    record = student_system().find(LOUISE)
    first = students.open_account(found, record, email=EMAIL, language="fr")
    assert students.open_account(found, record, email=EMAIL, language="fr").id == first.id
    assert len(messages("account_created")) == 1


def test_anothers_ine_is_left_out_not_taken(world):
    record = student_system().find(LOUISE)
    world.alice.candidate.ine = record.ine
    db.session.commit()
    found = ExternalIdentity(provider="demo", subject=LOUISE, sis_number=LOUISE)
    user = students.open_account(found, record, email=EMAIL, language="fr")
    assert user.candidate.ine is None and world.alice.candidate.ine == record.ine


def test_a_second_import_replaces_what_was_known_and_keeps_what_was_typed(client):
    opened(client)
    candidate = db.session.scalar(db.select(Candidate))
    candidate.phone = "0611223344"
    record = replace(student_system().find(LOUISE), birth_on=date(2004, 3, 13), phone="0699999999")
    students.import_record(candidate, record)
    db.session.commit()
    assert candidate.birth_on == date(2004, 3, 13) and candidate.phone == "0611223344"
    assert len(candidate.internal_records) == len(record.years)


def test_a_ticket_serves_once_within_a_minute_in_the_browser_that_asked(client):
    back = ticket_for(client)
    thief = PageClient(client.app)
    assert thief.get(back).location == "/connexion"  # another browser: another state
    assert client.get(back).location == "/connexion/universite/compte"
    assert client.get(back).location == "/connexion"  # used
    late = ticket_for(client)
    with time_machine.travel(clock.now() + timedelta(seconds=90), tick=False):
        assert client.get(late).location == "/connexion"


@pytest.mark.parametrize("query", ["", "ticket=", "ticket=x", "ticket=" + "A" * 5000, "ticket[]=x", "ticket=%00%ff", "state=x"])
def test_a_forged_return_goes_back_to_sign_in_with_a_sentence(client, query):
    state_of(client)
    answer = client.get(f"/connexion/universite/retour?{query}")
    assert answer.location == "/connexion"
    assert "recommencez" in client.get("/connexion").text


def test_a_closed_account_does_not_enter_by_the_sign_on(client):
    opened(client)
    validated(client)
    db.session.scalar(db.select(User)).active = False
    db.session.commit()
    assert arrived(client).location == "/connexion"
    assert client.get("/mon-compte").status_code == 302


def test_the_page_asked_for_comes_back_after_the_sign_on(client):
    opened(client)
    validated(client)
    client.get("/connexion/universite?next=/profil/adresse")
    answer = client.post("/demonstration/identite", {"number": LOUISE, "state": _state(client)})
    assert client.get(answer.location).location == "/profil/adresse"
    client.get("/connexion/universite?next=//evil.example")
    answer = client.post("/demonstration/identite", {"number": LOUISE, "state": _state(client)})
    assert client.get(answer.location).location == "/candidatures"


def _state(client):
    with client.http.session_transaction() as cookie:
        return cookie["signon_state"]


def test_a_student_unknown_to_the_demonstration_is_not_found(client):
    assert client.post("/demonstration/identite", {"number": "99999999", "state": state_of(client)}).status_code == 404
    assert PageClient(client.app).get("/connexion/universite/compte").location == "/connexion/universite"


@pytest.mark.parametrize("changed", [{"public_url": "https://candidatures.example"}, {"cas_url": "https://cas.example"}])
def test_the_demonstrations_sign_on_is_absent_from_a_real_installation(client, monkeypatch, changed):
    monkeypatch.setitem(client.app.config, "SETTINGS", replace(client.app.config["SETTINGS"], **changed))
    for url in ("/demonstration/identite", "/connexion/universite", "/connexion/universite/retour"):
        assert client.get(url).status_code == 404, url
    page = client.get("/connexion").text
    assert not re.search(r'href="/connexion/universite', page)
