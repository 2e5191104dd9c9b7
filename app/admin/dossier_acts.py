"""The acts of the dossier page: each reads its form and calls one operation; what the page shows anew is said beside it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import abort, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app import formats, queries
from app.admin import desk, instants
from app.enums import AccessTrack, CheckState, CommentKind, FileStatus, OpinionKind, PieceStatus
from app.errors import DomainError
from app.extensions import db
from app.models import Note, OutboxMessage, Recusal
from app.notifications import outbox
from app.operations import candidatures, comments, decisions, messages, notes, opinions, pieces
from app.orm import text_in

WHOLE = ("head", "file", "decision", "opinions", "seats", "dates", "messages", "history")
TRACKED = ("pieces", *WHOLE)  # which pieces are asked depends on the track
KEY = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


@dataclass(frozen=True)
class Act:
    """One act of the page.

    Attributes:
        call: reads the form and calls the operation; may return a `Draft`, and then nothing is done yet.
        section: where its form stands.
        renewed: the other sections that it may change.
        is_guarded: whether a page that is no longer up to date is refused.
        has_seats: whether it gives or frees places: the offering is then locked before the dossier.
    """

    call: Callable
    section: str
    renewed: tuple = WHOLE
    is_guarded: bool = True
    has_seats: bool = False


@dataclass
class Draft:
    """What is being prepared: shown again with these values, nothing being kept or sent."""

    typed: dict = field(default_factory=dict)
    letter: messages.Letter | None = None


def _instant(name, *, closing):
    try:
        return instants.typed(request.form.get(name), closing=closing)
    except DomainError as error:
        raise DomainError(error.sentence, field=name) from error


def _key():
    """Return the key of the form, so that a second click does nothing more; None for one we never gave."""
    key = request.form.get("command_key", "")
    return key if KEY.fullmatch(key) else None


def _comment(candidature, kind):
    return comments.joined(candidature, kind, typed=request.form.get("comment"), chosen=request.form.get("canned"))


def _review(candidature):
    status, chosen = request.form.get("status"), set(request.form.getlist("piece"))
    if status == "ALL":
        status, rows = PieceStatus.VALIDATED, _reviewable(candidature)
        chosen = {str(piece.id) for piece in rows}
    rows = [piece for piece in candidature.pieces if str(piece.id) in chosen]
    if not rows or len(rows) != len(chosen) or status not in (PieceStatus.VALIDATED, PieceStatus.REFUSED):
        raise DomainError(_("Choisissez au moins une pièce, puis « Valider » ou « Refuser »."))
    status = PieceStatus(status)
    comment = _comment(candidature, CommentKind.PIECE) if status == PieceStatus.REFUSED else request.form.get("comment")
    pieces.review(rows, status, actor=current_user, comment=comment)


def _reviewable(candidature):
    return [
        piece for piece in candidature.pieces if piece.status == PieceStatus.SUBMITTED and piece.file_version.check_state == CheckState.SAFE
    ]


def _check_again(candidature):
    number = request.form.get("again", "")
    piece = next((piece for piece in candidature.pieces if str(piece.id) == number), None)
    pieces.check_again(piece or abort(404), actor=current_user)


def _propose(candidature):
    decision_type = _chosen("decision_type", queries.decision_types(candidature.offering.commission.centre_id))
    if decision_type is None:
        raise DomainError(_("Choisissez l’avis."), field="decision_type")
    decisions.propose(
        candidature,
        decision_type,
        actor=current_user,
        comment=_comment(candidature, CommentKind.DECISION),
        reason=_chosen("reason", desk.reasons_of(candidature)),
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
        comment=_comment(candidature, CommentKind.CORRECTION),
        return_by=_instant("return_by", closing=True),
    )


def _set_dates(candidature):
    candidatures.set_deadlines(
        candidature,
        actor=current_user,
        return_by=_instant("return_by", closing=True),
        confirm_by=_instant("confirm_by", closing=True),
    )


# --- beside the dossier ---


def _resend(candidature):
    message = db.session.scalar(
        select(OutboxMessage).where(
            OutboxMessage.public_id == request.form.get("message", ""), OutboxMessage.candidature_id == candidature.id
        )
    )
    outbox.resend(message or abort(404), actor=current_user)


def _message(candidature):
    """Fill from a model, insert a placeholder, show before sending, or send: the button pressed says which."""
    subject, text, step = request.form.get("subject", ""), request.form.get("text", ""), request.form.get("step")
    if step == "template":
        template = _chosen("template", messages.templates())
        if template is None:
            raise DomainError(_("Choisissez le modèle dans la liste."), field="template")
        language = candidature.candidate.user.language if candidature.candidate.user else "fr"
        return Draft({"subject": text_in(template.subject, language), "text": text_in(template.body, language)})
    if step == "insert":
        known = {placeholder.name for placeholder in messages.placeholders()}
        name = request.form.get("placeholder")
        return Draft({"subject": subject, "text": f"{text}{{{name}}}" if name in known else text})
    letter = messages.preview(candidature, actor=current_user, subject=subject, text=text)
    if step == "preview":
        return Draft({"subject": subject, "text": text}, letter)
    if step == "send":
        messages.send(candidature, actor=current_user, subject=subject, text=text, command_key=_key())
        return None
    return Draft({"subject": subject, "text": text})


def _note(candidature):
    notes.add(candidature, request.form.get("note"), actor=current_user, command_key=_key())


def _remove_note(candidature):
    note = _row(Note, request.form.get("note_id"), candidature)
    notes.remove(note, actor=current_user)


def _row(model, number, candidature):
    """Return a row of this very dossier; any other number is a 404."""
    if not re.fullmatch(r"[0-9]{1,9}", number or "", re.ASCII):
        abort(404)
    return db.session.scalar(select(model).where(model.id == int(number), model.candidature_id == candidature.id)) or abort(404)


def _tags(candidature):
    """Put what was ticked and take off what was unticked: the page says what it had shown as carried."""
    offered = {str(tag.id): tag for tag in [*notes.tags_for(candidature), *candidature.tags]}
    chosen, shown = set(request.form.getlist("tag")), set(request.form.getlist("carried"))
    if not chosen | shown <= offered.keys():
        raise DomainError(_("Choisissez parmi les étiquettes du centre ou de l’établissement."), field="tag")
    put, off = [offered[number] for number in sorted(chosen - shown)], [offered[number] for number in sorted(shown - chosen)]
    notes.change_tags(candidature, actor=current_user, put=put, off=off)


def _opinion(candidature):
    kind = request.form.get("kind")
    if kind not in set(OpinionKind):
        raise DomainError(_("Choisissez votre opinion : favorable, réservée ou défavorable."), field="kind")
    version = request.form.get("opinion_seen", "")
    opinions.give(
        candidature,
        OpinionKind(kind),
        actor=current_user,
        comment=request.form.get("opinion_comment"),
        marks={criterion.id: request.form.get(f"mark-{criterion.id}") for criterion in opinions.criteria_of(candidature)},
        seen_version=int(version) if re.fullmatch(r"[0-9]{1,9}", version, re.ASCII) else None,
    )


def _recuse(candidature):
    opinions.recuse(candidature, actor=current_user, reason=request.form.get("reason"))


def _lift(candidature):
    opinions.lift(_row(Recusal, request.form.get("recusal"), candidature), candidature, actor=current_user)


def _plain(call, **rest):
    return Act(call, rest.pop("section", "file"), **rest)


def _beside(call, section, *renewed):
    return Act(call, section, (*renewed, "history"), is_guarded=False)


ACTS = {
    "review": Act(_review, "pieces"),
    "propose": Act(_propose, "decision"),
    "ask_corrections": Act(_corrections, "file"),
    "dates": Act(_set_dates, "dates"),
    "receive": _plain(lambda c: candidatures.set_status(c, FileStatus.RECEIVED, actor=current_user)),
    "complete": _plain(lambda c: candidatures.set_status(c, FileStatus.COMPLETE, actor=current_user)),
    "reopen": _plain(lambda c: candidatures.set_status(c, FileStatus.WAITING, actor=current_user)),
    "control": _plain(lambda c: candidatures.set_track(c, AccessTrack.CONTROLLED, actor=current_user), renewed=TRACKED),
    "direct": _plain(lambda c: candidatures.set_track(c, AccessTrack.DIRECT, actor=current_user), renewed=TRACKED),
    "undecide": _plain(lambda c: candidatures.set_track(c, None, actor=current_user), renewed=TRACKED),
    "validate_track": _plain(lambda c: decisions.validate_track(c, actor=current_user), renewed=TRACKED, has_seats=True),
    "validate": _plain(lambda c: decisions.validate(c, actor=current_user), section="decision"),
    "publish": _plain(lambda c: decisions.publish(c, actor=current_user), section="decision", has_seats=True),
    "discard": _plain(lambda c: decisions.discard(c, actor=current_user), section="decision"),
    "check_again": _beside(_check_again, "pieces"),
    "resend": _beside(_resend, "messages"),
    "message": _beside(_message, "messages"),
    "note": _beside(_note, "notes"),
    "remove_note": _beside(_remove_note, "notes"),
    "tags": _beside(_tags, "tags", "head"),
    "opinion": _beside(_opinion, "opinions"),
    "recuse": _beside(_recuse, "opinions"),
    "lift_recusal": _beside(_lift, "opinions"),
}


def stale(candidature):
    """Return the sentence for who acts on a dossier that changed since he opened it: what, who, when."""
    last = desk.last_event(candidature)
    return _(
        "Ce dossier a changé depuis que vous l’avez ouvert : « %(what)s », par %(who)s, le %(at)s. Ce que vous avez tapé est gardé ci-dessous : vérifiez, puis recommencez.",
        what=desk.Desk.words_of(last),
        who=desk.who(last),
        at=formats.instant(last.at),
    )
