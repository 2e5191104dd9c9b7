"""Complementary forms on screen: native ones saved as they are typed, external ones opened at their address."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import formats, queries
from app.enums import FieldKind, ResponseState
from app.errors import DomainError
from app.extensions import db
from app.forms import typed_answers as typed_in
from app.models import Candidature
from app.operations import answers, conditions, external_forms, pieces, typed_answers
from app.views.guards import candidate_required, own_or_404

blueprint = Blueprint("answers", __name__, url_prefix="/candidatures/<public_id>/formulaires")


def _line(public_id, form_id):
    candidature = own_or_404(Candidature, public_id, select_from=queries.whole())
    line = answers.line_of(candidature, form_id)
    if line is None:
        abort(404)
    return candidature, line


def _asks_files(fields):
    return any(field.kind == FieldKind.FILE for field in fields)


def _questions(line):
    fields = answers.reached(line)
    return fields if fields is not None else abort(404)


@blueprint.route("/<int:form_id>", methods=["GET", "POST"])
@candidate_required
def fill(public_id, form_id):
    """Show a form and keep what is typed; "autosave" answers briefly and never refuses."""
    candidature, line = _line(public_id, form_id)
    if line.form.url:
        url = external_forms.address(line.form, candidature)
        is_told = external_forms.is_told_by_its_site(line.form)
        return render_template("answers/external.html", candidature=candidature, line=line, url=url, is_told=is_told)
    fields = _questions(line)
    values = {answer.form_field.key: typed_answers.raw(answer) for answer in line.response.answers} if line.response else {}
    errors, refusal = {}, None
    if request.method == "POST":
        values = typed_in.read(fields, request.form)
        try:
            errors = answers.save(candidature, line.form, values, actor=current_user, complete="complete" in request.form)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            refusal = error
            candidature, line = _line(public_id, form_id)
            fields = _questions(line)
        if "autosave" in request.form:
            return _autosaved(fields, errors, refusal)
        if not errors and refusal is None:
            flash(_("Formulaire enregistré."), "success")
            return redirect(url_for("candidatures.show", public_id=public_id) + f"#form-{form_id}")
    asked = conditions.asked(fields, conditions.as_answered(fields, values))
    files = {piece.required.piece_type_id: piece for piece in pieces.lines(candidature)} if _asks_files(fields) else {}
    shown = {"files": files, "fields": fields, "asked": asked, "hints": conditions.hints(fields), "values": values, "errors": errors}
    page = render_template("answers/fill.html", candidature=candidature, line=line, refusal=refusal, **shown)
    return page, 422 if errors or refusal else 200


def _autosaved(fields, errors, refusal):
    """Say what became of an autosave: what cannot be read is not kept, and the person is told which answer it is."""
    if refusal is not None:
        return {"saved": False, "said": str(refusal)}, 409
    for field in fields:
        if field.key in errors and request.form.get(field.key, "").strip():
            said = _("Enregistré, sauf « %(label)s » : %(sentence)s", label=formats.translated(field.label), sentence=errors[field.key])
            return {"saved": False, "said": said}, 422
    return {"saved": True}


@blueprint.post("/<int:form_id>/etat")
@candidate_required
def set_state(public_id, form_id):
    """Say that a conditional form does not concern one, or that an external one is filled."""
    candidature, line = _line(public_id, form_id)
    wanted = request.form.get("state")
    if wanted not in ResponseState.__members__:
        abort(400)
    try:
        if wanted == ResponseState.COMPLETED:
            external_forms.check_declared(line.form)
        answers.set_state(candidature, line.form, ResponseState(wanted), actor=current_user)
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        flash(str(error), "error")
    return redirect(url_for("candidatures.show", public_id=public_id) + f"#form-{form_id}")
