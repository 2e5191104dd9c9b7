"""The page that asks for an export of candidatures: which columns, which form, and why."""

from flask import abort, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import lazy_gettext as _
from flask_login import current_user

from app import access
from app.admin import acts
from app.admin.list_state import State
from app.enums import Functionality
from app.errors import DomainError
from app.extensions import db
from app.operations import asked_columns, candidature_exports, preferences, selections

WHO = ("last_name", "first_name", "number")  # shown by the list beside its columns, and what each row of a file is about


class ExportPages:
    """The pages of exports, for the view of candidatures."""

    @expose("/exporter", methods=["GET", "POST"])
    def export_page(self):
        """Show what an export of the selection would hold."""
        self._check_export()
        if request.method == "POST":
            return self._export_form(acts.spec_of(request.form))
        state = State(request.args, current_user)
        return self._export_form({"filter": {key: state.spec[key] for key in ("search", "tab", "where")}})

    @expose("/exporter/demander", methods=["POST"])
    def ask_export(self):
        """Ask a worker for the file, and go and see it being made."""
        self._check_export()
        spec, form = acts.spec_of(request.form), request.form
        try:
            chosen = {"keys": form.getlist("columns"), "form": form.get("format", ""), "reason": form.get("reason")}
            job = candidature_exports.ask(spec, actor=current_user, **chosen)
            db.session.commit()
        except selections.Foreign:
            abort(404)
        except DomainError as error:
            db.session.rollback()
            return self._export_form(spec, error=error)
        return redirect(url_for("travaux.show", public_id=job.public_id))

    def _check_export(self):
        if not access.can(current_user, Functionality.EXPORTS):
            abort(403)

    def _export_form(self, spec, error=None):
        try:
            total = selections.count(current_user, spec, right=Functionality.EXPORTS)
        except selections.Foreign:
            abort(404)
        except DomainError as refusal:
            total, error = None, error or refusal
        remembered = preferences.get(current_user, "export", {})
        ticked = request.form.getlist("columns") or remembered.get("columns") or [*WHO, *State(request.args, current_user).keys]
        every = asked_columns.every(current_user)
        in_order = sorted(every, key=lambda column: ticked.index(column.key) if column.key in ticked else len(ticked))
        groups = {}
        for column in in_order:
            groups.setdefault(str(column.group), []).append(column)
        page = render_template(
            "admin/gestion/export.html",
            total=total,
            ticked=set(ticked),
            groups=[(title, groups[title]) for title in dict.fromkeys(str(column.group) for column in every)],
            form=request.form.get("format") or remembered.get("format") or "xlsx",
            typed=request.form,
            selection=acts.fields_of(spec) if total else [],
            error=error,
            admin_view=self,
        )
        return (page, 422) if error and request.method == "POST" else page


acts.register(acts.ListAct("export", _("Exporter"), "candidature.export_page", Functionality.EXPORTS, write=False, group="export"))
