"""What any published opinion changes beside itself: its dates, the answer asked again, the enrolment taken back."""

from flask_babel import lazy_gettext as _

from app import deadlines
from app.enums import Outcome, Stage
from app.errors import DomainError
from app.extensions import db
from app.models import Decision
from app.operations import enrolments


def make_public(candidature, decision, actor, now, confirm_by, *, waitlisted=False):
    """Publish a decision on a locked candidature and ask for the answer anew.

    Args:
        confirm_by: exclusive instant (UTC) for the answer; None computes it from the offering's dates (domain D21).
        waitlisted: whether the offer comes from the complementary list, which has its own dates.
    Raises:
        DomainError: the date is past.
    """
    if confirm_by is not None and confirm_by <= now:
        raise DomainError(_("La date de réponse est passée : choisissez une date à venir."), field="confirm_by")
    staff = actor.staff_member
    decision.stage, decision.published_at, decision.published_by_id = Stage.PUBLISHED, now, staff.id if staff else None
    if decision.decision_type.outcome == Outcome.ADMITTED:
        decision.confirm_by = confirm_by or deadlines.answer_by_at_publication(candidature.offering, now, waitlisted=waitlisted)
    candidature.individual_confirm_by = candidature.withdrawal_reason = None
    candidature.is_answer_automatic, candidature.reminded_answer_at = False, None
    enrolments.retract(candidature)


def admission(candidature, actor, now):
    """Return the offering's favourable opinion, validated and not yet published, for what publishes at once."""
    staff = actor.staff_member
    return Decision(
        decision_type=candidature.offering.admitted_type,
        is_automatic=True,
        created_at=now,
        created_by_id=staff.id if staff else None,
        validated_at=now,
        validated_by_id=staff.id if staff else None,
        stage=Stage.VALIDATED,
    )


def add(candidature, decision, actor, now, *, waitlisted):
    """Publish a decision that `admission` gave."""
    decision.candidature_id = candidature.id
    make_public(candidature, decision, actor, now, None, waitlisted=waitlisted)
    db.session.add(decision)
    db.session.flush()
