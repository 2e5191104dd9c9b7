"""The ranks entered for opinions not yet published: read in order, and moved one place at a time."""

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from app import access, clock, journal, workflow
from app.enums import Functionality, Outcome, PromotionMode, Stage
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import Candidature, Decision, DecisionType
from app.operations import audit, promotions, seats


def drafts(offering_id):
    """Return the opinions "complementary list" of an offering not yet published, in the order of their ranks."""
    return db.session.scalars(
        select(Decision)
        .join(Decision.decision_type)
        .join(Candidature, Decision.candidature_id == Candidature.id)
        .where(Candidature.offering_id == offering_id, DecisionType.outcome == Outcome.WAITLISTED, Decision.stage != Stage.PUBLISHED)
        .options(contains_eager(Decision.decision_type), joinedload(Decision.candidature).joinedload(Candidature.candidate))
        .order_by(Decision.rank, Decision.id)
    ).all()


def move(offering, decision_id, step, *, actor):
    """Move a draft one place up (-1) or down (+1) the list; ranks entered twice are told apart on the way.

    Raises:
        NotAllowed: without the right. DomainError: published meanwhile, or already at the end.
    """
    offering = seats.lock(offering.id)
    if not access.can(actor, Functionality.SEATS, offering, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit de gérer les places de cette formation."))
    rows = drafts(offering.id)
    for number in sorted(row.candidature_id for row in rows):
        workflow.lock(db.session.get(Candidature, number))
    rows = drafts(offering.id)
    place = next((place for place, row in enumerate(rows) if row.id == decision_id), None)
    if place is None:
        raise DomainError(_("Cet avis vient d’être publié ou supprimé : rechargez la page."))
    if not 0 <= place + step < len(rows):
        raise DomainError(_("Cette personne est déjà au bout de la liste."))
    ranks = _apart([row.rank for row in rows])
    rows[place], rows[place + step] = rows[place + step], rows[place]
    for row, rank in zip(rows, ranks, strict=True):
        if row.rank != rank:
            row.rank = rank
            journal.record("rank", row.candidature, actor=actor, details={"rank": rank}, now=clock.now())
    db.session.flush()


def _apart(ranks):
    """Return ranks as they are, but each above the one before."""
    apart, last = [], 0
    for rank in ranks:
        last = max(rank, last + 1)
        apart.append(last)
    return apart


def set_mode(offering, mode, *, actor):
    """Choose whether freed places are offered by themselves, proposed to a manager, or never; proposals waiting follow.

    Raises:
        NotAllowed: without the right.
    """
    offering = seats.lock(offering.id)
    if not access.can(actor, Functionality.SEATS, offering, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit de gérer les places de cette formation."))
    before, mode = offering.promotion_mode, PromotionMode(mode)
    if mode == before:
        return
    offering.promotion_mode = mode
    db.session.flush()
    audit.record("update", offering, actor=actor, changes={"promotion_mode": [before.value, mode.value]})
    promotions.arrange(offering)
