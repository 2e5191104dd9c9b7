"""The pages that anybody reads: home, help, legal texts, the institution's colours, and the choice of language."""

import re

from flask import Blueprint, Response, redirect, render_template, request, session
from flask_login import current_user

from app import clock, parameters, queries, transitions
from app.extensions import db
from app.views.language import LANGUAGES
from app.views.sessions import safe_next

blueprint = Blueprint("pages", __name__)


@blueprint.get("/")
def home():
    """Say what the service is, what is open, and where to begin."""
    campaign = queries.running_campaign()
    return render_template("pages/home.html", campaign=campaign, open_count=queries.open_offering_count(campaign, clock.now()))


@blueprint.get("/aide")
def help():
    """The candidate's guide, with the path of a dossier drawn from the table of transitions."""
    return render_template("pages/help.html", transitions=transitions.TRANSITIONS.values())


@blueprint.get("/aide/questions")
def faq():
    return render_template("pages/faq.html")


@blueprint.get("/contact")
def contact():
    return render_template("pages/contact.html")


@blueprint.get("/mentions-legales")
def legal():
    return render_template("pages/legal.html")


@blueprint.get("/accessibilite")
def accessibility():
    return render_template("pages/accessibility.html")


@blueprint.get("/donnees-personnelles")
def privacy():
    return render_template("pages/privacy.html")


@blueprint.post("/langue")
def language():
    """Keep the language chosen, for this browser and, when signed in, for mails and letters."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
        if current_user.is_authenticated:
            current_user.language = chosen
            db.session.commit()
    return redirect(safe_next(request.form.get("next")))


@blueprint.get("/theme.css")
def theme():
    """The institution's colour as CSS variables; a value that is no colour is left out."""
    colour = parameters.get("INSTITUTION_COLOUR")
    css = f":root{{--brand:{colour}}}" if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else ""
    return Response(css, mimetype="text/css", headers={"Cache-Control": "public, max-age=300"})
