"""The commission's opinion in three steps: proposed, validated, published; and the call from the complementary list."""

from flask_babel import lazy_gettext as _

from app import access, workflow
from app.enums import Outcome, ReasonKind, Stage
from app.errors import DomainError
from app.extensions import db
from app.models import Decision
from app.operations import promotions, publication


def draft_of(candidature):
    """Return the decision not yet published, or None."""
    return next((decision for decision in candidature.decisions if decision.published_at is None), None)


def propose(candidature, decision_type, *, actor, comment=None, reason=None, rank=None, interview_at=None, interview_place=None):
    """Enter an opinion; the published one and the answer stand until another is published (domain D4).

    Args:
        reason: a refusal `DecisionReason`, obligatory for a refusal.
        rank: position in the complementary list, obligatory there.
        interview_at: instant in UTC. interview_place: at most 200 characters.
    Raises:
        DomainError: what the outcome needs is missing; its `field` names it.
    """
    now = workflow.lock(candidature)
    check(candidature, decision_type, reason, rank)
    values = {
        "decision_type": decision_type,
        "reason": reason,
        "comment": (comment or "").strip() or None,
        "rank": rank if decision_type.outcome == Outcome.WAITLISTED else None,
        "interview_at": interview_at if decision_type.outcome == Outcome.SHORTLISTED else None,
        "interview_place": ((interview_place or "").strip()[:200] or None) if decision_type.outcome == Outcome.SHORTLISTED else None,
    }
    return workflow.apply(
        "propose",
        candidature,
        actor=actor,
        now=now,
        details=_words(decision_type, comment, rank),
        change=lambda: _write_draft(candidature, actor, now, values),
    )


def _write_draft(candidature, actor, now, values):
    draft = draft_of(candidature)
    if draft is None:
        draft = Decision(
            candidature_id=candidature.id, created_at=now, created_by=actor.staff_member, decision_type=values["decision_type"]
        )
        db.session.add(draft)
    for name, value in values.items():
        setattr(draft, name, value)


def _words(decision_type, comment=None, rank=None):
    words = {"type": decision_type.name["fr"], "outcome": decision_type.outcome.value, "rank": rank, "comment": comment or None}
    return {name: value for name, value in words.items() if value is not None}


def check(candidature, decision_type, reason, rank):
    """Refuse an opinion that lacks what its outcome needs.

    Raises:
        DomainError: as `propose`.
    """
    if not decision_type.is_active or decision_type.centre_id not in (None, candidature.offering.commission.centre_id):
        raise DomainError(_("Ce type d’avis n’est pas en service ici : choisissez-en un autre."), field="decision_type")
    centre_id = candidature.offering.commission.centre_id
    is_reason = reason is not None and reason.kind == ReasonKind.REFUSAL and reason.centre_id in (None, centre_id)
    if decision_type.outcome == Outcome.REFUSED and not is_reason:
        raise DomainError(_("Choisissez le motif du refus."), field="reason")
    if decision_type.outcome == Outcome.WAITLISTED and not rank:
        raise DomainError(_("Donnez le rang sur la liste complémentaire (1, 2, 3…)."), field="rank")


def validate(candidature, *, actor):
    """Approve the proposed opinion; the candidate sees nothing yet (domain D3)."""
    now = workflow.lock(candidature)
    draft = draft_of(candidature)

    def change():
        draft.stage, draft.validated_at, draft.validated_by_id = Stage.VALIDATED, now, actor.staff_member.id

    details = _words(draft.decision_type) if draft else None
    return workflow.apply("validate", candidature, actor=actor, now=now, details=details, change=change)


def publish(candidature, *, actor, confirm_by=None):
    """Publish the validated opinion: the candidate sees it and is written to; an answer given before is reset (D3, D4).

    Args:
        confirm_by: exclusive instant (UTC) for the answer; None computes it from the offering's dates (D21).
    """
    with promotions.watched(candidature) as now:
        draft = draft_of(candidature)
        details = _words(draft.decision_type, draft.comment, draft.rank) if draft else None
        return workflow.apply(
            "publish",
            candidature,
            actor=actor,
            now=now,
            details=details,
            decision=draft,
            change=lambda: publication.make_public(candidature, draft, actor, now, confirm_by),
        )


def discard(candidature, *, actor):
    """Delete the opinion not yet published."""
    now = workflow.lock(candidature)
    draft = draft_of(candidature)
    details = _words(draft.decision_type, draft.comment, draft.rank) if draft else None
    return workflow.apply("discard", candidature, actor=actor, now=now, details=details, change=lambda: db.session.delete(draft))


def validate_track(candidature, *, actor):
    """Validate the direct access: the offering's favourable opinion is published at once (domain B16.4)."""
    with promotions.watched(candidature) as now:
        decision = publication.admission(candidature, actor, now)
        return workflow.apply(
            "validate_track",
            candidature,
            actor=actor,
            now=now,
            decision=decision,
            change=lambda: publication.add(candidature, decision, actor, now, waitlisted=False),
        )


def promote(candidature):
    """Call a candidate from the complementary list: published at once, with its own deadline (domain A5, T14)."""
    with promotions.watched(candidature) as now:
        return promotions.publish(candidature, actor=access.SYSTEM, now=now)
