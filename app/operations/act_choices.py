"""What the page of a bulk act offers to choose from, in the centres that a person reaches."""

from sqlalchemy import or_, select

from app import access
from app.enums import Functionality, ReasonKind
from app.extensions import db
from app.models import Candidate, Candidature, Commission, DecisionReason, DecisionType, Tag

ORDERS = {
    "name": (Candidate.last_name, Candidate.first_name),
    "score": (Candidature.score.desc().nulls_last(), Candidate.last_name),
    "transmitted": (Candidature.transmitted_at.asc().nulls_last(),),
}


def _reached(model, actor, right):
    """Return the condition for the rows of the university and of the centres where an actor holds a right."""
    centres = select(Commission.centre_id).where(access.commissions_of(actor, right, write=True))
    return or_(model.centre_id.is_(None), model.centre_id.in_(centres))


def decision_types(actor):
    """Return the decision types in service that an actor may propose somewhere."""
    chosen = select(DecisionType).where(DecisionType.is_active, _reached(DecisionType, actor, Functionality.PROPOSE_DECISION))
    return db.session.scalars(chosen.order_by(DecisionType.outcome, DecisionType.id)).all()


def reasons(actor):
    """Return the reasons of refusal in service that an actor may give somewhere."""
    mine = _reached(DecisionReason, actor, Functionality.PROPOSE_DECISION)
    chosen = select(DecisionReason).where(DecisionReason.kind == ReasonKind.REFUSAL, DecisionReason.is_active, mine)
    return db.session.scalars(chosen.order_by(DecisionReason.code)).all()


def tags(actor):
    """Return the tags that an actor may put somewhere."""
    chosen = select(Tag).where(Tag.is_active, _reached(Tag, actor, Functionality.TAGS))
    return db.session.scalars(chosen.order_by(Tag.name, Tag.id)).all()


def in_order(numbers, order):
    """Return numbers of candidatures in an order of work: a key of `ORDERS`; any other leaves them as they are."""
    if order not in ORDERS or not numbers:
        return numbers
    chosen = select(Candidature.id).join(Candidature.candidate).where(Candidature.id.in_(numbers))
    return db.session.scalars(chosen.order_by(*ORDERS[order], Candidature.id)).all()
