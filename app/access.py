"""Who may do what on which object: pure predicates, and for each scope its SQL twin; no request, no current user."""

from sqlalchemy import and_, exists, false, or_, select, true

from app import clock
from app.enums import Functionality, ScopeKind
from app.models import (
    Candidate,
    Candidature,
    Centre,
    Commission,
    Form,
    FormField,
    FormVersion,
    Offering,
    OutboxMessage,
    Recusal,
    ScoringGrid,
)


class System:
    """The actor of what nobody does by hand: batches, checks, automatic acts."""

    id = None
    candidate = None
    staff_member = None
    active = True


SYSTEM = System()


def owns(actor, obj):
    """Whether the actor is the candidate that this candidature (or message, or proposal) belongs to."""
    return actor is not None and actor.candidate is not None and actor.candidate.id == obj.candidate_id


def in_service(staff):
    """Whether a staff member's access is open today: in service, and not past the last day that was set."""
    return staff.is_active and (staff.active_until is None or clock.local_day(clock.now()) <= staff.active_until)


def grants_of(actor, functionality, *, write=False):
    """Return the grants of a staff member that carry a functionality, in write when asked."""
    staff = getattr(actor, "staff_member", None)
    if staff is None or not actor.active or not in_service(staff):
        return []
    return [grant for grant in staff.grants if grant.profile.is_active and _carries(grant.profile, functionality, write)]


def _carries(profile, functionality, write):
    return any(right.functionality == functionality and (right.is_write or not write) for right in profile.rights)


def can(actor, functionality, obj=None, *, write=False):
    """Whether an actor holds a right, on an object when one is given.

    Args:
        functionality: a `Functionality`.
        obj: a candidature, offering, formation, commission or centre; None asks "anywhere at all". A candidature must also have
            a status that the grant's profile sees, and the actor must not be recused from it (see `candidatures_of`).
        write: whether changing is meant, not only reading.
    """
    if actor is SYSTEM:
        return True
    grants = grants_of(actor, functionality, write=write)
    if obj is None or not grants:
        return bool(grants)
    centre_id, commission_id = _place(obj)
    return any(_covers(grant, centre_id, commission_id) and _opens(grant, obj) for grant in grants)


def _covers(grant, centre_id, commission_id):
    if grant.scope == ScopeKind.ALL:
        return True
    if grant.scope == ScopeKind.CENTRE:
        return grant.centre_id == centre_id
    return grant.commission_id == commission_id


def grants_over(actor, functionality, place, *, write=False):
    """Return the grants of an actor that carry a functionality over the whole of a place: a centre, a commission, None for everything."""
    grants = grants_of(actor, functionality, write=write)
    if place is None:
        return [grant for grant in grants if grant.scope == ScopeKind.ALL]
    return [grant for grant in grants if _covers(grant, *_place(place))]


def _opens(grant, obj):
    """Whether a grant that covers where a candidature stands opens that very one; the SQL twin is `_narrowed`."""
    if not isinstance(obj, Candidature):
        return True
    seen = grant.profile.visible_statuses
    if seen is not None and obj.file_status not in seen:
        return False
    return grant.scope != ScopeKind.COMMISSION or obj.id not in {recusal.candidature_id for recusal in grant.staff_member.recusals}


def _place(obj):
    """Return the (centre id, commission id) that an object stands in."""
    if isinstance(obj, Candidature):
        obj = obj.offering
    if isinstance(obj, Centre):
        return obj.id, None
    commission = obj if isinstance(obj, Commission) else obj.commission
    return commission.centre_id, commission.id


def commissions_of(actor, functionality, *, write=False):
    """Return the SQL condition on `Commission` for what an actor reaches through a functionality.

    Candidatures are narrower than their commissions: their condition is `candidatures_of`.
    """
    if actor is SYSTEM:
        return true()
    parts = []
    for grant in grants_of(actor, functionality, write=write):
        if grant.scope == ScopeKind.ALL:
            return true()
        parts.append(Commission.centre_id == grant.centre_id if grant.scope == ScopeKind.CENTRE else Commission.id == grant.commission_id)
    return or_(*parts) if parts else false()


def candidatures_of(actor, functionality, *, write=False):
    """Return the SQL condition on `Candidature` for what an actor reaches through a functionality.

    Grants add up. Each opens the candidatures of its place whose status its profile sees; one limited to a commission opens
    none of those from which the person is recused, while managers of the centre still reach them.
    """
    if actor is SYSTEM:
        return true()
    places = {}
    for grant in grants_of(actor, functionality, write=write):
        seen = grant.profile.visible_statuses
        if grant.scope == ScopeKind.ALL and seen is None:
            return true()
        kind = (None if seen is None else tuple(sorted(seen)), grant.scope == ScopeKind.COMMISSION)
        places.setdefault(kind, []).append(_commissions_in(grant))
    return or_(*(_narrowed(kind, or_(*where), actor) for kind, where in places.items())) if places else false()


def _commissions_in(grant):
    if grant.scope == ScopeKind.ALL:
        return true()
    return Commission.centre_id == grant.centre_id if grant.scope == ScopeKind.CENTRE else Commission.id == grant.commission_id


def _narrowed(kind, place, actor):
    """Return the SQL condition on `Candidature` of grants of one kind (statuses seen, whether a recusal closes) on some places."""
    statuses, is_of_commission = kind
    parts = [Candidature.offering_id.in_(select(Offering.id).join(Commission, Offering.commission_id == Commission.id).where(place))]
    if statuses is not None:
        parts.append(Candidature.file_status.in_(statuses))
    if is_of_commission:
        recused = select(Recusal.candidature_id).where(Recusal.staff_member_id == actor.staff_member.id)
        parts.append(Candidature.id.not_in(recused))
    return and_(*parts)


def _centres_of(actor, functionality, write):
    parts = []
    for grant in grants_of(actor, functionality, write=write):
        if grant.scope == ScopeKind.ALL:
            return true()
        if grant.scope == ScopeKind.CENTRE:
            parts.append(Centre.id == grant.centre_id)
    return or_(*parts) if parts else false()


def scope_for(model, actor, *, write=False, right=None):
    """Return the SQL condition selecting the rows of a managed model that an actor reaches.

    A model without a rule, or an actor without the right, gives `false()`: forgetting shows nothing, never everything.

    Args:
        right: the `Functionality` to go through; the model's own when None.
    """
    meta = getattr(model, "__managed__", None)
    if actor is SYSTEM:
        return true()
    if actor is None or meta is None:
        return false()
    functionality = right or Functionality(meta.right)
    if meta.scope is None:
        everywhere = any(grant.scope == ScopeKind.ALL for grant in grants_of(actor, functionality, write=write))
        return true() if everywhere else false()
    return SCOPES[meta.scope](model, actor, functionality, write)


def _commission_rows(model, actor, functionality, write):
    if model is Candidature:
        return candidatures_of(actor, functionality, write=write)
    return model.commission_id.in_(select(Commission.id).where(commissions_of(actor, functionality, write=write)))


def _centre_rows(model, actor, functionality, write):
    if model is Commission:
        return commissions_of(actor, functionality, write=write)
    return _centres_of(actor, functionality, write)


def _shared_centre_rows(model, actor, functionality, write):
    """Rows of a centre, and (to read only) those of the whole university."""
    own = model.centre_id.in_(select(Centre.id).where(_centres_of(actor, functionality, write)))
    everywhere = any(grant.scope == ScopeKind.ALL for grant in grants_of(actor, functionality, write=write))
    readable = not write and bool(grants_of(actor, functionality))
    return or_(own, model.centre_id.is_(None)) if everywhere or readable else own


def _target_rows(model, actor, functionality, write):
    """Rows aimed at everything, at a centre, or at an offering."""
    common = and_(model.centre_id.is_(None), model.offering_id.is_(None))
    reachable = select(Offering.id).join(Commission, Offering.commission_id == Commission.id)
    of_offering = model.offering_id.in_(reachable.where(commissions_of(actor, functionality, write=write)))
    of_centre = model.centre_id.in_(select(Centre.id).where(_centres_of(actor, functionality, write)))
    everywhere = any(grant.scope == ScopeKind.ALL for grant in grants_of(actor, functionality, write=write))
    if everywhere or (not write and grants_of(actor, functionality)):
        return or_(common, of_centre, of_offering)
    return or_(of_centre, of_offering)


def _form_rows(model, actor, functionality, write):
    forms = select(FormVersion.id).join(Form).where(_shared_centre_rows(Form, actor, functionality, write))
    return FormField.form_version_id.in_(forms)


def _candidate_rows(model, actor, functionality, write):
    """Rows of candidates of whom the actor reaches a candidature (all of them, applied or not, with an unrestricted grant on everything)."""
    grants = grants_of(actor, functionality, write=write)
    if any(grant.scope == ScopeKind.ALL and grant.profile.visible_statuses is None for grant in grants):
        return true()
    owner = Candidate.id if model is Candidate else model.candidate_id
    applied = select(Candidature.id).where(candidatures_of(actor, functionality, write=write))
    if model is OutboxMessage:
        return OutboxMessage.candidature_id.in_(applied)
    return exists(applied.where(Candidature.candidate_id == owner).correlate(model))


def _grid_rows(model, actor, functionality, write):
    """Criteria of the grids in reach."""
    return model.grid_id.in_(select(ScoringGrid.id).where(_shared_centre_rows(ScoringGrid, actor, functionality, write)))


SCOPES = {
    "commission": _commission_rows,
    "centre": _centre_rows,
    "shared_centre": _shared_centre_rows,
    "target": _target_rows,
    "form": _form_rows,
    "grid": _grid_rows,
    "candidate": _candidate_rows,
}
