"""The demonstration's sign-on page: three invented students to choose from (never in production)."""

from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, render_template, request, url_for

from app import identity
from app.sis import student_system

blueprint = Blueprint("demonstration_identity", __name__, url_prefix="/demonstration/identite")


def _provider():
    provider = identity.provider()
    return provider if provider is not None and provider.name == "demo" else abort(404)


@blueprint.get("")
def choose():
    """List the students."""
    _provider()
    return render_template("demonstration/identity.html", students=student_system().all(), state=request.args.get("state", "")[:100])


@blueprint.post("")
def sign():
    """Sign a ticket for the one chosen and go back."""
    provider = _provider()
    number = request.form.get("number", "")
    if student_system().find(number) is None:
        abort(404)
    ticket = provider.ticket(number, request.form.get("state", "")[:100])
    return redirect(f"{url_for('signon.back')}?{urlencode({'ticket': ticket})}")
