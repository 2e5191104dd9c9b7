"""Pieces reviewed together are one event and one message; a file set aside is checked again at the press of a button."""

import pytest
from sqlalchemy import func, select

from app.enums import CheckState, PieceStatus
from app.extensions import db
from app.models import CandidatureEvent, FileVersion, OutboxMessage
from app.operations import checks
from app.storage import verdicts
from tests.admin.pages import seen_of
from tests.clients import PageClient
from tests.world import SECRET


def act(client, url, verb, **data):
    return client.post(f"{url}/acte/{verb}", {"seen": seen_of(client.get(url)), **data})


def count(model, *conditions):
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def given(dossier):
    return [piece for piece in dossier.pieces if piece.file_version_id]


def unserved(piece, **values):
    """Put a file back to before its check ended."""
    nothing = {"served_key": None, "served_sha256": None, "served_size": None}
    db.session.execute(db.update(FileVersion).where(FileVersion.id == piece.file_version_id).values(**nothing, **values))
    db.session.commit()


@pytest.mark.parametrize(("status", "words"), [("VALIDATED", "Pièces validées"), ("REFUSED", "Pièces refusées")])
def test_pieces_reviewed_together_are_one_event_and_one_message(app, charlie, dossier, url, status, words):
    chosen = [piece.id for piece in given(dossier)]
    assert len(chosen) > 1
    assert act(charlie, url, "review", status=status, piece=chosen, comment="Vu.").status_code == 302
    [event] = db.session.scalars(select(CandidatureEvent).where(CandidatureEvent.action == "review")).all()
    assert sorted(event.details["reviewed"]) == ["CV", "LETTRE"] and event.details["status"] == status
    assert count(OutboxMessage, OutboxMessage.kind == "pieces_reviewed") == 1
    page = charlie.get(url).text
    story = page[page.index('id="history"') :]
    assert words in story and "<br><span class=\"muted\">CV</span><br><span class=\"muted\">LETTRE</span>" in story
    alice = PageClient(app)
    alice.sign_in("alice@exemple.fr", SECRET)
    assert f"{words} – CV, LETTRE" in alice.get(f"/candidatures/{dossier.public_id}").text


def test_one_piece_that_cannot_be_validated_leaves_the_others_alone(charlie, dossier, url):
    first, last = given(dossier)
    unserved(last, check_state=CheckState.CHECKING)
    answer = act(charlie, url, "review", status="VALIDATED", piece=[first.id, last.id])
    assert answer.status_code == 422 and "pas encore vérifié" in answer.text
    db.session.expire_all()
    assert {piece.status for piece in given(dossier)} == {PieceStatus.SUBMITTED}
    assert count(CandidatureEvent, CandidatureEvent.action == "review") == 0


@pytest.fixture
def aside(dossier):
    """The number of a piece whose check never came to its end."""
    piece = given(dossier)[0]
    unserved(piece, check_state=CheckState.QUARANTINED, check_code=verdicts.SET_ASIDE, check_attempts=checks.MAX_CHECKS)
    return piece.id


def test_a_file_set_aside_is_checked_again_at_the_press_of_a_button(charlie, dossier, url, aside):
    page = charlie.get(url).text
    assert "Vérifier à nouveau" in page and f'name="again" value="{aside}"' in page
    assert act(charlie, url, "check_again", again=aside).status_code == 302
    db.session.expire_all()
    version = given(dossier)[0].file_version
    assert (version.check_state, version.check_attempts) == (CheckState.RECEIVED, 0)
    assert "Nouvelle vérification d’un fichier demandée" in charlie.get(url).text and "Vérifier à nouveau" not in charlie.get(url).text
    checks.check_version(version.id)
    db.session.expire_all()
    assert given(dossier)[0].file_version.check_state == CheckState.SAFE
    late = act(charlie, url, "check_again", again=aside)
    assert late.status_code == 422 and "n’est plus mis à l’écart" in late.text


def test_who_may_not_review_has_no_button_and_no_door(frank, url, aside):
    assert "Vérifier à nouveau" not in frank.get(url).text
    answer = frank.post(f"{url}/acte/check_again", {"again": aside})
    assert answer.status_code == 403
    assert db.session.scalar(select(FileVersion.check_state).where(FileVersion.check_code == verdicts.SET_ASIDE)) == CheckState.QUARANTINED


@pytest.mark.parametrize("number", ["", "abc", "987654"])
def test_a_piece_of_no_such_number_is_a_404(charlie, url, aside, number):
    assert act(charlie, url, "check_again", again=number).status_code == 404
