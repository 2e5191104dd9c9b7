"""The commission as people know it: its members and president, and the signature put on its letters (features E2)."""

from app import access
from app.enums import Functionality
from app.errors import NotAllowed
from app.extensions import db
from app.models import Centre, Commission, Grant, RightsProfile, StaffMember
from app.operations import accounts, audit, rights, staff
from app.orm import after_commit
from app.storage import vault


def grants_on(place):
    """Return every grant that reaches a centre or a commission, the narrowest first: people, profiles and rights loaded.

    Args:
        place: a `Centre` or a `Commission`.
    """
    centre_id = place.id if isinstance(place, Centre) else place.centre_id
    wider = [Grant.scope == "ALL", Grant.centre_id == centre_id]
    if isinstance(place, Commission):
        wider.append(Grant.commission_id == place.id)
    else:
        wider.append(Grant.commission_id.in_(db.select(Commission.id).where(Commission.centre_id == place.id)))
    person = db.joinedload(Grant.staff_member)
    profile = db.joinedload(Grant.profile).selectinload(RightsProfile.rights)
    options = (person.joinedload(StaffMember.user), profile, db.joinedload(Grant.centre), db.joinedload(Grant.commission))
    chosen = db.select(Grant).join(StaffMember).where(db.or_(*wider)).options(*options)
    found = db.session.scalars(chosen.order_by(StaffMember.last_name, StaffMember.first_name, Grant.id)).all()
    order = {"COMMISSION": 0, "CENTRE": 1, "ALL": 2}
    return sorted(found, key=lambda grant: order[grant.scope.value])


def add_person(place, profile, *, actor, email, first_name, last_name, is_external=False, active_until=None, is_president=False):
    """Give a profile on a place to the person of an address, invited first when nobody of the staff has it.

    Args:
        place: the centre or commission.
        first_name, last_name, is_external, active_until: of a person not known yet; see `staff.invite`.
    Returns:
        (the flushed `Grant`, whether the person was invited).
    Raises:
        NotAllowed, DomainError: see `staff.invite` and `rights.give`.
    """
    known = accounts.by_email(email)
    is_new = known is None or known.staff_member is None
    if is_new:
        asked = {"email": email, "first_name": first_name, "last_name": last_name, "is_external": is_external, "active_until": active_until}
        known = staff.invite(**asked, actor=actor, place=place)
    grant = rights.give(known.staff_member, profile, actor=actor, place=place)
    if is_president:
        rights.set_president(grant, True, actor=actor)
    return grant, is_new


def set_signature(commission, key, *, actor):
    """Put a picture kept by `emblems.keep` as the signature of a commission's letters, or none with None; the caller commits.

    Raises:
        NotAllowed: the actor does not manage this commission.
    """
    if not access.can(actor, Functionality.ORGANISATION, commission, write=True):
        raise NotAllowed("signature")
    before, commission.signature_key = commission.signature_key, key
    db.session.flush()
    audit.record("update", commission, actor=actor, changes={"signature": [bool(before), bool(key)]})
    if before:
        after_commit(db.session, lambda: vault().delete(before))
