"""The students' door: out to the university's sign-on, back with an identity, and the first time an account."""

import secrets

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import BooleanField, EmailField, PasswordField
from wtforms.validators import InputRequired, Optional

from app import identity
from app.errors import DomainError
from app.extensions import db, limiter
from app.forms.accounts import ADDRESS, REQUIRED, SECRET
from app.forms.fields import PageForm
from app.operations import accounts, students
from app.sis import student_system
from app.views import sessions
from app.views.headers import writes
from app.views.language import current_language
from app.views.timing import evenly

blueprint = Blueprint("signon", __name__, url_prefix="/connexion/universite")


class StudentForm(PageForm):
    email = EmailField("", [REQUIRED, ADDRESS], render_kw={"autocomplete": "email"})
    password = PasswordField("", [Optional(), SECRET], render_kw={"autocomplete": "new-password"})
    certified = BooleanField("", [InputRequired(lazy_gettext("Cochez cette case pour continuer."))])


def _provider():
    return identity.provider() or abort(404)


@blueprint.get("")
def start():
    """Send the person to the sign-on, bound to this browser by a state."""
    session["signon_state"] = secrets.token_urlsafe(16)
    session["signon_next"] = request.args.get("next", "")[:500]
    return redirect(_provider().login_url(session["signon_state"]))


@blueprint.get("/retour")
@limiter.limit("60 per 15 minutes")
@writes
def back():
    """Read who came back: sign in, or open an account the first time."""
    try:
        found = _provider().identify(request.args, session.pop("signon_state", None))
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("accounts.login"))
    user = students.user_of(found)
    if user is None:
        session["signon"] = [found.provider, found.subject, found.sis_number]
        return redirect(url_for("signon.complete"))
    if user.confirmed_at is None:
        flash(_("Votre compte n’est pas encore validé : suivez le lien reçu par courriel, ou demandez-en un autre ci-dessous."), "error")
        return redirect(url_for("accounts.login"))
    if not accounts.may_enter(user):
        flash(_("Ce compte est fermé : écrivez-nous si c’est une erreur."), "error")
        return redirect(url_for("accounts.login"))
    target = session.get("signon_next")
    sessions.open_session(user)
    db.session.commit()
    return redirect(sessions.safe_next(target))


@blueprint.route("/compte", methods=["GET", "POST"])
@evenly
def complete():
    """Show what the student system knows, have it certified, open the account."""
    if "signon" not in session:
        return redirect(url_for("signon.start"))
    found = identity.ExternalIdentity(*session["signon"])
    record = student_system().find(found.sis_number) or abort(404)
    form = StudentForm(email=record.email)
    form.email.label.text, form.email.description = (
        _("Adresse électronique"),
        _("Celle que vous lisez souvent : le lien de validation y arrive."),
    )
    form.password.label.text, form.password.description = (
        _("Mot de passe"),
        _("Pour vous connecter aussi sans le compte universitaire. Au moins 12 caractères."),
    )
    form.certified.label.text = _("Ces informations sont bien les miennes")
    if form.validate_on_submit():
        try:
            students.open_account(found, record, email=form.email.data, language=current_language(), password=form.password.data)
            db.session.commit()
            session.pop("signon")
            session["registered"] = form.email.data
            return redirect(url_for("accounts.registered"))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    return render_template("signon/complete.html", form=form, record=record), 422 if form.errors else 200


@blueprint.app_context_processor
def _flags():
    return {"has_sign_on": lambda: identity.provider() is not None}
