"""The enrolment proposal that a confirmation opens, and the ledger that the student system must follow."""

from sqlalchemy import select

from app import parameters
from app.enums import LedgerState
from app.extensions import db
from app.models import EnrolmentLine, EnrolmentProposal


def expect(candidature):
    """Return the candidate's proposal for the campaign with a line for this candidature, made when needed.

    One proposal per candidate and campaign holds all confirmed candidatures (domain B11.2); None when the decision
    type opens no enrolment.
    """
    if not candidature.published_decision.decision_type.is_enrolling:
        return None
    proposal = _proposal_of(candidature) or _open(candidature)
    line = candidature.enrolment_line
    if line is None:
        db.session.add(EnrolmentLine(proposal=proposal, candidature=candidature))
    else:
        line.state = LedgerState.EXPECTED
    db.session.flush()
    return proposal


def retract(candidature):
    """Take back the line of a candidature no longer confirmed; the student system will be told (domain D4)."""
    line = candidature.enrolment_line
    if line is not None and line.state != LedgerState.RETRACTED:
        line.state = LedgerState.RETRACTED
        db.session.flush()


def _proposal_of(candidature):
    return db.session.scalar(
        select(EnrolmentProposal).where(
            EnrolmentProposal.candidate_id == candidature.candidate_id, EnrolmentProposal.campaign_id == candidature.campaign_id
        )
    )


def _open(candidature):
    """Open a proposal: prefix and dossier number the first year (10 characters), a free suffix afterwards."""
    base = f"{parameters.get('ENROLMENT_PREFIX')}{candidature.candidate.dossier_number}"[:10]
    taken = set(db.session.scalars(select(EnrolmentProposal.opi_number).where(EnrolmentProposal.candidate_id == candidature.candidate_id)))
    number, suffix = base, 0
    while number in taken and suffix < 36:
        number = base[:9] + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[suffix]
        suffix += 1
    proposal = EnrolmentProposal(candidate_id=candidature.candidate_id, campaign_id=candidature.campaign_id, opi_number=number)
    db.session.add(proposal)
    db.session.flush()
    return proposal
