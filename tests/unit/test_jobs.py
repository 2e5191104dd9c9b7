"""Long work: done once line by line, resumed after a death, stopped, refused with its reason."""

from datetime import timedelta

import pytest

from app import clock
from app.enums import FileStatus, JobState, LineState
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import Candidature, Job, JobLine, User
from app.operations import candidatures, jobs


@pytest.fixture
def kind(monkeypatch):
    """A kind of work that marks dossiers complete."""
    made = jobs.Kind("test", each=lambda row, job, actor, line: candidatures.set_status(row, FileStatus.COMPLETE, actor=actor))
    monkeypatch.setitem(jobs.KINDS, "test", made)
    return made


def asked(world, *rows, **more):
    job = jobs.ask("test", actor=world.charlie, title="Essai", candidature_ids=[row.id for row in rows], **more)
    db.session.commit()
    return job.id


def states(job_id):
    return [line.state for line in db.session.scalars(db.select(JobLine).where(JobLine.job_id == job_id).order_by(JobLine.position))]


def test_each_line_is_done_or_refused_with_its_reason(world, kind):
    ready, waiting = world.transmitted(world.alice, world.maths), world.transmitted(world.bob, world.maths)
    candidatures.set_status(waiting, FileStatus.COMPLETE, actor=world.charlie)
    job_id = asked(world, ready, waiting)
    assert jobs.run(job_id)
    job = db.session.get(Job, job_id)
    assert (job.state, job.done_count, job.refused_count) == (JobState.DONE, 1, 1)
    assert states(job_id) == [LineState.DONE, LineState.REFUSED]
    refused = db.session.scalar(db.select(JobLine).where(JobLine.state == LineState.REFUSED))
    assert "n’est plus possible" in refused.sentence
    assert not jobs.run(job_id), "an ended job is never run again"


def test_a_right_lost_before_the_work_refuses_every_line(world, kind):
    job_id = asked(world, world.transmitted(world.alice, world.maths))
    db.session.get(User, world.charlie.id).staff_member.is_active = False
    db.session.commit()
    jobs.run(job_id)
    assert db.session.get(Job, job_id).refused_count == 1


def test_a_job_whose_worker_died_is_resumed_where_it_stopped_and_the_dead_one_writes_nothing_more(world, kind):
    rows = [world.transmitted(user, world.maths) for user in (world.alice, world.bob)]
    job_id = asked(world, *rows)
    first = jobs._claim(job_id, "first")
    actor = db.session.get(User, world.charlie.id)
    line = db.session.scalar(db.select(JobLine).where(JobLine.job_id == job_id).order_by(JobLine.position))
    jobs._hold(job_id, "first")
    jobs._one(first, kind, actor, line)
    db.session.commit()
    assert jobs.due() == []
    db.session.execute(db.update(Job).values(lease_until=clock.now() - timedelta(seconds=1)))
    db.session.commit()
    assert jobs.run(job_id)
    assert states(job_id) == [LineState.DONE] * 2
    assert db.session.get(Job, job_id).done_count == 2
    with pytest.raises(jobs.HoldLost):
        jobs._hold(job_id, "first")


def test_a_job_waits_for_its_time_and_is_stopped_by_its_owner_alone(world, kind):
    row = world.transmitted(world.alice, world.maths)
    job_id = asked(world, row, not_before=clock.now() + timedelta(hours=1))
    assert not jobs.run(job_id)
    job = db.session.get(Job, job_id)
    with pytest.raises(NotAllowed):
        jobs.stop(job, actor=world.dora)
    jobs.stop(job, actor=world.charlie)
    db.session.commit()
    with pytest.raises(DomainError):
        jobs.stop(job, actor=world.charlie)
    assert db.session.get(Candidature, row.id).file_status == FileStatus.RECEIVED


def test_a_line_that_always_fails_is_refused_and_the_others_are_done(world, monkeypatch):
    def broken(row, job, actor, line):
        if row.id == poison.id:
            raise RuntimeError("boom")
        return candidatures.set_status(row, FileStatus.COMPLETE, actor=actor)

    monkeypatch.setitem(jobs.KINDS, "test", jobs.Kind("test", each=broken))
    poison, sound = world.transmitted(world.alice, world.maths), world.transmitted(world.bob, world.maths)
    job_id = asked(world, poison, sound)
    for _try in range(jobs.MAX_CRASHES + 1):
        jobs.run(job_id)
        db.session.execute(db.update(Job).where(Job.state == JobState.RUNNING).values(lease_until=clock.now() - timedelta(seconds=1)))
        db.session.commit()
    job = db.session.get(Job, job_id)
    assert (job.state, job.done_count, job.refused_count) == (JobState.DONE, 1, 1)
    assert states(job_id) == [LineState.REFUSED, LineState.DONE]


def test_a_file_that_can_never_be_made_is_given_up(world, monkeypatch):
    def broken(job, actor, folder, progress):
        raise RuntimeError("boom")

    monkeypatch.setitem(jobs.KINDS, "test", jobs.Kind("test", make=broken))
    job_id = asked(world)
    for _try in range(jobs.MAX_CRASHES + 1):
        jobs.run(job_id)
        db.session.execute(db.update(Job).where(Job.state == JobState.RUNNING).values(lease_until=clock.now() - timedelta(seconds=1)))
        db.session.commit()
    assert db.session.get(Job, job_id).state == JobState.FAILED
