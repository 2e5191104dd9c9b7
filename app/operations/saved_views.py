"""Columns, filters and order of the list kept under a name: one's own, and those that colleagues of the same places share."""

from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from app.enums import Functionality, ScopeKind
from app.errors import DomainError
from app.extensions import db
from app.models import Grant, SavedView, StaffMember
from app.operations import asked_columns, filters

MOST = 100  # views of one person
LONGEST = 100  # characters of a name


def visible(actor):
    """Return the views that an actor may open: his own, then the shared ones, each by name."""
    own = SavedView.owner_id == actor.staff_member.id
    whole = joinedload(SavedView.owner).selectinload(StaffMember.grants).joinedload(Grant.commission)
    found = db.session.scalars(select(SavedView).where(or_(own, SavedView.is_shared)).options(whole).order_by(SavedView.name)).all()
    known = _known_keys([view for view in found if not is_own(view, actor)], actor)
    open_to_him = [view for view in found if is_own(view, actor) or _is_for(view, actor, known)]
    return sorted(open_to_him, key=lambda view: not is_own(view, actor))


def find(public_id, actor, *, own=False):
    """Return a view that an actor may open (or change, when `own`), or None."""
    chosen = select(SavedView).where(SavedView.public_id == public_id)
    view = db.session.scalar(
        chosen.options(joinedload(SavedView.owner).options(selectinload(StaffMember.grants).joinedload(Grant.commission)))
    )
    if view is None or is_own(view, actor):
        return view
    return view if not own and view.is_shared and _is_for(view, actor, _known_keys([view], actor)) else None


def is_own(view, actor):
    """Whether a view belongs to an actor."""
    return view.owner_id == actor.staff_member.id


def _keys(view):
    settings = view.settings
    return {*settings.get("columns", ()), *settings.get("filter", {}).get("where", {})}


def _known_keys(views, actor):
    wanted = {key for view in views for key in _keys(view)}
    return set(asked_columns.resolved(wanted, actor)) if wanted else set()


def _is_for(view, actor, known):
    """Whether a shared view is for this person: rights on all its columns, and a place in common with who shares it."""
    return _keys(view) <= known and any(_meet(one, other) for one in _places(view.owner) for other in _places(actor.staff_member))


def _places(staff):
    return [grant for grant in staff.grants if any(right.functionality == Functionality.CANDIDATURES for right in grant.profile.rights)]


def _meet(one, other):
    if ScopeKind.ALL in (one.scope, other.scope):
        return True
    if ScopeKind.COMMISSION == one.scope == other.scope:
        return one.commission_id == other.commission_id
    centres = [grant.centre_id if grant.scope == ScopeKind.CENTRE else grant.commission.centre_id for grant in (one, other)]
    return centres[0] == centres[1]


def save(name, *, actor, spec, columns, is_shared=False):
    """Keep a new view; return it flushed.

    Args:
        spec: a cleaned description of `filters`; columns: keys, in order.
    Raises:
        DomainError: no name, one already used by this person, or too many views.
    """
    owner_id = actor.staff_member.id
    name = _checked(name, owner_id)
    if len(db.session.scalars(select(SavedView.id).where(SavedView.owner_id == owner_id)).all()) >= MOST:
        raise DomainError(_("Vous avez déjà %(most)s vues : supprimez-en une d’abord.", most=MOST), field="name")
    view = SavedView(owner_id=owner_id, name=name, is_shared=is_shared, settings={"filter": spec, "columns": list(columns)})
    db.session.add(view)
    db.session.flush()
    return view


def _checked(name, owner_id, view=None):
    name = " ".join((name or "").replace("\x00", "").split())
    if not name or len(name) > LONGEST:
        raise DomainError(_("Donnez à la vue un nom d’au plus %(most)s signes.", most=LONGEST), field="name")
    other = db.session.scalar(select(SavedView).where(SavedView.owner_id == owner_id, SavedView.name == name).limit(1))
    if other is not None and other is not view:
        raise DomainError(_("Vous avez déjà une vue « %(name)s » : choisissez un autre nom, ou supprimez-la.", name=name), field="name")
    return name


def change(view, *, actor, name, is_shared):
    """Rename one's own view and share it or not.

    Raises:
        DomainError: the name is empty, too long or already used.
    """
    view.name, view.is_shared = _checked(name, view.owner_id, view), is_shared
    db.session.flush()


def replace(view, *, actor, spec, columns):
    """Put what is now on the screen in place of what one's own view held."""
    view.settings = {"filter": spec, "columns": list(columns)}
    db.session.flush()


def delete(view, *, actor):
    """Forget one's own view."""
    db.session.delete(view)
    db.session.flush()


def arguments(view):
    """Return the (name, value) pairs of the address that opens a view."""
    return [("vue", view.public_id), *filters.to_args(view.settings.get("filter", {}))]
