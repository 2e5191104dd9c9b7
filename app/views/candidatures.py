"""A candidate's candidatures: list, creation, page, transmission, receipt, answer, cancellation."""

import secrets

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app import clock, deadlines, documents, queries, stories, workflow
from app.enums import Outcome, ReasonKind
from app.errors import DomainError, Missing
from app.extensions import db
from app.models import Candidature, DecisionReason
from app.notifications import letters
from app.operations import answers, candidatures, photographs, pieces, profiles
from app.views import status
from app.views.guards import candidate_required, own_or_404
from app.views.offer import render_tree

blueprint = Blueprint("candidatures", __name__, url_prefix="/candidatures")


def new_key():
    """Return a command key: the same form sent twice is done once (trust R6)."""
    return secrets.token_urlsafe(16)


def _key():
    return (request.form.get("command_key") or "")[:64] or None


@blueprint.get("")
@candidate_required
def mine():
    """List one's candidatures with who must act and before when."""
    rows = queries.candidatures_of(current_user.candidate)
    return render_template("candidatures/mine.html", rows=[(row, status.of(row, clock.now())) for row in rows])


@blueprint.get("/nouvelle")
@candidate_required
def new():
    """Show the tree to choose from."""
    return render_tree("candidatures/new.html", is_choosing=True)


@blueprint.route("/nouvelle/<code>", methods=["GET", "POST"])
@candidate_required
def create(code):
    """Confirm, then create; a second confirmation finds the same candidature."""
    offering = queries.offering_of(code, queries.running_campaign())
    if offering is None:
        abort(404)
    error = None
    if request.method == "POST":
        try:
            candidature = candidatures.create(
                current_user.candidate, offering, actor=current_user, confirms_profile=request.form.get("profile_confirmed") == "1"
            )
            db.session.commit()
            flash(_("Candidature créée. Déposez vos pièces, puis transmettez."), "success")
            return redirect(url_for("candidatures.show", public_id=candidature.public_id))
        except DomainError as refusal:
            db.session.rollback()
            error = refusal
            offering = queries.offering_of(code, queries.running_campaign())
    is_carried_over = profiles.is_carried_over(current_user.candidate, offering.campaign_id)
    page = render_template("candidatures/create.html", offering=offering, error=error, is_carried_over=is_carried_over)
    return page, 422 if error else 200


@blueprint.get("/<public_id>")
@candidate_required
def show(public_id):
    """Show one candidature whole."""
    return page(_own(public_id))


def _own(public_id):
    return own_or_404(Candidature, public_id, select_from=queries.whole())


def page(candidature, error=None, code=200, *, refused_piece=None):
    """Show a candidature whole, with what was just refused; `refused_piece` numbers the piece that the refusal is about."""
    now = clock.now()
    lines, forms = pieces.lines(candidature), answers.lines(candidature)
    body = render_template(
        "candidatures/show.html",
        candidature=candidature,
        status=status.of(candidature, now),
        pieces=lines,
        forms=forms,
        names={("piece", line.required.piece_type.code): line.name for line in lines}
        | {("form", line.form.code): line.name for line in forms},
        gaps=candidatures.missing(candidature),
        acts={act.name for act in workflow.available(candidature, current_user, now)},
        events=queries.timeline(candidature),
        error=error,
        deadlines=deadlines,
        is_checking=any(line.version and line.version.check_state.value in ("RECEIVED", "CHECKING") for line in lines),
        is_editable=_is_editable(candidature, now),
        story=stories.story,
        has_letter=letters.is_given(candidature),
        refused_piece=refused_piece,
        limit=pieces.file_limit(),
        photographs_max=photographs.MOST,
    )
    return body, code


def _is_editable(candidature, now):
    try:
        answers.check_editable(candidature, current_user, now)
    except DomainError:
        return False
    return True


@blueprint.route("/<public_id>/transmettre", methods=["GET", "POST"])
@candidate_required
def transmit(public_id):
    """Say what happens next, then transmit once however often the button is pressed."""
    candidature = _own(public_id)
    if request.method == "GET":
        refusal = workflow.refusal("transmit", candidature, current_user)
        return render_template(
            "candidatures/transmit.html",
            candidature=candidature,
            gaps=candidatures.missing(candidature),
            refusal=refusal,
            key=new_key(),
            lines=pieces.lines(candidature),
        )
    try:
        transmission = candidatures.transmit(candidature, actor=current_user, command_key=_key())
        db.session.commit()
    except Missing as error:
        db.session.rollback()
        return page(_own(public_id), error, 422)
    except DomainError as error:
        db.session.rollback()
        return _already_or(error, public_id)
    return redirect(url_for("candidatures.receipt", public_id=public_id, number=transmission.number))


def _already_or(error, public_id):
    """Show the receipt to somebody who presses again after a transmission that went well."""
    candidature = _own(public_id)
    if candidature.transmissions and candidature.file_status.value in ("RECEIVED", "COMPLETE"):
        return redirect(url_for("candidatures.receipt", public_id=public_id, number=candidature.transmissions[-1].number))
    return page(candidature, error, 409)


def _own_transmission(public_id, number):
    candidature = _own(public_id)
    transmission = next((row for row in candidature.transmissions if row.number == number), None)
    if transmission is None:
        abort(404)
    return candidature, transmission


@blueprint.get("/<public_id>/recu/<int:number>")
@candidate_required
def receipt(public_id, number):
    """Show the acknowledgement of receipt."""
    candidature, transmission = _own_transmission(public_id, number)
    return render_template(
        "candidatures/receipt.html", candidature=candidature, transmission=transmission, contact=deadlines.contact_of(candidature)
    )


@blueprint.get("/<public_id>/recu/<int:number>.pdf")
@candidate_required
def receipt_pdf(public_id, number):
    """Give the acknowledgement of receipt as a PDF."""
    _candidature, transmission = _own_transmission(public_id, number)
    name, media_type, data = documents.attachment(f"receipt:{transmission.id}", current_user.language, let_go=db.session.rollback)
    return Response(
        data, mimetype=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    )


@blueprint.route("/<public_id>/reponse", methods=["GET", "POST"])
@candidate_required
def answer(public_id):
    """Confirm or withdraw, after a page that says what each does."""
    candidature = _own(public_id)
    choice = request.values.get("choice")
    if choice not in ("confirm", "withdraw"):
        abort(400)
    if request.method == "GET":
        refusal = workflow.refusal(choice, candidature, current_user)
        return render_template(
            "candidatures/answer.html",
            candidature=candidature,
            choice=choice,
            until=deadlines.answer_by(candidature) if candidature.outcome == Outcome.ADMITTED else None,
            refusal=refusal,
            key=new_key(),
            reasons=_reasons(candidature),
        )
    try:
        if choice == "confirm":
            candidatures.confirm(candidature, actor=current_user, command_key=_key())
        else:
            candidatures.withdraw(candidature, actor=current_user, reason_id=_reason(candidature), command_key=_key())
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        return page(_own(public_id), error, 409)
    flash(_("Votre confirmation est enregistrée.") if choice == "confirm" else _("Votre désistement est enregistré."), "success")
    return redirect(url_for("candidatures.show", public_id=public_id))


def _reasons(candidature):
    centre_id = candidature.offering.commission.centre_id
    return db.session.scalars(
        select(DecisionReason).where(
            DecisionReason.kind == ReasonKind.WITHDRAWAL,
            DecisionReason.is_active,
            (DecisionReason.centre_id.is_(None)) | (DecisionReason.centre_id == centre_id),
        )
    ).all()


def _reason(candidature):
    chosen = request.form.get("reason", type=int)
    return chosen if chosen in {reason.id for reason in _reasons(candidature)} else None


@blueprint.route("/<public_id>/annuler", methods=["GET", "POST"])
@candidate_required
def cancel(public_id):
    """Give up a candidature that was never transmitted."""
    candidature = _own(public_id)
    if request.method == "GET":
        return render_template(
            "candidatures/cancel.html",
            candidature=candidature,
            refusal=workflow.refusal("cancel", candidature, current_user),
            key=new_key(),
        )
    try:
        candidatures.cancel(candidature, actor=current_user, command_key=_key())
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        return page(_own(public_id), error, 409)
    flash(_("Votre candidature est annulée."), "success")
    return redirect(url_for("candidatures.mine"))


@blueprint.get("/<public_id>/entretien.ics")
@candidate_required
def calendar(public_id):
    """Give the interview as a calendar file."""
    candidature = _own(public_id)
    decision = candidature.published_decision
    if decision is None or decision.interview_at is None:
        abort(404)
    return Response(
        documents.calendar_of(candidature),
        mimetype="text/calendar",
        headers={"Content-Disposition": 'attachment; filename="entretien.ics"'},
    )


@blueprint.app_context_processor
def _keys():
    return {"new_key": new_key}
