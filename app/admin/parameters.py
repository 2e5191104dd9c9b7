"""The screen of parameters: each with its explanation, unit, bounds and default; every change is audited."""

import re

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_login import current_user

from app import access, parameters
from app.admin.base import Protected
from app.enums import Functionality
from app.errors import DomainError
from app.extensions import db
from app.operations import audit


class ParametersView(Protected, BaseView):
    """One form for all; what is wrong is told and nothing of it is saved."""

    functionality = Functionality.PARAMETERS

    @expose("/", methods=["GET", "POST"])
    def index(self):
        may_write = access.can(current_user, Functionality.PARAMETERS, write=True)
        if request.method == "POST" and not may_write:
            abort(403)
        errors = _save() if request.method == "POST" else {}
        if request.method == "POST" and not errors:
            flash(_("Paramètres enregistrés."), "success")
            return redirect(url_for("parametres.index"))
        now = {code: parameters.get(code) for code in parameters.DEFINITIONS}
        page = render_template(
            "admin/gestion/parameters.html",
            definitions=parameters.DEFINITIONS.values(),
            values={code: request.form.get(code, "") for code in now} if errors else now,
            now=now,
            errors=errors,
            may_write=may_write,
            admin_view=self,
        )
        return page, 422 if errors else 200


def _save():
    """Store what the person changed (nothing else, so that two people never undo each other); return {code: fault}."""
    errors = {}
    for definition in parameters.DEFINITIONS.values():
        try:
            _store(definition)
        except DomainError as error:
            errors[definition.code] = str(error)
    if errors:
        db.session.rollback()
        parameters.forget()
    else:
        db.session.commit()
    return errors


def _store(definition):
    before, typed = parameters.get(definition.code), _typed(definition, request.form.get(definition.code))
    seen = request.form.get(f"seen-{definition.code}")
    if typed == before or str(typed) == seen:
        return
    if seen != str(before):
        raise DomainError(
            _("%(name)s : quelqu’un vient d’y mettre « %(value)s ». Vérifiez, puis recommencez.", name=definition.label, value=before)
        )
    parameters.change(definition.code, typed)
    audit.write("update", "Parameter", definition.code, actor=current_user, changes={"value": [before, typed]})


def _typed(definition, text):
    text = (text or "").strip()
    if isinstance(definition.default, bool):
        return text == "on"
    if not isinstance(definition.default, int):
        return text
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise DomainError(_("%(name)s : écrivez un nombre entier.", name=definition.label))
    return int(text)
