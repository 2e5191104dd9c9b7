"""What is asked of candidatures, in SQL: every piece with its status, for the columns and filters of lists."""

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from app import audiences
from app.enums import PieceStatus
from app.models import Candidate, Candidature, Commission, Offering, PieceType, RequiredPiece, SubmittedPiece
from app.operations.pieces import HANDED_OVER

STATUS = func.coalesce(SubmittedPiece.status, PieceStatus.MISSING)


def asked(*selected, numbers=None):
    """Return the select of the pieces of a candidature with their status: those asked, and those given that no longer are.

    It is the SQL twin of `pieces.lines`.

    Args:
        numbers: ids of the candidatures; None leaves a select to correlate to the candidature of an outer one.
    """
    opening, panel, person = aliased(Offering), aliased(Commission), aliased(Candidate)
    is_aimed = or_(
        and_(RequiredPiece.centre_id.is_(None), RequiredPiece.offering_id.is_(None)),
        RequiredPiece.centre_id == panel.centre_id,
        RequiredPiece.offering_id == opening.id,
    )
    is_tracked = or_(RequiredPiece.access_track.is_(None), RequiredPiece.access_track == Candidature.access_track)
    is_asked = and_(is_aimed, is_tracked, audiences.condition(RequiredPiece, person), RequiredPiece.is_active, PieceType.is_active)
    own = and_(SubmittedPiece.required_piece_id == RequiredPiece.id, SubmittedPiece.candidature_id == Candidature.id)
    is_open = or_(Candidature.transmission_count == 0, Candidature.file_status.not_in(HANDED_OVER), SubmittedPiece.id.is_not(None))
    of_campaign = RequiredPiece.campaign_id == Candidature.campaign_id
    chosen = select(*selected).where(or_(and_(is_asked, is_open), SubmittedPiece.status != PieceStatus.MISSING))
    if numbers is None:
        chosen = chosen.select_from(RequiredPiece).where(of_campaign)
    else:
        chosen = chosen.select_from(Candidature).join(RequiredPiece, of_campaign).where(Candidature.id.in_(numbers))
    chosen = chosen.join(PieceType, PieceType.id == RequiredPiece.piece_type_id)
    chosen = chosen.join(opening, opening.id == Candidature.offering_id).join(panel, panel.id == opening.commission_id)
    chosen = chosen.join(person, person.id == Candidature.candidate_id)
    return chosen.outerjoin(SubmittedPiece, own)
