"""The dossier page: one candidature on one screen, where pieces, file and decision are handled."""

import re

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, or_, select

from app import access, clock, deadlines, formats, queries, workflow
from app.admin import instants
from app.enums import AccessTrack, CheckState, FileStatus, Functionality, PieceStatus, ReasonKind
from app.errors import Conflict, DomainError, NotAllowed
from app.extensions import db
from app.models import (
    Candidature,
    CandidatureEvent,
    DecisionReason,
    FileVersion,
    OutboxMessage,
    SubmittedPiece,
    Transmission,
    TransmittedPiece,
)
from app.notifications import outbox
from app.notifications.outbox import LINK
from app.operations import answers, candidatures, decisions, pieces, snapshots
from app.stories import STORIES
from app.web import file_of, page_of, preview_of


class DossierPages:
    """The pages and acts of one dossier, for the view of candidatures; every change is an act of the workflow."""

    @expose("/dossier/<public_id>", methods=["GET"])
    def dossier(self, public_id):
        """Show everything about one candidature."""
        return self._page(self._own(public_id))

    def _own(self, public_id):
        chosen = queries.whole().where(Candidature.public_id == public_id, self.scope())
        return db.session.scalar(chosen) or abort(404)

    def _page(self, candidature, error=None, code=200):
        now = clock.now()
        history = candidature.transmissions[-1] if candidature.transmissions else None
        context = {
            "candidature": candidature,
            "pieces": pieces.lines(candidature),
            "forms": answers.lines(candidature),
            "plain": answers.plain,
            "acts": {act.name: act for act in workflow.available(candidature, current_user, now)},
            "events": queries.timeline(candidature),
            "stories": STORIES,
            "draft": decisions.draft_of(candidature),
            "types": queries.decision_types(candidature.offering.commission.centre_id),
            "reasons": _reasons(candidature),
            "deadlines": deadlines,
            "error": error,
            "typed": request.form,
            "seen_now": _seen(candidature),
            "written": instants.written,
            "messages": _messages(candidature) if access.can(current_user, Functionality.MESSAGES, candidature) else None,
            "may_review": access.can(current_user, Functionality.REVIEW_PIECES, candidature, write=True),
            "may_set_dates": access.can(current_user, Functionality.DEADLINES, candidature, write=True),
            "may_write": access.can(current_user, Functionality.MESSAGES, candidature, write=True),
            "differences": snapshots.differences(history.profile, snapshots.of_profile(candidature.candidate)) if history else [],
            "admin_view": self,
            "LINK": LINK,
        }
        return render_template("admin/gestion/dossier.html", **context), code

    @expose("/dossier/<public_id>/acte/<verb>", methods=["POST"])
    def act(self, public_id, verb):
        """Carry out one act of the dossier page; a version seen too long ago is a conflict that keeps what was typed."""
        candidature = self._own(public_id)
        call = ACTS.get(verb) or abort(404)
        try:
            workflow.lock(candidature)  # what was seen is compared once nobody else can change it
            self._check_seen(candidature)
            call(candidature)
            db.session.commit()
        except NotAllowed:
            abort(403)
        except DomainError as error:
            db.session.rollback()
            return self._page(self._own(public_id), error, 409 if isinstance(error, Conflict) else 422)
        flash(_("C’est fait."), "success")
        return redirect(url_for(".dossier", public_id=public_id))

    def _check_seen(self, candidature):
        seen = request.form.get("seen", "")
        if seen == _seen(candidature):
            return
        last = queries.timeline(candidature)[-1]
        raise Conflict(
            _(
                "Ce dossier a changé depuis que vous l’avez ouvert : « %(what)s », par %(who)s, le %(at)s. Ce que vous avez tapé est gardé ci-dessous : vérifiez, puis recommencez.",
                what=STORIES.get(last.action, last.action),
                who=(last.actor.staff_member or last.actor) if last.actor else "Postulo",
                at=formats.instant(last.at),
            )
        )

    @expose("/piece/<public_id>/page/<int:number>.png")
    def page_image(self, public_id, number):
        """Give a page of a piece of this scope."""
        return page_of(self._version(public_id), number)

    @expose("/piece/<public_id>/apercu.png")
    def preview(self, public_id):
        """Give the small first page of a piece of this scope."""
        return preview_of(self._version(public_id))

    @expose("/piece/<public_id>/fichier")
    def file(self, public_id):
        """Give the rebuilt file of a piece of this scope."""
        return file_of(self._version(public_id))

    @expose("/piece/<public_id>")
    def piece(self, public_id):
        """Show every page of a piece."""
        return render_template("admin/gestion/piece.html", version=self._version(public_id), admin_view=self)

    def _version(self, public_id):
        """Return a safe file that a candidature in scope uses or used; anything else is a 404."""
        named = (
            select(SubmittedPiece.id)
            .join(Candidature, SubmittedPiece.candidature_id == Candidature.id)
            .where(self.scope(), SubmittedPiece.file_version_id == FileVersion.id)
        )
        frozen = (
            select(TransmittedPiece.id)
            .join(Transmission)
            .join(Candidature, Transmission.candidature_id == Candidature.id)
            .where(self.scope(), TransmittedPiece.file_version_id == FileVersion.id)
        )
        version = db.session.scalar(
            select(FileVersion).where(
                FileVersion.public_id == public_id,
                FileVersion.check_state == CheckState.SAFE,
                or_(named.exists(), frozen.exists()),
            )
        )
        return version or abort(404)


def _seen(candidature):
    """Return the mark of a dossier as it stands: the number of its last event, whatever that event changed."""
    return str(db.session.scalar(select(func.max(CandidatureEvent.sequence)).where(CandidatureEvent.candidature_id == candidature.id)))


def _reasons(candidature):
    centre_id = candidature.offering.commission.centre_id
    return db.session.scalars(
        select(DecisionReason).where(
            DecisionReason.kind == ReasonKind.REFUSAL,
            DecisionReason.is_active,
            DecisionReason.centre_id.is_(None) | (DecisionReason.centre_id == centre_id),
        )
    ).all()


def _messages(candidature):
    return db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.candidature_id == candidature.id).order_by(OutboxMessage.id.desc())
    ).all()


# --- the acts: read the form, call one operation ---


def _instant(name, *, closing):
    try:
        return instants.typed(request.form.get(name), closing=closing)
    except DomainError as error:
        raise DomainError(error.sentence, field=name) from error


def _review(candidature):
    status, chosen = request.form.get("status"), set(request.form.getlist("piece"))
    rows = [piece for piece in candidature.pieces if str(piece.id) in chosen]
    if not rows or len(rows) != len(chosen) or status not in (PieceStatus.VALIDATED, PieceStatus.REFUSED):
        raise DomainError(_("Choisissez au moins une pièce, puis « Valider » ou « Refuser »."))
    for piece in rows:
        pieces.review(piece, PieceStatus(status), actor=current_user, comment=request.form.get("comment"))


def _propose(candidature):
    decision_type = _chosen("decision_type", queries.decision_types(candidature.offering.commission.centre_id))
    if decision_type is None:
        raise DomainError(_("Choisissez l’avis."), field="decision_type")
    decisions.propose(
        candidature,
        decision_type,
        actor=current_user,
        comment=request.form.get("comment"),
        reason=_chosen("reason", _reasons(candidature)),
        rank=_rank(),
        interview_at=_instant("interview_at", closing=False),
        interview_place=request.form.get("interview_place"),
    )


def _chosen(name, offered):
    """Return the row chosen among those offered, None for none; any other is refused."""
    number = request.form.get(name)
    row = next((row for row in offered if str(row.id) == number), None)
    if number and row is None:
        raise DomainError(_("Choisissez dans la liste."), field=name)
    return row


def _rank():
    text = request.form.get("rank", "").strip()
    if text and not re.fullmatch(r"[1-9][0-9]{0,4}", text, re.ASCII):
        raise DomainError(_("Donnez le rang sur la liste complémentaire (1, 2, 3…)."), field="rank")
    return int(text) if text else None


def _corrections(candidature):
    candidatures.ask_corrections(
        candidature,
        actor=current_user,
        comment=request.form.get("comment"),
        return_by=_instant("return_by", closing=True),
    )


def _set_dates(candidature):
    candidatures.set_deadlines(
        candidature,
        actor=current_user,
        return_by=_instant("return_by", closing=True),
        confirm_by=_instant("confirm_by", closing=True),
    )


def _resend(candidature):
    message = db.session.scalar(
        select(OutboxMessage).where(
            OutboxMessage.public_id == request.form.get("message", ""), OutboxMessage.candidature_id == candidature.id
        )
    )
    outbox.resend(message or abort(404), actor=current_user)


ACTS = {
    "review": _review,
    "propose": _propose,
    "ask_corrections": _corrections,
    "dates": _set_dates,
    "resend": _resend,
    "receive": lambda c: candidatures.set_status(c, FileStatus.RECEIVED, actor=current_user),
    "complete": lambda c: candidatures.set_status(c, FileStatus.COMPLETE, actor=current_user),
    "reopen": lambda c: candidatures.set_status(c, FileStatus.WAITING, actor=current_user),
    "control": lambda c: candidatures.set_track(c, AccessTrack.CONTROLLED, actor=current_user),
    "direct": lambda c: candidatures.set_track(c, AccessTrack.DIRECT, actor=current_user),
    "undecide": lambda c: candidatures.set_track(c, None, actor=current_user),
    "validate_track": lambda c: decisions.validate_track(c, actor=current_user),
    "validate": lambda c: decisions.validate(c, actor=current_user),
    "publish": lambda c: decisions.publish(c, actor=current_user),
    "discard": lambda c: decisions.discard(c, actor=current_user),
}
