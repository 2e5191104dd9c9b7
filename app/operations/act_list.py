"""The acts that may be done on many candidatures: each one operation, with what it asks and how it is taken back."""

from datetime import datetime

from flask_babel import lazy_gettext as _

from app.enums import AccessTrack, FileStatus, Functionality, Outcome
from app.errors import DomainError
from app.extensions import db
from app.models import DecisionReason, DecisionType, Tag
from app.operations import candidatures, decisions, messages, notes, undoing
from app.operations.acts import Act, register

F = Functionality
IN_ORDER = "order"  # ranks go on from the first one, in the order of work


def _instant(values, name):
    return datetime.fromisoformat(values[name]) if values.get(name) else None


def _status(status):
    return lambda candidature, values, actor, position: candidatures.set_status(candidature, status, actor=actor)


def _track(track):
    return lambda candidature, values, actor, position: candidatures.set_track(candidature, track, actor=actor)


def _corrections(candidature, values, actor, position):
    return candidatures.ask_corrections(candidature, actor=actor, comment=values.get("comment"), return_by=_instant(values, "return_by"))


def _check_corrections(candidature, values, now, position):
    candidatures.check_corrections(candidature, comment=values.get("comment"), return_by=_instant(values, "return_by"), now=now)


def _decision(values, position):
    """Return (type, reason, rank) of the opinion proposed at a place of the list."""
    kind = db.session.get(DecisionType, values["decision_type"])
    if kind is None:
        raise DomainError(_("Ce type d’avis n’existe plus : choisissez-en un autre."))
    reason = db.session.get(DecisionReason, values["reason"]) if values.get("reason") and kind.outcome == Outcome.REFUSED else None
    rank = values.get("rank")
    return kind, reason, rank + position if rank and values.get("rank_mode") == IN_ORDER else rank


def _propose(candidature, values, actor, position):
    kind, reason, rank = _decision(values, position)
    return decisions.propose(
        candidature,
        kind,
        actor=actor,
        comment=values.get("comment"),
        reason=reason,
        rank=rank,
        interview_at=_instant(values, "interview_at"),
        interview_place=values.get("interview_place"),
    )


def _check_proposal(candidature, values, now, position):
    decisions.check(candidature, *_decision(values, position))


def _dates(candidature, values, actor, position):
    is_cleared = bool(values.get("clear"))
    return candidatures.set_deadlines(
        candidature,
        actor=actor,
        return_by=_instant(values, "return_by") or (None if is_cleared else candidature.individual_return_by),
        confirm_by=_instant(values, "confirm_by") or (None if is_cleared else candidature.individual_confirm_by),
    )


def _check_dates(candidature, values, now, position):
    for name in ("return_by", "confirm_by"):
        if values.get(name):
            candidatures.check_own_date(candidature, name, _instant(values, name), now)


def _named(values, name):
    return [tag for number in values.get(name, ()) if (tag := db.session.get(Tag, number)) is not None]


def _tags(candidature, values, actor, position):
    if not notes.change_tags(candidature, actor=actor, put=_named(values, "put"), off=_named(values, "off")):
        raise DomainError(_("Rien à changer : ce dossier porte déjà ces étiquettes, et pas les autres."))


def _check_tags(candidature, values, now, position):
    centre_id = candidature.offering.commission.centre_id
    put, off = _named(values, "put"), _named(values, "off")
    if any(tag.centre_id not in (None, centre_id) or not tag.is_active for tag in put):
        raise DomainError(_("Choisissez parmi les étiquettes du centre ou de l’établissement."))
    carried = {tag.id for tag in candidature.tags}
    if all(tag.id in carried for tag in put) and not any(tag.id in carried for tag in off):
        raise DomainError(_("Rien à changer : ce dossier porte déjà ces étiquettes, et pas les autres."))


def _carried(candidature, values):
    return [tag.id for tag in candidature.tags]


def _note(candidature, values, actor, position):
    notes.add(candidature, values["note"], actor=actor)


def _notes_before(candidature, values):
    return [note.id for note in candidature.notes]


def _message(candidature, values, actor, position):
    messages.send(candidature, actor=actor, subject=values["subject"], text=values["text"])


def _check_message(candidature, values, now, position):
    if candidature.candidate.user is None:
        raise DomainError(_("Ce candidat n’a pas de compte : écrivez-lui par la poste ou par téléphone."))
    messages.check(values["subject"], values["text"])


def _publish(candidature, values, actor, position):
    return decisions.publish(candidature, actor=actor, confirm_by=_instant(values, "confirm_by"))


def _simple(operation):
    return lambda candidature, values, actor, position: operation(candidature, actor=actor)


PROPOSAL = ("decision_type", "reason", "rank", "comment", "interview")
register(
    Act("complete", _("Marquer « complet »"), F.FILE_STATUS, _status(FileStatus.COMPLETE), undoing.status, transition="complete"),
    Act("receive", _("Marquer « reçu »"), F.FILE_STATUS, _status(FileStatus.RECEIVED), undoing.status, transition="receive"),
    Act("reopen", _("Remettre « à transmettre »"), F.FILE_STATUS, _status(FileStatus.WAITING), undoing.status, transition="reopen"),
    Act(
        "ask_corrections",
        _("Demander des corrections"),
        F.FILE_STATUS,
        _corrections,
        undoing.status,
        check=_check_corrections,
        transition="ask_corrections",
        fields=("comment", "return_by"),
    ),
    Act(
        "control",
        _("Traiter en accès contrôlé"),
        F.SET_TRACK,
        _track(AccessTrack.CONTROLLED),
        undoing.track,
        transition="control",
        has_message=False,
    ),
    Act(
        "direct",
        _("Traiter en accès direct"),
        F.SET_TRACK,
        _track(AccessTrack.DIRECT),
        undoing.track,
        transition="direct",
        has_message=False,
    ),
    Act(
        "undecide",
        _("Remettre le traitement à choisir"),
        F.SET_TRACK,
        _track(None),
        undoing.track,
        transition="undecide",
        has_message=False,
    ),
    Act(
        "validate_track",
        _("Valider l’accès direct"),
        F.VALIDATE_TRACK,
        _simple(decisions.validate_track),
        undoing.track_validation,
        transition="validate_track",
    ),
    Act(
        "propose",
        _("Proposer un avis"),
        F.PROPOSE_DECISION,
        _propose,
        undoing.proposal,
        check=_check_proposal,
        transition="propose",
        fields=PROPOSAL,
        has_message=False,
    ),
    Act(
        "validate",
        _("Valider les avis"),
        F.VALIDATE_DECISION,
        _simple(decisions.validate),
        undoing.validation,
        transition="validate",
        has_message=False,
    ),
    Act("publish", _("Publier les avis validés"), F.PUBLISH_DECISION, _publish, undoing.publication, transition="publish"),
    Act(
        "discard",
        _("Supprimer les avis non publiés"),
        F.DECISION_HISTORY,
        _simple(decisions.discard),
        undoing.discard,
        transition="discard",
        has_message=False,
    ),
    Act(
        "dates",
        _("Donner des dates individuelles"),
        F.DEADLINES,
        _dates,
        undoing.dates,
        check=_check_dates,
        fields=("return_by", "confirm_by", "clear"),
    ),
    Act(
        "tags",
        _("Poser ou retirer des étiquettes"),
        F.TAGS,
        _tags,
        undoing.tags,
        check=_check_tags,
        keep=_carried,
        fields=("put", "off"),
        has_message=False,
    ),
    Act("message", _("Écrire aux candidats"), F.MESSAGES, _message, undoing.message, check=_check_message, fields=("subject", "text")),
    Act("note", _("Ajouter une note interne"), F.NOTES, _note, undoing.note, keep=_notes_before, fields=("note",), has_message=False),
)
