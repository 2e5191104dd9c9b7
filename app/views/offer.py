"""The offer, open to everybody: the tree with its live filter, and a page for each formation."""

from functools import cache

from flask import Blueprint, abort, make_response, render_template, request
from flask_babel import gettext as _

from app import audiences, clock, formats, queries
from app.operations import offer
from app.search_text import MAX_LENGTH

blueprint = Blueprint("offer", __name__, url_prefix="/offre")


@blueprint.get("")
def tree():
    """Show the tree; htmx asks for a fragment alone."""
    return render_tree("offer/tree.html", is_choosing=False)


def render_tree(page, *, is_choosing):
    """Answer with a page that holds the tree, with the tree alone while typing, or with one centre being unfolded.

    Args:
        page: template of the whole page.
        is_choosing: whether a click on an open formation begins a candidature, instead of showing its page.
    """
    campaign, is_fragment = queries.running_campaign(), "HX-Request" in request.headers
    text, centre_id = request.args.get("q", "")[:MAX_LENGTH], request.args.get("centre", type=int)
    found = offer.tree(campaign, clock.now(), text, centre_id=centre_id)
    why = cache(why_closed)  # hundreds of lines share a few dates
    context = {"campaign": campaign, "tree": found, "q": text, "centre_id": centre_id, "is_choosing": is_choosing, "why": why}
    if is_fragment:
        page = "offer/_tree.html" if centre_id is None else "offer/_branch.html"
    response = make_response(render_template(page, is_fragment=is_fragment, **context))
    response.vary.add("HX-Request")
    return response


@blueprint.get("/<code>")
def formation(code):
    """Show a formation: dates, pieces asked and why, contact, seats."""
    offering = queries.offering_of(code, queries.running_campaign())
    if offering is None:
        abort(404)
    state, at = offer.state_of(offering, clock.now())
    return render_template(
        "offer/formation.html",
        offering=offering,
        formation=offering.formation,
        pieces=queries.required_pieces(offering, track=offering.formation.initial_track),
        forms=queries.required_forms(offering),
        audience=audiences.words,
        state=state,
        why=why_closed(state, at),
    )


def why_closed(state, at):
    """Say until when a formation can be chosen, or why it cannot and when it could."""
    if state == "open":
        return _("Ouverte jusqu’au %(at)s", at=formats.deadline(at))
    if state == "not_yet":
        return _("Pas encore ouverte : à partir du %(at)s", at=formats.instant(at))
    if state == "closed":
        return _("Close depuis le %(at)s", at=formats.deadline(at))
    return _("Non proposée dans cette campagne")
