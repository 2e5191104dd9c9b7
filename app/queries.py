"""Selects used twice or more, with the loader options that keep their number of queries constant."""

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from app import audiences, clock
from app.enums import MessageState
from app.extensions import db
from app.models import (
    Campaign,
    Candidate,
    Candidature,
    CandidatureEvent,
    Commission,
    Decision,
    DecisionType,
    Formation,
    Offering,
    OutboxMessage,
    PieceType,
    RequiredForm,
    RequiredPiece,
    SubmittedPiece,
    User,
)


def running_campaign():
    """Return the campaign now running, or None."""
    return db.session.scalar(select(Campaign).where(Campaign.is_running, Campaign.archived_at.is_(None)))


def is_at_work():
    """Return the SQL condition on `Campaign` for "its dossiers go on": it runs, or is closed to new candidatures and not archived."""
    return and_(Campaign.archived_at.is_(None), or_(Campaign.is_running, Campaign.closed_at.is_not(None)))


def is_open(now):
    """Return the SQL condition on `Offering` for "a candidature can be created at this instant" (domain T1)."""
    return and_(
        Offering.is_published,
        Formation.is_active,
        Offering.opening.is_not(None),
        Offering.opening <= now,
        Offering.closing > now,
        Campaign.is_running,
        Campaign.starts_at <= now,
        func.coalesce(Campaign.candidates_end_at, Campaign.ends_at) > now,
    )


def open_offering_count(campaign, now):
    """Count the offerings that a candidate can choose now."""
    if campaign is None:
        return 0
    chosen = select(func.count()).select_from(Offering).join(Formation).join(Campaign)
    return db.session.scalar(chosen.where(Offering.campaign_id == campaign.id, is_open(now)))


def offering_of(code, campaign):
    """Return the published offering of a formation's code in a campaign, ready to show, or None."""
    if campaign is None:
        return None
    return db.session.scalar(
        select(Offering)
        .join(Offering.formation)
        .where(Formation.code == code, Formation.is_active, Offering.campaign_id == campaign.id, Offering.is_published)
        .options(
            contains_eager(Offering.formation).joinedload(Formation.diploma_type),
            joinedload(Offering.commission).joinedload(Commission.centre),
            joinedload(Offering.campaign),
        )
    )


def _aimed_at(model, offering, campaign_id):
    """Return the condition for what is asked of an offering: of all, of its centre, or of itself (domain B5.1)."""
    centre_id = offering.commission.centre_id
    return and_(
        model.campaign_id == campaign_id,
        or_(
            and_(model.centre_id.is_(None), model.offering_id.is_(None)),
            model.centre_id == centre_id,
            model.offering_id == offering.id,
        ),
    )


def required_pieces(offering, *, track=None, candidate=None):
    """Return the pieces asked of an offering for an access track, in order; unanswered retired ones are left out.

    Args:
        candidate: the person of whom they are asked; None for those of every profile.
    """
    found = db.session.scalars(
        select(RequiredPiece)
        .join(RequiredPiece.piece_type)
        .where(
            _aimed_at(RequiredPiece, offering, offering.campaign_id),
            RequiredPiece.is_active,
            PieceType.is_active,
            or_(RequiredPiece.access_track.is_(None), RequiredPiece.access_track == track),
        )
        .options(contains_eager(RequiredPiece.piece_type))
        .order_by(RequiredPiece.position, RequiredPiece.id)
    ).all()
    return _of(candidate, found)


def _of(candidate, asked):
    return asked if candidate is None else [row for row in asked if audiences.reaches(row, candidate)]


def required_forms(offering, *, candidate=None):
    """Return the forms asked of an offering, in order; of one candidate, or of every profile."""
    found = db.session.scalars(
        select(RequiredForm)
        .where(_aimed_at(RequiredForm, offering, offering.campaign_id), RequiredForm.is_active, RequiredForm.form.has(is_active=True))
        .options(joinedload(RequiredForm.form))
        .order_by(RequiredForm.position, RequiredForm.id)
    ).all()
    return _of(candidate, found)


def whole(candidature_id=None):
    """Return the select of candidatures with all that their page shows."""
    chosen = select(Candidature).options(
        joinedload(Candidature.offering).joinedload(Offering.formation).joinedload(Formation.diploma_type),
        joinedload(Candidature.offering).joinedload(Offering.commission).joinedload(Commission.centre),
        joinedload(Candidature.campaign),
        joinedload(Candidature.candidate).joinedload(Candidate.user),
        joinedload(Candidature.published_decision).joinedload(Decision.decision_type),
        joinedload(Candidature.published_decision).joinedload(Decision.reason),
        joinedload(Candidature.withdrawal_reason),
        joinedload(Candidature.enrolment_line),
        selectinload(Candidature.pieces).joinedload(SubmittedPiece.file_version),
        selectinload(Candidature.pieces).joinedload(SubmittedPiece.required_piece).joinedload(RequiredPiece.piece_type),
        selectinload(Candidature.transmissions),
    )
    return chosen if candidature_id is None else chosen.where(Candidature.id == candidature_id)


def candidatures_of(candidate, campaign=None):
    """Return a candidate's candidatures with what their list shows, newest first."""
    chosen = (
        select(Candidature)
        .where(Candidature.candidate_id == candidate.id)
        .options(
            joinedload(Candidature.offering).joinedload(Offering.formation),
            joinedload(Candidature.offering).joinedload(Offering.commission).joinedload(Commission.centre),
            joinedload(Candidature.campaign),
            joinedload(Candidature.published_decision).joinedload(Decision.decision_type),
        )
        .order_by(Candidature.cancelled_at.is_not(None), Candidature.id.desc())
    )
    return db.session.scalars(chosen if campaign is None else chosen.where(Candidature.campaign_id == campaign.id)).all()


def live_count(candidate_id, campaign_id, *, centre_id=None):
    """Count a candidate's candidatures that use up the quota: all but the cancelled ones (domain B16.10)."""
    chosen = (
        select(func.count())
        .select_from(Candidature)
        .where(Candidature.candidate_id == candidate_id, Candidature.campaign_id == campaign_id, Candidature.cancelled_at.is_(None))
    )
    if centre_id is not None:
        chosen = chosen.join(Offering, Candidature.offering_id == Offering.id).join(Commission, Offering.commission_id == Commission.id)
        chosen = chosen.where(Commission.centre_id == centre_id)
    return db.session.scalar(chosen)


def decision_types(centre_id):
    """Return the decision types in service that a centre may use."""
    return db.session.scalars(
        select(DecisionType)
        .where(DecisionType.is_active, or_(DecisionType.centre_id.is_(None), DecisionType.centre_id == centre_id))
        .order_by(DecisionType.outcome, DecisionType.id)
    ).all()


def timeline(candidature):
    """Return the events of a candidature, oldest first, with who acted."""
    return db.session.scalars(
        select(CandidatureEvent)
        .where(CandidatureEvent.candidature_id == candidature.id)
        .options(joinedload(CandidatureEvent.actor).joinedload(User.staff_member))
        .order_by(CandidatureEvent.sequence)
    ).all()


GATHERED = ("pieces_reviewed", "acted_for_you")  # small news wait for each other: they are read while they wait


def readable_by_candidate():
    """Return the SQL condition on messages that their candidate may read: neither taken back nor still held (domain D23)."""
    held = and_(
        OutboxMessage.state == MessageState.PENDING,
        OutboxMessage.attempts == 0,
        OutboxMessage.not_before > clock.now(),
        OutboxMessage.kind.not_in(GATHERED),
    )
    return and_(OutboxMessage.state != MessageState.RECALLED, ~held)


def unread_count(candidate):
    """Count the messages that a candidate has not opened."""
    return db.session.scalar(
        select(func.count())
        .select_from(OutboxMessage)
        .where(OutboxMessage.candidate_id == candidate.id, OutboxMessage.read_at.is_(None), readable_by_candidate())
    )
