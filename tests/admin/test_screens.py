"""What each screen shows is written down, and the seams with Flask-Admin are watched: an upgrade forces a look."""

import hashlib
import inspect as python
from pathlib import Path

import flask_admin
import pytest
from flask import template_rendered
from flask_admin.contrib.sqla import ModelView
from flask_admin.model import base as model_base

from app.admin import SPECIAL
from app.admin.base import ManagedView, Protected
from app.admin.generate import attributes, labelled, models
from app.enums import Functionality
from app.orm import Versioned

SNAPSHOT = Path(__file__).with_name("screens.txt")
SECRETS = {
    "password", "fs_uniquifier", "tf_totp_secret", "token_hash", "secret_text", "html", "original_key", "served_key", "preview_key",
    "template_key", "storage_key", "search_text", "key_hash", "owner", "lease_until",
}  # fmt: skip
PARTS = ("column_list", "column_details_list", "column_export_list", "column_searchable_list", "list_filters", "form_columns")


def screen(model):
    return attributes(model, SPECIAL.get(model, ManagedView))


def written():
    """Return the snapshot of every screen, one line for each part that shows or takes something."""
    lines = []
    for model in models():
        found = screen(model)
        rights = f"{found['functionality']}{' +create' if found['creates'] else ''}{' +edit' if found['edits'] else ''}"
        lines.append(f"{model.__name__} ({rights}, scope {model.__managed__.scope})")
        shown = {part: found[part] for part in PARTS if part != "form_columns" or found["creates"] or found["edits"]}
        lines += [f"  {part.removeprefix('column_')}: {' '.join(names or ()) or '-'}" for part, names in shown.items()]
    return "\n".join(lines) + "\n"


def test_each_screen_shows_what_was_agreed():
    """A field added or opened changes this page: read the difference, then `python -m tests.admin.test_screens`."""
    assert written() == SNAPSHOT.read_text()


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_no_secret_is_shown_filtered_sorted_or_searched(model):
    found = screen(model)
    named = {name for part in PARTS for name in found[part] or ()} | set(found["column_sortable_list"])
    assert not {name for path in named for name in path.split(".")} & (SECRETS - {"search_text", "template_key"})
    exported = set(found["column_export_list"]) | set(found["form_columns"]) | set(found["column_list"])
    assert not exported & SECRETS


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_what_is_filtered_or_sorted_is_shown(model):
    found = screen(model)
    assert set(found["list_filters"]) | set(found["column_sortable_list"]) <= set(found["column_list"])
    assert found["column_list"] and all(info["label"] for info in labelled(model).values())


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_what_people_edit_refuses_a_stale_writer(model):
    if model.__managed__.edit:
        assert issubclass(model, Versioned)
    assert Functionality(model.__managed__.right)


def test_every_view_is_protected_and_generated_from_one_base(app):
    views = app.extensions["admin"][0]._views
    assert len(views) > len(models())
    for view in views:
        assert isinstance(view, Protected), view
        assert not isinstance(view, ModelView) or isinstance(view, ManagedView)
        if isinstance(view, ManagedView):
            assert not (view.column_editable_list or view.inline_models or view.can_delete or view.can_set_page_size or view.fast_mass_delete)


def test_two_applications_do_not_share_their_screens(app, tmp_path):
    from app import create_app
    from tests.conftest import settings_for

    other = create_app(settings_for(tmp_path))
    mine, theirs = (set(map(id, each.extensions["admin"][0]._views)) for each in (app, other))
    assert not mine & theirs


def test_no_page_comes_from_flask_admin(app, eve, world):
    """Its own templates hold inline handlers that the strict policy blocks: none is ever rendered."""
    seen = set()
    record = lambda sender, template, context, **extra: seen.add(template.filename)
    with template_rendered.connected_to(record, app):
        pages = [eve.get("/gestion/"), eve.get("/gestion/parametres/")]
        for model in models():
            base = f"/gestion/{model.__name__.lower()}/"
            pages += [eve.get(base), eve.get(base + "new/"), eve.get(base + "details/?id=1"), eve.get(base + "edit/?id=1")]
    folder = str(Path(app.root_path) / "templates")
    assert seen and {name for name in seen if not name.startswith(folder)} == set()
    for page in pages:
        assert "script-src 'nonce-" in page.headers["Content-Security-Policy"] and "unsafe" not in page.headers["Content-Security-Policy"]
        for mark in (" onclick", " onchange", " onsubmit", "javascript:", " style=", "<style"):
            assert mark not in page.text


def test_each_page_has_what_a_screen_reader_needs(eve, world):
    for model in models():
        base = f"/gestion/{model.__name__.lower()}/"
        for page in (eve.get(base), eve.get(base + "new/")):
            if page.status_code == 200:
                assert page.text.count("<h1") == 1 and '<main id="content"' in page.text and '<html lang="fr"' in page.text


def test_screens_are_translated(eve, world):
    eve.post("/langue", {"language": "en"})
    page = eve.get("/gestion/centre/")
    assert page.status_code == 200 and '<html lang="en"' in page.text


# The methods of Flask-Admin that we replace or lean on: their source as it was read (flask-admin.md §3, §6).
READ = {
    "ModelView._apply_search": ModelView._apply_search,
    "ModelView.get_count_query": ModelView.get_count_query,
    "ModelView.get_list": ModelView.get_list,
    "ModelView.get_one": ModelView.get_one,
    "ModelView.get_query": ModelView.get_query,
    "ModelView.handle_view_exception": ModelView.handle_view_exception,
    "ModelView.update_model": ModelView.update_model,
    "ModelView.create_model": ModelView.create_model,
    "BaseModelView._get_list_extra_args": model_base.BaseModelView._get_list_extra_args,
    "BaseModelView._get_list_filter_args": model_base.BaseModelView._get_list_filter_args,
    "BaseModelView.action_view": model_base.BaseModelView.action_view,
    "BaseModelView.ajax_lookup": model_base.BaseModelView.ajax_lookup,
    "BaseModelView.ajax_update": model_base.BaseModelView.ajax_update,
    "BaseModelView.create_view": model_base.BaseModelView.create_view,
    "BaseModelView.delete_view": model_base.BaseModelView.delete_view,
    "BaseModelView.details_view": model_base.BaseModelView.details_view,
    "BaseModelView.edit_view": model_base.BaseModelView.edit_view,
    "BaseModelView.export": model_base.BaseModelView.export,
    "BaseModelView.index_view": model_base.BaseModelView.index_view,
    "BaseView._handle_view": flask_admin.BaseView._handle_view,
}


def checksums():
    """Return {name: digest} of the originals."""
    return {name: hashlib.sha256(python.getsource(python.unwrap(call)).encode()).hexdigest()[:16] for name, call in READ.items()}


def test_the_originals_that_we_replace_are_those_that_were_read():
    known = dict(line.split() for line in SNAPSHOT.with_name("originals.txt").read_text().splitlines())
    assert checksums() == known, "Flask-Admin changed: read what is new in these methods, then `python -m tests.admin.test_screens`"


def test_flask_admin_opens_no_door_that_we_do_not_know():
    doors = {name for name in dir(ModelView) if hasattr(getattr(ModelView, name), "_urls")}
    assert doors == {
        "index_view", "create_view", "edit_view", "details_view", "delete_view", "action_view", "export", "ajax_lookup", "ajax_update",
    }  # fmt: skip


if __name__ == "__main__":
    SNAPSHOT.write_text(written())
    SNAPSHOT.with_name("originals.txt").write_text("".join(f"{name} {digest}\n" for name, digest in checksums().items()))
