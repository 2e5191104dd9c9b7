"""A manager closes the loop on the dossier page: pieces, corrections, completeness, decision, answer, messages; and on many."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from app.enums import Answer, FileStatus, Functionality, Outcome, PieceStatus
from app.extensions import db
from app.models import DecisionReason, OutboxMessage
from app.operations import candidatures, decisions
from tests.admin.pages import seen_of
from tests.world import both


class Desk:
    """One person in front of one dossier."""

    def __init__(self, client, candidature):
        self.client, self.url = client, f"/gestion/candidature/dossier/{candidature.public_id}"
        self.look()

    def look(self):
        self.page = self.client.get(self.url)
        return self.page

    def act(self, verb, **data):
        """Press a button of the page as it was last looked at, then look again."""
        answer = self.client.post(f"{self.url}/acte/{verb}", {"seen": seen_of(self.page), **data})
        if answer.status_code == 302:
            self.look()
        return answer


@pytest.fixture
def desk(charlie, dossier):
    return Desk(charlie, dossier)


def fresh(candidature):
    db.session.rollback()
    db.session.refresh(candidature)
    db.session.expire(candidature)
    return candidature


def piece_of(candidature, code):
    return next(piece for piece in candidature.pieces if piece.required_piece.piece_type.code == code)


def kinds_of(candidature):
    return list(db.session.scalars(select(OutboxMessage.kind).where(OutboxMessage.candidature_id == candidature.id).order_by(OutboxMessage.id)))


def test_the_page_tells_everything(desk, dossier, world):
    page = desk.page.text
    for words in ("Alpha Alice", dossier.candidate.dossier_number, "Licence Mathématiques", "alice@exemple.fr", "Parce que.", "a.pdf", "1 rue Haute"):
        assert words in page
    cv = piece_of(dossier, "CV").file_version
    for path in ("apercu.png", "page/1.png"):
        answer = desk.client.get(f"/gestion/candidature/piece/{cv.public_id}/{path}")
        assert (answer.status_code, answer.mimetype) == (200, "image/png")
        assert answer.headers["Cache-Control"] == "private, no-store"
    assert desk.client.get(f"/gestion/candidature/piece/{cv.public_id}/page/2.png").status_code == 404
    assert desk.client.get(f"/gestion/candidature/piece/{cv.public_id}/page/99999999999999999999.png").status_code == 404
    file = desk.client.get(f"/gestion/candidature/piece/{cv.public_id}/fichier")
    assert file.headers["Content-Disposition"].startswith("attachment") and file.data.startswith(b"%PDF")
    assert "page/1.png" in desk.client.get(f"/gestion/candidature/piece/{cv.public_id}").text


def test_the_whole_loop(desk, dossier, world):
    cv, letter = piece_of(dossier, "CV"), piece_of(dossier, "LETTRE")
    assert desk.act("review", status="VALIDATED", piece=[cv.id, letter.id]).status_code == 302
    assert {piece.status for piece in fresh(dossier).pieces if piece.file_version_id} == {PieceStatus.VALIDATED}
    assert desk.act("review", status="REFUSED", piece=[letter.id], comment="Illisible").status_code == 302
    world.campaign.ends_at = datetime(2031, 1, 1, tzinfo=UTC)
    db.session.commit()
    assert desk.act("ask_corrections", return_by="2030-05-12", comment="Merci").status_code == 302
    assert fresh(dossier).file_status == FileStatus.INCOMPLETE
    assert dossier.individual_return_by == datetime(2030, 5, 12, 22, tzinfo=UTC)
    assert desk.act("receive").status_code == 302
    assert desk.act("complete").status_code == 302
    assert fresh(dossier).file_status == FileStatus.COMPLETE
    admitted = world.kinds[Outcome.ADMITTED]
    assert desk.act("propose", decision_type=admitted.id, comment="Bon dossier").status_code == 302
    assert "Bon dossier" in desk.page.text
    assert desk.act("validate").status_code == 302
    assert fresh(dossier).outcome is None, "nothing is visible before publication"
    assert desk.act("publish").status_code == 302
    assert (fresh(dossier).outcome, dossier.answer) == (Outcome.ADMITTED, None)
    candidatures.confirm(dossier, actor=world.alice)
    db.session.commit()
    assert fresh(dossier).answer == Answer.CONFIRMED and dossier.enrolment_line is not None
    assert {"candidature_incomplete", "candidature_complete", "decision_admitted", "answer_confirmed"} <= set(kinds_of(dossier))
    assert "Staff Charlie" in desk.look().text


@pytest.mark.parametrize(
    ("verb", "data", "sentence"),
    [
        ("review", {}, "Choisissez au moins une pièce"),
        ("review", {"status": "REFUSED", "piece": ["{cv}"]}, "Écrivez pourquoi la pièce est refusée"),
        ("review", {"status": "MISSING", "piece": ["{cv}"]}, "Choisissez au moins une pièce"),
        ("review", {"status": "<b>", "piece": ["{cv}"]}, "Choisissez au moins une pièce"),
        ("review", {"status": "VALIDATED", "piece": ["{cv}", "987654"]}, "Choisissez au moins une pièce"),
        ("review", {"status": "VALIDATED", "piece": ["abc"]}, "Choisissez au moins une pièce"),
        ("propose", {}, "Choisissez l’avis."),
        ("propose", {"decision_type": "99999999999999999999"}, "Choisissez dans la liste."),
        ("propose", {"decision_type": "abc"}, "Choisissez dans la liste."),
        ("propose", {"decision_type": "{refused}"}, "Choisissez le motif du refus."),
        ("propose", {"decision_type": "{refused}", "reason": "{elsewhere}"}, "Choisissez dans la liste."),
        ("propose", {"decision_type": "{waitlisted}"}, "Donnez le rang"),
        ("propose", {"decision_type": "{waitlisted}", "rank": "-1"}, "Donnez le rang"),
        ("propose", {"decision_type": "{waitlisted}", "rank": "99999999999999999999"}, "Donnez le rang"),
        ("propose", {"decision_type": "{shortlisted}", "interview_at": "demain"}, "Écrivez la date ainsi"),
        ("ask_corrections", {}, "Refusez d’abord une pièce"),
        ("ask_corrections", {"comment": "x", "return_by": "2020-01-01"}, "Cette date est passée"),
        ("ask_corrections", {"comment": "x", "return_by": "0001-01-01 00:00"}, "Écrivez la date ainsi"),
        ("dates", {"confirm_by": "2020-01-01"}, "Cette date est passée"),
        ("dates", {"confirm_by": "2099-01-01"}, "Cette date est après la fin de la campagne ("),
        ("ask_corrections", {"comment": "x", "return_by": "2099-01-01"}, "Cette date est après la fin de la campagne ("),
        ("dates", {"return_by": "31/12/2030"}, "Écrivez la date ainsi"),
        ("validate", {}, "n’est plus possible"),
        ("publish", {}, "n’est plus possible"),
        ("discard", {}, "n’est plus possible"),
    ],
)
def test_what_is_refused_says_why_and_keeps_what_was_typed(verb, data, sentence, desk, dossier, world):
    ids = {"{cv}": piece_of(dossier, "CV").id, "{elsewhere}": world.elsewhere.id}
    ids |= {f"{{{outcome.lower()}}}": kind.id for outcome, kind in world.kinds.items()}
    known = {name: ids.get(value, value) if isinstance(value, str) else [ids.get(v, v) for v in value] for name, value in data.items()}
    answer = desk.act(verb, **known, **({} if "comment" in known else {"comment": "  "}))
    assert answer.status_code == 422, answer.text
    assert sentence in answer.text
    for name, value in known.items():
        if name in ("rank", "interview_at", "return_by"):
            assert f'value="{value}"' in answer.text
    assert fresh(dossier).file_status == FileStatus.RECEIVED and not dossier.decisions


def test_a_reason_of_another_centre_is_refused(desk, dossier, world):
    reason = DecisionReason(code="lettres", kind="REFUSAL", name=both("Motif de Lettres"), centre=world.letters)
    db.session.add(reason)
    db.session.commit()
    answer = desk.act("propose", decision_type=world.kinds[Outcome.REFUSED].id, reason=reason.id)
    assert answer.status_code == 422 and "Motif de Lettres" not in answer.text


def test_two_managers_on_one_dossier_lose_nothing(desk, dossier, signed_in, world):
    other = Desk(signed_in(world.eve), dossier)
    other.act("propose", decision_type=world.kinds[Outcome.ON_HOLD].id, comment="Avis d’Eve")
    answer = desk.act("propose", decision_type=world.kinds[Outcome.ADMITTED].id, comment="Avis de Charlie")
    assert answer.status_code == 409
    assert "Staff Eve" in answer.text and "Avis d’Eve" in answer.text, "who, and the other's text"
    assert "Avis de Charlie</textarea>" in answer.text, "one's own text is kept"
    assert decisions.draft_of(fresh(dossier)).comment == "Avis d’Eve"
    desk.page = answer
    assert desk.act("propose", decision_type=world.kinds[Outcome.ADMITTED].id, comment="Avis de Charlie").status_code == 302
    assert decisions.draft_of(fresh(dossier)).comment == "Avis de Charlie"


def test_a_review_on_a_page_seen_before_another_review_is_a_conflict(desk, dossier, signed_in, world):
    """Reviews change no column of the candidature: what was seen is the last event, not the row's version."""
    cv = piece_of(dossier, "CV")
    Desk(signed_in(world.eve), dossier).act("review", status="VALIDATED", piece=[cv.id])
    answer = desk.act("review", status="REFUSED", piece=[cv.id], comment="Illisible")
    assert answer.status_code == 409 and "Illisible</textarea>" in answer.text
    assert f'value="{cv.id}" checked' in answer.text
    assert piece_of(fresh(dossier), "CV").status == PieceStatus.VALIDATED


def test_the_same_click_twice_is_done_once(desk, dossier):
    seen = seen_of(desk.page)
    first = desk.client.post(f"{desk.url}/acte/complete", {"seen": seen})
    second = desk.client.post(f"{desk.url}/acte/complete", {"seen": seen})
    assert (first.status_code, second.status_code) == (302, 409)
    assert kinds_of(dossier).count("candidature_complete") == 1


@pytest.mark.parametrize("seen", [None, "", "abc", "0", "99999999999999999999"])
def test_a_mark_never_shown_changes_nothing(seen, desk, dossier):
    answer = desk.client.post(f"{desk.url}/acte/complete", {} if seen is None else {"seen": seen})
    assert answer.status_code == 409 and fresh(dossier).file_status == FileStatus.RECEIVED


def test_individual_dates_are_shown_again_before_they_are_changed(desk, dossier, world):
    world.campaign.ends_at = datetime(2031, 1, 1, tzinfo=UTC)
    db.session.commit()
    desk.act("dates", return_by="2030-05-12", confirm_by="2030-06-12 18:00")
    assert 'name="return_by" value="2030-05-12"' in desk.page.text
    assert 'name="confirm_by" value="2030-06-12 18:00"' in desk.page.text
    assert "deadline_changed" in kinds_of(dossier)


def test_a_message_is_resent_with_the_same_words(desk, dossier):
    first = dossier.messages[0]
    assert desk.act("resend", message=first.public_id).status_code == 302
    again = fresh(dossier).messages[-1]
    assert (again.subject, again.text) == (first.subject, first.text) and again.message_id != first.message_id


def test_state_is_never_a_field(desk, dossier):
    desk.act("complete", file_status="WAITING", outcome="ADMITTED", cancelled_at="2026-01-01", candidate_id="2")
    assert (fresh(dossier).file_status, dossier.outcome, dossier.cancelled_at) == (FileStatus.COMPLETE, None, None)
    for path in ("new/", "edit/?id=1"):
        assert desk.client.get(f"/gestion/candidature/{path}").status_code == 404
    assert desk.client.get(f"{desk.url}/acte/complete").status_code == 405
    assert desk.client.post(f"{desk.url}/acte/__init__", {"seen": "1"}).status_code == 404


def test_each_act_asks_its_own_right(signed_in, dossier, world):
    reviewer = world.staff("reviewer", (Functionality.CANDIDATURES, Functionality.REVIEW_PIECES), centre=world.sciences)
    db.session.commit()
    desk = Desk(signed_in(reviewer), dossier)
    refused = ("complete", "ask_corrections", "control", "propose", "dates", "resend")
    data = {"decision_type": world.kinds[Outcome.ADMITTED].id, "comment": "x", "message": dossier.messages[0].public_id}
    assert {verb: desk.act(verb, **data).status_code for verb in refused} == dict.fromkeys(refused, 403)
    assert desk.act("review", status="VALIDATED", piece=[piece_of(dossier, "CV").id]).status_code == 302


# --- on several ---


def test_the_list_offers_the_acts_and_counts_the_pieces_to_examine(charlie, frank, dossier):
    page = charlie.get("/gestion/candidature/").text
    assert f'name="row" value="{dossier.public_id}"' in page and 'value="complete"' in page
    assert '<td data-label="Pièces à examiner">2</td>' in page
    assert 'name="row"' not in frank.get("/gestion/candidature/").text


def test_the_home_page_counts_what_waits_in_the_scope_and_leads_there(charlie, dora, dossier):
    page = charlie.get("/gestion/").text
    before, _words, _after = page.partition("1 dossier à examiner")
    link = before.rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "Alpha Alice" in charlie.get(link).text
    assert "dossier à examiner" not in dora.get("/gestion/").text
