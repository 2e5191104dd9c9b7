"""The doors to documents: a stranger's dossier is a 404, a selection is checked again, what is given is kept in the audit."""

import io
import zlib

import pypdfium2
import pytest
from PIL import Image

from app import parameters
from app.documents import pictures
from app.enums import LetterKind, Outcome
from app.extensions import db
from app.models import AuditEntry, Job, LetterTemplate
from app.operations import checks, decisions, dossiers, jobs
from app.storage import vault
from tests.world import both

BODY = "<p>Bonjour {candidat.prenom}</p>"


@pytest.fixture
def mine(world):
    return world.transmitted(world.alice, world.maths)


@pytest.fixture
def foreign(world):
    world.bob.candidate.last_name = "Canari"
    return world.transmitted(world.bob, world.history)


def admitted(world, candidature, actor):
    decisions.propose(candidature, world.kinds[Outcome.ADMITTED], actor=actor)
    decisions.validate(candidature, actor=actor)
    decisions.publish(candidature, actor=actor)
    db.session.commit()


def pdf(answer):
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    assert answer.headers["Cache-Control"] == "private, no-store" and "sandbox" in answer.headers["Content-Security-Policy"]
    document = pypdfium2.PdfDocument(io.BytesIO(answer.data))
    return " ".join("\n".join(page.get_textpage().get_text_range() for page in document).split())


def test_a_small_dossier_is_given_at_once_and_kept_in_the_audit(charlie, mine):
    answer = charlie.get(f"/gestion/documents/dossier/{mine.public_id}")
    assert "Alpha Alice" in pdf(answer)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=ALPHA_Alice_")
    entry = db.session.scalar(db.select(AuditEntry).where(AuditEntry.action == "documents"))
    assert (entry.actor_name, entry.entity, entry.entity_id) == ("Staff Charlie", "Candidature", str(mine.id))
    assert "État du dossier" in pdf(charlie.get(f"/gestion/documents/dossier/{mine.public_id}?source=present"))


def test_a_large_dossier_is_made_by_a_worker(charlie, mine, monkeypatch):
    monkeypatch.setattr(dossiers, "AT_ONCE", -1)
    address = f"/gestion/documents/dossier/{mine.public_id}"
    assert "Ce dossier est volumineux" in charlie.get(address).text
    answer = charlie.post(address, {"source": "present"})
    job = db.session.scalar(db.select(Job))
    assert answer.location == f"/gestion/travaux/{job.public_id}" and job.parameters["source"] == "present"
    jobs.run(job.id)
    assert "Alpha Alice" in pdf(charlie.get(f"/gestion/travaux/{job.public_id}/fichier"))


def test_a_dossier_or_letter_of_another_centre_is_absent(charlie, dora, frank, world, foreign):
    admitted(world, foreign, world.dora)
    for door in ("dossier", "lettre"):
        absent = charlie.get(f"/gestion/documents/{door}/{'A' * 22}")
        answer = charlie.get(f"/gestion/documents/{door}/{foreign.public_id}")
        assert (answer.status_code, len(answer.data)) == (404, len(absent.data))
        assert dora.get(f"/gestion/documents/{door}/{foreign.public_id}").status_code == 200
        assert frank.get(f"/gestion/documents/{door}/{foreign.public_id}").status_code == 403
    assert charlie.post(f"/gestion/documents/dossier/{foreign.public_id}").status_code == 404


def test_a_letter_is_given_or_a_sentence(charlie, world, mine):
    answer = charlie.get(f"/gestion/documents/lettre/{mine.public_id}")
    assert answer.location == f"/gestion/candidature/dossier/{mine.public_id}"
    admitted(world, mine, world.charlie)
    first = charlie.get(f"/gestion/documents/lettre/{mine.public_id}")
    assert "avis favorable" in pdf(first)
    assert charlie.get(f"/gestion/documents/lettre/{mine.public_id}").data == first.data
    assert "favourable" in pdf(charlie.get(f"/gestion/documents/lettre/{mine.public_id}?langue=en"))
    parameters.change("LETTERS_BLOCKED", True)
    db.session.commit()
    assert charlie.get(f"/gestion/documents/lettre/{mine.public_id}").status_code == 302


def test_the_page_of_a_dossier_finds_its_links(charlie, frank, world, mine):
    page = f"/gestion/candidature/dossier/{mine.public_id}"
    links = [f'href="/gestion/documents/{door}/{mine.public_id}"' for door in ("dossier", "lettre")]
    assert [link in charlie.get(page).text for link in links] == [True, False]
    admitted(world, mine, world.charlie)
    assert [link in charlie.get(page).text for link in links] == [True, True]
    assert [link in frank.get(page).text for link in links] == [False, False]


@pytest.mark.parametrize("form", ["dossiers_zip", "dossiers_pdf", "piece_zip", "letters_zip", "letters_pdf"])
def test_documents_of_a_selection_are_asked_and_made(charlie, world, mine, form):
    admitted(world, mine, world.charlie)
    for piece in mine.pieces:
        if piece.file_version_id:
            checks.check_version(piece.file_version_id)
    page = charlie.post("/gestion/documents/choisir", {"act": form, "row": mine.public_id})
    assert page.status_code == 200 and "1 candidature choisie" in page.text
    data = {"act": form, "row": mine.public_id, "reason": "Jury", "piece_type": world.cv.piece_type_id}
    answer = charlie.post("/gestion/documents/demander", data)
    job = db.session.scalar(db.select(Job).order_by(Job.id.desc()))
    assert answer.location == f"/gestion/travaux/{job.public_id}"
    assert (job.reason, job.total, [line.candidature_id for line in job.lines]) == ("Jury", 1, [mine.id])


def test_the_whole_of_a_filter_is_limited_to_the_scope(charlie, world, mine, foreign):
    charlie.post("/gestion/documents/demander", {"act": "dossiers_zip", "whole": "1", "filter": "{}"})
    job = db.session.scalar(db.select(Job))
    assert [line.candidature_id for line in job.lines] == [mine.id]


def test_a_selection_that_cannot_be_is_refused_whole(charlie, world, mine, foreign):
    rows = [mine.public_id, foreign.public_id]
    for step in ("choisir", "demander"):
        assert charlie.post(f"/gestion/documents/{step}", {"act": "dossiers_zip", "row": rows}).status_code == 404
        assert charlie.post(f"/gestion/documents/{step}", {"act": "rien", "row": mine.public_id}).status_code == 404
        assert charlie.post(f"/gestion/documents/{step}", {"act": "dossiers_zip"}).location == "/gestion/candidature/"
        assert charlie.post(f"/gestion/documents/{step}", {"act": "dossiers_zip", "whole": "1", "filter": "x"}).location == "/gestion/candidature/"
    assert charlie.post("/gestion/documents/demander", {"act": "piece_zip", "row": mine.public_id, "piece_type": "10" * 20}).status_code == 422
    assert db.session.scalar(db.select(Job)) is None


def test_only_who_may_take_documents_finds_them_in_the_list(charlie, frank, mine):
    assert "Dossiers en PDF (zip)" in charlie.get("/gestion/candidature/").text
    assert "Dossiers en PDF (zip)" not in frank.get("/gestion/candidature/").text
    assert frank.post("/gestion/documents/demander", {"act": "dossiers_zip", "row": mine.public_id}).status_code == 403


# --- templates of letters ---


def saved(client, body, **more):
    data = {"code": "maison", "kind": "ADMISSION", "title": ["Objet", "Subject"], "body": [body, "<p>Hello</p>"], "is_active": "y", **more}
    return client.post("/gestion/lettertemplate/new/", data)


def test_a_template_is_refused_with_its_line_and_what_was_typed_is_kept(eve):
    answer = saved(eve, "<p>a</p>\n<script>x</script>")
    assert answer.status_code == 422 and "Ligne 2" in answer.text and "&lt;script&gt;" in answer.text
    assert db.session.scalar(db.select(LetterTemplate)) is None
    assert saved(eve, BODY).status_code == 302
    assert db.session.scalar(db.select(LetterTemplate)).body["fr"] == BODY


def test_a_template_is_seen_on_an_invented_person_and_on_a_real_dossier_of_ones_scope(charlie, eve, world, mine, foreign):
    row = LetterTemplate(code="maison", kind=LetterKind.ADMISSION, title=both("Objet"), body={"fr": BODY}, centre=world.sciences)
    db.session.add(row)
    db.session.commit()
    address = f"/gestion/lettertemplate/apercu/{row.id}"
    assert "Bonjour Camille" in pdf(charlie.get(address)) and "Aperçu" in pdf(charlie.get(address))
    number = mine.candidate.dossier_number
    assert "Bonjour Alice" in pdf(charlie.get(f"{address}?dossier={number.lower()}"))
    assert charlie.get(f"{address}?dossier={foreign.candidate.dossier_number}").status_code == 302
    assert charlie.get("/gestion/lettertemplate/apercu/999").status_code == 404
    assert charlie.get("/gestion/lettertemplate/apercu/1%27").status_code == 404
    assert "Dear applicant" in pdf(eve.get("/gestion/lettertemplate/livree/ADMISSION?langue=en"))
    assert eve.get("/gestion/lettertemplate/livree/RIEN").status_code == 404


def test_a_template_of_another_centre_is_not_drawn(charlie, world):
    row = LetterTemplate(code="lettres", kind=LetterKind.ADMISSION, title=both("Objet"), body={"fr": BODY}, centre=world.letters)
    db.session.add(row)
    db.session.commit()
    assert charlie.get(f"/gestion/lettertemplate/apercu/{row.id}").status_code == 404


# --- the logo ---


def image(kind="PNG", size=(300, 100), mode="RGBA"):
    file = io.BytesIO()
    Image.new(mode, size, (10, 20, 200, 128) if mode == "RGBA" else (10, 20, 200)).save(file, kind)
    return file.getvalue()


def huge():
    """Return the head of a PNG of 60,000 × 60,000 points."""
    chunk = lambda name, data: len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
    head = (60_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def sent(client, content, name="logo.png"):
    return client.post("/gestion/identite/logo", {"logo": (io.BytesIO(content), name)}, content_type="multipart/form-data")


def test_a_logo_is_written_anew_and_stands_on_every_document(eve, charlie, world, mine):
    assert sent(eve, image() + b"<?php evil ?>").status_code == 302
    key = pictures.logo_key()
    kept = vault().open(key).read()
    assert kept.startswith(b"\x89PNG") and b"php" not in kept
    assert Image.open(io.BytesIO(kept)).mode == "RGBA"
    assert eve.get("/gestion/identite/logo.png").data == kept
    document = pypdfium2.PdfDocument(io.BytesIO(charlie.get(f"/gestion/documents/dossier/{mine.public_id}").data))
    assert list(document[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))
    assert sent(eve, image("JPEG", (4000, 3000), "RGB"), "x.jpg").status_code == 302
    assert Image.open(vault().open(pictures.logo_key())).size == (800, 600)
    assert not vault().exists(key), "the one replaced is gone"
    assert eve.post("/gestion/identite/logo", {"remove": "1"}).status_code == 302
    assert pictures.logo_key() is None and eve.get("/gestion/identite/logo.png").status_code == 404


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"GIF89a", huge(), image()[:60], b"\x89PNG\r\n\x1a\n" + b"\0" * 5_000_000])
def test_what_is_no_logo_is_refused_in_words(eve, content):
    answer = sent(eve, content)
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert pictures.logo_key() is None


def test_only_who_manages_parameters_changes_the_logo(frank, dora):
    assert frank.get("/gestion/identite/").status_code == 403
    assert sent(frank, image()).status_code == 403
