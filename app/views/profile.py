"""The profile, step by step, in any order after identity; what is typed is kept even when something is wrong."""

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user

from app import queries
from app.errors import DomainError
from app.extensions import db
from app.forms.profile import STEP_FORMS
from app.operations import on_behalf, profiles
from app.views.guards import candidate_required

blueprint = Blueprint("profile", __name__, url_prefix="/profil")
TITLES = {
    "identite": lazy_gettext("Identité"),
    "adresse": lazy_gettext("Adresse"),
    "baccalaureat": lazy_gettext("Baccalauréat"),
    "cursus-interne": lazy_gettext("Cursus interne"),
    "cursus-externe": lazy_gettext("Cursus externe"),
    "stages": lazy_gettext("Stages"),
    "experiences": lazy_gettext("Expériences professionnelles"),
}
SINGLE = {"identite": None, "adresse": "address", "baccalaureat": "baccalaureat"}
SAVE = {"identite": profiles.save_identity, "adresse": profiles.save_address, "baccalaureat": profiles.save_baccalaureat}


@blueprint.get("")
@candidate_required
def show():
    """List the steps with what is done, to do, or optional."""
    candidate = current_user.candidate
    corrections = on_behalf.corrections(candidate)
    return render_template("profile/show.html", titles=TITLES, progress=profiles.progress(candidate), corrections=corrections)


@blueprint.route("/<step>", methods=["GET", "POST"])
@candidate_required
def step(step):
    """Show and save one step; the list steps show their lines."""
    if step not in TITLES:
        abort(404)
    if step == "cursus-interne":
        return _page("profile/internal.html", step)
    if step in profiles.LISTS:
        return _page("profile/list.html", step, rows=getattr(current_user.candidate, profiles.LISTS[step]))
    return _single(step)


def _single(step):
    candidate = current_user.candidate
    row = candidate if SINGLE[step] is None else getattr(candidate, SINGLE[step])
    form = STEP_FORMS[step](obj=row)
    _unlock(form, candidate, step)
    _fill_communes(form)
    if request.method == "POST" and "look_up" in request.form:
        return _page("profile/step.html", step, form=form)
    if form.validate_on_submit():
        try:
            was_incomplete = bool(profiles.missing(candidate))
            SAVE[step](candidate, _values(form))
            campaign = queries.running_campaign()
            if campaign is not None and was_incomplete and not profiles.missing(candidate):
                profiles.confirm(candidate, campaign.id)  # just filled: it is not asked again
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
            _ask_again(form, error)
        else:
            if "autosave" in request.form:
                return {"saved": True}
            flash(_("Enregistré."), "success")
            return redirect(url_for("profile.step", step=_next(step)))
    return _page("profile/step.html", step, form=form), 422 if form.errors else 200


def _ask_again(form, error):
    """Let the same birth date, sent a second time, say that it was checked."""
    if error.field == "birth_on" and form.birth_on.data is not None:
        form.birth_repeated.data = form.birth_on.data.isoformat()


def _values(form):
    return {name: (value or None if isinstance(value, str) else value) for name, value in form.data.items() if name != "csrf_token"}


def _unlock(form, candidate, step):
    """Ask nothing for what the registry locks: the browser does not send it, nor would it be taken."""
    for field in form:
        if step == "identite" and profiles.is_locked(candidate, field.name):
            field.validators = ()
            field.flags.required = False
            field.data = getattr(candidate, field.name)


def _fill_communes(form):
    if "commune_code" in form:
        form.commune_code.choices = [("", _("Choisir…")), *((c.code, c.name) for c in profiles.communes_of(form.postal_code.data or ""))]


def _page(template, step, **context):
    names = list(TITLES)
    number = names.index(step) + 1
    candidate = current_user.candidate
    return render_template(
        template,
        step=step,
        title=TITLES[step],
        number=number,
        total=len(names),
        candidate=candidate,
        is_locked=profiles.is_locked,
        following=TITLES[names[number]] if number < len(names) else None,
        following_step=names[number] if number < len(names) else None,
        **context,
    )


def _next(step):
    names = list(TITLES)
    return names[names.index(step) + 1]


@blueprint.route("/<step>/ajouter", methods=["GET", "POST"])
@candidate_required
def add(step):
    """Add a line to a list step."""
    return _row(step, None)


@blueprint.route("/<step>/<int:row_id>", methods=["GET", "POST"])
@candidate_required
def edit(step, row_id):
    """Change one line of a list step."""
    return _row(step, _own_row(step, row_id))


def _own_row(step, row_id):
    row = profiles.row_of(current_user.candidate, step, row_id) if step in profiles.LISTS else None
    if row is None:
        abort(404)
    return row


def _row(step, row):
    if step not in profiles.LISTS:
        abort(404)
    form = STEP_FORMS[step](obj=row)
    if form.validate_on_submit():
        try:
            profiles.save_row(current_user.candidate, step, _values(form), row)
            db.session.commit()
            flash(_("Enregistré."), "success")
            return redirect(url_for("profile.step", step=step))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    return _page("profile/step.html", step, form=form), 422 if form.errors else 200


@blueprint.post("/<step>/<int:row_id>/retirer")
@candidate_required
def remove(step, row_id):
    """Remove one line of a list step."""
    profiles.remove_row(current_user.candidate, step, _own_row(step, row_id))
    db.session.commit()
    flash(_("Ligne retirée."), "success")
    return redirect(url_for("profile.step", step=step))


@blueprint.get("/communes")
def communes():
    """Return the communes of a postal code as [code, name] pairs."""
    code = request.args.get("code", "")[:12]
    return jsonify([[commune.code, commune.name] for commune in profiles.communes_of(code)])
