"""Adds one column to a model as a developer would, by one line, and prints in JSON where it then appears (run by tests/unit/test_one_line.py)."""

import csv
import io
import json
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask_babel import lazy_gettext as _
from openpyxl import load_workbook
from sqlalchemy import Column, String, select
from sqlalchemy.orm import Mapped, mapped_column

from app.models import AuditEntry, Tag
from app.orm import field

Tag.__annotations__["usage"] = Mapped[str | None]
Tag.usage = mapped_column(String(80), nullable=True, info=field(_("Mode d’emploi"), help=_("Quand la poser."), list=True, search=True))  # the one line


def migrated(db):
    """Bring the database where the model is now, by what Alembic itself proposes; return the names of the columns that it proposes."""
    with db.engine.begin() as link:
        context = MigrationContext.configure(link)
        proposed = [step for step in compare_metadata(context, db.metadata) if step[0] == "add_column"]
        for _step, _schema, table, column in proposed:
            Operations(context).add_column(table, Column(column.name, column.type, nullable=column.nullable))
        return [f"{table}.{column.name}" for _step, _schema, table, column in proposed]


def places(folder):
    """Return {place: what was found there}."""
    from flask_migrate import upgrade

    from app import create_app, parameters, reference
    from app.extensions import db
    from tests.clients import PageClient
    from tests.conftest import settings_for
    from tests.world import SECRET, World

    app = create_app(settings_for(folder))
    with app.app_context():
        upgrade()
        found = {"migration": migrated(db)}
        reference.load(db.session)
        parameters.change("SECOND_FACTOR_NOT_ASKED", True)
        World.build()
        eve = PageClient(app)
        eve.sign_in("eve@postulo.example", SECRET)
        form = eve.get("/gestion/tag/new/").text
        found["form"] = "Mode d’emploi" in form and "Quand la poser." in form
        eve.post("/gestion/tag/new/", {"name": "Urgent", "colour": "RED", "is_active": "y", "usage": "Dossiers à voir d’abord"}, page="/gestion/tag/new/")
        eve.post("/gestion/tag/new/", {"name": "Autre", "colour": "BLUE", "is_active": "y", "usage": "Le reste"}, page="/gestion/tag/new/")
        tag = db.session.scalars(select(Tag).where(Tag.name == "Urgent")).one()
        found["value"] = tag.usage
        shown = eve.get("/gestion/tag/").text
        found["list"] = "Mode d’emploi" in shown and "Dossiers à voir d’abord" in shown
        filtered = eve.get("/gestion/tag/?f.usage=abord").text.split("<tbody>")[1]
        found["filter"] = "Urgent" in filtered and "Autre" not in filtered
        searched = eve.get("/gestion/tag/?search=reste").text.split("<tbody>")[1]
        found["search"] = "Autre" in searched and "Urgent" not in searched
        rows = list(csv.reader(io.StringIO(eve.get("/gestion/tag/export/csv/").data.decode("utf-8-sig")), delimiter=";"))
        found["csv"] = "Mode d’emploi" in rows[0] and any("Dossiers à voir d’abord" in row for row in rows)
        sheet = load_workbook(io.BytesIO(eve.get("/gestion/tag/export/xlsx/").data)).active
        found["xlsx"] = "Dossiers à voir d’abord" in {cell.value for row in sheet.iter_rows() for cell in row}
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "Tag", AuditEntry.entity_id == str(tag.id)))
        found["audit"] = any("Dossiers à voir d’abord" in json.dumps((entry.changes or {}).get("usage"), ensure_ascii=False) for entry in entries)
        found |= written()
        db.session.remove()
        db.engine.dispose()
    return found


def written():
    """Return what the pages that are written from the models say."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
    import docs

    return {"dictionary": "Mode d’emploi" in docs.dictionary_page()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(places(Path(sys.argv[1]))) + "\n")
