"""From creation to enrolment proposal, through the operations, on both databases."""

import io

import pytest

from app import journal, workflow
from app.enums import Answer, CheckState, FileStatus, LedgerState, Outcome, PieceStatus
from app.errors import DomainError, Missing, NotAllowed
from app.extensions import db
from app.models import FileVersion, OutboxMessage, Transmission
from app.operations import candidatures, checks, decisions, pieces
from tests.world import pdf


def kinds_sent(candidature):
    return [m.kind for m in db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.candidature_id == candidature.id).order_by(OutboxMessage.id))]


def test_the_whole_way_leaves_one_message_for_each_step(world):
    candidature = world.transmitted(world.alice, world.maths)
    assert candidature.file_status == FileStatus.RECEIVED
    for version in db.session.scalars(db.select(FileVersion.id)).all():
        checks.check_version(version)
    candidatures.set_status(candidature, FileStatus.COMPLETE, actor=world.charlie)
    decisions.propose(candidature, world.kinds[Outcome.ADMITTED], actor=world.charlie)
    decisions.validate(candidature, actor=world.charlie)
    assert candidature.outcome is None  # nothing is seen before publication (D3)
    decisions.publish(candidature, actor=world.charlie)
    db.session.commit()
    candidatures.confirm(candidature, actor=world.alice)
    db.session.commit()
    assert candidature.answer == Answer.CONFIRMED
    assert candidature.enrolment_line.proposal.opi_number == f"EC{world.alice.candidate.dossier_number}"
    assert kinds_sent(candidature) == [
        "candidature_created", "candidature_transmitted", "commission_alert_transmission", "candidature_complete", "decision_admitted", "answer_confirmed",
    ]
    candidatures.withdraw(candidature, actor=world.alice, reason_id=world.elsewhere.id)
    db.session.commit()
    assert candidature.enrolment_line.state == LedgerState.RETRACTED
    assert journal.verify(candidature.id) == journal.state_of(candidature)


def test_nothing_is_transmitted_while_something_is_missing(world):
    candidature = world.apply(world.alice, world.maths)
    with pytest.raises(Missing) as refusal:
        candidatures.transmit(candidature, actor=world.alice)
    assert {gap.kind for gap in refusal.value.missing} == {"piece", "form"}
    assert len(refusal.value.missing) == 4


def test_the_same_command_twice_gives_one_receipt(world):
    candidature = world.apply(world.alice, world.maths)
    world.complete(candidature, world.alice)
    first = candidatures.transmit(candidature, actor=world.alice, command_key="k1")
    again = candidatures.transmit(candidature, actor=world.alice, command_key="k1")
    assert first.id == again.id
    with pytest.raises(DomainError):
        candidatures.transmit(candidature, actor=world.alice, command_key="k2")
    assert db.session.scalar(db.select(db.func.count()).select_from(Transmission)) == 1
    assert kinds_sent(candidature).count("candidature_transmitted") == 1


def test_a_second_candidature_to_the_same_formation_is_the_first(world):
    assert world.apply(world.alice, world.maths).id == world.apply(world.alice, world.maths).id


def test_cancelling_frees_the_quota_and_is_final(world):
    world.sciences.max_candidatures = 1
    candidature = world.apply(world.alice, world.maths)
    candidatures.cancel(candidature, actor=world.alice)
    with pytest.raises(DomainError):
        candidatures.cancel(candidature, actor=world.alice)
    assert world.apply(world.alice, world.maths).id != candidature.id


def test_a_transmitted_dossier_is_not_cancelled(world):
    candidature = world.transmitted(world.alice, world.maths)
    with pytest.raises(DomainError):
        candidatures.cancel(candidature, actor=world.alice)


def test_corrections_send_back_one_mail_that_names_the_piece(world):
    candidature = world.transmitted(world.alice, world.maths)
    piece = next(p for p in candidature.pieces if p.required_piece_id == world.letter.id)
    pieces.review([piece], PieceStatus.REFUSED, actor=world.charlie, comment="Signature absente.")
    candidatures.ask_corrections(candidature, actor=world.charlie)
    db.session.commit()
    message = db.session.scalar(db.select(OutboxMessage).where(OutboxMessage.kind == "candidature_incomplete"))
    assert message.subject == "Candidature - dossier incomplet"
    assert "LETTRE : Signature absente." in message.text
    assert candidature.file_status == FileStatus.INCOMPLETE
    pieces.deposit(candidature, world.letter, io.BytesIO(pdf("signed")), "b.pdf", actor=world.alice)
    assert candidatures.transmit(candidature, actor=world.alice).number == 2


def test_replacing_a_shared_piece_leaves_what_was_transmitted(world):
    sent = world.transmitted(world.alice, world.maths)
    open_one = world.apply(world.alice, world.history)
    before = next(p.file_version_id for p in sent.pieces if p.required_piece_id == world.cv.id)
    assert next(p.file_version_id for p in open_one.pieces if p.required_piece_id == world.cv.id) == before
    version = pieces.deposit(open_one, world.cv, io.BytesIO(pdf("new")), "new.pdf", actor=world.alice)
    db.session.expire_all()
    assert next(p.file_version_id for p in sent.pieces if p.required_piece_id == world.cv.id) == before
    assert next(p.file_version_id for p in open_one.pieces if p.required_piece_id == world.cv.id) == version.id


def test_an_unreadable_file_found_after_transmission_asks_for_corrections_by_itself(world):
    candidature = world.apply(world.alice, world.maths)
    world.complete(candidature, world.alice)
    version = pieces.deposit(candidature, world.letter, io.BytesIO(b"%PDF-1.7\n" + b"\0" * 500), "bad.pdf", actor=world.alice)
    candidatures.transmit(candidature, actor=world.alice)
    db.session.commit()
    checks.check_version(version.id)
    db.session.expire_all()
    assert version.check_state == CheckState.REJECTED
    assert candidature.file_status == FileStatus.INCOMPLETE
    assert candidature.transmitted_at is not None
    assert kinds_sent(candidature).count("candidature_incomplete") == 1


def test_a_published_decision_stands_until_another_is_published(world):
    candidature = world.transmitted(world.alice, world.maths)
    for outcome in (Outcome.ADMITTED, Outcome.REFUSED):
        decisions.propose(candidature, world.kinds[outcome], actor=world.charlie, reason=world.refusal)
        decisions.validate(candidature, actor=world.charlie)
        if outcome == Outcome.ADMITTED:
            decisions.publish(candidature, actor=world.charlie)
            candidatures.confirm(candidature, actor=world.alice)
    assert (candidature.outcome, candidature.answer) == (Outcome.ADMITTED, Answer.CONFIRMED)
    decisions.publish(candidature, actor=world.charlie)
    assert (candidature.outcome, candidature.answer) == (Outcome.REFUSED, None)
    assert candidature.enrolment_line.state == LedgerState.RETRACTED


def test_a_refusal_needs_its_reason_and_a_waiting_list_its_rank(world):
    candidature = world.transmitted(world.alice, world.maths)
    for outcome, missing in ((Outcome.REFUSED, "reason"), (Outcome.WAITLISTED, "rank")):
        with pytest.raises(DomainError) as refusal:
            decisions.propose(candidature, world.kinds[outcome], actor=world.charlie)
        assert refusal.value.field == missing


def test_direct_access_publishes_a_favourable_decision(world):
    candidature = world.transmitted(world.alice, world.maths)
    candidature.access_track = candidature.track_validated_at = None
    candidatures.set_track(candidature, "DIRECT", actor=world.charlie)
    decisions.validate_track(candidature, actor=world.charlie)
    db.session.commit()
    assert candidature.outcome == Outcome.ADMITTED
    assert candidature.published_decision.confirm_by is not None


def test_promotion_from_the_complementary_list(world):
    candidature = world.transmitted(world.alice, world.maths)
    decisions.propose(candidature, world.kinds[Outcome.WAITLISTED], actor=world.charlie, rank=1)
    decisions.validate(candidature, actor=world.charlie)
    decisions.publish(candidature, actor=world.charlie)
    decisions.promote(candidature)
    db.session.commit()
    assert candidature.outcome == Outcome.ADMITTED


def test_another_centres_manager_and_a_reader_can_do_nothing(world):
    candidature = world.transmitted(world.alice, world.maths)
    for actor in (world.dora, world.frank, world.bob):
        assert workflow.available(candidature, actor) == []
        with pytest.raises(NotAllowed):
            workflow.apply("complete", candidature, actor=actor)


def test_depositing_and_transmitting_in_one_transaction_rings_for_each(world, monkeypatch):
    rung = []
    monkeypatch.setattr("app.operations.pieces.ring", lambda task, *identifiers: rung.append((task, *identifiers)))
    candidature = world.apply(world.alice, world.maths)
    world.complete(candidature, world.alice)
    rung.clear()
    version = pieces.deposit(candidature, world.cv, io.BytesIO(pdf("again")), "a.pdf", actor=world.alice)
    candidatures.transmit(candidature, actor=world.alice)
    db.session.commit()
    assert rung == [("app.tasks.check_file", version.id)]


def test_a_bell_that_breaks_after_commit_is_nobodys_failure(world, monkeypatch):
    def broken(*_words):
        raise RuntimeError("the bell fell")

    candidature = world.apply(world.alice, world.maths)
    monkeypatch.setattr("app.operations.pieces.ring", broken)
    pieces.deposit(candidature, world.cv, io.BytesIO(pdf()), "a.pdf", actor=world.alice)
    db.session.commit()
    assert pieces.line_of(candidature, world.cv.id).version is not None
