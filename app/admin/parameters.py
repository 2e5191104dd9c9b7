"""The screen of parameters: each with its explanation, unit, bounds and default; every change is audited."""

import re

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select

from app import access, parameters
from app.admin.base import Protected
from app.enums import Functionality
from app.errors import DomainError
from app.extensions import db
from app.models import AuditEntry
from app.operations import audit
from app.search_text import normalised


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
            return redirect(url_for("parametres.index", q=request.args.get("q") or None))
        now = {code: parameters.get(code) for code in parameters.DEFINITIONS}
        page = render_template(
            "admin/gestion/parameters.html",
            themes=_asked(request.args.get("q", "")[:100]),
            values={code: request.form.get(code, "") for code in now} if errors else now,
            now=now,
            last=_last_changes(),
            errors=errors,
            may_write=may_write,
            admin_view=self,
        )
        return page, 422 if errors else 200

    @expose("/defaut", methods=["POST"])
    def reset(self):
        """Give one parameter its default again."""
        definition = parameters.DEFINITIONS.get(request.form.get("code")) or abort(404)
        if not access.can(current_user, Functionality.PARAMETERS, write=True):
            abort(403)
        _change(definition, definition.default)
        db.session.commit()
        flash(_("« %(name)s » a de nouveau sa valeur par défaut.", name=definition.label), "success")
        return redirect(url_for("parametres.index", q=request.form.get("q") or None, _anchor=definition.code))


def _asked(text):
    """Return [(theme, definitions)] of the parameters whose words hold every word of a text."""
    words, found = normalised(text).split(), []
    for title, codes in parameters.THEMES:
        of_theme = [parameters.DEFINITIONS[code] for code in codes]
        said = {d.code: normalised(f"{title} {d.label} {d.help} {d.code}") for d in of_theme}
        kept = [d for d in of_theme if all(word in said[d.code] for word in words)]
        if kept:
            found.append((title, kept))
    return found


def _last_changes():
    """Return {code: the last entry of the journal about it}."""
    last = select(func.max(AuditEntry.id)).where(AuditEntry.entity == "Parameter").group_by(AuditEntry.entity_id)
    return {entry.entity_id: entry for entry in db.session.scalars(select(AuditEntry).where(AuditEntry.id.in_(last)))}


def _save():
    """Store what the person changed (nothing else, so that two people never undo each other); return {code: fault}."""
    errors = {}
    for definition in parameters.DEFINITIONS.values():
        if f"seen-{definition.code}" not in request.form:  # the page was narrowed to others
            continue
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
    _change(definition, typed)


def _change(definition, value):
    before = parameters.get(definition.code)
    if value != before:
        parameters.change(definition.code, value)
        audit.write("update", "Parameter", definition.code, actor=current_user, changes={"value": [before, value]})


def _typed(definition, text):
    text = (text or "").strip()
    if isinstance(definition.default, bool):
        return text == "on"
    if not isinstance(definition.default, int):
        return text
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise DomainError(_("%(name)s : écrivez un nombre entier.", name=definition.label))
    return int(text)
