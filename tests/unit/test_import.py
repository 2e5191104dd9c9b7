"""The import of formations: real rows become an offer, planted faults are refused one by one and told."""

import io
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.errors import DomainError
from app.extensions import db
from app.models import Centre, Commission, DiplomaType, Formation, Offering
from app.operations import offer_import

FILE = Path(__file__).parents[2] / "data" / "formations-open-data.csv"
HEADER = ";".join(offer_import.LIMITS)
GOOD = "7661;Licence - Information;université clermont auvergne;CLERMONT FERRAND CEDEX 1;Clermont;Licence;Autre;Formation initiale;0;120;;https://exemple.fr/f"


def row(**changes):
    """Return a good row with some cells changed."""
    cells = dict(zip(offer_import.LIMITS, GOOD.split(";"), strict=True)) | changes
    return ";".join(cells.values())


def run(*lines, campaign=None, **kwargs):
    data = "\n".join([HEADER, *lines]).encode()
    return offer_import.import_rows(offer_import.read(data), campaign, **kwargs)


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_row_makes_a_centre_a_commission_a_type_a_formation_and_an_offering(world):
    report = run(GOOD, campaign=world.campaign)
    assert (report.created, report.updated, report.unchanged, report.refused) == (1, 0, 0, [])
    formation = db.session.scalar(select(Formation).where(Formation.code == "7661"))
    assert formation.name == "Licence - Information"
    assert (formation.town, formation.mode, formation.entry_level) == ("Clermont-Ferrand", "Formation initiale", 0)
    assert formation.commission.name == formation.commission.centre.name == "Université Clermont Auvergne"
    assert formation.diploma_type is world.licence  # known already by its code
    assert [(opened.campaign, opened.capacity, opened.commission) for opened in formation.offerings] == [
        (world.campaign, 120, formation.commission)
    ]


def test_a_missing_capacity_is_allowed_and_the_domain_is_ignored(world):
    assert run(row(capacite="", domaine=""), campaign=world.campaign).refused == []
    assert db.session.scalar(select(Offering).join(Formation).where(Formation.code == "7661")).capacity is None


def test_the_same_file_again_changes_nothing_and_a_corrected_one_is_told(world):
    run(GOOD, campaign=world.campaign)
    again = run(GOOD, campaign=world.campaign)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)
    corrected = run(row(intitule="Licence - Communication", capacite="130"), campaign=world.campaign)
    assert (corrected.created, corrected.updated, corrected.unchanged) == (0, 1, 0)
    formation = db.session.scalar(select(Formation).where(Formation.code == "7661"))
    assert formation.name == "Licence - Communication" and "communication" in formation.search_text
    assert formation.offerings[0].capacity == 130
    assert count(Formation) == 3  # this one and the two of the world


def test_what_an_editor_decided_survives_another_import(world):
    run(GOOD, campaign=world.campaign)
    formation = db.session.scalar(select(Formation).where(Formation.code == "7661"))
    formation.keywords, formation.commission = "médias", world.sciences.commissions[0]
    run(row(capacite=""), campaign=world.campaign)
    assert formation.keywords == "médias" and formation.commission.centre is world.sciences
    assert formation.offerings[0].capacity == 120


FAULTS = {
    "code vide": (row(code=""), "code est vide"),
    "intitulé vide": (row(intitule="  "), "intitule est vide"),
    "établissement sans lettre": (row(etablissement="!!"), "ni lettre ni chiffre"),
    "code interdit": (row(code="76 61"), "Le code ne peut"),
    "capacité en lettres": (row(capacite="beaucoup"), "capacite attend un nombre"),
    "capacité négative": (row(capacite="-5"), "capacite attend un nombre"),
    "capacité décimale": (row(capacite="12,5"), "capacite attend un nombre"),
    "capacité trop grande": (row(capacite="100001"), "entre 0 et 100000"),
    "nombre démesuré": (row(capacite="9" * 5000), "dépasse 9"),
    "niveau": (row(niveau_entree="9"), "niveau_entree attend un nombre entre 0 et 8"),
    "adresse de script": (row(url="javascript:alert(1)"), "http://"),
    "adresse sans hôte": (row(url="https:"), "http://"),
    "adresse illisible": (row(url="http://[x"), "http://"),
    "titre trop long": (row(intitule="é" * 501), "intitule dépasse 500"),
    "modalité trop longue": (row(modalite="m" * 101), "modalite dépasse 100"),
    "signe invisible": (row(intitule="Licence\x00"), "signe invisible"),
    "formule": (row(intitule="=1+1 Licence"), "intitule contient une formule"),
    "retour à la ligne": (row(intitule='"Licence\nPhysique"'), "retour à la ligne"),
    "colonnes en moins": ("7662;Licence", "2 colonnes au lieu de 12"),
    "colonnes en plus": (GOOD + ";", "13 colonnes au lieu de 12"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_row_is_refused_alone_with_its_line_and_its_reason(world, fault):
    line, reason = FAULTS[fault]
    before = count(Formation)
    report = run(row(code="A1"), line, row(code="A2"), campaign=world.campaign)
    assert report.created == 2
    assert [number for number, _said in report.refused] == [3]
    assert reason in report.refused[0][1]
    assert count(Formation) == before + 2


def test_a_code_seen_twice_is_refused_and_says_where(world):
    report = run(row(code="A1"), row(code="A1", intitule="Autre"), campaign=world.campaign)
    assert report.refused == [(3, "Code déjà vu à la ligne 2.")]
    assert db.session.scalar(select(Formation.name).where(Formation.code == "A1")) == "Licence - Information"


def test_line_numbers_are_those_of_the_file_whatever_the_cells_hold(world):
    report = run(row(code="A1", domaine='"deux\nlignes"'), "", row(code=""), campaign=world.campaign)
    assert [number for number, _said in report.refused] == [2, 5]


def test_long_names_that_begin_alike_stay_two_centres(world):
    start = "Université de Lorraine - Faculté de Droit, Economie et Administration - Site de "
    report = run(row(code="A1", etablissement=start + "Metz"), row(code="A2", etablissement=start + "Nancy"))
    assert report.created == 2
    assert count(Centre) == count(Commission) == 4


def test_the_same_establishment_typed_in_two_ways_is_one_centre(world):
    run(row(code="A1", etablissement="Sorbonne université"), row(code="A2", etablissement="SORBONNE  UNIVERSITE"))
    assert count(Centre) == 3


def test_only_the_rows_of_an_establishment_are_kept(world):
    elsewhere, faulty = row(code="A1", etablissement="Université d'Évry"), row(code="", etablissement="Université de Tours")
    report = run(GOOD, elsewhere, faulty, establishment="CLERMONT  auvergne")
    assert (report.created, report.refused) == (1, [])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ((HEADER + "\n" + row(intitule="été")).encode("latin-1"), "UTF-8"),
        (b"\xff\xfe" + HEADER.encode("utf-16-le"), "UTF-8"),
        (b"code;nom\n1;x", "Les colonnes attendues"),
        (GOOD.encode(), "Les colonnes attendues"),
        (b"", "Les colonnes attendues"),
        ((HEADER + "\n" + "x" * 200_000).encode(), "pas un CSV lisible"),
    ],
)
def test_a_whole_file_that_cannot_be_read_is_refused_in_words(app, data, said):
    with pytest.raises(DomainError, match=said):
        offer_import.read(data)


def test_a_byte_order_mark_and_windows_line_ends_are_read(world):
    rows = offer_import.read(b"\xef\xbb\xbf" + f"{HEADER}\r\n{GOOD}\r\n\r\n".encode())
    assert [line for line, _cells in rows] == [2]
    assert offer_import.import_rows(rows).created == 1


def test_the_2700_real_formations_come_in_and_a_second_import_is_still(app, world):
    data = io.BytesIO(FILE.read_bytes()).getvalue()
    report = offer_import.import_rows(offer_import.read(data), world.campaign)
    db.session.commit()
    assert (report.created, report.refused) == (2700, [])
    assert count(DiplomaType) == 3  # Licence is the world's
    assert count(Centre) == count(Commission)
    again = offer_import.import_rows(offer_import.read(data), world.campaign)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2700)
    clermont = offer_import.import_rows(offer_import.read(data), establishment="clermont auvergne")
    assert clermont.unchanged == 58
