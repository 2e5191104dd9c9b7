"""A release, its recall and a bulk act while their workers are killed at random: each dossier exactly once (trust F25, F28, F32, C03)."""

import random
import time
from collections import Counter

import pytest

from app import journal, parameters
from app.enums import FileStatus, JobState, MessageState, Outcome, Stage
from app.extensions import db, ring
from app.models import Candidature, CandidatureEvent, Decision, Job, OutboxMessage
from app.operations import acts, jobs, releases, undoing
from app.operations.acts import ACTS
from tests.faults import dossiers, smtp

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("app", ["postgresql"], indirect=True)]
COUNT, PATIENCE = 100, 400  # dossiers, seconds


def progress(*numbers):
    db.session.rollback()
    rows = db.session.execute(db.select(Job.state, Job.done_count + Job.refused_count).where(Job.id.in_(numbers))).tuples().all()
    db.session.rollback()
    return all(state not in jobs.LIVE for state, _done in rows), sum(done for _state, done in rows)


def work_under_fire(workers, *numbers, kills):
    """Let workers finish jobs while one is killed now and then, each time somewhere in the middle."""
    end_at, wounds, seen = time.monotonic() + PATIENCE, 0, 0
    next_kill = random.uniform(5, 18)
    while time.monotonic() < end_at:
        workers.supervise()
        is_over, done = progress(*numbers)
        if is_over:
            break
        if wounds < kills and done - seen >= next_kill:
            workers.kill_one()
            wounds, seen, next_kill = wounds + 1, done, random.uniform(5, 18)
        time.sleep(0.05)
    assert progress(*numbers)[0], "not finished in time"
    return wounds


def published_once(numbers):
    events = db.session.execute(
        db.select(CandidatureEvent.candidature_id, db.func.count()).where(CandidatureEvent.action == "publish").group_by(CandidatureEvent.candidature_id)
    )
    return dict(events.tuples().all()) == dict.fromkeys(numbers, 1)


def test_two_releases_of_the_same_opinions_under_kills_publish_each_exactly_once_then_are_recalled(app, world, bell, hire):
    """Charlie and Eve release the same opinions at once; workers die; every bell is rung ten times."""
    sink = smtp.Sink()
    numbers = dossiers.add(world, COUNT)
    world.maths.capacity = None
    parameters.change("HOLD_MINUTES", 120)  # a slow machine takes longer than five minutes
    db.session.commit()
    with smtp.running(sink) as port:
        workers = hire(bell.url, port)
        workers.start(2, lease=2, sweep_every=0.3)
        asked = [releases.ask(actor, {}, seen=COUNT).id for actor in (world.charlie, world.eve)]
        db.session.commit()
        for number in asked * 10:
            ring("app.tasks.run_job", number)
        wounds = work_under_fire(workers, *asked, kills=5)
        assert wounds == 5
        rows = [db.session.get(Job, number) for number in asked]
        assert [row.state for row in rows] == [JobState.DONE] * 2
        assert (sum(row.done_count for row in rows), sum(row.refused_count for row in rows)) == (COUNT, COUNT)
        assert published_once(numbers)
        assert {row.outcome for row in db.session.scalars(db.select(Candidature))} == {Outcome.ADMITTED}
        mails = Counter(db.session.scalars(db.select(OutboxMessage.candidature_id).where(OutboxMessage.kind == "decision_admitted")))
        assert mails == Counter(numbers)
        recalled = _recall(world, workers, rows)
        assert recalled == COUNT
        assert [mail[0] for mail in sink.accepted if mail[0].endswith("@exemple.fr")] == [], "what is held, then recalled, reaches no candidate"
        checked, broken = journal.verify_all()
        assert broken == [] and checked >= COUNT


def _recall(world, workers, rows):
    """Take both releases back, under kills too; return how many opinions are validated and unpublished again."""
    owners = (world.charlie, world.eve)
    undos = [undoing.ask(row, actor=owner).id for row, owner in zip(rows, owners, strict=True) if row.done_count]
    db.session.commit()
    work_under_fire(workers, *undos, kills=2)
    states = set(db.session.scalars(db.select(OutboxMessage.state).where(OutboxMessage.kind == "decision_admitted")))
    assert states == {MessageState.RECALLED}
    assert db.session.scalar(db.select(db.func.count()).select_from(Candidature).where(Candidature.outcome.is_not(None))) == 0
    return db.session.scalar(db.select(db.func.count()).select_from(Decision).where(Decision.stage == Stage.VALIDATED, Decision.published_at.is_(None)))


def test_a_bulk_act_under_kills_is_the_same_as_without(app, world, bell, hire):
    numbers = dossiers.add(world, COUNT, stage=None, status=FileStatus.RECEIVED)
    preview = acts.look(ACTS["complete"], numbers, {}, actor=world.charlie)
    db.session.commit()
    jobs.run(preview.id)
    job_id = acts.confirm(db.session.get(Job, preview.id), actor=world.charlie).id
    db.session.commit()
    with smtp.running(smtp.Sink()) as port:
        workers = hire(bell.url, port)
        workers.start(2, lease=2, sweep_every=0.3)
        assert work_under_fire(workers, job_id, kills=4) == 4
    job = db.session.get(Job, job_id)
    assert (job.state, job.done_count, job.refused_count) == (JobState.DONE, COUNT, 0)
    per_dossier = db.session.execute(
        db.select(CandidatureEvent.candidature_id, db.func.count()).where(CandidatureEvent.action == "complete").group_by(CandidatureEvent.candidature_id)
    )
    assert dict(per_dossier.tuples().all()) == dict.fromkeys(numbers, 1)
    mails = db.session.scalars(db.select(OutboxMessage.candidature_id).where(OutboxMessage.kind == "candidature_complete")).all()
    assert sorted(mails) == sorted(numbers)
