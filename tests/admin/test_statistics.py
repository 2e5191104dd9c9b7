"""Statistics: right numbers, of one's own scope whatever the address asks, with a table under each chart and files to take away."""

import io
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

from app import clock
from app.enums import FileStatus, Outcome
from app.extensions import db
from app.models import AuditEntry, Campaign
from app.operations import candidatures, statistics
from tests.hall import Hall
from tests.test_consistency import count_queries
from tests.world import both


@pytest.fixture
def season(world):
    """In Sciences: five persons admitted, listed or refused, one of them confirmed, one gone; in Letters: Bob alone."""
    hall = Hall.with_people(world, 6, capacity=4)
    hall.admit(0, 1, 2)
    hall.list_up({3: 1})
    hall.refuse(4)
    candidatures.confirm(hall.of[0], actor=hall.people[0])
    hall.withdraw(1)
    hall.candidature(5)
    world.transmitted(world.bob, world.history)
    world.gone = world.apply(world.alice, world.maths)
    candidatures.cancel(world.gone, actor=world.alice)
    db.session.commit()
    return hall


def whole(question):
    """Return the figures of all that is asked."""
    return statistics.total(question, statistics.by_unit(question, "formation"))


def asked(world, actor, **more):
    return statistics.Asked(actor, world.campaign.id, **more)


def test_the_figures_are_those_of_the_scope(world, season):
    found = whole(asked(world, world.charlie))
    figures = {name: found[name] for name in ("people", "created", "cancelled", "transmitted", "decided", "admitted", "refused", "waitlisted", "confirmed", "withdrawn", "offers")}
    assert figures == {
        "people": 7, "created": 6, "cancelled": 1, "transmitted": 0, "decided": 5, "admitted": 4, "refused": 1, "waitlisted": 0, "confirmed": 1, "withdrawn": 1, "offers": 2,
    }
    assert whole(asked(world, world.dora))["created"] == 1
    assert whole(asked(world, world.eve))["created"] == 7
    assert whole(asked(world, world.frank))["created"] == 0


@pytest.mark.parametrize("level", statistics.LEVELS)
def test_lines_add_up_at_each_level(world, season, level):
    units = statistics.by_unit(asked(world, world.eve), level)
    assert [unit["created"] for unit in units] == [1, 6]
    sciences = units[1]
    assert (sciences.capacity, sciences.free) == (4, 1) and sciences["status_WAITING"] == 6
    assert [unit["created"] for unit in statistics.by_unit(asked(world, world.charlie), level)] == [6]


def test_places_not_set_give_no_total(world, season):
    world.maths.capacity = None
    db.session.flush()
    (unit,) = statistics.by_unit(asked(world, world.charlie), "centre")
    assert unit.capacity is None and unit.free is None


def test_narrowing_never_opens_what_is_out_of_scope(world, season):
    for more in ({"centre_id": world.letters.id}, {"commission_id": world.history.commission_id}, {"offering_id": world.history.id}):
        assert whole(asked(world, world.charlie, **more))["created"] == 0
        assert statistics.by_unit(asked(world, world.charlie, **more), "formation") == []
        assert statistics.in_time(asked(world, world.charlie, **more), "created_at") == {}


def test_a_member_who_sees_some_statuses_counts_only_those(world, season):
    candidatures.set_status(season.of[5], FileStatus.COMPLETE, actor=world.charlie)
    world.charlie.staff_member.grants[0].profile.visible_statuses = ["COMPLETE"]
    db.session.commit()
    assert whole(asked(world, world.charlie))["created"] == 1


def test_decision_types_are_counted_most_frequent_first(world, season):
    assert [(name["fr"], number) for name, _outcome, number in statistics.by_decision_type(asked(world, world.charlie))] == [("ADMITTED", 4), ("REFUSED", 1)]


def test_delays_are_whole_days_and_their_median_the_lower_middle(world):
    hall = Hall.with_people(world, 3)
    for number, days in enumerate((1, 2, 9)):
        row = hall.candidature(number)
        row.transmitted_at, row.transmission_count = clock.now() - timedelta(days=days, hours=3), 1
        row.file_status = FileStatus.RECEIVED
        hall.decide(number, Outcome.ADMITTED)
    delays = statistics.delays(asked(world, world.charlie))
    assert delays == {1: 1, 2: 1, 9: 1} and statistics.median(delays) == 2
    assert statistics.median({}) is None and statistics.median({4: 2, 6: 2}) == 4


def test_days_are_those_of_paris_and_weeks_have_no_hole(app, world):
    row = world.apply(world.alice, world.maths)
    row.created_at = clock.opening_of(date(2026, 7, 14))  # midnight in Paris: still the 13th in UTC
    db.session.commit()
    found = statistics.in_time(asked(world, world.charlie), "created_at")
    assert found == {date(2026, 7, 14) if db.engine.dialect.name == "postgresql" else date(2026, 7, 13): 1}
    counted = {date(2026, 7, 13): 2, date(2026, 7, 19): 1, date(2026, 7, 29): 4}
    assert statistics.filled(counted, is_weekly=True) == [(date(2026, 7, 13), 3), (date(2026, 7, 20), 0), (date(2026, 7, 27), 4)]
    assert len(statistics.filled(counted, is_weekly=False)) == 17 and statistics.filled({}, is_weekly=True) == []


# --- the page ---


def test_the_page_shows_charts_each_with_its_table(charlie, season):
    page = charlie.get("/gestion/statistiques/").text
    assert "Lettres" not in page.split("</h1>")[1] and "Sciences" in page
    for words in ("De la candidature à la confirmation", "Statuts des dossiers", "Avis publiés", "Réponses aux avis favorables", "Candidatures créées", "Par centre"):
        assert words in page
    assert page.count("<details>") >= 7 and " style=" not in page and "<svg" in page


def test_readers_without_the_right_and_strange_words(charlie, frank, eve, season):
    assert frank.get("/gestion/statistiques/").status_code == 403
    assert frank.get("/gestion/statistiques/export/unites.csv").status_code == 403
    huge = "9" * 40
    for query in (f"campagne={huge}&centre={huge}&formation={huge}", "niveau=<b>&pas=siecle", "centre=-1&commission=x"):
        assert charlie.get(f"/gestion/statistiques/?{query}").status_code == 200
    assert charlie.get("/gestion/statistiques/export/rien.csv").status_code == 404
    assert charlie.get("/gestion/statistiques/export/unites.exe").status_code == 404
    assert "comptes de candidats" in eve.get("/gestion/statistiques/").text
    assert "comptes de candidats" not in charlie.get("/gestion/statistiques/").text


def test_another_centre_asked_for_gives_ones_own(charlie, world, season):
    page = charlie.get(f"/gestion/statistiques/?centre={world.letters.id}&niveau=formation").text
    assert "Licence Histoire" not in page and "Licence Mathématiques" in page


def test_a_table_is_taken_away_as_csv_and_xlsx_and_told_in_the_audit(charlie, world, season):
    text = charlie.get("/gestion/statistiques/export/unites.csv?niveau=formation").data.decode("utf-8-sig")
    assert text.splitlines()[0].startswith('"Formation";"Créées"') and '"Licence Mathématiques";"6"' in text and "Histoire" not in text
    sheet = load_workbook(io.BytesIO(charlie.get("/gestion/statistiques/export/avis.xlsx").data)).active
    assert [cell.value for cell in sheet[2]] == ["Avis favorable", "4"]
    entries = db.session.scalars(db.select(AuditEntry).where(AuditEntry.entity == "Statistics").order_by(AuditEntry.id)).all()
    assert [entry.entity_id for entry in entries] == ["unites", "avis"] and entries[0].actor_id == world.charlie.id


@pytest.mark.parametrize("name", ["statuts", "types", "reponses", "delais", "creations", "unites"])
def test_every_table_is_a_workbook_whose_heads_are_words(charlie, season, name):
    sheet = load_workbook(io.BytesIO(charlie.get(f"/gestion/statistiques/export/{name}.xlsx").data)).active
    assert all(isinstance(cell.value, str) and cell.value for cell in sheet[1])


def test_an_archived_campaign_can_be_chosen_and_an_empty_one_says_so(charlie, world, season):
    old = Campaign(code="2020", name=both("Campagne 2020"), starts_at=clock.now() - timedelta(days=900), ends_at=clock.now() - timedelta(days=600), archived_at=clock.now())
    db.session.add(old)
    db.session.commit()
    page = charlie.get(f"/gestion/statistiques/?campagne={old.id}").text
    assert "Campagne 2020 (archivée)" in page and "Aucune candidature ici" in page


def test_at_most_ten_statements_beyond_the_signed_in_person(charlie, world, season):
    bare = count_queries(lambda: charlie.get("/gestion/preferences/"))
    assert count_queries(lambda: charlie.get("/gestion/statistiques/?niveau=formation")) - bare <= 10
