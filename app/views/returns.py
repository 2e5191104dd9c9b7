"""Where the site of an external form sends the candidate back: the form is filled, whatever browser says it."""

from flask import Blueprint, render_template

from app.errors import DomainError
from app.extensions import db, limiter
from app.operations import external_forms
from app.views.headers import writes

blueprint = Blueprint("returns", __name__, url_prefix="/formulaires/retour")


@blueprint.get("/<token>")
@limiter.limit("60 per hour", deduct_when=lambda response: response.status_code == 404)
@writes
def take(token):
    """Take a signed return; the page names nobody: another person may sit at this screen."""
    try:
        candidature, form = external_forms.returned(token)
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        return render_template("answers/returned.html", refusal=error), 404
    return render_template("answers/returned.html", candidature=candidature, form=form)
