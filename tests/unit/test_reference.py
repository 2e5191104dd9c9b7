"""The shipped tables: plausible, complete where a journey needs them, loaded once, refreshed without loss."""

import importlib.util
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from app import reference
from app.extensions import db
from app.models import BacMention, BacSeries, Commune, Country, Department, PostalCode

ROOT = Path(__file__).resolve().parents[2]
MODELS = (Country, Department, Commune, PostalCode, BacSeries, BacMention)
NOTHING = {model.__tablename__: 0 for model in MODELS}


def content(session):
    return {m.__tablename__: sorted(map(repr, session.execute(select(*m.__table__.c)))) for m in MODELS}


@pytest.fixture
def empty():
    engine = create_engine("sqlite://")
    db.metadata.create_all(engine, tables=[model.__table__ for model in MODELS])
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def rows():
    return {name: reference._rows(name) for name in ("countries", "departments", "communes", "bac_series", "bac_mentions")}


def test_an_empty_base_is_filled_then_left_alone(empty):
    first = reference.load(empty)
    assert first == {m.__tablename__: empty.scalar(select(func.count()).select_from(m)) for m in MODELS}
    assert min(first.values()) > 0
    before = content(empty)
    assert reference.load(empty) == NOTHING
    assert content(empty) == before


def test_a_loaded_base_has_nothing_to_change(app):
    assert reference.load(db.session) == NOTHING


def test_a_refresh_writes_what_differs_and_keeps_the_rest(app):
    db.session.execute(db.update(Commune).where(Commune.code == "63113").values(name="Ancien nom"))
    db.session.execute(db.update(Country).where(Country.code == "FR").values(nationality={"fr": "Ancien"}))
    db.session.execute(db.delete(PostalCode).where(PostalCode.commune_code == "75116"))
    db.session.execute(db.update(BacSeries).where(BacSeries.code == "S").values(label={"fr": "Choisi par l’éditeur"}))
    db.session.add(Commune(code="63999", name="Commune disparue", department_code="63"))
    db.session.flush()
    assert reference.load(db.session) == NOTHING | {"commune": 1, "country": 1, "postal_code": 2}
    db.session.expire_all()
    assert db.session.get(Commune, "63113").name == "Clermont-Ferrand"
    assert db.session.get(Country, "FR").nationality == {"fr": "Français", "en": "French"}
    assert db.session.get(BacSeries, "S").label["fr"] == "Choisi par l’éditeur"
    assert db.session.get(Commune, "63999") is not None
    db.session.rollback()


def test_the_loader_leaves_the_commit_to_its_caller(empty):
    reference.load(empty)
    empty.rollback()
    assert empty.scalar(select(func.count()).select_from(Commune)) == 0


def test_the_counts_are_those_of_the_world(rows):
    departments = {row["code"] for row in rows["departments"]}
    assert {f"{n:02}" for n in range(1, 96) if n != 20} | {"2A", "2B", "971", "972", "973", "974", "976"} <= departments
    assert {"975", "977", "978", "986", "987", "988"} <= departments
    assert 34_500 < len(rows["communes"]) < 36_500
    assert 245 <= len(rows["countries"]) <= 255


def test_every_commune_is_in_a_department_and_codes_are_well_formed(rows):
    departments = {row["code"] for row in rows["departments"]}
    for row in rows["communes"]:
        assert row["department"] in departments, row
        assert re.fullmatch(r"\d[\dAB]\d{3}", row["code"]) and row["code"].startswith(row["department"]), row
        assert all(re.fullmatch(r"\d{5}", code) for code in row["postal_codes"].split()), row
    assert {row["code"] for row in rows["communes"] if not row["postal_codes"]} == {"98411", "98412", "98413", "98414", "98415"}


def test_the_three_largest_communes_are_given_by_arrondissement(rows):
    codes = {row["code"] for row in rows["communes"]}
    assert {f"75{n}" for n in range(101, 121)} | {f"69{n}" for n in range(381, 390)} | {f"13{n}" for n in range(201, 217)} <= codes
    assert not {"75056", "69123", "13055"} & codes


@pytest.mark.parametrize(
    "postal_code, communes",
    [("63000", {"Clermont-Ferrand"}), ("75116", {"Paris 16e Arrondissement"}), ("97400", {"Saint-Denis"}), ("98800", {"Nouméa"})],
)
def test_a_postal_code_gives_its_communes(app, postal_code, communes):
    found = db.session.scalars(select(PostalCode).where(PostalCode.postal_code == postal_code))
    assert {row.commune.name for row in found} == communes


def test_codes_are_unique_and_every_text_is_in_both_languages(rows):
    for table in rows.values():
        assert Counter(row["code"] for row in table).most_common(1)[0][1] == 1
    for name in ("countries", "bac_series", "bac_mentions"):
        for row in rows[name]:
            assert all(row[column].strip() for column in row if column.endswith(("_fr", "_en"))), row
    assert all(row["nationality_fr"] != "Gallois" for row in rows["countries"])


def test_values_fit_their_columns(rows):
    for name, model in (("departments", Department), ("communes", Commune)):
        for column in ("code", "name"):
            assert max(len(row[column]) for row in rows[name]) <= model.__table__.c[column].type.length


def awarded(rows, year, *, only_bac=True):
    series = [row for row in rows["bac_series"] if row["is_bac"] == "1" or not only_bac]
    return {row["code"] for row in series if int(row["valid_from"] or 0) <= year <= int(row["valid_to"] or 9999)}


def test_every_year_has_a_baccalaureat_to_choose(rows):
    assert all(awarded(rows, year) for year in range(1930, 2041))


@pytest.mark.parametrize(
    "year, there, absent",
    [
        (1967, {"ANCIEN"}, {"A", "S", "GENERAL", "PRO"}),
        (1994, {"A", "B", "C", "D", "E", "F", "G", "H", "PRO"}, {"S", "ES", "L", "STT"}),
        (1995, {"S", "ES", "L", "STT", "STI", "STL", "SMS"}, {"A", "C", "G", "STG"}),
        (2007, {"STG"}, {"STT", "STMG"}),
        (2013, {"STG", "STI2D", "STD2A", "ST2S"}, {"STMG", "STI", "SMS"}),
        (2018, {"STHR", "STMG"}, {"HOT"}),
        (2020, {"S", "ES", "L", "TMD"}, {"GENERAL", "S2TMD"}),
        (2021, {"GENERAL", "S2TMD", "STL", "STAV"}, {"S", "ES", "L", "TMD"}),
    ],
)
def test_a_series_is_offered_in_its_years_only(rows, year, there, absent):
    found = awarded(rows, year)
    assert there <= found
    assert not absent & found


def test_what_replaces_a_baccalaureat_is_not_one(rows):
    others = {row["code"] for row in rows["bac_series"] if row["is_bac"] == "0"}
    assert others == {"DAEU_A", "DAEU_B", "ESEU", "CAPACITE", "EUROPEAN", "DISPENSE", "FOREIGN", "NONE"}


@pytest.fixture
def vendor():
    spec = importlib.util.spec_from_file_location("vendor_reference", ROOT / "scripts" / "vendor_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def package(folder, name, files):
    root = folder / f"{name}-1.2.3" / "package"
    for path, value in {"package.json": {"version": "1.2.3"}, "LICENSE": "the licence", **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(json.dumps(value), encoding="utf-8")


@pytest.fixture
def packages(tmp_path, vendor):
    places = [
        {"code": "75056", "nom": "Paris", "type": "commune-actuelle", "departement": "75", "codesPostaux": ["75001"]},
        {"code": "75101", "nom": "Paris 1er", "type": "arrondissement-municipal", "departement": "75", "codesPostaux": ["75001"]},
        {"code": "01001", "nom": "Ancienne", "type": "commune-deleguee", "departement": "01"},
        {"code": "98818", "nom": "Nouméa", "type": "commune-actuelle", "collectivite": "988", "codesPostaux": ["98802", "98800"]},
    ]
    departments = [{"code": "75", "nom": "Paris"}, {"code": "988", "nom": "Nouvelle-Calédonie"}]
    package(tmp_path, vendor.PLACES, {"data/communes.json": places, "data/departements.json": departments})
    names = {"fr": {"FR": ["France", "La France"], "AW": "Aruba"}, "en": {"FR": "France", "AW": "Aruba"}}
    given = {"fr": {"FR": "Français", "AW": "Arubais"}, "en": {"FR": "French"}}
    package(tmp_path, vendor.COUNTRIES, {f"langs/{k}.json": {"countries": v} for k, v in names.items()})
    package(tmp_path, vendor.NATIONALITIES, {f"langs/{k}.json": {"nationalities": v} for k, v in given.items()})
    return tmp_path


def test_the_packages_become_sorted_files_and_named_sources(vendor, packages, tmp_path):
    out = tmp_path / "out"
    vendor.main(packages, out)
    assert (out / "communes.csv").read_text(encoding="utf-8").splitlines()[1:] == ["75101;Paris 1er;75;75001", "98818;Nouméa;988;98800 98802"]
    countries = (out / "countries.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert countries == ["AW;Aruba;Aruba;Aruba;Aruba", "FR;France;France;Français;French"]
    assert "i18n-nationality 1.2.3" in (out / "SOURCES.md").read_text(encoding="utf-8")
    assert len(list((out / "LICENSES").iterdir())) == 3


def test_a_value_that_would_break_a_file_stops_everything(vendor, packages, tmp_path):
    departments = [{"code": "75", "nom": "Paris;Seine"}]
    package(packages, vendor.PLACES, {"data/communes.json": [], "data/departements.json": departments})
    with pytest.raises(SystemExit, match="cannot be written"):
        vendor.main(packages, tmp_path / "out")


def test_two_versions_of_a_package_stop_everything(vendor, packages, tmp_path):
    (packages / f"{vendor.COUNTRIES}-9.9.9" / "package").mkdir(parents=True)
    with pytest.raises(SystemExit, match="2 unpacked versions"):
        vendor.main(packages, tmp_path / "out")
    assert not (tmp_path / "out" / "countries.csv").exists()


def test_the_sources_name_what_is_shipped():
    text = (reference.DATA / "SOURCES.md").read_text(encoding="utf-8")
    assert all(path.name in text for path in reference.DATA.glob("*.csv"))
    assert {path.stem for path in (reference.DATA / "LICENSES").iterdir()} == {
        "etalab-decoupage-administratif", "i18n-iso-countries", "i18n-nationality",
    }
