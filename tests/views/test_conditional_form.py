"""A form with conditions on the candidate's page: everything is there for who has no script, the server decides what is asked."""

import io
import re

import pytest

from app.enums import FieldKind, NationalityGroup, ResponseState
from app.extensions import db
from app.models import Candidature, FormField, FormResponse, PieceType
from app.operations import answers, pieces, snapshots
from tests.world import SECRET, both, pdf


@pytest.fixture
def address(client, world):
    kinds = {"foot": both("Football"), "judo": both("Judo")}
    world.form.versions[0].fields = [
        FormField(key="part", kind=FieldKind.SECTION, label=both("Vos loisirs"), position=1),
        FormField(key="sports", kind=FieldKind.MULTIPLE, label=both("Vos sports"), choices=kinds, is_required=False, position=2),
        FormField(key="belt", kind=FieldKind.TEXT, label=both("Ceinture"), condition_key="sports", condition_value="judo", position=3),
        FormField(key="visa", kind=FieldKind.TEXT, label=both("Visa"), nationality=NationalityGroup.DISTANT, position=4),
    ]
    db.session.commit()
    client.sign_in("alice@exemple.fr", SECRET)
    return f"/candidatures/{world.apply(world.alice, world.maths).public_id}/formulaires/{world.form.id}"


def state():
    db.session.expire_all()
    return db.session.scalar(db.select(FormResponse)).state


def test_titles_several_choices_and_conditions_are_told_to_who_has_no_script(client, address):
    shown = client.get(address).text
    assert "<h2>Vos loisirs</h2>" in shown and "<legend" in shown and "Visa" not in shown
    assert re.search(r'class="field unasked" data-question="belt" data-if="sports" data-is="judo"', shown)
    assert "Seulement si vous choisissez « Judo » à « Vos sports »." in shown


def test_the_server_decides_what_is_asked(client, address):
    assert client.post(address, {"belt": "noire", "complete": "1"}).status_code == 302
    assert state() == ResponseState.COMPLETED
    answer = client.post(address, {"sports": ["judo", "foot"], "complete": "1"})
    assert answer.status_code == 422 and 'id="belt-error"' in answer.text and 'class="field invalid" data-question="belt"' in answer.text
    assert answer.text.count(" checked") == 2
    assert client.post(address, {"sports": ["judo"], "belt": "noire", "autosave": "1"}).json == {"saved": True}
    assert state() == ResponseState.STARTED
    assert client.post(address, {"sports": ["judo"], "belt": "noire", "complete": "1"}).status_code == 302
    assert 'value="noire"' in client.get(address).text


def test_a_foreign_choice_is_refused_and_what_was_typed_is_shown_again(client, address):
    answer = client.post(address, {"sports": ["judo", "golf"], "belt": "noire"})
    assert answer.status_code == 422 and 'href="#sports"' in answer.text and 'value="noire"' in answer.text
    assert client.post(address, {"sports": ["golf"], "autosave": "1"}).status_code == 422


def test_a_file_asked_by_a_form_is_the_piece_of_the_dossier(client, address, world):
    question = FormField(key="cv", kind=FieldKind.FILE, label=both("Votre CV"), piece_type_id=world.cv.piece_type_id, position=5)
    other = PieceType(code="AUTRE", name=both("Autre"))
    absent = FormField(key="absent", kind=FieldKind.FILE, label=both("Pas demandé"), piece_type=other, position=6)
    world.form.versions[0].fields += [question, absent]
    db.session.commit()
    shown = client.get(address).text
    assert "Votre CV" in shown and "Pas demandé" not in shown
    answer = client.post(address, {"complete": "1"})
    assert answer.status_code == 422 and 'href="#cv"' in answer.text and "Déposez ce fichier." in answer.text
    upload = address.split("/formulaires")[0] + f"/pieces/{world.cv.id}"
    answer = client.post(upload, {"form": str(world.form.id), "file": (io.BytesIO(b"x"), "cv.docx")}, follow_redirects=True)
    assert answer.request.path == address and "role=\"status\"" in answer.text
    answer = client.post(upload, {"form": str(world.form.id), "file": (io.BytesIO(pdf()), "cv.pdf")})
    assert answer.headers["Location"] == address and "Fichier reçu." in (page := client.get(address).text) and ">cv.pdf</a>" in page
    assert client.post(address, {"complete": "1"}).status_code == 302 and state() == ResponseState.COMPLETED
    mine = db.session.scalar(db.select(Candidature))
    assert snapshots.of_answers(mine)["PROJET"]["answers"] == {"cv": "cv.pdf"}
    pieces.remove(mine, world.cv, actor=world.alice)
    db.session.commit()
    assert answers.line_of(mine, world.form.id).is_missing
