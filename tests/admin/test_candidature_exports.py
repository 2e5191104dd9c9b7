"""Exports of candidatures: what was chosen, in scope, by who may, for a reason that is kept; nothing in them runs."""

import csv
import io

import pytest
from openpyxl import load_workbook

from app.enums import Functionality
from app.errors import DomainError
from app.extensions import db
from app.models import AuditEntry, Job, Note
from app.operations import candidature_exports, jobs
from app.storage import vault

PAGE = "/gestion/candidature/exporter"
COLUMNS = ["number", "last_name", "birth_on", "email", "formation", "file_status", "created_at", "pieces_missing"]


def ask(client, **more):
    fields = {"whole": "1", "filter": '{"search": "", "tab": "", "where": {}}', "columns": COLUMNS, "format": "csv", "reason": "Réunion du 12 mai"}
    return client.post(f"{PAGE}/demander", {**fields, **more})


def made():
    """Run the last job asked; return it."""
    job = db.session.scalars(db.select(Job).order_by(Job.id.desc())).first()
    assert jobs.run(job.id)
    db.session.expire_all()
    return db.session.get(Job, job.id)


def rows_of(job):
    text = vault().open(job.storage_key).read().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def book_of(job):
    return load_workbook(io.BytesIO(vault().open(job.storage_key).read()))


def test_a_csv_holds_what_was_chosen(charlie, world):
    candidature = world.transmitted(world.alice, world.maths)
    world.apply(world.bob, world.history)
    answer = ask(charlie)
    job = made()
    assert answer.location == f"/gestion/travaux/{job.public_id}" and job.state == "DONE" and job.done_count == job.total == 1
    head, *rows = rows_of(job)
    assert head == ["Numéro de dossier", "Nom", "Date de naissance", "Adresse électronique", "Formation", "Dossier", "Créée le", "Pièces manquantes"]
    assert [row[:6] for row in rows] == [[candidature.candidate.dossier_number, "Alpha", "06/05/2004", "alice@exemple.fr", "Licence Mathématiques", "Reçu, en cours d’examen"]]
    assert job.file_name.startswith("candidatures-20") and "Alpha" not in job.file_name


def test_a_workbook_says_who_and_why_and_holds_numbers_and_dates(charlie, world):
    world.transmitted(world.alice, world.maths)
    ask(charlie, format="xlsx", columns=["last_name", "birth_on", "created_at", "pieces_to_review", f"piece-{world.cv.piece_type_id}", f"answer-{world.form.id}-why"])
    book = book_of(made())
    about, sheet = book.worksheets
    told = {row[0].value: row[1].value for row in about.iter_rows()}
    assert told["Fait pour"] == "Staff Charlie" and told["Raison"] == "Réunion du 12 mai"
    head, row = sheet.iter_rows()
    assert [cell.value for cell in head] == ["Nom", "Date de naissance", "Créée le", "Pièces à examiner", "CV", "Pourquoi ?"]
    assert row[0].value == "Alpha" and row[1].is_date and row[2].is_date and row[3].value == 2
    assert [cell.value for cell in row[4:]] == ["Déposée", "Parce que."]


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", " =1", "\t=1", "＝1", "|x"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_no_cell_is_a_formula(charlie, world, form, text):
    candidature = world.apply(world.alice, world.maths)
    candidature.candidate.last_name = text
    db.session.add(Note(candidature=candidature, text=text))
    db.session.commit()
    ask(charlie, format=form, columns=["last_name", "note_texts"])
    job = made()
    if form == "csv":
        assert rows_of(job)[1][0] == f"'{text}"
        return
    kinds = {cell.data_type for sheet in book_of(job) for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds


def test_an_export_asks_a_reason_and_is_written_down(charlie, world):
    world.apply(world.alice, world.maths)
    refused = ask(charlie, reason="  ")
    assert refused.status_code == 422 and "Dites pourquoi" in refused.text and 'value="email" checked' in refused.text
    assert db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "export")).all() == []
    ask(charlie)
    entry = db.session.scalars(db.select(AuditEntry).where(AuditEntry.action == "export")).one()
    assert (entry.actor_id, entry.entity, entry.reason) == (world.charlie.id, "Candidature", "Réunion du 12 mai")
    assert entry.changes["columns"] == COLUMNS and entry.changes["count"] == 1 and "filter" in entry.changes["selection"]


def test_a_first_export_says_who_each_row_is_about(charlie, world):
    world.apply(world.alice, world.maths)
    page = charlie.get(PAGE).text
    assert [key for key in ("last_name", "first_name", "number", "file_status") if f'value="{key}" checked' not in page] == []
    assert 'value="email" checked' not in page


def test_the_choice_is_remembered(charlie, world):
    world.apply(world.alice, world.maths)
    ask(charlie, columns=["ine", "phone"])
    page = charlie.get(PAGE).text
    assert 'value="ine" checked' in page and 'value="phone" checked' in page and 'value="email" checked' not in page and 'value="csv" checked' in page


def test_without_the_right_nothing_leaves(frank, world):
    candidature = world.apply(world.alice, world.maths)
    assert frank.get(PAGE).status_code == frank.post(PAGE, {"row": candidature.public_id}).status_code == ask(frank).status_code == 403
    assert PAGE not in frank.get("/gestion/candidature/").text
    with pytest.raises(DomainError):
        candidature_exports.ask({"filter": {}}, actor=world.frank, keys=["number"], form="csv", reason="x")


def test_a_foreign_dossier_refuses_the_whole_export(charlie, world):
    mine, foreign = world.apply(world.alice, world.maths), world.apply(world.bob, world.history)
    assert ask(charlie, whole="", row=[mine.public_id, foreign.public_id]).status_code == 404
    assert charlie.post(PAGE, {"row": [mine.public_id, foreign.public_id]}).status_code == 404
    assert ask(charlie, whole="", row=[mine.public_id]).status_code == 302
    assert len(rows_of(made())) == 2 and db.session.scalars(db.select(Job)).all()


@pytest.mark.parametrize("sent", [{"filter": "{"}, {"filter": "[]"}, {"filter": ""}, {"filter": '{"where": {"x": {"in": ["1"]}}}'}, {"columns": []}, {"columns": ["password"]}, {"format": "ods"}, {"whole": "", "row": []}, {"filter": '{"search": "personne"}'}])
def test_what_cannot_be_exported_is_told_and_nothing_is_asked(charlie, world, sent):
    world.apply(world.alice, world.maths)
    answer = ask(charlie, **sent)
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert db.session.scalars(db.select(Job)).all() == []


def test_rights_are_those_of_when_the_file_is_made(charlie, world):
    candidature = world.apply(world.alice, world.maths)
    db.session.add(Note(candidature=candidature, text="secret-canari"))
    db.session.commit()
    ask(charlie, columns=["number", "note_texts"])
    profile = world.charlie.staff_member.grants[0].profile
    profile.rights = [right for right in profile.rights if right.functionality != Functionality.NOTES]
    db.session.commit()
    assert rows_of(made())[0] == ["Numéro de dossier"]
    ask(charlie)
    profile.rights = []
    db.session.commit()
    assert len(rows_of(made())) == 1


def test_the_other_centre_is_in_no_export(charlie, eve, world):
    world.bob.candidate.last_name = "Canari"
    world.transmitted(world.bob, world.history)
    world.apply(world.alice, world.maths)
    ask(charlie)
    assert "Canari" not in str(rows_of(made()))
    ask(eve)
    assert "Canari" in str(rows_of(made()))


def test_a_long_export_is_read_in_pages(charlie, world, monkeypatch):
    monkeypatch.setattr(candidature_exports, "CHUNK", 2)
    people = [world.candidate(f"p{n}", "P", f"Nom{n}") for n in range(5)]
    for person in people:
        world.apply(person, world.maths)
    ask(charlie, columns=["last_name", "tags", "note_texts", "file_status"])
    assert [row[0] for row in rows_of(made())[1:]] == [f"Nom{n}" for n in range(5)]
