"""Files of formations: CSV or XLSX read alike, a dry run that changes nothing, and bad files refused whole with the place."""

import io
import zipfile

import openpyxl
import pytest
from sqlalchemy import select

from app.errors import DomainError
from app.extensions import db
from app.models import Formation
from app.operations import offer_files, offer_import

COLUMNS = list(offer_import.LIMITS)
GOOD = ["7661", "Licence - Information", "Université Clermont Auvergne", "", "", "Licence", "", "", 0, 120, "", ""]


def workbook(*rows):
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in (COLUMNS, *rows):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def test_a_workbook_is_imported_as_the_csv_with_the_same_cells(world):
    text = "\n".join(",".join(str(cell) for cell in row) for row in (COLUMNS, GOOD))
    assert offer_import.read(workbook(GOOD)) == offer_import.read(text.encode()) == [(2, [str(cell) for cell in GOOD])]
    assert offer_import.import_rows(offer_import.read(workbook(GOOD)), world.campaign).created == 1


def test_a_formula_of_a_workbook_is_refused_with_its_line_and_column(world):
    rows = offer_import.read(workbook(GOOD, ["7662", "=A1", *GOOD[2:]], [None] * 12, ["7663", *GOOD[1:9], "=1+1", "", ""]))
    report = offer_import.look(rows, world.campaign)
    assert report.created == 1
    assert [(line, said.split(" :")[0]) for line, said in report.refused] == [
        (3, "La colonne intitule contient une formule"),
        (5, "La colonne capacite contient une formule"),
    ]


def test_a_dry_run_says_each_change_and_changes_nothing(world):
    offer_import.import_rows(offer_import.read(workbook(GOOD)), world.campaign)
    db.session.commit()
    rows = offer_import.read(workbook(["7661", "Licence - Communication", *GOOD[2:9], 130, "", ""], ["7662", *GOOD[1:]]))
    report = offer_import.look(rows, world.campaign)
    changes = [("name", "Licence - Information", "Licence - Communication"), ("capacity", "120", "130")]
    assert (report.created, report.updated, report.changes) == (1, 1, [(2, "7661", changes)])
    names = db.session.scalars(select(Formation.name).where(Formation.code.in_(("7661", "7662")))).all()
    assert names == ["Licence - Information"]
    applied = offer_import.import_rows(rows, world.campaign)
    assert (applied.created, applied.changes) == (1, report.changes)


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (offer_files.MOST_UNPACKED + 1))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (bomb, "démesuré"),
        (lambda: workbook(GOOD)[:-200], "ne peut pas être lu"),
        (lambda: b"PK\x03\x04rien", "ne peut pas être lu"),
        (lambda: b"code;intitule;couleur\n", "Colonnes inconnues : couleur. Colonnes absentes : etablissement"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(app, data, said):
    with pytest.raises(DomainError, match=said):
        offer_import.read(data())


def test_too_many_lines_are_refused(app, monkeypatch):
    monkeypatch.setattr(offer_files, "MOST_ROWS", 1)
    assert len(offer_import.read(workbook(GOOD))) == 1
    with pytest.raises(DomainError, match="Plus de 1 lignes"):
        offer_import.read(workbook(GOOD, GOOD))
