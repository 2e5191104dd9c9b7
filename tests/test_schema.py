"""The database that the migrations make is the one that the tables declare: same indexes, keys and checks, by name."""

import pytest
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint, inspect, text

from app.extensions import db

INDEXES = {
    "sqlite": "SELECT tbl_name, name, sql LIKE 'CREATE UNIQUE%' FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "postgresql": "SELECT tablename, indexname, indexdef LIKE 'CREATE UNIQUE%' FROM pg_indexes WHERE schemaname = current_schema()",
}


def declared_indexes(dialect):
    """Return {(table, name, unique)} of the indexes declared for a dialect (one for trigrams exists on PostgreSQL only)."""
    found = (index for table in db.metadata.tables.values() for index in table.indexes)
    return {
        (index.table.name, index.name, bool(index.unique))
        for index in found
        if dialect == "postgresql" or index.dialect_options["postgresql"]["using"] != "gin"
    }


def name_of(constraint):
    return db.engine.dialect.identifier_preparer.format_constraint(constraint).strip('"')


def test_every_index_is_in_the_migrated_database(app):
    dialect = db.engine.dialect.name
    made = {(table, name, bool(unique)) for table, name, unique in db.session.execute(text(INDEXES[dialect]))}
    assert ("user_account", "uq_user_account_email_lower", True) in made
    assert declared_indexes(dialect) - made == set()
    of_constraints = ("pk_", "uq_", "alembic_version")  # PostgreSQL keeps an index under each key
    assert {row for row in made - declared_indexes(dialect) if not row[1].startswith(of_constraints)} == set()


def key_name(table, key):
    """Return the name of a foreign key, worked out for one that came with its column: SQLite keeps it but does not tell it."""
    return key["name"] or f"fk_{table}_{key['constrained_columns'][0]}_{key['referred_table']}"


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")  # compared above, by the catalogue of SQLite
def test_every_constraint_is_in_the_migrated_database(app):
    inspector = inspect(db.engine)
    for table in db.metadata.tables.values():
        declared = {kind: {name_of(c) for c in table.constraints if isinstance(c, kind)} for kind in (CheckConstraint, UniqueConstraint, ForeignKeyConstraint)}
        assert declared[CheckConstraint] == {row["name"] for row in inspector.get_check_constraints(table.name)}, table.name
        assert declared[UniqueConstraint] == {row["name"] for row in inspector.get_unique_constraints(table.name)}, table.name
        assert declared[ForeignKeyConstraint] == {key_name(table.name, row) for row in inspector.get_foreign_keys(table.name)}, table.name


def test_a_database_in_use_is_brought_forward_with_its_rows(tmp_path):
    """The first release, with a campaign that others point at, becomes the present one and loses nothing (SQLite cannot rebuild such a table)."""
    from flask_migrate import upgrade

    from app import create_app
    from tests.conftest import settings_for

    used = create_app(settings_for(tmp_path))
    with used.app_context():
        upgrade(revision="0001")
        row = "INSERT INTO campaign (id, code, name, starts_at, ends_at, is_running, version) VALUES (1, 'c', '{\"fr\": \"c\"}', '2026-01-01', '2027-01-01', 0, 1)"
        person = "INSERT INTO candidate (id, dossier_number, last_name, first_name, identity_source, has_no_external_record, created_at, search_text, version) VALUES (1, 'AAAA0000', 'A', 'B', 'TYPED', 0, '2026-01-01', '', 1)"
        link = "INSERT INTO profile_confirmation (id, candidate_id, campaign_id, confirmed_at) VALUES (1, 1, 1, '2026-01-01')"
        for statement in (row, person, link):
            db.session.execute(text(statement))
        db.session.commit()
        upgrade()
        found = db.session.execute(text("SELECT code, is_lifelong FROM profile_confirmation JOIN campaign ON campaign.id = campaign_id, candidate")).one()
        assert tuple(found) == ("c", 0)
        db.engine.dispose()
