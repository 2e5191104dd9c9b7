"""Documents for many: archives and single files made by a worker, within the rights of the moment, resumed after a death."""

import io
import zipfile
from datetime import timedelta

import pypdfium2
import pytest

from app import clock
from app.enums import CheckState, JobState, LineState, Outcome
from app.errors import DomainError
from app.extensions import db
from app.models import AuditEntry, Candidature, FileVersion, Job, JobLine
from app.operations import checks, decisions, documents_asked, jobs
from app.storage import vault


@pytest.fixture
def rows(world):
    """Alice and Bob, both transmitted to Sciences, their files checked."""
    world.bob.candidate.last_name, world.bob.candidate.first_name = "D’Arc/../Łukasz", "Nguyễn ıİ"
    found = [world.transmitted(user, world.maths) for user in (world.alice, world.bob)]
    for version in db.session.scalars(db.select(FileVersion).where(FileVersion.check_state == CheckState.RECEIVED)).all():
        checks.check_version(version.id)
    return found


def asked(world, form, rows, **more):
    job = documents_asked.ask(form, [row.id for row in rows], actor=more.pop("actor", world.charlie), **more)
    db.session.commit()
    return job.id


def done(job_id):
    """Run a job to its end and return (job, its file)."""
    assert jobs.run(job_id)
    job = db.session.get(Job, job_id)
    return job, vault().open(job.storage_key).read() if job.storage_key else None


def admitted(world, candidature):
    decisions.propose(candidature, world.kinds[Outcome.ADMITTED], actor=world.charlie)
    decisions.validate(candidature, actor=world.charlie)
    decisions.publish(candidature, actor=world.charlie)
    db.session.commit()


def test_an_archive_holds_one_dossier_each_under_a_name_that_every_system_reads(world, rows):
    job, data = done(asked(world, "dossiers_zip", rows))
    assert (job.state, job.done_count, job.media_type, job.file_name) == (JobState.DONE, 2, "application/zip", "dossiers-en-pdf-zip.zip")
    archive = zipfile.ZipFile(io.BytesIO(data))
    numbers = [row.candidate.dossier_number for row in rows]
    assert archive.namelist() == [f"ALPHA_Alice_{numbers[0]}_Licence-Mathematiques.pdf", f"D-ARC-LUKASZ_Nguyen-iI_{numbers[1]}_Licence-Mathematiques.pdf"]
    assert archive.testzip() is None
    assert len(pypdfium2.PdfDocument(io.BytesIO(archive.read(archive.namelist()[1])))) == 6


def test_names_are_never_taken_twice():
    taken = set()
    assert [documents_asked.unique(stem, "pdf", taken) for stem in ("A", "a", "A", "b")] == ["A.pdf", "a-2.pdf", "A-3.pdf", "b.pdf"]
    assert documents_asked.plain("../../etc/passwd\x00\u202e") == "-etc-passwd-"


def test_one_document_for_all_has_each_under_its_bookmark(world, rows):
    _job, data = done(asked(world, "dossiers_pdf", rows))
    document = pypdfium2.PdfDocument(io.BytesIO(data))
    assert len(document) == 12
    assert [mark.get_dest().get_index() for mark in document.get_toc() if mark.level == 0] == [0, 6]


def test_one_piece_of_all(world, rows):
    job, data = done(asked(world, "piece_zip", rows, piece_type_id=world.letter.piece_type_id))
    assert job.title == "Une pièce pour toutes (zip) : LETTRE"
    assert len(zipfile.ZipFile(io.BytesIO(data)).namelist()) == 2
    with pytest.raises(DomainError, match="Choisissez la pièce"):
        documents_asked.ask("piece_zip", [rows[0].id], actor=world.charlie)
    assert [name for _number, name in documents_asked.pieces_of([row.id for row in rows])] == ["CV", "LETTRE"]


def test_letters_of_those_who_have_one_and_the_reason_for_the_others(world, rows):
    admitted(world, rows[0])
    job, data = done(asked(world, "letters_zip", rows))
    assert (job.done_count, job.refused_count) == (1, 1) and len(zipfile.ZipFile(io.BytesIO(data)).namelist()) == 1
    refused = db.session.scalar(db.select(JobLine).where(JobLine.state == LineState.REFUSED))
    assert refused.candidature_id == rows[1].id and "Aucune lettre" in refused.sentence
    admitted(world, rows[1])
    _job, data = done(asked(world, "letters_pdf", rows))
    assert len(pypdfium2.PdfDocument(io.BytesIO(data))) == 2


def test_a_right_lost_before_the_work_takes_nothing_out(world, rows):
    job_id = asked(world, "dossiers_zip", rows)
    world.charlie.staff_member.grants[0].centre = world.letters
    db.session.commit()
    job, data = done(job_id)
    assert (job.state, data) == (JobState.FAILED, None) and "plus dans ce que vous gérez" in job.error


def test_a_dossier_that_left_ones_scope_is_left_out_and_told(world, rows):
    stranger = world.transmitted(world.alice, world.history)
    job, data = done(asked(world, "dossiers_zip", [*rows, stranger]))
    assert (job.done_count, job.refused_count) == (2, 1)
    assert "Histoire" not in "".join(zipfile.ZipFile(io.BytesIO(data)).namelist())


def test_who_took_what_how_many_and_why_is_kept(world, rows):
    asked(world, "dossiers_zip", rows, reason="Commission du 3 mai")
    entry = db.session.scalar(db.select(AuditEntry).where(AuditEntry.action == "documents"))
    assert (entry.actor_name, entry.reason) == ("Staff Charlie", "Commission du 3 mai")
    assert entry.changes == {"title": [None, "Dossiers en PDF (zip)"], "total": [None, 2]}


def test_nothing_or_too_many_is_refused_in_words(world, rows, monkeypatch):
    with pytest.raises(DomainError, match="Aucune candidature"):
        documents_asked.ask("dossiers_zip", [], actor=world.charlie)
    with pytest.raises(DomainError, match="200 dossiers au plus"):
        documents_asked.ask("dossiers_pdf", range(1, 202), actor=world.charlie)
    monkeypatch.setattr(documents_asked, "MOST_IN_ZIP", 1000)
    job, data = done(asked(world, "dossiers_zip", rows))
    assert (job.state, data) == (JobState.FAILED, None) and "prenez-les en plusieurs fois" in job.error


def test_a_worker_that_dies_in_the_middle_leaves_nothing_and_the_next_one_makes_the_whole(world, rows, monkeypatch):
    job_id, made = asked(world, "dossiers_zip", rows), []
    build = documents_asked.dossier.build

    def dying(content, path, **more):
        made.append(path)
        if len(made) == 2:
            raise SystemExit  # as a kill does: nothing after it runs
        return build(content, path, **more)

    monkeypatch.setattr(documents_asked.dossier, "build", dying)
    with pytest.raises(SystemExit):
        jobs.run(job_id)
    db.session.rollback()
    assert not any(path.parent.exists() for path in made) and db.session.get(Job, job_id).state == JobState.RUNNING
    assert not jobs.run(job_id), "its lease still runs"
    db.session.execute(db.update(Job).values(lease_until=clock.now() - timedelta(seconds=1)))
    db.session.commit()
    job, data = done(job_id)
    assert (job.state, job.done_count) == (JobState.DONE, 2) and len(zipfile.ZipFile(io.BytesIO(data)).namelist()) == 2


def test_one_dossier_at_a_time_is_on_disk(world, rows, monkeypatch):
    seen, build = [], documents_asked.dossier.build

    def counting(content, path, **more):
        seen.append(len(list(path.parent.glob("*.pdf"))))
        return build(content, path, **more)

    monkeypatch.setattr(documents_asked.dossier, "build", counting)
    done(asked(world, "dossiers_zip", rows))
    assert seen == [0, 0]


def test_no_transaction_stays_open_while_a_dossier_is_drawn(app, world, rows, monkeypatch):
    drawn = documents_asked.dossier.documents.stream_of
    states = []

    def watching(html):
        states.append(db.session().in_transaction())
        return drawn(html)

    monkeypatch.setattr(documents_asked.dossier.documents, "stream_of", watching)
    done(asked(world, "dossiers_zip", rows))
    assert states == [False, False] and db.session.get(Candidature, rows[0].id) is not None
