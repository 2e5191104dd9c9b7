"""Pieces on screen: a refusal says why beside the piece and in the summary, whatever the browser tells of itself."""

import io

import pytest

from app.extensions import db
from app.models import SubmittedPiece
from app.operations import photographs, pieces
from app.views import errors
from tests.world import SECRET, pdf

LIMIT = 5 * 1024 * 1024  # bytes


@pytest.fixture
def dossier(client, world):
    client.sign_in("alice@exemple.fr", SECRET)
    return f"/candidatures/{world.apply(world.alice, world.maths).public_id}"


def send(client, url, data, name, field="file"):
    return client.post(url, {field: (io.BytesIO(data), name)}, content_type="multipart/form-data")


def refused(answer, number, *, field="file"):
    """Check that a refusal stands in the summary and beside the field; return its sentence."""
    assert answer.status_code == 422, answer.text
    assert f'href="#{field}-{number}"' in answer.text and "data-summary" in answer.text and 'aria-invalid="true"' in answer.text
    return answer.text.split(f'id="{field}-{number}-error" data-said role="alert">')[1].split("</p>")[0]


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "same-origin"}])
def test_a_refused_file_says_why_beside_its_piece(client, world, dossier, headers):
    client.http.environ_base.update({f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()})
    number = world.letter.id
    for data, name, words in (
        (b"", "a.pdf", "vide"),
        (b"x" * (LIMIT + 1), "a.pdf", "dépasse 5 Mo"),
        (pdf(), "photo.HEIC", "Le plus compatible"),
        (pdf(), "a.png", "PNG"),
        (pdf(), "lettre.docx", "traitement de texte"),
        (pdf(), "a.exe", "Seuls les fichiers PDF et JPEG"),
        (pdf(), "", "Choisissez un fichier"),
    ):
        assert words in refused(send(client, f"{dossier}/pieces/{number}", data, name), number)
    assert db.session.scalar(db.select(db.func.count(SubmittedPiece.id)).where(SubmittedPiece.file_version_id.is_not(None))) == 0


def test_the_largest_file_is_taken(client, world, dossier):
    data = pdf()
    answer = send(client, f"{dossier}/pieces/{world.letter.id}", data + b"%" * (LIMIT - len(data)), "a.pdf")
    assert answer.status_code == 302
    assert "5 Mo" in client.get(dossier).text


def test_a_sending_far_too_big_is_read_to_its_end_and_answered(client, world, dossier):
    body = io.BytesIO(b"x" * (12 * 1024 * 1024))
    answer = client.http.post(f"{dossier}/pieces/{world.letter.id}", input_stream=body, content_type="multipart/form-data; boundary=b", content_length=12 * 1024 * 1024)
    assert answer.status_code == 413 and "trop gros" in answer.text
    assert body.read() == b"" and errors.DRAINED >= photographs.LIMIT


def test_what_may_not_be_said_not_concerned_says_so_in_the_summary(client, world, dossier):
    answer = client.post(f"{dossier}/pieces/{world.letter.id}/non-concerne", {"value": "yes"})
    assert answer.status_code == 422 and "demandée à tous" in answer.text and "data-summary" in answer.text


def test_a_piece_that_can_no_longer_change_is_refused_with_the_state_of_the_dossier(client, world, dossier):
    candidature = world.alice.candidate.candidatures[0]
    world.complete(candidature, world.alice)
    from app.operations import candidatures

    candidatures.transmit(candidature, actor=world.alice)
    answer = send(client, f"{dossier}/pieces/{world.letter.id}", pdf(), "a.pdf")
    assert answer.status_code == 422 and "entre les mains de la commission" in answer.text
    assert f'href="#piece-{world.letter.id}"' in answer.text


def test_a_refused_photograph_says_why_beside_the_field(client, world, dossier):
    answer = send(client, f"{dossier}/pieces/{world.letter.id}/photos", b"x" * 10, "a.jpg", field="photograph")
    assert answer.status_code == 422
    assert 'href="#photograph"' in answer.text and 'id="photograph-error" data-said role="alert">Ce fichier est illisible' in answer.text


def test_the_limit_on_the_page_is_the_one_of_the_parameter(client, world, dossier, monkeypatch):
    monkeypatch.setattr(pieces, "file_limit", lambda: 2 * 1024 * 1024)
    text = client.get(dossier).text
    assert "PDF ou JPEG, 2 Mo au plus par pièce." in text and 'data-limit="2097152"' in text


def test_the_timeline_names_what_it_tells(client, world, dossier):
    send(client, f"{dossier}/pieces/{world.letter.id}", pdf(), "a.pdf")
    client.post(f"{dossier}/pieces/{world.language.id}/non-concerne", {"value": "yes"})
    client.post(f"{dossier}/pieces/{world.language.id}/non-concerne", {"value": "no"})
    text = client.get(dossier).text
    for words in ("Pièce déposée – LETTRE", "Pièce dite « non concerné » – FRANCAIS", "Pièce de nouveau à déposer – FRANCAIS"):
        assert words in text


def test_a_refused_answer_leads_back_to_the_dossier(client, world, dossier):
    for page in ("reponse?choice=confirm", "reponse?choice=withdraw"):
        text = client.get(f"{dossier}/{page}").text
        assert "data-summary" in text and "Revenir au dossier" in text


def test_a_failure_leads_back_to_the_page_of_the_form_and_to_no_other_site(client, world, dossier):
    def way_back(referrer):
        body = {"file": (io.BytesIO(b"x" * (12 * 1024 * 1024)), "a.pdf")}
        answer = client.post(f"{dossier}/pieces/{world.letter.id}", body, content_type="multipart/form-data", headers={"Referer": referrer})
        assert answer.status_code == 413
        return "Revenir à la page" in answer.text

    assert way_back(f"http://localhost{dossier}")
    assert not way_back("http://evil.example/x") and not way_back("http://localhost//evil.example/x")
