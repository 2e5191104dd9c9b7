"""Releasing opinions: the report before, at once or at a date, each once, what changed meanwhile, recalled while held."""

from datetime import timedelta

import pytest

from app import clock
from app.enums import FileStatus, JobState, MessageState, Outcome, PieceStatus, Stage
from app.extensions import db
from app.models import Candidature, Job, JobLine, MailTemplate, OutboxMessage
from app.operations import candidatures, decisions, jobs, releases

PAGE = "/gestion/publications/"


def validated(world, user, offering, outcome, **more):
    row = world.transmitted(user, offering)
    actor = world.charlie if offering is world.maths else world.dora
    decisions.propose(row, world.kinds[outcome], actor=actor, **more)
    decisions.validate(row, actor=actor)
    db.session.commit()
    return row


@pytest.fixture
def ready(world):
    """Alice is admitted and Bob refused in Sciences; Alice is admitted in Letters."""
    mine = [
        validated(world, world.alice, world.maths, Outcome.ADMITTED),
        validated(world, world.bob, world.maths, Outcome.REFUSED, reason=world.refusal),
    ]
    for row in mine:
        candidatures.set_status(row, FileStatus.COMPLETE, actor=world.charlie)
        for piece in row.pieces:
            if piece.file_version:
                piece.status = PieceStatus.VALIDATED
                piece.file_version.check_state, piece.file_version.served_key = "SAFE", f"k{piece.file_version.id}"
    db.session.commit()
    return [*mine, validated(world, world.alice, world.history, Outcome.ADMITTED)]


def work():
    for number in jobs.due():
        jobs.run(number)
    db.session.expire_all()


def fresh(row):
    db.session.refresh(row)
    return row


def test_the_report_counts_and_shows_one_mail_of_each_outcome_and_changes_nothing(charlie, ready):
    page = charlie.get(PAGE).text
    assert "Publier 2 avis" in page and "Rien d’inhabituel" in page
    assert page.count('class="letter"') == 2 and "alice@exemple.fr" in page and "bob@exemple.fr" in page
    assert "Licence Histoire" not in page, "another centre's"
    assert [fresh(row).outcome for row in ready] == [None] * 3
    assert db.session.scalar(db.select(OutboxMessage).where(OutboxMessage.kind == "decision_admitted")) is None


def test_a_release_publishes_each_once_and_says_what_was_done(charlie, ready):
    answer = charlie.post(PAGE + "publier", {"seen": "2"})
    assert answer.status_code == 303
    again = charlie.post(PAGE + "publier", {"seen": "2"})
    assert again.status_code == 303  # nothing is published yet: the same opinions, asked twice
    work()
    page = charlie.get(answer.location).text
    assert "2 traités" in page and "Avis favorable" in page and "Avis défavorable" in page and "Tout annuler" in page
    assert "publié entre-temps" in charlie.get(again.location).text
    assert [fresh(row).outcome for row in ready] == [Outcome.ADMITTED, Outcome.REFUSED, None]
    sent = db.session.scalars(db.select(OutboxMessage.candidature_id).where(OutboxMessage.kind.like("decision_%"))).all()
    assert sorted(sent) == [ready[0].id, ready[1].id]
    assert "Rien à publier" in charlie.get(PAGE).text


def test_a_release_is_recalled_while_its_mails_are_held(charlie, ready):
    charlie.post(PAGE + "publier", {"seen": "2"})
    work()
    job = db.session.scalar(db.select(Job).where(Job.kind == "release"))
    charlie.post(f"/gestion/ensemble/{job.public_id}/annuler", {})
    work()
    assert [fresh(row).outcome for row in ready] == [None] * 3
    assert [decisions.draft_of(row).stage for row in ready[:2]] == [Stage.VALIDATED] * 2
    states = db.session.scalars(db.select(OutboxMessage.state).where(OutboxMessage.kind.like("decision_%"))).all()
    assert states == [MessageState.RECALLED] * 2
    assert "Publier 2 avis" in charlie.get(PAGE).text, "they may be released again"
    charlie.post(PAGE + "publier", {"seen": "2"})
    work()
    assert fresh(ready[0]).outcome == Outcome.ADMITTED


def test_a_dated_release_waits_is_listed_and_cancelled(charlie, ready, monkeypatch):
    at = (clock.now() + timedelta(days=2)).astimezone(clock.PARIS)
    charlie.post(PAGE + "publier", {"seen": "2", "at": at.strftime("%Y-%m-%d %H:%M")})
    work()
    assert fresh(ready[0]).outcome is None
    page = charlie.get(PAGE).text
    assert "Publications prévues" in page
    job = db.session.scalar(db.select(Job).where(Job.kind == "release"))
    charlie.post(f"/gestion/travaux/{job.public_id}/arreter", {})
    assert "Publications prévues" not in charlie.get(PAGE).text
    charlie.post(PAGE + "publier", {"seen": "2", "at": at.strftime("%Y-%m-%d %H:%M")})
    later = clock.now() + timedelta(days=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    work()
    assert fresh(ready[0]).outcome == Outcome.ADMITTED
    assert db.session.get(Job, job.id).state == JobState.STOPPED


def test_a_past_or_unreadable_date_and_a_report_that_changed_are_told(charlie, world, ready):
    for at, code in (("2020-01-01", 422), ("demain", 422)):
        answer = charlie.post(PAGE + "publier", {"seen": "2", "at": at})
        assert answer.status_code == code and "at-hint" in answer.text
    carl = world.candidate("carl", "Carl", "Gamma")
    validated(world, carl, world.maths, Outcome.ON_HOLD)
    answer = charlie.post(PAGE + "publier", {"seen": "2"})
    assert answer.status_code == 409 and "Publier 3 avis" in answer.text
    assert db.session.scalar(db.select(Job).where(Job.kind == "release")) is None


def test_what_changed_between_the_report_and_the_date_is_not_published(charlie, world, ready):
    job = releases.ask(world.charlie, {}, seen=2, at=clock.now() + timedelta(hours=1))
    db.session.commit()
    candidatures.withdraw(ready[0], actor=world.alice)
    decisions.discard(ready[1], actor=world.charlie)
    decisions.propose(ready[1], world.kinds[Outcome.ADMITTED], actor=world.charlie)
    decisions.validate(ready[1], actor=world.charlie)
    db.session.get(Job, job.id).not_before = clock.now()
    db.session.commit()
    work()
    said = db.session.scalars(db.select(JobLine.sentence).where(JobLine.job_id == job.id).order_by(JobLine.candidature_id)).all()
    assert "désisté" in said[0] and "après le rapport" in said[1]
    assert [fresh(row).outcome for row in ready] == [None] * 3


def test_the_remarks_name_what_is_odd(charlie, world, ready):
    world.maths.capacity = 0
    world.alice.language = "en"
    db.session.add(MailTemplate(code="decision_admitted", subject={"fr": "Admis"}, body={"fr": "Bravo."}))
    candidatures.ask_corrections(ready[0], actor=world.charlie, comment="Signez.")
    next(piece for piece in ready[1].pieces if piece.file_version).status = PieceStatus.SUBMITTED
    carl, dana = world.candidate("carl", "Carl", "Gamma"), world.candidate("dana", "Dana", "Delta")
    candidatures.withdraw(validated(world, carl, world.maths, Outcome.ON_HOLD), actor=carl)
    reversal = validated(world, dana, world.maths, Outcome.ON_HOLD)
    decisions.publish(reversal, actor=world.charlie)
    decisions.propose(reversal, world.kinds[Outcome.REFUSED], actor=world.charlie, reason=world.refusal)
    decisions.validate(reversal, actor=world.charlie)
    db.session.commit()
    page = charlie.get(PAGE).text
    for words in ("désisté ou a annulé", "incomplet ou pas encore", "n’a pas été examinée", "remplace un autre", "pour 0 places libres sur 0", "n’a pas de courriel en « en »"):
        assert words in page, words
    assert "Publier 3 avis" in page, "who withdrew is left out"


def test_filters_narrow_and_another_centres_number_finds_nothing(charlie, world, ready):
    assert "Publier 1 avis" in charlie.get(f"{PAGE}?type={world.kinds[Outcome.REFUSED].id}").text
    for query in (f"centre={world.letters.id}", f"offering={world.history.id}", "commission=999999999"):
        assert "Rien à publier" in charlie.get(f"{PAGE}?{query}").text
    assert "Publier 2 avis" in charlie.get(f"{PAGE}?centre=10{'0' * 23}&type=abc").text


def test_a_reader_opens_nothing_and_dora_publishes_only_hers(frank, dora, ready):
    assert frank.get(PAGE).status_code == frank.post(PAGE + "publier", {"seen": "2"}).status_code == 403
    dora.post(PAGE + "publier", {"seen": "1"})
    work()
    assert [fresh(row).outcome for row in ready] == [None, None, Outcome.ADMITTED]
    assert db.session.scalar(db.select(db.func.count()).select_from(Candidature)) == 3
