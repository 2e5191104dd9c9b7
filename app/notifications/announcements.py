"""What a message about a candidature may name, and to whom it goes."""

from datetime import timedelta

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import select

from app import access, clock, deadlines, formats, parameters, ranks
from app.enums import AlertTarget, Functionality, PieceStatus
from app.extensions import db
from app.models import Grant, StaffMember, SubmittedPiece, User
from app.notifications import letters, outbox


def to_candidate(kind, candidature, *, event=None, context=None, key=None, attachment=None, template=None, not_before=None):
    """Post a message about a candidature to its candidate, in the candidate's language, once for each event.

    Args:
        event: the `CandidatureEvent` announced; gives the unique key unless `key` does.
        context: more placeholders, nested.
        attachment: what the worker joins when sending ("receipt:12").
        template: the `MailTemplate` to word it with; None takes the decision type's own, else the catalogue's.
    """
    user = candidature.candidate.user
    if user is None:
        return None
    with force_locale(user.language):
        whole = of(candidature, context)
    decision = candidature.published_decision if kind.startswith("decision_") else None
    return outbox.post(
        kind,
        recipient=user.email,
        language=user.language,
        key=key or f"{kind}:{candidature.id}:{event.sequence}",
        context=whole,
        candidate=candidature.candidate,
        candidature=candidature,
        attachment=attachment or (context or {}).get("attachment") or letters.attachment_for(kind, candidature, user.language),
        template=template or (decision.decision_type.mail_template if decision else None),
        not_before=not_before,
    )


def to_commission(kind, candidature, *, event):
    """Post an alert to the commission that examines a candidature: one message for each of those it chose, if it wants this kind.

    The switch of the kind `commission_alert_transmission` is `Commission.alerts_transmission`, and so on.
    """
    commission = candidature.offering.commission
    if not getattr(commission, f"alerts_{kind.removeprefix('commission_alert_')}"):
        return
    for suffix, recipient, language in _alerted(commission, candidature):
        with force_locale(language):
            whole = of(candidature)
        outbox.post(
            kind,
            recipient=recipient,
            language=language,
            key=f"{kind}:{candidature.id}:{event.sequence}{suffix}",
            context=whole,
            candidature=candidature,
        )


def _alerted(commission, candidature):
    """Return (suffix of the key, address, language) of each recipient: members are those who may open this very dossier."""
    if commission.alert_target == AlertTarget.ADDRESS:
        return [("", commission.alert_email, "fr")] if commission.alert_email else []
    if commission.alert_target == AlertTarget.NONE:
        return []
    chosen = select(User).join(StaffMember, User.staff_member_id == StaffMember.id).join(Grant).where(Grant.commission_id == commission.id)
    members = db.session.scalars(chosen.where(User.confirmed_at.is_not(None)).distinct().order_by(User.id))
    return [(f":{user.id}", user.email, user.language) for user in members if access.can(user, Functionality.CANDIDATURES, candidature)]


def pieces_reviewed(candidature):
    """Gather small news of pieces into one message per dossier, rewritten until it leaves (domain A2.9)."""
    user = candidature.candidate.user
    with force_locale(user.language):
        whole = of(candidature, {"dossier": {"pieces": _reviewed(candidature)}})
    delay = timedelta(minutes=parameters.get("MINOR_CHANGES_MINUTES"))
    return outbox.gather(
        "pieces_reviewed",
        recipient=user.email,
        language=user.language,
        context=whole,
        candidate=candidature.candidate,
        candidature=candidature,
        not_before=clock.now() + delay,
    )


def acted_for_you(candidature, lines):
    """Gather what staff did in the candidate's place into one message per dossier, rewritten until it leaves (domain D22)."""
    user = candidature.candidate.user
    with force_locale(user.language):
        whole = of(candidature, {"dossier": {"actes": lines}})
    return outbox.gather(
        "acted_for_you",
        recipient=user.email,
        language=user.language,
        context=whole,
        candidate=candidature.candidate,
        candidature=candidature,
        not_before=clock.now() + timedelta(minutes=parameters.get("MINOR_CHANGES_MINUTES")),
    )


def institution():
    """Return the placeholders that every message may name."""
    return {
        "etablissement": {"nom": parameters.get("INSTITUTION_NAME")},
        "contact": {"adresse": parameters.get("CONTACT_EMAIL"), "telephone": parameters.get("CONTACT_PHONE")},
    }


def of(candidature, more=None):
    """Return the placeholders of a candidature, in the language of the moment."""
    offering, candidate = candidature.offering, candidature.candidate
    context = institution()
    context["contact"]["adresse"] = deadlines.contact_of(candidature)
    context["candidat"] = {"prenom": candidate.first_name, "nom": candidate.last_name, "numero": candidate.dossier_number}
    context["formation"] = {"nom": offering.formation.name, "centre": offering.commission.centre.name}
    context["campagne"] = {"nom": formats.translated(candidature.campaign.name)}
    context["dossier"] = {
        "lien": f"{current_app.config['SETTINGS'].public_url}/candidatures/{candidature.public_id}",
        "retour": formats.deadline(deadlines.return_by(candidature)),
        "transmis_le": formats.instant(candidature.transmitted_at),
        "commentaire": candidature.correction_comment,
        "pieces": refused_pieces(candidature),
    }
    context["avis"] = _decision(candidature)
    context["inscription"] = {"lien": parameters.get("ENROLMENT_URL")}
    return _merge(context, more or {})


def _decision(candidature):
    decision = candidature.published_decision
    if decision is None:
        return {}
    kind = decision.decision_type
    return {
        "nom": formats.translated(kind.name),
        "commentaire": decision.comment if kind.is_comment_shown else "",
        "motif": formats.translated(decision.reason.name) if decision.reason else "",
        "rang": ranks.shown(candidature) or "",
        "entretien": formats.instant(decision.interview_at),
        "lieu": decision.interview_place,
        "reponse_avant": formats.deadline(deadlines.answer_by(candidature)),
    }


def refused_pieces(candidature):
    """Return the refused pieces with the manager's comments, one a line."""
    return "\n".join(_line(piece) for piece in _pieces(candidature) if piece.status == PieceStatus.REFUSED)


def _reviewed(candidature):
    seen = (PieceStatus.VALIDATED, PieceStatus.REFUSED)
    return "\n".join(f"{_line(piece)} ({piece.status.label})" for piece in _pieces(candidature) if piece.status in seen)


def _pieces(candidature):
    return db.session.scalars(select(SubmittedPiece).where(SubmittedPiece.candidature_id == candidature.id).order_by(SubmittedPiece.id))


def _line(piece):
    name = formats.translated(piece.required_piece.piece_type.name)
    return f"- {name} : {piece.comment}" if piece.comment else f"- {name}"


def _merge(base, more):
    for name, value in more.items():
        base[name] = {**base.get(name, {}), **value} if isinstance(value, dict) else value
    return base
