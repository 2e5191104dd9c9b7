"""Redis emptied while jobs and messages wait and while they run; a worker killed -9 in the middle of a file (trust F2, F5, C03)."""

import csv
import io
from collections import Counter

import pytest

from app import extensions
from app.enums import FileStatus, JobState
from app.extensions import db
from app.models import Candidate, CandidatureEvent, Job, OutboxMessage
from app.operations import acts, candidature_exports, jobs
from app.operations.acts import ACTS
from app.storage import vault
from tests.faults import dossiers, smtp
from tests.faults.fleet import post_all, states

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("app", ["postgresql"], indirect=True)]
COUNT, PATIENCE = 20, 120  # dossiers, seconds


def asked(numbers, actor):
    """Ask for a bulk act; return the number of its job."""
    preview = acts.look(ACTS["complete"], numbers, {}, actor=actor)
    db.session.commit()
    jobs.run(preview.id)
    job = acts.confirm(db.session.get(Job, preview.id), actor=actor)
    db.session.commit()
    return job.id


def export(actor):
    """Ask for the list of all candidatures as CSV; return the number of its job."""
    spec = {"filter": {"search": "", "tab": "", "where": {}}}
    job = candidature_exports.ask(spec, actor=actor, keys=["number", "last_name", "file_status"], form="csv", reason="Réunion")
    db.session.commit()
    return job.id


def fresh(number):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Job, number)


def is_done(*numbers):
    return all(fresh(number).state == JobState.DONE for number in numbers)


def rows_of(job):
    return list(csv.reader(io.StringIO(vault().open(job.storage_key).read().decode("utf-8-sig")), delimiter=";"))


def test_a_redis_flushed_before_and_during_loses_no_job_and_no_message(app, world, bell, hire):
    numbers = dossiers.add(world, COUNT, stage=None, status=FileStatus.RECEIVED)
    sink = smtp.Sink()
    with smtp.running(sink) as port:
        workers = hire(bell.url, port)
        act, taken = asked(numbers, world.charlie), export(world.charlie)
        wanted = post_all(20)
        assert len(extensions.queue()) >= 22
        extensions.connection().flushall()
        workers.start(1, lease=2, sweep_every=0.3)
        assert smtp.wait_until(lambda: fresh(act).done_count > 3, seconds=PATIENCE)
        extensions.connection().flushall()
        assert smtp.wait_until(lambda: is_done(act, taken) and set(wanted) <= set(sink.message_ids), seconds=PATIENCE)
    assert (fresh(act).done_count, fresh(taken).done_count) == (COUNT, COUNT)
    done = Counter(db.session.scalars(db.select(CandidatureEvent.candidature_id).where(CandidatureEvent.action == "complete")))
    assert done == Counter(numbers)
    assert len(set(sink.message_ids)) == len(sink.message_ids), states()
    held = db.select(OutboxMessage.candidature_id).where(OutboxMessage.kind == "candidature_complete")
    assert Counter(db.session.scalars(held)) == Counter(numbers)


def test_a_worker_killed_in_the_middle_of_an_export_leaves_one_whole_file(app, world, bell, hire):
    dossiers.add(world, COUNT, stage=None, status=FileStatus.RECEIVED)
    with smtp.running(smtp.Sink()) as port:
        workers = hire(bell.url, port)
        number = export(world.charlie)
        workers.start(1, lease=2, sweep_every=0.3, fault="export_midway")
        assert smtp.wait_until(lambda: workers.supervise() or is_done(number), seconds=PATIENCE)
        assert workers.own_deaths("export_midway") == 1
    job = fresh(number)
    assert list(vault().keys()) == [job.storage_key], "what the dead worker wrote is nowhere"
    again = export(world.charlie)
    assert jobs.run(again)
    assert rows_of(job) == rows_of(fresh(again))
    expected = sorted(db.session.scalars(db.select(Candidate.dossier_number).where(Candidate.dossier_number.like("X%"))))
    assert sorted(row[0] for row in rows_of(job)[1:]) == expected and len(expected) == COUNT == job.done_count
