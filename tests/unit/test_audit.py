"""Both histories are kept: the database refuses to rewrite them, and one byte changed behind its back is named."""

import threading

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app import journal
from app.extensions import db
from app.models import AuditEntry, CandidatureEvent
from app.operations import audit
from tests.tampering import as_superuser


@pytest.fixture
def entries(world):
    """Three entries of the journal, sealed by three transactions."""
    for number in (1, 2, 3):
        changes = {"name": [f"Avant {number}", f"Après {number}"], "capacity": [number, 20.5], "is_active": [True, None]}
        audit.write("update", "Centre", str(number), actor=world.eve, changes=changes, reason="Demande du jury")
        db.session.commit()
    return db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()


def test_entries_are_chained_in_the_order_of_their_commits(entries, world):
    assert [entry.sequence for entry in entries] == [1, 2, 3]
    assert entries[0].previous_digest == journal.GENESIS and entries[2].previous_digest == entries[1].digest
    assert audit.verify() == (3, [])


def test_a_rollback_leaves_no_hole(entries, world):
    audit.write("update", "Centre", "4", actor=world.eve, changes={})
    db.session.rollback()
    with pytest.raises(ZeroDivisionError), db.session.begin_nested():
        audit.write("update", "Centre", "5", actor=world.eve, changes={})
        1 / 0  # noqa: B018 -- the savepoint gives up
    audit.write("update", "Centre", "6", actor=world.eve, changes={})
    db.session.commit()
    assert audit.verify() == (4, [])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'create'",
        "UPDATE audit_entry SET entity_id = '9'",
        "UPDATE audit_entry SET reason = 'Autre'",
        "UPDATE audit_entry SET actor_name = 'Personne'",
        "UPDATE audit_entry SET changes = NULL",
        "UPDATE audit_entry SET digest = 'x'",
        "UPDATE audit_entry SET sequence = sequence + 10",
        "DELETE FROM audit_entry",
        "UPDATE candidature_event SET action = 'confirm'",
        "UPDATE candidature_event SET after = before, sequence = 7",
        "UPDATE candidature_event SET details = '{\"comment\": \"autre\"}'",
        "UPDATE candidature_event SET digest = details_digest",
        "DELETE FROM candidature_event",
    ],
)
def test_the_database_refuses_to_rewrite_a_history(entries, world, statement):
    world.transmitted(world.alice, world.maths)
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(statement))
    db.session.rollback()


def test_postgresql_refuses_to_empty_a_history(entries, world):
    if db.engine.dialect.name != "postgresql":
        return  # no such statement there: DELETE is refused
    for table in ("audit_entry", "candidature_event"):
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(text(f"TRUNCATE {table} CASCADE"))
        db.session.rollback()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("actor_name = 'Staff Evf'", "was altered"),
        ("reason = 'Demande du jurz'", "was altered"),
        ("entity_id = '3'", "was altered"),
        ("changes = '{}'", "was altered"),
        ("digest = replace(digest, substr(digest, 1, 1), 'g')", "was altered"),
        ("previous_digest = 'f'", "does not follow"),
    ],
)
def test_one_value_changed_by_a_superuser_is_named(entries, change, said):
    row = entries[1].id
    as_superuser(f"UPDATE audit_entry SET {change} WHERE id = :row", row=row)
    _checked, broken = audit.verify()
    assert any(f"row {row})" in sentence and said in sentence for sentence in broken), broken


def test_an_entry_removed_or_slipped_in_by_a_superuser_is_named(entries):
    row, other = entries[1].id, entries[2].id
    as_superuser("DELETE FROM audit_entry WHERE id = :row", row=row)
    as_superuser(
        "INSERT INTO audit_entry (at, actor_name, action, entity, entity_id) VALUES ('2027-01-01 00:00:00', 'x', 'update', 'Centre', '1')"
    )
    checked, broken = audit.verify()
    assert checked == 3 and len(broken) == 2
    assert "never sealed" in broken[0] and f"missing before row {other}" in broken[1]


def test_a_purge_erases_the_values_and_the_chain_verifies(entries):
    entry = entries[1]
    entry.changes = entry.reason = entry.salt = None
    entry.actor_name, entry.actor_id = "", None
    db.session.commit()
    assert audit.verify() == (3, [])


def test_a_half_purge_is_refused(entries):
    entries[1].reason = None
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.commit()
    db.session.rollback()


def test_an_event_altered_by_one_byte_is_named(world):
    candidature = world.transmitted(world.alice, world.maths)
    event = db.session.scalar(select(CandidatureEvent).where(CandidatureEvent.action == "transmit"))
    row = event.id
    as_superuser("UPDATE candidature_event SET action = 'transmis' WHERE id = :row", row=row)
    assert journal.verify_all()[1] == [f"candidature {candidature.id}: event {event.sequence} (row {row}) was altered or is missing"]


def test_two_transactions_at_once_make_one_chain(app, world):
    """Each seals after the other: no two entries follow the same one."""
    actor, faults = world.eve.id, []
    db.session.commit()  # the test lets go of the database

    def write(number):
        try:
            with app.app_context():
                user = db.session.get(type(world.eve), actor)
                for step in range(5):
                    audit.write("update", "Centre", f"{number}-{step}", actor=user, changes={})
                    db.session.commit()
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == [] and audit.verify() == (20, [])
