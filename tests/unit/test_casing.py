"""Titles, establishments and towns as French writes them, on what the open data really holds."""

import csv
from pathlib import Path

import pytest

from app import reference
from app.operations import casing
from app.search_text import normalised

FILE = Path(__file__).parents[2] / "data" / "formations-open-data.csv"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("certificat de capacité d'orthoptiste", "Certificat de capacité d’orthoptiste"),
        ("d.e infirmier", "D.E. infirmier"),
        ("parcours d'accès spécifique santé (pass)", "Parcours d’accès spécifique santé (PASS)"),
        ("ecg - mathématiques appliquées + esh", "ECG - Mathématiques appliquées + ESH"),
        ("techn. en énergies renouvelables opt. b énergie thermique", "Techn. en énergies renouvelables opt. B énergie thermique"),
        ("Licence - Etudes européennes", "Licence - Études européennes"),
        ("Double licence - Mathématiques / Informatique -", "Double licence - Mathématiques / Informatique"),
        ("Licence - Lettres - Parcours  Russe", "Licence - Lettres - Parcours Russe"),
        ("Master Cancer - BIOLOGIE DU CANCER", "Master Cancer - Biologie du cancer"),
        ("Master CRIMINOLOGIE - expertise", "Master Criminologie - Expertise"),
        ("PHILOSOPHIE - LLCER RUSSE", "Philosophie - LLCER russe"),
        ("Licence - Physique - DU Parcours Spéciaux", "Licence - Physique - DU Parcours Spéciaux"),
        ("BUT - Génie biologique", "BUT - Génie biologique"),
        ("Géographies, ressources (GEOSPHERES)", "Géographies, ressources (GEOSPHERES)"),
        ("", ""),
        (" - ", ""),
    ],
)
def test_a_title_is_cased(typed, written):
    assert casing.title(typed) == written


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("université paris 8", "Université Paris 8"),
        ("UNIVERSITE DES ANTILLES", "Université des Antilles"),
        ("université toulouse iii - université toulouse", "Université Toulouse III - Université Toulouse"),
        ("i.u.t de bourges", "IUT de Bourges"),
        ("I.U.T. d'Avignon", "IUT d’Avignon"),
        ("IUT de CHAMBERY", "IUT de Chambéry"),
        ("ICL - ISTC", "ICL - ISTC"),
        ("lycée le castel", "Lycée Le Castel"),
        ("inalco", "INALCO"),
        ("Sciences de l' Université", "Sciences de l’Université"),
    ],
)
def test_a_name_is_cased(typed, written):
    assert casing.proper(typed) == written


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("CLERMONT FERRAND CEDEX 1", "Clermont-Ferrand"),
        ("AUBIERE", "Aubière"),
        ("MARCY L ETOILE", "Marcy-l’Étoile"),
        ("MONT ST AIGNAN CEDEX", "Mont-Saint-Aignan"),
        ("lyon 8e  arrondissement", "Lyon 8e arrondissement"),
        ("Marseille  1er Arrondissement", "Marseille 1er arrondissement"),
        ("hanoi", "Hanoi"),
        ("", ""),
    ],
)
def test_a_town_is_written_as_the_official_list_does(typed, written):
    communes = {normalised(name): name for name in reference.commune_names()}
    assert casing.town(typed, communes) == written


def test_casing_twice_changes_nothing_on_the_whole_file():
    with open(FILE, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert len(rows) == 2700
    for row in rows:
        title, name = casing.title(row["intitule"]), casing.proper(row["etablissement"])
        assert casing.title(title) == title
        assert casing.proper(name) == name
        assert "'" not in title + name and "  " not in title + name
        assert title[:1] == title[:1].upper() and name[:1] == name[:1].upper()
