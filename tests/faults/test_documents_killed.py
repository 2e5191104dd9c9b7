"""An archive of dossiers and one of letters while their workers are killed: one whole file each, every letter issued once."""

import io
import time
import zipfile

import pytest

from app.enums import JobState
from app.extensions import db, ring
from app.models import Job, Letter
from app.operations import decisions, documents_asked, jobs
from app.storage import vault
from tests.faults import dossiers, smtp

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("app", ["postgresql"], indirect=True)]
COUNT, PATIENCE = 24, 300  # dossiers, seconds


def job_of(number):
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Job, number)


def work(workers, number, *, kills):
    """Let workers finish a job while one is killed each time it has advanced; return how many were."""
    end_at, wounds = time.monotonic() + PATIENCE, 0
    while time.monotonic() < end_at:
        workers.supervise()
        job = job_of(number)
        if job.state not in jobs.LIVE:
            break
        if wounds < kills and job.state == JobState.RUNNING and job.done_count > 2:
            workers.kill_one()
            db.session.execute(db.update(Job).where(Job.id == number).values(done_count=0))
            db.session.commit()
            wounds += 1
        time.sleep(0.05)
    assert job_of(number).state == JobState.DONE, "not finished in time"
    return wounds


def test_archives_under_kills_are_whole_and_each_letter_is_issued_once(app, world, bell, hire):
    numbers = dossiers.add(world, COUNT)
    with smtp.running(smtp.Sink()) as port:
        workers = hire(bell.url, port)
        workers.start(1, lease=3, sweep_every=0.3)
        asked = documents_asked.ask("dossiers_zip", numbers, actor=world.charlie).id
        db.session.commit()
        for _time in range(5):
            ring("app.tasks.run_job", asked)
        assert work(workers, asked, kills=2) == 2
        assert entries(asked) == COUNT
        for number in numbers:
            decisions.publish(db.session.get(documents_asked.Candidature, number), actor=world.charlie)
        db.session.commit()
        letters = documents_asked.ask("letters_zip", numbers, actor=world.charlie).id
        db.session.commit()
        work(workers, letters, kills=1)
        assert entries(letters) == COUNT
    rows = db.session.execute(db.select(Letter.candidature_id, Letter.storage_key)).tuples().all()
    assert sorted(number for number, _key in rows) == sorted(numbers)
    assert all(vault().exists(key) for _number, key in rows)


def entries(number):
    """Count the files of an archive that a job has made, each readable."""
    job = job_of(number)
    archive = zipfile.ZipFile(io.BytesIO(vault().open(job.storage_key).read()))
    assert archive.testzip() is None and job.refused_count == 0
    return len(set(archive.namelist()))
