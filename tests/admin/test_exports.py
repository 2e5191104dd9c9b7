"""Exports: complete, labelled, inert in a spreadsheet, and written down (trust §2.9)."""

import csv
import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from app.admin.base import ManagedView
from app.enums import Functionality
from app.extensions import db
from app.models import AuditEntry, Centre

DANGEROUS = ["=1+1", "+1+2", "-2+3", "@SUM(1)", "\t=1", " =1", "＝1", "=cmd|' /C calc'!A0", '";=1', "|dde"]
PLAIN = ["+33 6 12 34 56 78", "-", "-3,5", "Élodie d’Arc", "12 rue Haute ; bât. B", "a\nb"]


def cells(answer):
    """Return {column title: [values]} of a CSV."""
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    return {title: list(column) for title, *column in zip(*rows, strict=True)}


@pytest.fixture
def centres(world):
    db.session.add_all(Centre(code=f"z{n}", name=name) for n, name in enumerate(DANGEROUS + PLAIN))
    db.session.commit()


def test_a_csv_is_complete_labelled_and_neutralised(eve, centres):
    answer = eve.get("/gestion/centre/export/csv/")
    assert answer.mimetype == "text/csv" and answer.headers["Content-Disposition"] == "attachment; filename=centre.csv"
    assert answer.headers["Cache-Control"] == "private, no-store"
    found = cells(answer)
    assert {"Code", "Nom", "Candidatures jusqu’au", "En service"} <= set(found)
    assert len(found["Nom"]) == len(DANGEROUS) + len(PLAIN) + 2
    assert {f"'{text}" for text in DANGEROUS if text != '";=1'} | {'";=1'} <= set(found["Nom"])
    assert {text for text in PLAIN if text != "-"} <= set(found["Nom"])
    assert set(found["En service"]) == {"oui"} and any(text.endswith("23:59") for text in found["Candidatures jusqu’au"])


def test_a_workbook_holds_texts_and_no_formula(eve, centres):
    sheet = load_workbook(io.BytesIO(eve.get("/gestion/centre/export/xlsx/").data))
    rows = list(sheet.active.iter_rows())
    kinds = {cell.data_type for row in rows for cell in row}
    assert "f" not in kinds and kinds <= {"s", "n", "inlineStr"}
    names = {cell.value for row in rows for cell in row}
    assert set(DANGEROUS[:4]) <= names and sheet.properties.creator == "Staff Eve"


def test_every_export_is_written_down_before_it_leaves(charlie, world):
    charlie.get("/gestion/offering/export/csv/")
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.entity, entry.actor_id) == ("export", "Offering", world.charlie.id)


def test_a_list_too_long_is_not_cut_but_refused(eve, centres, monkeypatch):
    monkeypatch.setattr(ManagedView, "export_max_rows", 5)
    answer = eve.get("/gestion/centre/export/csv/?search=z")
    assert answer.status_code == 302 and answer.location == "/gestion/centre/?search=z"
    assert "Plus de 5 lignes" in eve.get(answer.location).text


@pytest.mark.parametrize("kind", ["pdf", "CSV", "json", "..", "csv%2F..", "__class__", "ods"])
def test_no_other_kind_of_file(kind, eve):
    assert eve.get(f"/gestion/centre/export/{kind}/").status_code in (404, 308)


@pytest.mark.parametrize("name", ["candidate", "outboxmessage", "enrolmentproposal"])
def test_a_list_of_people_leaves_only_with_the_right_to_exports(name, eve, signed_in, world):
    client = signed_in(world.staff("without", tuple(right for right in Functionality if right != Functionality.EXPORTS)))
    assert client.get(f"/gestion/{name}/").status_code == 200
    assert f"/gestion/{name}/export/" not in client.get(f"/gestion/{name}/").text
    for form in ("csv", "xlsx"):
        assert client.get(f"/gestion/{name}/export/{form}/").status_code == 403
        assert eve.get(f"/gestion/{name}/export/{form}/").status_code == 200
    assert set(db.session.scalars(select(AuditEntry.actor_id))) == {world.eve.id}
