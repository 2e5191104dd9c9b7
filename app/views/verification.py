"""Anybody who is shown a letter verifies it here: what it is, from whom, whether it still holds; nothing of its person."""

from flask import Blueprint, abort, redirect, render_template, request, url_for

from app.extensions import db, limiter
from app.models import Letter
from app.notifications import letter_pages, letters

blueprint = Blueprint("verification", __name__, url_prefix="/verification")
MAXIMUM = 300  # characters that may be typed: a code, or the whole address


@blueprint.get("")
def index():
    """Ask for the code of a letter."""
    code = request.args.get("code", "").strip()[:MAXIMUM].rstrip("/").rpartition("/")[2]
    if code:
        return redirect(url_for("verification.show", public_id=code))
    return render_template("verification/index.html")


@blueprint.get("/<public_id>")
@limiter.limit("60 per hour", deduct_when=lambda response: response.status_code == 404)
def show(public_id):
    """Say what a letter is and whether it still holds; an unknown code is a 404, counted so that nobody tries them all."""
    letter = db.session.scalar(letter_pages.whole().where(Letter.public_id == public_id, Letter.storage_key.is_not(None)))
    if letter is None:
        abort(404)
    return render_template("verification/show.html", letter=letter, stands=letters.stands(letter))
