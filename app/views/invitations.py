"""The link of an invitation: a person of the staff, or a jury member from elsewhere, chooses a password and the account opens."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from app.errors import DomainError
from app.extensions import db
from app.forms.accounts import ResetForm
from app.operations import accounts, staff

blueprint = Blueprint("invitations", __name__)


@blueprint.route("/compte/invitation/<token>", methods=["GET", "POST"])
def accept(token):
    """Ask for the password that opens the account; a dead link says to whom to write."""
    if not accounts.token_is_live(token, "invite"):
        sentence = _("Ce lien n’est plus valable : demandez à la personne qui vous a invité de vous en envoyer un autre.")
        return render_template("accounts/dead_link.html", sentence=sentence, way="pages.contact", words=_("Contact")), 410
    form = ResetForm()
    form.password.description = _("Au moins 15 caractères. Plusieurs mots à la suite font un bon mot de passe.")
    if form.validate_on_submit():
        try:
            staff.accept(token, form.password.data)
            db.session.commit()
            flash(_("Votre compte est ouvert : connectez-vous avec votre adresse électronique."), "success")
            return redirect(url_for("accounts.login"))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    return render_template("accounts/invitation.html", form=form), 422 if form.errors else 200
