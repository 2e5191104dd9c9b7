"""The screen of scheduled jobs: plain words, start by hand, change the schedule; for who runs the installation alone."""

import pytest

from app.extensions import db
from app.models import AuditEntry, BatchRun, BatchSchedule
from app.operations import batches

PAGE = "/gestion/traitements/"


def test_each_job_says_what_it_does_when_it_runs_and_what_it_did(eve, world):
    batches.run("withdraw", period="2027-01-01")
    page = eve.get(PAGE).text
    for batch in batches.BATCHES.values():
        assert str(batch.title) in page and str(batch.what) in page
    assert "chaque jour à 08:00" in page and "traité" in page
    assert "2027-01-01" in eve.get(PAGE + "withdraw").text


def test_a_job_is_started_by_hand_once_and_its_history_says_so(eve, world):
    assert eve.post(PAGE + "withdraw/lancer", {}).status_code == 303
    eve.post(PAGE + "withdraw/lancer", {})
    assert "déjà en cours" in eve.get(PAGE + "withdraw").text
    batches.run_due()
    page = eve.get(PAGE + "withdraw").text
    assert "à la main" in page
    assert db.session.scalar(db.select(AuditEntry).where(AuditEntry.action == "run")).entity_id == "withdraw"


def test_the_schedule_is_changed_and_audited(eve, world):
    form = {"is_enabled": "1", "mode": "days", "time": "21:45", "weekdays": ["1", "5"], "every_minutes": "60"}
    assert eve.post(PAGE + "withdraw", form).status_code == 303
    assert "Lundi, vendredi à 21:45" in eve.get(PAGE + "withdraw").text
    assert eve.post(PAGE + "withdraw", {**form, "mode": "every", "every_minutes": "15"}).status_code == 303
    assert "toutes les 15 minutes" in eve.get(PAGE).text
    assert eve.post(PAGE + "withdraw", {**form, "is_enabled": ""}).status_code == 303
    assert "hors service" in eve.get(PAGE).text
    assert db.session.scalar(db.select(db.func.count()).select_from(AuditEntry).where(AuditEntry.entity == "BatchSchedule")) == 3


@pytest.mark.parametrize(
    "typed", [{"time": "25:00"}, {"time": ""}, {"weekdays": []}, {"weekdays": ["9"]}, {"mode": "every", "every_minutes": "0"}, {"mode": "every", "every_minutes": "1e3"}]
)
def test_an_impossible_schedule_is_refused_and_what_was_typed_is_kept(eve, world, typed):
    form = {"is_enabled": "1", "mode": "days", "time": "21:45", "weekdays": ["2"], "every_minutes": "77", **typed}
    answer = eve.post(PAGE + "withdraw", form)
    assert answer.status_code == 422 and f'value="{form["time"]}"' in answer.text
    assert db.session.scalar(db.select(BatchSchedule)) is None


def test_only_who_runs_the_installation_comes_here(charlie, frank, eve, world):
    for client in (charlie, frank):
        for path in ("", "withdraw"):
            assert client.get(PAGE + path).status_code == (403 if client is frank else 200)
    assert frank.post(PAGE + "withdraw/lancer", {}).status_code == 403
    assert eve.get(PAGE + "absent").status_code == eve.post(PAGE + "absent/lancer", {}).status_code == 404
    assert db.session.scalar(db.select(BatchRun)) is None
