"""The screen of reminders: whom a rule would reach, before it is saved and in the list; a centre's rules belong to it."""

from app import clock, deadlines
from app.extensions import db
from app.models import AuditEntry, OutboxMessage, ReminderRule

NEW = "/gestion/reminderrule/new/"


def test_whom_a_rule_would_reach_is_seen_before_it_is_saved_and_in_the_list(charlie, dora, world):
    candidature = world.apply(world.alice, world.maths)
    days = str((deadlines.return_by(candidature) - clock.now()).days + 1)
    typed = {"code": "MIENNE", "event": "PIECE_MISSING", "days": days, "is_active": "y", "centre": str(world.sciences.id)}
    look = charlie.post(NEW, {**typed, "preview": "1"})
    assert look.status_code == 200 and "1 dossier : Alice" in look.text and "Rien n’est encore enregistré" in look.text
    assert db.session.scalar(db.select(ReminderRule).where(ReminderRule.code == "MIENNE")) is None
    assert charlie.post(NEW, typed).status_code == 302
    assert "1 dossier : Alice" in charlie.get("/gestion/reminderrule/").text
    assert "Alice" not in dora.get("/gestion/reminderrule/").text
    assert db.session.scalar(db.select(AuditEntry).where(AuditEntry.entity == "ReminderRule")).action == "create"
    assert db.session.scalar(db.select(OutboxMessage).where(OutboxMessage.kind == "piece_reminder")) is None


def test_days_out_of_bounds_and_a_rule_for_everybody_are_refused_to_a_centre(charlie, world):
    typed = {"code": "X", "event": "NOT_TRANSMITTED", "days": "2000000000", "is_active": "y", "centre": str(world.sciences.id), "preview": "1"}
    assert "Entre 0 et 90 jours." in charlie.post(NEW, typed).text
    del typed["preview"]
    assert charlie.post(NEW, typed | {"days": "3", "centre": "__None"}).status_code == 422
    assert db.session.scalar(db.select(ReminderRule).where(ReminderRule.code == "X")) is None
