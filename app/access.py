"""Who may do what on which object: pure predicates, and for each scope its SQL twin; no request, no current user."""

from sqlalchemy import and_, exists, false, or_, select, true

from app.enums import Functionality, ScopeKind
from app.models import Candidate, Candidature, Centre, Commission, Form, FormField, FormVersion, Offering, OutboxMessage, ScoringGrid


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


def grants_of(actor, functionality, *, write=False):
    """Return the grants of a staff member that carry a functionality, in write when asked."""
    staff = getattr(actor, "staff_member", None)
    if staff is None or not staff.is_active or not actor.active:
        return []
    return [grant for grant in staff.grants if grant.profile.is_active and _carries(grant.profile, functionality, write)]


def _carries(profile, functionality, write):
    return any(right.functionality == functionality and (right.is_write or not write) for right in profile.rights)


def can(actor, functionality, obj=None, *, write=False):
    """Whether an actor holds a right, on an object when one is given.

    Args:
        functionality: a `Functionality`.
        obj: a candidature, offering, formation, commission or centre; None asks "anywhere at all".
        write: whether changing is meant, not only reading.
    """
    if actor is SYSTEM:
        return True
    grants = grants_of(actor, functionality, write=write)
    if obj is None or not grants:
        return bool(grants)
    centre_id, commission_id = _place(obj)
    return any(_covers(grant, centre_id, commission_id) for grant in grants)


def _covers(grant, centre_id, commission_id):
    if grant.scope == ScopeKind.ALL:
        return True
    if grant.scope == ScopeKind.CENTRE:
        return grant.centre_id == centre_id
    return grant.commission_id == commission_id


def _place(obj):
    """Return the (centre id, commission id) that an object stands in."""
    if isinstance(obj, Candidature):
        obj = obj.offering
    if isinstance(obj, Centre):
        return obj.id, None
    commission = obj if isinstance(obj, Commission) else obj.commission
    return commission.centre_id, commission.id


def commissions_of(actor, functionality, *, write=False):
    """Return the SQL condition on `Commission` for what an actor reaches through a functionality."""
    if actor is SYSTEM:
        return true()
    parts = []
    for grant in grants_of(actor, functionality, write=write):
        if grant.scope == ScopeKind.ALL:
            return true()
        parts.append(Commission.centre_id == grant.centre_id if grant.scope == ScopeKind.CENTRE else Commission.id == grant.commission_id)
    return or_(*parts) if parts else false()


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
    reachable = commissions_of(actor, functionality, write=write)
    if model is Candidature:
        offerings = select(Offering.id).join(Commission, Offering.commission_id == Commission.id).where(reachable)
        return Candidature.offering_id.in_(offerings)
    return model.commission_id.in_(select(Commission.id).where(reachable))


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
    """Rows of candidates who applied somewhere that the actor reaches."""
    if any(grant.scope == ScopeKind.ALL for grant in grants_of(actor, functionality, write=write)):
        return true()
    owner = Candidate.id if model is Candidate else model.candidate_id
    reachable = commissions_of(actor, functionality, write=write)
    applied = select(Candidature.id).join(Offering).join(Commission, Offering.commission_id == Commission.id)
    if model is OutboxMessage:
        return OutboxMessage.candidature_id.in_(applied.where(reachable))
    return exists(applied.where(reachable, Candidature.candidate_id == owner).correlate(model))


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
