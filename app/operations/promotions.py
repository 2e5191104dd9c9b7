"""Calls from the complementary list: exactly what the seats allow, in order, each with what freed its place (domain D12)."""

from contextlib import contextmanager

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app import access, clock, ranks, workflow
from app.enums import Answer, Functionality, Outcome, PromotionCause, PromotionMode, PromotionState
from app.errors import Conflict, DomainError, NotAllowed
from app.extensions import db
from app.models import Promotion
from app.operations import audit, publication, seats


def holds_place(candidature):
    """Whether a candidature holds a place: an offer not given up."""
    return candidature.outcome == Outcome.ADMITTED and candidature.answer != Answer.WITHDRAWN


@contextmanager
def watched(candidature):
    """Lock the seats then the candidature for an act, give the instant, and offer afterwards the place that the act freed.

    Everything is in the caller's transaction: the act and the call it entails are durable together or not at all.
    """
    now = workflow.lock(candidature, seats=True)
    held = holds_place(candidature)
    yield now
    offering = candidature.offering
    if held and not holds_place(candidature):
        freed(offering, cause=_cause(candidature), by=candidature, now=now)
        return
    arrange(offering, now=now)


def _cause(candidature):
    if candidature.answer != Answer.WITHDRAWN:
        return PromotionCause.DECISION
    return PromotionCause.LAPSE if candidature.is_answer_automatic else PromotionCause.WITHDRAWAL


def freed(offering, *, cause, by=None, places=1, now=None):
    """Propose the places just freed to the next persons of the list, and call them when the offering does so by itself.

    One place freed is one call at most, and none while the offers already made fill the seats. Without a number of places,
    each place freed is one call (domain B4.6). The caller holds the lock of the seats.

    Args:
        by: the candidature that freed the place, when one did.
        places: how many places were freed.
    Returns:
        The promotions made or proposed.
    """
    if offering.promotion_mode == PromotionMode.NONE or not offering.has_waiting_list:
        return []
    pending = pending_of(offering.id)
    room = _room(offering, places, len(pending))
    listed = db.session.scalars(ranks.in_order(offering.id).limit(len(pending) + room)).all()
    made = [_open(offering, person, cause, by, now) for person in listed[len(pending) :]]
    db.session.flush()
    arrange(offering, now=now)
    return made


def _room(offering, places, pending):
    if offering.capacity is None:
        return places
    return max(0, min(places, seats.of(offering).free - pending))


def _open(offering, person, cause, by, now):
    promotion = Promotion(
        offering_id=offering.id,
        candidature=person,
        freed_by=by,
        cause=cause,
        capacity=offering.capacity,
        rank=person.rank,
        real_rank=person.real_rank,
        at=now or clock.now(),
    )
    db.session.add(promotion)
    return promotion


def pending_of(offering_id):
    """Return the promotions of an offering that wait for a decision, oldest first."""
    chosen = select(Promotion).where(Promotion.offering_id == offering_id, Promotion.state == PromotionState.PROPOSED)
    return db.session.scalars(chosen.order_by(Promotion.id)).all()


def arrange(offering, *, now=None):
    """Keep the proposals in the order of the list as it now is, and make those that the offering makes by itself.

    A proposal is a place, not a person: it always goes to the first who wait, and is dropped when nobody does.
    """
    pending = pending_of(offering.id)
    if not pending:
        return
    now = now or clock.now()
    listed = db.session.scalars(ranks.in_order(offering.id).limit(len(pending))).all()
    for promotion, person in zip(pending, listed, strict=False):
        promotion.candidature, promotion.rank, promotion.real_rank = person, person.rank, person.real_rank
    for promotion in pending[len(listed) :]:
        _close(promotion, PromotionState.DISMISSED, access.SYSTEM, now)
    db.session.flush()
    if offering.promotion_mode == PromotionMode.AUTOMATIC:
        for promotion in pending[: len(listed)]:
            _call_by_itself(promotion)


def _call_by_itself(promotion):
    """Call the person of a promotion if seats and workflow allow; else it stays proposed, for a manager to look at."""
    offering, person = promotion.offering, promotion.candidature
    now = workflow.lock(person)
    if offering.capacity is not None and seats.of(offering).free < 1:
        return
    if workflow.refusal("promote", person, access.SYSTEM, now) is None:
        _call(promotion, access.SYSTEM, now)


def _call(promotion, actor, now):
    person = promotion.candidature
    promotion.rank, promotion.real_rank = person.rank, person.real_rank
    publish(person, actor=actor, now=now, details={"promotion": promotion.id, "rank": person.rank, "cause": promotion.cause.value})
    _close(promotion, PromotionState.DONE, actor, now)
    db.session.flush()


def publish(candidature, *, actor, now, details=None):
    """Publish the favourable opinion to a locked candidature of the list, with its own deadline (domain A5, T14)."""
    decision = publication.admission(candidature, actor, now)
    return workflow.apply(
        "promote",
        candidature,
        actor=actor,
        now=now,
        decision=decision,
        details=details,
        change=lambda: publication.add(candidature, decision, actor, now, waitlisted=True),
        context={"avis": {"appel": "1"}},
    )


def _close(promotion, state, actor, now):
    staff = actor.staff_member
    promotion.state, promotion.decided_at, promotion.decided_by_id = state, now, staff.id if staff else None


# --- what a person decides ---


def accept(promotion, *, actor, seen=None, over_capacity=False):
    """Offer the place that a promotion proposes.

    Args:
        seen: public number of the person whom the page showed; another one now is a conflict.
        over_capacity: the person says to offer it though no seat is left; it is recorded and audited.
    Raises:
        NotAllowed: without the right. Conflict: decided already, or the list moved. DomainError: not the first, or no seat.
    """
    offering = _hold(promotion.offering_id, actor)
    db.session.refresh(promotion)
    _check_pending(promotion, seen)
    first = db.session.scalars(ranks.in_order(offering.id).limit(1)).first()
    if first is None or first.id != promotion.candidature_id:
        raise DomainError(_("Les places se proposent dans l’ordre de la liste : acceptez d’abord la première proposition."))
    now = workflow.lock(promotion.candidature)
    free = seats.of(offering).free
    if free is not None and free < 1:
        _say_over(promotion, free, actor, over_capacity)
    _call(promotion, actor, now)
    arrange(offering, now=now)


def _check_pending(promotion, seen):
    if promotion.state != PromotionState.PROPOSED:
        raise Conflict(_("Cette place a déjà été décidée : rechargez la page pour voir par qui."))
    if seen is not None and seen != promotion.candidature.public_id:
        raise Conflict(_("La liste a changé depuis que vous l’avez ouverte : vérifiez qui est appelé, puis recommencez."))


def _say_over(promotion, free, actor, over_capacity):
    if not over_capacity:
        raise DomainError(_("Il ne reste aucune place. Ajoutez des places, ou cochez « même au-delà des places »."), field="over_capacity")
    promotion.is_over_capacity = True
    changes = {"capacity": promotion.offering.capacity, "over": 1 - free}
    audit.write("over_capacity", "Offering", str(promotion.offering_id), actor=actor, changes=changes)


def dismiss(promotion, *, actor):
    """Leave empty the place that a promotion proposes; those still proposed keep the order of the list.

    Raises:
        NotAllowed: without the right. Conflict: decided already.
    """
    offering = _hold(promotion.offering_id, actor)
    db.session.refresh(promotion)
    _check_pending(promotion, None)
    now = clock.now()
    _close(promotion, PromotionState.DISMISSED, actor, now)
    db.session.flush()
    arrange(offering, now=now)


def accept_all(offering, *, actor):
    """Offer every place proposed, in order, while seats are left; return how many were."""
    done = 0
    for _number in range(len(pending_of(_hold(offering.id, actor).id))):
        waiting = pending_of(offering.id)
        free = seats.of(offering).free
        if not waiting or (free is not None and free < 1):
            break
        accept(waiting[0], actor=actor)
        done += 1
    return done


def dismiss_all(offering, *, actor):
    """Leave empty every place proposed; return how many were."""
    _hold(offering.id, actor)
    now, waiting = clock.now(), pending_of(offering.id)
    for promotion in waiting:
        _close(promotion, PromotionState.DISMISSED, actor, now)
    db.session.flush()
    return len(waiting)


def call(offering, count, *, actor, over_capacity=False):
    """Call the next persons of the list by hand, as when free places were never offered.

    Args:
        count: how many persons, at least 1.
        over_capacity: the person says to call them though no seat is left for all.
    Raises:
        NotAllowed: without the right. DomainError: nobody waits, or the seats do not allow so many.
    """
    offering = _hold(offering.id, actor)
    pending, free = pending_of(offering.id), seats.of(offering).free
    if count < 1:
        raise DomainError(_("Indiquez combien de personnes appeler, au moins une."), field="count")
    if free is not None and count > max(0, free - len(pending)) and not over_capacity:
        raise DomainError(
            _(
                "%(free)s place(s) à offrir : appelez moins de personnes, ou cochez « même au-delà des places ».",
                free=max(0, free - len(pending)),
            ),
            field="count",
        )
    listed = db.session.scalars(ranks.in_order(offering.id).limit(count)).all()
    if len(listed) < count:
        raise DomainError(_("La liste complémentaire n’a pas autant de personnes à appeler."), field="count")
    proposed = {promotion.candidature_id: promotion for promotion in pending}
    for person in listed:  # in the order of the list: a proposal that waits for its answer is taken with it
        promotion = proposed.get(person.id) or _open(offering, person, PromotionCause.CALL, None, None)
        db.session.flush()
        now = workflow.lock(promotion.candidature)
        left = seats.of(offering).free
        if left is not None and left < 1:
            _say_over(promotion, left, actor, over_capacity)
        _call(promotion, actor, now)
    arrange(offering)


def set_capacity(offering, capacity, *, actor):
    """Change the number of places (None: not set); places added go to the next of the list.

    Raises:
        NotAllowed: without the right.
    """
    if not access.can(actor, Functionality.FORMATIONS, offering, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit de changer le nombre de places de cette formation."))
    offering = seats.lock(offering.id)
    before = offering.capacity
    if capacity == before:
        return []
    offering.capacity = capacity
    db.session.flush()
    audit.record("update", offering, actor=actor, changes={"capacity": [before, capacity]})
    return capacity_changed(offering, before)


def capacity_changed(offering, before):
    """Offer the places added to an offering since it had `before` of them; the caller holds the lock of the seats."""
    if before is None or offering.capacity is None or offering.capacity <= before:
        return []
    return freed(offering, cause=PromotionCause.CAPACITY, places=offering.capacity - before)


def refresh(offering_id):
    """Write the real ranks of an offering again and put its proposals in order (nightly); return how many ranks moved."""
    offering = seats.lock(offering_id)
    moved = ranks.renew(offering_id)
    arrange(offering)
    return moved


def _hold(offering_id, actor):
    offering = seats.lock(offering_id)
    if not access.can(actor, Functionality.SEATS, offering, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit de gérer les places de cette formation."))
    return offering
