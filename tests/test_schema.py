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


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")  # compared above, by the catalogue of SQLite
def test_every_constraint_is_in_the_migrated_database(app):
    inspector = inspect(db.engine)
    for table in db.metadata.tables.values():
        declared = {kind: {name_of(c) for c in table.constraints if isinstance(c, kind)} for kind in (CheckConstraint, UniqueConstraint, ForeignKeyConstraint)}
        assert declared[CheckConstraint] == {row["name"] for row in inspector.get_check_constraints(table.name)}, table.name
        assert declared[UniqueConstraint] == {row["name"] for row in inspector.get_unique_constraints(table.name)}, table.name
        assert declared[ForeignKeyConstraint] == {row["name"] for row in inspector.get_foreign_keys(table.name)}, table.name
