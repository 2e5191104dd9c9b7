"""Runs the migrations on the application's own engine, in one transaction."""

from alembic import context
from flask import current_app
from sqlalchemy import JSON

from app.orm import Translated, UtcDateTime

database = current_app.extensions["migrate"].db


def render_item(kind, item, autogen_context):
    """Write our column types by their own names in generated migrations."""
    if kind == "type" and isinstance(item, (UtcDateTime, Translated)):
        autogen_context.imports.add("from app import orm")
        return f"orm.{type(item).__name__}()"
    if kind == "type" and isinstance(item, JSON):
        autogen_context.imports.add("from app import orm")
        return "orm.JsonType"
    return False


def process_revision_directives(revision_context, revision, directives):
    """Write no empty migration."""
    if getattr(revision_context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


with database.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        render_item=render_item,
        compare_type=True,
        process_revision_directives=process_revision_directives,
    )
    with context.begin_transaction():
        context.run_migrations()
