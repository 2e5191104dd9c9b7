"""The candidatures that an act, a document or an export starts from: those ticked, or all that a filter finds at that moment."""

from flask_babel import lazy_gettext as _
from sqlalchemy import and_, func, select

from app import access
from app.errors import DomainError
from app.extensions import db
from app.models import Candidature
from app.operations import filters, joins

MOST = 100_000  # candidatures of one selection
MOST_NAMED = 2000  # of those ticked one by one


class Foreign(DomainError):
    """A selection names a candidature that is not there for this person: the whole act is a 404 (trust U06)."""


def selection(actor, spec, *, write=False, right=None):
    """Return the select of the candidature ids that a selection names, in ascending order, in the actor's scope.

    Args:
        spec: {"ids": [public ids]} or {"filter": description} (see `app.operations.filters`), as JSON.
        write, right: the scope to go through, as for `access.scope_for`.
    Raises:
        Foreign: an id is absent, foreign, or no id at all. DomainError: nothing or too much is selected, or the filter
            is not understood any more.
    """
    spec = spec if isinstance(spec, dict) else {}
    scope = access.scope_for(Candidature, actor)
    if write or right is not None:
        scope = and_(scope, access.scope_for(Candidature, actor, write=write, right=right))
    chosen = _named(spec["ids"], scope) if "ids" in spec else _filtered(actor, spec.get("filter"), scope)
    return chosen.order_by(Candidature.id)


def count(actor, spec, *, write=False, right=None):
    """Return how many candidatures a selection holds.

    Raises:
        DomainError: none, or more than `MOST`.
    """
    inner = selection(actor, spec, write=write, right=right).order_by(None).limit(MOST + 1).subquery()
    found = db.session.scalar(select(func.count()).select_from(inner))
    if found == 0:
        raise DomainError(_("Rien n’est sélectionné : cochez au moins une candidature, ou élargissez le filtre."))
    if found > MOST:
        raise DomainError(_("Plus de %(most)s candidatures : précisez le filtre.", most=MOST))
    return found


def ids(actor, spec, *, write=False, right=None):
    """Return the numbers of the candidatures of a selection, checked as `count` does."""
    count(actor, spec, write=write, right=right)
    return db.session.scalars(selection(actor, spec, write=write, right=right)).all()


def _named(public_ids, scope):
    names = {str(name).replace("\x00", "") for name in public_ids} if isinstance(public_ids, list) else set()
    if not names:
        raise DomainError(_("Cochez au moins une candidature."))
    if len(names) > MOST_NAMED:
        raise DomainError(_("Plus de %(most)s candidatures cochées : choisissez plutôt tout le filtre.", most=MOST_NAMED))
    own = select(Candidature.id).where(Candidature.public_id.in_(names), scope)
    found = db.session.scalar(select(func.count()).select_from(own.subquery()))
    if found != len(names):
        raise Foreign(_("Une des candidatures choisies n’est pas, ou n’est plus, dans ce que vous gérez : rien n’a été fait."))
    return own


def _filtered(actor, raw, scope):
    if not isinstance(raw, dict):
        raise DomainError(filters.UNREAD)
    spec, found = filters.cleaned(raw, actor, strict=True)
    conditions, needs = filters.conditions(spec, found, actor)
    return joins.joined([Candidature.id], needs).where(scope, *conditions)
