"""The file that a job makes goes to who asked for it, and to nobody else."""

from datetime import timedelta

import pytest

from app import clock
from app.admin.jobs import NEEDED
from app.enums import Functionality
from app.extensions import db
from app.models import Job
from app.operations import jobs
from app.storage import vault


def test_the_file_of_a_job_is_given_to_who_asked_while_it_is_kept(world, charlie, dora, monkeypatch):
    def make(job, actor, folder, progress):
        progress(1)
        (folder / "a.csv").write_text("bonjour")
        return jobs.Made(folder / "a.csv", "a.csv", "text/csv")

    monkeypatch.setitem(jobs.KINDS, "test", jobs.Kind("test", make=make))
    job_id = jobs.ask("test", actor=world.charlie, title="Essai", total=3).id
    db.session.commit()
    assert jobs.run(job_id)
    job = db.session.get(Job, job_id)
    address = f"/gestion/travaux/{job.public_id}/fichier"
    page, key = f"/gestion/travaux/{job.public_id}", job.storage_key
    assert dora.get(address).status_code == dora.get(page).status_code == 404
    assert charlie.get(address).data == b"bonjour"
    assert "a.csv" in charlie.get(page).text
    db.session.execute(db.update(Job).values(expires_at=clock.now() - timedelta(seconds=1)))
    db.session.commit()
    assert charlie.get(address).status_code == 404
    assert jobs.forget_expired(clock.now()) == 1
    db.session.commit()
    assert not vault().exists(key)


@pytest.mark.parametrize(("kind", "right"), [("export_candidatures", Functionality.EXPORTS), ("documents", Functionality.DOCUMENTS)])
def test_the_file_of_a_job_is_refused_once_the_right_to_it_is_lost(world, charlie, monkeypatch, kind, right):
    def make(job, actor, folder, progress):
        (folder / "a.csv").write_text("bonjour")
        return jobs.Made(folder / "a.csv", "a.csv", "text/csv")

    monkeypatch.setitem(jobs.KINDS, kind, jobs.Kind(kind, make=make))
    job = jobs.ask(kind, actor=world.charlie, title="Essai", total=1)
    db.session.commit()
    assert jobs.run(job.id)
    address = f"/gestion/travaux/{job.public_id}/fichier"
    assert charlie.get(address).data == b"bonjour"
    profile = world.charlie.staff_member.grants[0].profile
    profile.rights = [held for held in profile.rights if held.functionality != right]
    db.session.commit()
    assert charlie.get(address).status_code == 404


def test_every_job_that_makes_a_file_says_which_right_gives_it():
    assert {name for name, kind in jobs.KINDS.items() if kind.make} == set(NEEDED)
