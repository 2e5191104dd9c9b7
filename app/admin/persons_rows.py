"""The lines of somebody's profile as staff adds, corrects and removes them: external studies, internships, experiences."""

from flask import abort, flash, redirect, render_template, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user

from app.admin.carrying import carried_out, carry_out
from app.admin.persons_acts import code_of, seen_version, values_of
from app.errors import DomainError
from app.forms.profile import STEP_FORMS
from app.operations import on_behalf, profiles

LISTS = {
    "cursus-externe": lazy_gettext("Cursus externe"),
    "stages": lazy_gettext("Stages"),
    "experiences": lazy_gettext("Expériences professionnelles"),
}


class PersonRows:
    """The pages and posts of `PersonView` about the steps that hold several lines."""

    @expose("/<dossier_number>/lignes/<step>", methods=["GET"])
    def rows(self, dossier_number, step):
        """Show the lines of a step, each with what can be done of it."""
        person = self._of_list(dossier_number, step)
        context = {"person": person, "step": step, "title": LISTS[step], "rows": getattr(person, profiles.LISTS[step]), "admin_view": self}
        return render_template("admin/gestion/person_rows.html", **context)

    @expose("/<dossier_number>/lignes/<step>/ajouter", methods=["GET", "POST"])
    def add_row(self, dossier_number, step):
        """Add a line."""
        return self._row(self._of_list(dossier_number, step), step, None)

    @expose("/<dossier_number>/lignes/<step>/<int:row_id>", methods=["GET", "POST"])
    def edit_row(self, dossier_number, step, row_id):
        """Correct a line."""
        person = self._of_list(dossier_number, step)
        return self._row(person, step, profiles.row_of(person, step, row_id) or abort(404))

    @expose("/<dossier_number>/lignes/<step>/<int:row_id>/retirer", methods=["POST"])
    def remove_row(self, dossier_number, step, row_id):
        """Remove a line, as it was shown."""
        person = self._of_list(dossier_number, step)
        row = profiles.row_of(person, step, row_id) or abort(404)
        seen = seen_version()
        carry_out(lambda: on_behalf.remove_row(person, step, row, actor=current_user, seen_version=seen), _("Ligne retirée."))
        return redirect(url_for(".rows", dossier_number=dossier_number, step=step))

    def _of_list(self, dossier_number, step):
        if step not in LISTS:
            abort(404)
        return self._one(dossier_number, write=True)

    def _row(self, person, step, row):
        form, error, number = STEP_FORMS[step](obj=row), None, person.dossier_number
        if form.validate_on_submit():
            try:
                seen = seen_version() if row is not None else None
                with carried_out():
                    on_behalf.save_row(person, step, values_of(form), row, actor=current_user, seen_version=seen)
                flash(_("Profil enregistré."), "success")
                return redirect(url_for(".rows", dossier_number=number, step=step))
            except DomainError as refusal:
                error = refusal
                form.refuse(refusal)
                person = self._one(number, write=True)
        back = url_for(".rows", dossier_number=number, step=step)
        context = {
            "person": person,
            "step": step,
            "title": (
                _("%(list)s : ajouter une ligne", list=LISTS[step]) if row is None else _("%(list)s : corriger une ligne", list=LISTS[step])
            ),
            "form": form,
            "locked": (),
            "seen": row,
            "back": back,
            "admin_view": self,
        }
        return render_template("admin/gestion/person_step.html", **context), code_of(form, error)
