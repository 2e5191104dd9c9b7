"""Until when a candidate may act: the effective instants, all exclusive, and the sentences that refuse after them."""

from datetime import timedelta

from flask_babel import format_date
from flask_babel import lazy_gettext as _

from app import clock, parameters
from app.errors import DomainError


def return_by(candidature, *, individual=None):
    """Return the instant until which the dossier may be completed and transmitted, or None (domain B4.4, B16.7).

    An individual date counts only when it is later than the offering's.

    Args:
        individual: a date that would replace the candidature's own.
    """
    own = candidature.offering.return_deadline or candidature.offering.closing
    individual = individual or candidature.individual_return_by
    if own is None or individual is None:
        return own or individual
    return max(own, individual)


def piece_by(candidature, required_piece):
    """Return the instant until which a piece may be deposited: its own deadline, never past the dossier's."""
    whole = return_by(candidature)
    if required_piece.deadline is None or candidature.individual_return_by is not None:
        return whole
    return required_piece.deadline if whole is None else min(required_piece.deadline, whole)


def answer_by(candidature):
    """Return the instant until which an offer may be answered, or None when nothing limits it (domain B16.8, D21)."""
    decision = candidature.published_decision
    if decision is None:
        return None
    return candidature.individual_confirm_by or decision.confirm_by


def answer_by_at_publication(offering, published_at, *, waitlisted=False):
    """Return the answer deadline that a decision published at an instant gets: delay in days, else fixed date, else default.

    Args:
        published_at: instant of publication in UTC: the delay counts from it (domain D21).
        waitlisted: whether the offer comes from the complementary list, which has its own dates.
    """
    centre = offering.commission.centre
    prefix = "waitlist_" if waitlisted else ""
    days = _own_or_inherited(offering, centre, f"{prefix}confirm_days")
    fixed = _own_or_inherited(offering, centre, f"{prefix}confirm_by")
    if days is None and fixed is not None and fixed > published_at:
        return fixed
    days = parameters.get("DEFAULT_ANSWER_DAYS") if days is None else days
    return clock.closing_of(clock.local_day(published_at) + timedelta(days=days))


def _own_or_inherited(offering, centre, name):
    own = getattr(offering, name)
    return own if own is not None else getattr(centre, name)


def is_past(deadline, now):
    """Whether an exclusive deadline is reached; the tolerance is the visible parameter (trust F23)."""
    return deadline is not None and now >= deadline + timedelta(seconds=parameters.get("DEADLINE_GRACE_SECONDS"))


def check_return(candidature, now):
    """Refuse what comes after the return deadline.

    Raises:
        DomainError: with the date passed and whom to write to.
    """
    if is_past(return_by(candidature), now):
        raise DomainError(
            _(
                "La date limite de retour du dossier est passée (%(day)s). Rien n’a été perdu : écrivez à %(contact)s pour demander un délai.",
                day=_day(return_by(candidature)),
                contact=contact_of(candidature),
            )
        )


def check_answer(candidature, now):
    """Refuse an answer after its deadline.

    Raises:
        DomainError: with the date passed and whom to write to.
    """
    if is_past(answer_by(candidature), now):
        raise DomainError(
            _(
                "Le délai de réponse est passé (%(day)s). Écrivez à %(contact)s si vous souhaitez encore répondre.",
                day=_day(answer_by(candidature)),
                contact=contact_of(candidature),
            )
        )


def contact_of(candidature):
    """Return the address to write to about a candidature: its commission's, its centre's, else the institution's."""
    commission = candidature.offering.commission
    return commission.contact_email or commission.centre.contact_email or parameters.get("CONTACT_EMAIL")


def _day(deadline):
    return format_date((deadline - timedelta(microseconds=1)).astimezone(clock.PARIS), "d MMMM y")
