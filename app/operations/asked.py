"""What is asked of candidatures, in SQL: every piece with its status, for the columns and filters of lists."""

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from app.enums import PieceStatus
from app.models import Candidature, Commission, Offering, PieceType, RequiredPiece, SubmittedPiece

STATUS = func.coalesce(SubmittedPiece.status, PieceStatus.MISSING)


def asked(*selected, candidature=Candidature):
    """Return the select of the pieces of a candidature with their status: those asked, and those given that no longer are.

    It is the SQL twin of `pieces.lines`; correlate it to the candidature, or join it.
    """
    opening, panel = aliased(Offering), aliased(Commission)
    is_aimed = or_(
        and_(RequiredPiece.centre_id.is_(None), RequiredPiece.offering_id.is_(None)),
        RequiredPiece.centre_id == panel.centre_id,
        RequiredPiece.offering_id == opening.id,
    )
    is_tracked = or_(RequiredPiece.access_track.is_(None), RequiredPiece.access_track == candidature.access_track)
    is_asked = and_(is_aimed, is_tracked, RequiredPiece.is_active, PieceType.is_active)
    own = and_(SubmittedPiece.required_piece_id == RequiredPiece.id, SubmittedPiece.candidature_id == candidature.id)
    return (
        select(*selected)
        .select_from(RequiredPiece)
        .join(PieceType, PieceType.id == RequiredPiece.piece_type_id)
        .join(opening, opening.id == candidature.offering_id)
        .join(panel, panel.id == opening.commission_id)
        .outerjoin(SubmittedPiece, own)
        .where(RequiredPiece.campaign_id == candidature.campaign_id, or_(is_asked, SubmittedPiece.status != PieceStatus.MISSING))
    )
