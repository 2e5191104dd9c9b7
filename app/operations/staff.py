"""Accounts of the people who work on candidatures, made by an administrator."""

import uuid

from flask_babel import lazy_gettext as _
from flask_security import hash_password
from sqlalchemy import select

from app import clock
from app.enums import ScopeKind
from app.errors import DomainError
from app.extensions import db
from app.models import Centre, Commission, Grant, RightsProfile, StaffMember, User
from app.operations import accounts, passwords


def create(*, email, first_name, last_name, password, profile, centre=None, commission=None):
    """Create a staff account with a rights profile on everything, on a centre, or on a commission; the caller commits.

    Args:
        profile, centre, commission: their codes; at most one of the last two.
    Returns:
        The flushed `User`.
    Raises:
        DomainError: an unknown code, two scopes, an address that is wrong or taken, a weak password.
    """
    address = accounts.clean_email(email)
    if accounts.by_email(address) is not None:
        raise DomainError(_("Cette adresse a déjà un compte : %(email)s.", email=address), field="email")
    passwords.check(password, about=(address, first_name, last_name), is_staff=True)
    member = StaffMember(
        last_name=accounts.clean_name(last_name, field="last_name"), first_name=accounts.clean_name(first_name, field="first_name")
    )
    member.grants = [_grant(_found(RightsProfile, profile), centre, commission)]
    user = User(
        email=address,
        password=hash_password(passwords.normalised(password)),
        fs_uniquifier=uuid.uuid4().hex,
        confirmed_at=clock.now(),
        staff_member=member,
    )
    db.session.add(user)
    db.session.flush()
    return user


def _grant(profile, centre, commission):
    if centre and commission:
        raise DomainError(_("Choisissez un centre ou une commission, pas les deux."))
    if centre:
        return Grant(profile=profile, scope=ScopeKind.CENTRE, centre=_found(Centre, centre))
    if commission:
        return Grant(profile=profile, scope=ScopeKind.COMMISSION, commission=_found(Commission, commission))
    return Grant(profile=profile, scope=ScopeKind.ALL)


def _found(model, code):
    row = db.session.scalar(select(model).where(model.code == code))
    if row is None:
        raise DomainError(_("%(what)s : aucun code « %(code)s ».", what=model.__managed__.plural, code=code))
    return row
