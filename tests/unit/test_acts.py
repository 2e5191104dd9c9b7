"""Bulk acts: looked at without changing anything, done line by line, taken back while their messages are held."""

import io
from datetime import timedelta

import pytest

from app import clock, journal, parameters, transitions, workflow
from app.enums import Answer, Colour, FileStatus, JobState, LineState, MessageState, Outcome, PromotionMode, Stage
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import Candidature, CandidatureEvent, Decision, EnrolmentLine, Job, JobLine, Note, OutboxMessage, Tag, User
from app.notifications import outbox
from app.operations import act_list, acts, answers, candidatures, decisions, jobs, messages, notes, pieces, ranking, undoing
from app.operations.acts import ACTS
from tests.hall import Hall
from tests.world import pdf


def looked(world, name, rows, values=None, *, actor=None):
    job = acts.look(ACTS[name], [row.id for row in rows], values or {}, actor=actor or world.charlie)
    db.session.commit()
    jobs.run(job.id)
    return db.session.get(Job, job.id)


def done(world, name, rows, values=None, *, actor=None):
    """Look, confirm, and work to the end."""
    preview = looked(world, name, rows, values, actor=actor)
    job = acts.confirm(preview, actor=actor or world.charlie)
    db.session.commit()
    assert jobs.run(job.id)
    return db.session.get(Job, job.id)


def undone(world, job):
    undo = undoing.ask(job, actor=world.charlie)
    db.session.commit()
    jobs.run(undo.id)
    return db.session.get(Job, undo.id)


def sentences(job):
    chosen = db.select(JobLine.sentence).where(JobLine.job_id == job.id).order_by(JobLine.position)
    return db.session.scalars(chosen).all()


def everything(row):
    """Return all that a candidature's row and its decisions hold, for "exactly as before"."""
    db.session.expire_all()
    columns = {c.name: getattr(row, c.name) for c in Candidature.__table__.columns if c.name not in ("version", "search_text")}
    drafts = [
        {c.name: getattr(d, c.name) for c in Decision.__table__.columns if c.name not in ("id", "version")} for d in sorted(row.decisions, key=lambda d: d.id)
    ]
    return columns, drafts, [tag.id for tag in row.tags]


@pytest.fixture
def two(world):
    return [world.transmitted(user, world.maths) for user in (world.alice, world.bob)]


@pytest.fixture
def tag(world):
    row = Tag(name="À revoir", colour=Colour.RED)
    db.session.add(row)
    db.session.commit()
    return row


def prepared(world, row, name):
    """Bring a dossier to where an act can be done."""
    if name in ("validate", "discard", "publish"):
        decisions.propose(row, world.kinds[Outcome.ADMITTED], actor=world.charlie, comment="Bien.")
    if name == "publish":
        decisions.validate(row, actor=world.charlie)
    if name == "validate_track":
        candidatures.set_track(row, "DIRECT", actor=world.charlie)
    if name in ("direct", "control"):
        candidatures.set_track(row, None, actor=world.charlie)
    if name == "receive":
        candidatures.set_status(row, FileStatus.COMPLETE, actor=world.charlie)
    db.session.commit()


def values_of(world, name, tag):
    later = (clock.now() + timedelta(days=100)).isoformat()
    return {
        "ask_corrections": {"comment": "Relisez votre lettre.", "return_by": later},
        "propose": {"decision_type": world.kinds[Outcome.WAITLISTED].id, "rank": 4, "rank_mode": "order", "comment": "Bon dossier."},
        "dates": {"return_by": later},
        "tags": {"put": [tag.id], "off": []},
        "message": {"subject": "Bonjour", "text": "Une précision."},
        "note": {"note": "Vu en commission."},
    }.get(name, {})


@pytest.mark.parametrize("name", sorted(ACTS))
def test_every_act_is_done_and_taken_back_exactly(world, two, tag, name):
    """After undo each dossier is as it was, its chain holds, and no message is left to send."""
    for row in two:
        prepared(world, row, name)
    before = [everything(row) for row in two]
    sent = db.session.scalar(db.select(db.func.count()).select_from(OutboxMessage).where(OutboxMessage.state == MessageState.PENDING))
    job = done(world, name, two, values_of(world, name, tag))
    assert (job.state, job.done_count, job.refused_count) == (JobState.DONE, 2, 0), sentences(job)
    if name != "note":
        assert [everything(row) for row in two] != before or name == "message"
    held = db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.not_before > clock.now())).all()
    to_candidates = [message for message in held if message.candidate_id]
    assert len(to_candidates) == (2 if ACTS[name].has_message else 0)
    undo = undone(world, job)
    assert (undo.state, undo.done_count, undo.refused_count) == (JobState.DONE, 2, 0), sentences(undo)
    for row, (columns, drafts, tags) in zip(two, before, strict=True):
        now = everything(row)
        assert {name: value for name, value in now[0].items() if value != columns[name]} == {}
        assert now[1] == drafts or (name == "validate_track" and now[1][0]["stage"] == Stage.PUBLISHED), "what was published stays in the history"
        assert now[2] == tags
    assert db.session.get(Job, job.id).state == JobState.UNDONE
    left = db.select(db.func.count()).select_from(OutboxMessage).where(OutboxMessage.state == MessageState.PENDING)
    assert db.session.scalar(left) == sent
    assert db.session.scalar(db.select(db.func.count()).select_from(Note)) == 0
    for row in two:
        assert journal.verify(row.id) == journal.state_of(row)


@pytest.mark.parametrize("name", sorted(ACTS))
def test_looking_says_what_doing_would_do_and_changes_nothing(world, two, tag, name):
    """For each act, over dossiers in many states: the preview's verdict is the act's own."""
    rows = [*two, world.apply(world.alice, world.history)]
    rows.append(world.apply(world.candidate("carl", "Carl", "Gamma"), world.maths))
    prepared(world, two[0], name)
    decisions.propose(two[1], world.kinds[Outcome.REFUSED], actor=world.charlie, reason=world.refusal)
    db.session.commit()
    before = [everything(row) for row in rows]
    values = values_of(world, name, tag)
    preview = looked(world, name, rows, values)
    assert preview.state == JobState.DONE and preview.total == 4
    assert [everything(row) for row in rows] == before
    said = [line.state for line in db.session.scalars(db.select(JobLine).where(JobLine.job_id == preview.id).order_by(JobLine.position))]
    job = jobs.ask("act", actor=world.charlie, title="x", parameters={"act": name, "values": values}, candidature_ids=[r.id for r in rows])
    db.session.commit()
    jobs.run(job.id)
    did = [line.state for line in db.session.scalars(db.select(JobLine).where(JobLine.job_id == job.id).order_by(JobLine.position))]
    assert said == did
    assert said[2] == LineState.REFUSED, "Charlie has no right on a dossier of Letters"


def test_the_preview_keeps_the_mail_as_the_first_will_read_it(world, two):
    prepared(world, two[0], "publish")
    preview = looked(world, "publish", two)
    assert [letter["recipient"] for letter in preview.parameters["letters"]] == ["alice@exemple.fr"]
    assert "Licence Mathématiques" in preview.parameters["letters"][0]["text"]
    assert db.session.scalar(db.select(OutboxMessage).where(OutboxMessage.kind == "decision_admitted")) is None
    assert acts.counted(preview)[0][1] == 1


def test_a_confirmation_sent_twice_asks_for_one_act(world, two):
    preview = looked(world, "complete", two)
    first = acts.confirm(preview, actor=world.charlie)
    assert acts.confirm(preview, actor=world.charlie).id == first.id
    assert first.total == 2


def test_only_what_can_be_done_is_confirmed(world, two):
    candidatures.set_status(two[0], FileStatus.COMPLETE, actor=world.charlie)
    db.session.commit()
    preview = looked(world, "complete", two)
    assert acts.confirm(preview, actor=world.charlie).total == 1
    with pytest.raises(DomainError, match="Rien n’est faisable"):
        acts.confirm(looked(world, "complete", two[:1]), actor=world.charlie)


def test_nothing_or_too_much_is_refused(world, two):
    for numbers in ([], range(1, acts.MOST + 2)):
        with pytest.raises(DomainError, match="Choisissez de 1 à"):
            acts.look(ACTS["complete"], list(numbers), {}, actor=world.charlie)
    with pytest.raises(NotAllowed):
        acts.look(ACTS["complete"], [two[0].id], {}, actor=world.frank)


def test_ranks_are_given_in_the_order_of_work(world, two):
    values = {"decision_type": world.kinds[Outcome.WAITLISTED].id, "rank": 7, "rank_mode": act_list.IN_ORDER}
    done(world, "propose", two[::-1], values)
    assert [decisions.draft_of(row).rank for row in two] == [8, 7]


def test_a_right_lost_during_the_act_refuses_the_rest(world, two, monkeypatch):
    """Trust C03."""
    real = acts.do

    def strips(candidature, job, actor, line):
        event = real(candidature, job, actor, line)
        db.session.get(User, world.charlie.id).staff_member.is_active = False
        return event

    monkeypatch.setitem(jobs.KINDS, "act", jobs.Kind("act", each=strips))
    job = done(world, "complete", two)
    assert (job.done_count, job.refused_count) == (1, 1)
    assert "plus, le droit" in sentences(job)[1]


# --- undo: what it refuses ---


def test_what_happened_since_is_never_undone(world, two):
    for row in two:
        prepared(world, row, "publish")
    job = done(world, "publish", two)
    candidatures.confirm(two[0], actor=world.alice)
    db.session.commit()
    undo = undone(world, job)
    assert (undo.done_count, undo.refused_count) == (1, 1)
    assert "a changé depuis" in next(filter(None, sentences(undo)))
    db.session.expire_all()
    assert (two[0].answer, two[0].outcome) == (Answer.CONFIRMED, Outcome.ADMITTED)
    assert (two[1].outcome, decisions.draft_of(two[1]).stage) == (None, Stage.VALIDATED)
    assert db.session.get(Job, job.id).state == JobState.DONE, "one of its lines stands"


def test_a_message_that_has_left_cannot_be_called_back(world, two):
    job = done(world, "complete", two)
    sent = db.session.scalar(db.select(OutboxMessage).where(OutboxMessage.kind == "candidature_complete", OutboxMessage.candidature_id == two[0].id))
    sent.state = MessageState.SENT
    db.session.commit()
    undo = undone(world, job)
    assert (undo.done_count, undo.refused_count) == (1, 1)
    db.session.expire_all()
    assert [row.file_status for row in two] == [FileStatus.COMPLETE, FileStatus.RECEIVED]


def test_an_act_that_called_somebody_from_the_list_is_not_undone(world):
    """A place waits for who has an opinion in preparation; refusing that person calls the next one, whose message stands."""
    hall = Hall.with_people(world, 4, capacity=1)
    hall.admit(0)
    hall.list_up({1: 10, 2: 20, 3: 30})
    first, second = hall.of[1], hall.of[2]
    decisions.propose(first, world.kinds[Outcome.REFUSED], actor=world.charlie, reason=world.refusal)
    hall.withdraw(0)
    decisions.validate(first, actor=world.charlie)
    db.session.commit()
    assert second.outcome == Outcome.WAITLISTED
    job = done(world, "publish", [first])
    assert second.outcome == Outcome.ADMITTED
    undo = undone(world, job)
    assert (undo.done_count, undo.refused_count) == (0, 1) and "Une autre personne de la liste" in sentences(undo)[0]
    db.session.expire_all()
    assert (first.outcome, second.outcome) == (Outcome.REFUSED, Outcome.ADMITTED)
    kept = db.select(OutboxMessage.state).where(OutboxMessage.kind == "decision_admitted", OutboxMessage.candidature_id == second.id)
    assert db.session.scalars(kept).all() == [MessageState.PENDING]


def test_an_opinion_whose_place_is_proposed_to_another_is_not_undone(world):
    hall = Hall.with_people(world, 2, capacity=1)
    hall.admit(0)
    hall.list_up({1: 10})
    world.maths.promotion_mode = PromotionMode.PROPOSED
    decisions.propose(hall.of[0], world.kinds[Outcome.REFUSED], actor=world.charlie, reason=world.refusal)
    decisions.validate(hall.of[0], actor=world.charlie)
    db.session.commit()
    undo = undone(world, done(world, "publish", [hall.of[0]]))
    assert (undo.done_count, undo.refused_count) == (0, 1) and "déjà proposée" in sentences(undo)[0]
    db.session.expire_all()
    assert hall.of[0].outcome == Outcome.REFUSED


# act taken back, what somebody does meanwhile that moves no axis, and whether it stops the undo
SINCE = {
    "deadline": ("receive", lambda world, row: candidatures.set_deadlines(row, actor=world.eve, return_by=clock.now() + timedelta(days=99))),
    "deposit": ("reopen", lambda world, row: pieces.deposit(row, world.letter, io.BytesIO(pdf("Autre")), "b.pdf", actor=world.alice)),
    "remove_piece": ("reopen", lambda world, row: pieces.remove(row, world.letter, actor=world.alice)),
    "not_concerned": ("reopen", lambda world, row: pieces.set_not_concerned(row, world.language, False, actor=world.alice)),
    "form": ("reopen", lambda world, row: answers.save(row, world.form, {"why": "Autrement."}, actor=world.alice, complete=True)),
    "propose": ("propose", lambda world, row: decisions.propose(row, world.kinds[Outcome.ON_HOLD], actor=world.eve)),
    "rank": ("propose", lambda world, row: ranking.move(row.offering, decisions.draft_of(row).id, 1, actor=world.eve)),
}


@pytest.mark.parametrize("since", sorted(SINCE))
def test_what_a_colleague_or_the_candidate_did_since_is_kept(world, two, tag, since):
    name, meanwhile = SINCE[since]
    prepared(world, two[0], name)
    job = done(world, name, two if since == "rank" else two[:1], values_of(world, name, tag))
    count = db.session.scalar(db.select(db.func.count()).select_from(CandidatureEvent))
    meanwhile(world, two[0])
    db.session.commit()
    event = db.session.scalar(db.select(CandidatureEvent).where(CandidatureEvent.candidature_id == two[0].id).order_by(CandidatureEvent.sequence.desc()).limit(1))
    assert event.action == since and event.before == event.after, "nothing but DONE_SINCE tells it"
    assert db.session.scalar(db.select(db.func.count()).select_from(CandidatureEvent)) > count
    before = everything(two[0])
    undo = undone(world, job)
    assert undo.done_count == 0 and all("a changé depuis" in sentence for sentence in sentences(undo))
    assert everything(two[0]) == before


def test_a_note_or_a_message_written_since_stops_no_undo(world, two):
    job = done(world, "complete", two)
    notes.add(two[0], "Vu.", actor=world.eve)
    messages.send(two[1], actor=world.eve, subject="Bonjour", text="Une précision.")
    db.session.commit()
    assert undone(world, job).done_count == 2


def test_too_late_twice_or_anothers_is_refused(world, two, monkeypatch):
    job = done(world, "complete", two)
    with pytest.raises(NotAllowed):
        undoing.ask(job, actor=world.dora)
    first = undoing.ask(job, actor=world.charlie)
    assert undoing.ask(job, actor=world.charlie).id == first.id
    db.session.commit()
    jobs.run(first.id)
    with pytest.raises(DomainError, match="trop tard"):
        undoing.ask(db.session.get(Job, job.id), actor=world.charlie)
    other = done(world, "complete", two)
    late = undoing.until(other) + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: late)
    with pytest.raises(DomainError, match="trop tard"):
        undoing.ask(other, actor=world.charlie)


def test_without_holding_nothing_is_promised(world, two):
    parameters.change("HOLD_MINUTES", 0)
    job = done(world, "complete", two)
    assert undoing.until(job) is None
    assert len(outbox.due()) >= 2, "the messages leave at once"


def test_a_reversal_recalled_gives_back_the_answer_and_the_enrolment(world, two):
    row = two[0]
    prepared(world, row, "publish")
    decisions.publish(row, actor=world.charlie)
    candidatures.confirm(row, actor=world.alice)
    decisions.propose(row, world.kinds[Outcome.REFUSED], actor=world.charlie, reason=world.refusal)
    decisions.validate(row, actor=world.charlie)
    db.session.commit()
    before = everything(row), db.session.scalar(db.select(EnrolmentLine.state))
    job = done(world, "publish", [row])
    assert row.answer is None
    assert undone(world, job).done_count == 1
    assert (everything(row), db.session.scalar(db.select(EnrolmentLine.state))) == before
    assert journal.verify(row.id) == journal.state_of(row)


def test_the_acts_of_undoing_are_no_buttons(world, two):
    offered = {act.name for act in workflow.available(two[0], world.charlie)}
    assert offered and not offered & {name for name, act in transitions.TRANSITIONS.items() if not act.is_offered}


def test_all_messages_of_an_act_are_held_until_it_should_have_ended(world):
    now = clock.now()
    job = Job(total=100, started_at=now - timedelta(minutes=10))
    assert acts.held_until(job, now, position=9) == now + timedelta(seconds=90, minutes=5), "ninety lines left, a second each at most: time without a worker is no work"
    assert acts.held_until(job, now, position=99) == acts.held_until(job, now) == now + timedelta(minutes=5)
    parameters.change("HOLD_MINUTES", 0)
    assert acts.held_until(job, now, position=9) == now
