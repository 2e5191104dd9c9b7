"""What every screen of the back office shares: closed by default, scoped at every door, audited, and never a raw error."""

import logging
import re

from flask import Response, abort, current_app, flash, jsonify, redirect, request, url_for
from flask_admin import expose
from flask_admin.contrib.sqla import ModelView
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import inspect
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app import access, formats
from app.admin import exports, list_filters, references, related
from app.admin.converter import Converter, SeenVersion
from app.admin.instants import is_closing, last_minute
from app.enums import Functionality, Labelled
from app.errors import DomainError
from app.extensions import db
from app.operations import audit
from app.orm import write_intent

logger = logging.getLogger(__name__)
MAX_PAGE = 2000
ROW_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
# lists of people: taking one away as a file is a right of its own
PERSONAL = (Functionality.CANDIDATES, Functionality.MESSAGES, Functionality.ENROLMENTS)
DOORS = {"create_view": "can_create", "edit_view": "can_edit", "ajax_lookup": "can_edit", "export": "can_export", "reorder": "can_edit"}


class Protected:
    """Lets staff in, and only with the right that the screen names."""

    functionality: Functionality | None = None

    def is_accessible(self):
        user = current_user._get_current_object()
        if not user.is_authenticated or user.staff_member is None:
            return False
        return self.functionality is None or _holds(user, self.functionality)

    def is_visible(self):
        return self.is_accessible()

    def _handle_view(self, door, /, **kwargs):
        """Ask before each door, as Flask-Admin does; an address may have a part called "name", as `door` is by position."""
        return None if self.is_accessible() else self.inaccessible_callback(door)

    def inaccessible_callback(self, name, **kwargs):
        if current_user.is_authenticated:
            abort(403 if current_user.staff_member is not None else 404)
        return current_app.login_manager.unauthorized()  # what was typed is kept until sign-in


def _holds(user, functionality):
    """Whether a person holds a right to read; the menu asks it of every screen, the grants answer once a request."""
    known = request.environ.setdefault("postulo.held", {})
    if (user.id, functionality) not in known:
        known[user.id, functionality] = access.can(user, functionality)
    return known[user.id, functionality]


class ManagedView(Protected, ModelView):
    """A generated screen; `generate.py` fills in what the model declares."""

    can_delete = False  # deleting is an operation, not a trash icon
    can_view_details = True
    can_set_page_size = False
    page_size, export_max_rows = 50, 10_000
    cell_limit = 160  # characters of a cell of the list
    export_types = tuple(exports.KINDS)
    model_form_converter = Converter
    list_template, edit_template = "admin/gestion/list.html", "admin/gestion/form.html"
    create_template, details_template = "admin/gestion/form.html", "admin/gestion/details.html"
    eager, lookups, column_searchable_list = (), {}, ()
    has_filters = True  # the list has the panel of filters; what has a form of its own says False

    # doors of Flask-Admin that stay shut: redefined without @expose, they have no address at all
    delete_view = action_view = ajax_update = None

    @property
    def can_create(self):
        return self.creates and self._may_write()

    @property
    def can_edit(self):
        return self.edits and self._may_write()

    @property
    def can_export(self):
        may_take = self.functionality not in PERSONAL or access.can(current_user, Functionality.EXPORTS)
        return may_take and self._may_write()

    def _may_write(self):
        return access.can(current_user, self.functionality, write=True)

    def _handle_view(self, door, /, **kwargs):
        """Refuse before anything is read what the person's rights do not open."""
        refused = super()._handle_view(door, **kwargs)
        if refused is None and door in DOORS and not getattr(self, DOORS[door]):
            abort(403)
        return refused

    # --- one scope, every door ---

    def scope(self, *, write=False):
        return access.scope_for(self.model, current_user, write=write)

    def get_query(self):
        return super().get_query().filter(self.scope(), *self.asked().conditions).options(*self.eager)

    def get_count_query(self):
        return super().get_count_query().filter(self.scope(), *self.asked().conditions)

    def get_one(self, id):
        """Return a row in scope; a foreign, absent or impossible number is the same 404."""
        column = getattr(self.model, self._primary_key)
        if not isinstance(id, str) or (column.type.python_type is int and not ROW_NUMBER.fullmatch(id)):
            abort(404)
        is_writing = request.endpoint == f"{self.endpoint}.edit_view"
        chosen = db.session.query(self.model).filter(self.scope(write=is_writing), column == column.type.python_type(id))
        return chosen.options(*self.eager).one_or_none() or abort(404)

    def _get_list_extra_args(self):
        arguments = super()._get_list_extra_args()
        arguments.page = min(max(arguments.page or 0, 0), MAX_PAGE)
        if arguments.sort is not None and not 0 <= arguments.sort < len(self._list_columns):
            arguments.sort = None
        arguments.search = (arguments.search or "")[:100] or None
        return arguments

    def _apply_search(self, query, count_query, joins, count_joins, search):
        model, paths = self.model, self.column_searchable_list
        query, count_query = (references.matching(each, model, paths, search) for each in (query, count_query))
        return query, count_query, joins, count_joins

    def filtered_url(self, column, value):
        """Return the address of the list narrowed to one value of a column."""
        return url_for(f"{self.endpoint}.index_view", **{f"f.{column}": value})

    def asked(self):
        """Return the filters that the address asks for."""
        return list_filters.Asked(self.list_filters, request.args, self.endpoint)

    # --- what leads here from other screens ---

    def reach(self):
        """Return the condition of the rows whose page the signed-in person may open."""
        return self.scope()

    def address_of(self, row):
        """Return the address of the page of a row."""
        return url_for(f"{self.endpoint}.details_view", id=self.get_pk_value(row))

    @expose("/ajax/lookup/")
    def ajax_lookup(self):
        """Answer with the rows that a reference field may name, twenty at most whatever is asked."""
        name, words = request.args.get("name", ""), request.args.get("query", "").strip()[:100]
        target, rows = self.lookups.get(name) or abort(404)
        found = references.found(rows(), target, words) if words else []
        return jsonify([references.written(row) for row in found])

    # --- the form: a stale one is refused, everything else is kept ---

    def scaffold_form(self):
        form = super().scaffold_form()
        form.seen_version = SeenVersion()
        return form

    def on_form_prefill(self, form, id):
        if request.method == "GET":  # a form sent back keeps the version that the person saw
            form.seen_version.data = str(self.get_one(id).version)

    def update_model(self, form, model):
        if form.seen_version.data == str(model.version):
            return self._kept(form, super().update_model(form, model))
        form.theirs = [
            (field.label.text, self.shown(model, name))
            for name, field in form._fields.items()
            if name != "seen_version" and field.data != getattr(model, name)
        ]
        form.by = audit.last_of(model)
        form.seen_version.data = str(model.version)
        form.answer_with = 409
        return False

    def create_model(self, form):
        return self._kept(form, super().create_model(form))

    def _kept(self, form, saved):
        form.answer_with = 200 if saved else 422
        return saved

    def render(self, template, **kwargs):
        """Answer 409 for a stale form, 422 for a refused one: both keep what was typed."""
        if "list_columns" in kwargs:
            kwargs |= self.list_context(kwargs["data"])
        elif "details_columns" in kwargs:
            kwargs["link_of"] = related.links(self, [kwargs["model"]], self.column_details_list)
        page, form = super().render(template, **kwargs), kwargs.get("form")
        return page, getattr(form, "answer_with", 422 if form is not None and form.errors else 200)

    def list_context(self, rows):
        """Return what the page of the list is told, besides what Flask-Admin says."""
        asked = self.asked()
        is_narrowed = bool(asked.typed or request.args.get("search"))
        return {
            "asked_filters": asked,
            "filter_args": asked.typed,
            "is_narrowed": is_narrowed,
            "link_of": related.links(self, rows, self.column_list),
            "wanting": related.wanting(self) if self.can_create and not (rows or is_narrowed) else (),
        }

    def on_model_change(self, form, model, is_created):
        """Keep the change in the audit, in the same transaction, once it is checked that the row stays in scope."""
        changes = audit.changes_of(model)
        db.session.flush()
        key = getattr(self.model, self._primary_key) == inspect(model).identity[0]
        if db.session.query(self.model).filter(self.scope(write=True), key).count() != 1:
            raise DomainError(_("Cette fiche sortirait de ce que vous gérez : choisissez un centre ou une commission que vous gérez."))
        if changes:
            audit.record("create" if is_created else "update", model, actor=current_user, changes=changes)

    def handle_view_exception(self, exc):
        """Say a sentence, log the cause; SQL and values never reach the screen."""
        if isinstance(exc, DomainError):
            flash(str(exc), "error")
            return True
        if isinstance(exc, IntegrityError):
            logger.warning("integrity error in %s: %s", self.endpoint, type(exc.orig).__name__)
            flash(_("Cette modification contredit une règle (code déjà pris, dates dans le désordre…) : rien n’a été enregistré."), "error")
            return True
        if isinstance(exc, DataError):
            flash(_("Une valeur contient un caractère ou un nombre qui ne peut pas être gardé : corrigez-la."), "error")
            return True
        if isinstance(exc, StaleDataError):
            flash(_("Quelqu’un a changé cette fiche en même temps que vous : rien n’a été écrasé. Rechargez-la."), "error")
            return True
        logger.exception("unexpected failure in %s", self.endpoint)
        flash(_("L’enregistrement a échoué ; rien n’a été changé. Réessayez, puis écrivez-nous si cela continue."), "error")
        return True

    # --- what is shown ---

    def shown(self, model, name):
        """Return a value as people read it: labels, dates in words, texts in their language."""
        return readable(self._get_field_value(model, name), closing=is_closing(name))

    @expose("/export/<export_type>/")
    def export(self, export_type):
        """Give the whole list as a file; who took what is kept in the audit first."""
        make, media_type = exports.KINDS.get(export_type) or abort(404)
        self._record_export()
        count, data = self._export_data()
        if count > self.export_max_rows:
            flash(_("Plus de %(most)s lignes : filtrez la liste avant de l’exporter.", most=self.export_max_rows), "error")
            return redirect(self.get_url(".index_view", **request.args))
        rows = [[str(self.shown(row, name)) for name, _title in self._export_columns] for row in data]
        body = make([str(title) for _name, title in self._export_columns], rows, author=str(current_user.staff_member))
        headers = {"Content-Disposition": f"attachment; filename={self.endpoint}.{export_type}", "Cache-Control": "private, no-store"}
        return Response(body, content_type=media_type, headers=headers)

    def _record_export(self):
        """Commit the audit entry in a transaction that SQLite knows will write, though the request only reads."""
        db.session.rollback()
        intent = write_intent.set(True)
        try:
            audit.record_export(self.model, actor=current_user)
            db.session.commit()
        finally:
            write_intent.reset(intent)


def readable(value, *, closing=False):
    """Return any value of a model as people read it.

    Args:
        closing: whether an instant ends something (midnight is then shown as 23 h 59 of the day before).
    """
    if value is None:
        return ""
    if value is True or value is False:
        return _("oui") if value else _("non")
    if isinstance(value, Labelled):
        return value.label
    if isinstance(value, dict):
        return formats.translated(value) if "fr" in value else " ; ".join(f"{key} : {readable(text)}" for key, text in value.items())
    if hasattr(value, "hour"):
        return formats.brief(last_minute(value) if closing else value)
    if hasattr(value, "month"):
        return formats.day(value)
    return value
