"""Accounts on screen: open, validate, sign in and out, recover, change; the same page whoever asks (trust T11)."""

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_required

from app import parameters
from app.errors import DomainError
from app.extensions import db, limiter
from app.forms.accounts import EmailForm, LoginForm, LostForm, PasswordForm, RegisterForm, ResetForm
from app.models import UserSession
from app.operations import accounts
from app.views import kept, metrics, sessions
from app.views.headers import writes
from app.views.language import current_language
from app.views.timing import evenly

blueprint = Blueprint("accounts", __name__)
PER_ADDRESS = "30 per 15 minutes"  # failures only (trust §2.3)
PER_PERSON = "5 per 15 minutes"  # failures for one account from one address


def _by_person():
    """Throttle by account and address together, so that a storm elsewhere locks nobody out (trust T10)."""
    return f"{request.remote_addr}|{(request.form.get('identifier') or '').strip().lower()[:254]}"


@blueprint.route("/compte/creer", methods=["GET", "POST"])
@limiter.limit("20 per hour", methods=["POST"], deduct_when=lambda response: response.status_code == 302)
@evenly
def register():
    """Open an account; a known address gets the same page, and a mail."""
    form = RegisterForm()
    if form.validate_on_submit():
        try:
            accounts.register(
                last_name=form.last_name.data,
                first_name=form.first_name.data,
                email=form.email.data,
                password=form.password.data,
                language=current_language(),
            )
            db.session.commit()
            session["registered"] = form.email.data
            return redirect(url_for("accounts.registered"))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    return render_template("accounts/register.html", form=form), 422 if form.errors else 200


@blueprint.get("/compte/cree")
def registered():
    return render_template("accounts/registered.html", email=session.get("registered"), days=parameters.get("ACCOUNT_VALIDATION_DAYS"))


@blueprint.get("/compte/valider/<token>")
@writes
def validate(token):
    """Follow the link of the mail; a second click is told so, not refused as an intruder."""
    try:
        user = accounts.validate(token)
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        return _dead_link(str(error), "accounts.resend", _("Recevoir un nouveau lien"))
    return render_template("accounts/validated.html", user=user)


def _dead_link(sentence, way, words):
    """Say that a link no longer serves, with the way to another one."""
    return render_template("accounts/dead_link.html", sentence=sentence, way=way, words=words), 410


@blueprint.route("/compte/renvoyer-le-lien", methods=["GET", "POST"])
@limiter.limit("10 per hour", methods=["POST"])
@evenly
def resend():
    form = EmailForm()
    if form.validate_on_submit():
        accounts.send_validation_again(form.email.data)
        db.session.commit()
        return render_template("accounts/sent.html", email=form.email.data)
    return render_template("accounts/resend.html", form=form), 422 if form.errors else 200


@blueprint.route("/connexion", methods=["GET", "POST"])
@limiter.limit(PER_ADDRESS, methods=["POST"], deduct_when=lambda response: response.status_code == 422)
@limiter.limit(PER_PERSON, key_func=_by_person, methods=["POST"], deduct_when=lambda response: response.status_code == 422)
def login():
    """Sign in by e-mail or dossier number; one answer for every failure."""
    if current_user.is_authenticated:
        return redirect(sessions.safe_next(request.args.get("next")))
    form = LoginForm()
    if form.validate_on_submit():
        user = accounts.sign_in(form.identifier.data, form.password.data)
        if user is not None and not _lacks_second_factor(user):
            return _enter(user, form.kept.data)
        metrics.refused_sign_ins.inc()
        form.form_errors.append(_refusal(user))
    return render_template("accounts/login.html", form=form), 422 if form.errors else 200


def _enter(user, sealed):
    """Open the session and go on, first of all with what an expired one had left unsent."""
    sessions.open_session(user)
    db.session.commit()
    return kept.offered(sealed, user) or redirect(sessions.safe_next(request.args.get("next")))


def _refusal(user):
    """Return the one sentence of every failure; who gave the right password may know what else is asked."""
    if user is not None:
        return _("Un second facteur est demandé aux comptes du personnel, et le vôtre n’en a pas : écrivez à l’administrateur.")
    return _(
        "Adresse, numéro de dossier ou mot de passe inconnu, ou compte pas encore validé. Vérifiez votre saisie ; vous pouvez aussi demander un nouveau lien ci-dessous."
    )


def _lacks_second_factor(user):
    """Whether a staff account must be kept out: no screen checks a second factor yet, so none is trusted (domain D24)."""
    return user.staff_member is not None and not parameters.get("SECOND_FACTOR_NOT_ASKED")


@blueprint.post("/deconnexion")
def logout():
    sessions.close_session()
    db.session.commit()
    flash(_("Vous êtes déconnecté."), "success")
    response = redirect(url_for("pages.home"))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@blueprint.route("/compte/identifiants-perdus", methods=["GET", "POST"])
@limiter.limit("10 per hour", methods=["POST"])
@evenly
def lost():
    form = LostForm()
    if form.validate_on_submit():
        accounts.send_identifiers(form.identifier.data)
        db.session.commit()
        return render_template("accounts/sent.html", email=None)
    return render_template("accounts/lost.html", form=form), 422 if form.errors else 200


@blueprint.route("/compte/nouveau-mot-de-passe/<token>", methods=["GET", "POST"])
def reset(token):
    if not accounts.token_is_live(token, "reset"):
        sentence = _("Ce lien n’est plus valable : demandez-en un autre avec « Identifiants perdus ».")
        return _dead_link(sentence, "accounts.lost", _("Identifiants perdus"))
    form = ResetForm()
    if form.validate_on_submit():
        try:
            accounts.reset_password(token, form.password.data)
            db.session.commit()
            flash(_("Votre mot de passe est changé : connectez-vous."), "success")
            return redirect(url_for("accounts.login"))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    return render_template("accounts/reset.html", form=form), 422 if form.errors else 200


@blueprint.get("/mon-compte")
@login_required
def mine():
    return _mine()


def _mine(**forms):
    forms = {"email_form": EmailForm(formdata=None), "password_form": _password_form(formdata=None), **forms}
    return render_template("accounts/mine.html", **forms, sessions=sessions.live_sessions(current_user), current=sessions.current_session())


def _password_form(**kwargs):
    """Return the form that changes a password; nobody is asked for a password that the account does not have."""
    form = PasswordForm(**kwargs)
    if current_user.password is None:
        del form.current
    return form


@blueprint.post("/mon-compte/courriel")
@login_required
@limiter.limit("10 per hour")
def change_email():
    form = EmailForm()
    if form.validate_on_submit():
        try:
            accounts.ask_email_change(current_user, form.email.data)
            db.session.commit()
            flash(
                _(
                    "Un lien vient de partir à %(email)s. Votre adresse actuelle reste valable jusqu’à ce que vous le suiviez.",
                    email=form.email.data,
                ),
                "success",
            )
            return redirect(url_for("accounts.mine"))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    return _mine(email_form=form), 422


@blueprint.get("/mon-compte/courriel/<token>")
@writes
def confirm_email(token):
    try:
        accounts.confirm_email(token)
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        return _dead_link(str(error), "accounts.mine", _("Mon compte"))
    flash(_("Votre nouvelle adresse est enregistrée."), "success")
    return redirect(url_for("accounts.mine"))


@blueprint.post("/mon-compte/mot-de-passe")
@login_required
@limiter.limit("10 per hour")
def change_password():
    form = _password_form()
    if form.validate_on_submit():
        try:
            current = form.current.data if "current" in form else None
            accounts.change_password(current_user, current, form.password.data, keep=sessions.current_session())
            db.session.commit()
            flash(_("Votre mot de passe est changé ; vos autres connexions sont fermées."), "success")
            return redirect(url_for("accounts.mine"))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    return _mine(password_form=form), 422


@blueprint.post("/mon-compte/sessions/<public_id>/fermer")
@login_required
def end_session(public_id):
    row = db.session.scalar(db.select(UserSession).where(UserSession.public_id == public_id, UserSession.user_id == current_user.id))
    if row is None:
        abort(404)
    row.ended_at = row.ended_at or sessions.clock.now()
    db.session.commit()
    flash(_("Cette connexion est fermée."), "success")
    return redirect(url_for("accounts.mine"))
