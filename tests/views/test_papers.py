"""What a candidate takes home, and what anybody learns by verifying a letter: nothing of its person."""

import hashlib
import io
import re

import pypdfium2
import pytest

from app import parameters
from app.enums import Outcome
from app.extensions import db
from app.models import Letter
from app.notifications import letter_pages
from app.operations import candidatures, decisions
from app.storage import vault
from tests.clients import PageClient
from tests.world import SECRET


@pytest.fixture
def admitted(world):
    candidature = world.transmitted(world.alice, world.maths)
    decide(world, candidature, Outcome.ADMITTED)
    return candidature


def decide(world, candidature, outcome, **details):
    decisions.propose(candidature, world.kinds[outcome], actor=world.charlie, **details)
    decisions.validate(candidature, actor=world.charlie)
    decisions.publish(candidature, actor=world.charlie)
    db.session.commit()


def said(data):
    document = pypdfium2.PdfDocument(io.BytesIO(data))
    return " ".join("\n".join(page.get_textpage().get_text_range() for page in document).split())


def test_a_candidate_downloads_his_letter_in_his_language_always_the_same(client, world, admitted):
    client.sign_in("alice@exemple.fr", SECRET)
    page = f"/candidatures/{admitted.public_id}"
    assert "Télécharger la lettre (PDF)" in client.get(page).text
    first = client.get(f"{page}/lettre.pdf")
    assert first.mimetype == "application/pdf" and "avis favorable" in said(first.data)
    assert client.get(f"{page}/lettre.pdf").data == first.data
    assert db.session.scalar(db.select(Letter.sha256)) == hashlib.sha256(first.data).hexdigest()
    world.alice.language = "en"
    db.session.commit()
    assert "favourable decision" in said(client.get(f"{page}/lettre.pdf").data)


def test_no_letter_is_a_sentence_and_no_link(client, world, admitted):
    client.sign_in("alice@exemple.fr", SECRET)
    page = f"/candidatures/{admitted.public_id}"
    for stop in (lambda: parameters.change("LETTERS_BLOCKED", True), lambda: setattr(world.maths.commission, "has_letters", False)):
        stop()
        db.session.commit()
        assert "Télécharger la lettre" not in client.get(page).text
        assert client.get(f"{page}/lettre.pdf").location == page
        assert "Aucune lettre n’est disponible" in client.get(page).text
        parameters.change("LETTERS_BLOCKED", False)


def test_a_letter_whose_file_is_gone_is_a_sentence(client, world, admitted):
    client.sign_in("alice@exemple.fr", SECRET)
    address = f"/candidatures/{admitted.public_id}/lettre.pdf"
    client.get(address)
    vault().delete(db.session.scalar(db.select(Letter.storage_key)))
    assert client.get(address).status_code == 302
    assert "écrivez-nous, rien n’est perdu" in client.get(f"/candidatures/{admitted.public_id}").text


def test_a_candidate_downloads_his_dossier_as_transmitted_or_as_it_stands(client, world):
    client.sign_in("alice@exemple.fr", SECRET)
    candidature = world.apply(world.alice, world.maths)
    page = f"/candidatures/{candidature.public_id}"
    assert "État du dossier" in said(client.get(f"{page}/dossier.pdf").data)
    world.complete(candidature, world.alice)
    candidatures.transmit(candidature, actor=world.alice)
    db.session.commit()
    answer = client.get(f"{page}/dossier.pdf")
    assert "Dossier tel que transmis" in said(answer.data) and answer.headers["Content-Disposition"].startswith("attachment; filename=ALPHA")
    assert "État du dossier" in said(client.get(f"{page}/dossier.pdf?etat=present").data)


# --- verification ---


def verified(world, candidature):
    """Return the issued letter of a candidature, with its address."""
    letter = letter_pages.issue(db.session.scalar(db.select(Letter.id).where(Letter.candidature_id == candidature.id).order_by(Letter.id.desc())))
    return letter, f"/verification/{letter.public_id}"


def test_anybody_verifies_a_letter_and_learns_nothing_of_its_person(app, world):
    person = world.alice.candidate
    person.last_name, person.first_name = "Canari-Nom", "Canari-Prénom"
    candidature = world.transmitted(world.alice, world.maths)
    decide(world, candidature, Outcome.ADMITTED, comment="Canari-Commentaire")
    letter, address = verified(world, candidature)
    page = PageClient(app).get(address).text
    assert "l’avis est en vigueur" in page and letter.sha256 in page and "Lettre d’admission" in page and "Université de démonstration" in page
    secrets = ["Canari", "alice", person.dossier_number, world.maths.formation.name, candidature.public_id, "Liège", person.user.email, "Mathématiques", "Sciences"]
    assert [word for word in secrets if word.lower() in page.lower()] == []


@pytest.mark.parametrize("how", ["replaced", "withdrawn", "revoked"])
def test_a_letter_that_fell_says_so(app, world, admitted, how):
    letter, address = verified(world, admitted)
    if how == "replaced":
        decide(world, admitted, Outcome.REFUSED, reason=world.refusal)
    elif how == "withdrawn":
        candidatures.withdraw(admitted, actor=world.alice, reason_id=world.elsewhere.id)
    else:
        letter.revoked_at = letter.issued_at
    db.session.commit()
    page = PageClient(app).get(address).text
    assert "n’est plus en vigueur" in page and letter.sha256 in page


def test_a_wrong_code_is_absent_and_cannot_be_tried_for_ever(app, world, admitted):
    visitor = PageClient(app)
    letter = db.session.scalar(db.select(Letter))
    assert visitor.get(f"/verification/{letter.public_id}").status_code == 404, "reserved, not issued"
    _letter, address = verified(world, admitted)
    for _time in range(5):
        assert visitor.get(address).status_code == 200
    codes = [visitor.get(f"/verification/{number:022d}").status_code for number in range(65)]
    assert set(codes[:50]) == {404} and codes[-1] == 429


def test_a_code_or_a_whole_address_is_typed(client, world, admitted):
    assert client.get("/verification").status_code == 200
    letter, address = verified(world, admitted)
    for typed in (letter.public_id, f"  http://localhost{address}/ "):
        assert client.get("/verification", query_string={"code": typed}).location == address
    wrong = client.get("/verification", query_string={"code": "../../gestion\r\nX: 1"})
    assert re.fullmatch(r"/verification/[^/\r\n]*", wrong.location)
