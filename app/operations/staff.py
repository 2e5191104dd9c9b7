"""Accounts of the people who work on candidatures: invited by a link, never given a password by anybody."""

import secrets
import uuid
from datetime import timedelta

from flask_babel import force_locale, ngettext
from flask_babel import lazy_gettext as _
from flask_security import hash_password
from sqlalchemy import select

from app import clock, parameters
from app.enums import ScopeKind
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import Centre, Commission, Grant, RightsProfile, StaffMember, User
from app.notifications import announcements, outbox
from app.operations import accounts, audit, links, passwords, rights


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


# --- invited by a link ---


def invite(*, email, first_name, last_name, actor, place=None, is_external=False, active_until=None):
    """Create a local account for a person, who chooses a password by the link sent; grants are given apart (`rights.give`).

    Args:
        place: the commission whose manager invites a member; None for an administrator.
        is_external: from another institution or a company.
        active_until: last day of access (a day in Paris), None for no limit.
    Returns:
        The flushed `User`.
    Raises:
        NotAllowed: the place is not the actor's to manage.
        DomainError: a name or the address is not acceptable, the address is taken, the day is past.
    """
    if not rights.may_manage(actor, place):
        raise NotAllowed(_("Vous n’invitez personne ici : demandez à un administrateur."))
    address = accounts.clean_email(email)
    _check_free(address)
    _check_day(active_until)
    member = StaffMember(
        last_name=accounts.clean_name(last_name, field="last_name"),
        first_name=accounts.clean_name(first_name, field="first_name"),
        is_external=is_external,
        active_until=active_until,
    )
    user = User(email=address, fs_uniquifier=uuid.uuid4().hex, staff_member=member)
    db.session.add(user)
    db.session.flush()
    values = {"email": address, "last_name": member.last_name, "first_name": member.first_name, "is_external": is_external}
    values["active_until"] = active_until.isoformat() if active_until else None
    audit.record("create", member, actor=actor, changes={name: [None, value] for name, value in values.items() if value is not None})
    _send_invitation(user)
    return user


def _check_free(address):
    taken = accounts.by_email(address)
    if taken is not None and taken.candidate is not None:
        raise DomainError(
            _("Cette adresse est celle d’un candidat, et une adresse ne sert pas aux deux : demandez-en une autre à cette personne."),
            field="email",
        )
    if taken is not None:
        raise DomainError(_("%(name)s a déjà un compte à cette adresse.", name=str(taken.staff_member or taken)), field="email")


def _check_day(day):
    if day is not None and day < clock.local_day(clock.now()):
        raise DomainError(_("Ce jour est passé : choisissez-en un à venir, ou laissez vide."), field="active_until")


def _send_invitation(user):
    days = parameters.get("STAFF_INVITATION_DAYS")
    with force_locale(user.language):
        _send("staff_invited", user, links.issue(user, "invite", timedelta(days=days)), ngettext("%(num)d jour", "%(num)d jours", days))


def send_link(user, *, actor):
    """Send a person the link to choose a password: the invitation again, or the means to replace a lost one.

    Raises:
        DomainError: the person signs in through the university, which alone gives the password back.
    """
    if user.confirmed_at is None:
        _send_invitation(user)
        audit.record("invite", user.staff_member, actor=actor, changes={"email": [user.email, user.email]})
        return
    if user.password is None:
        raise DomainError(_("Cette personne se connecte par l’université, qui seule peut lui rendre son mot de passe."))
    hours = parameters.get("RESET_LINK_HOURS")
    with force_locale(user.language):
        link = links.issue(user, "reset", timedelta(hours=hours))
        _send("staff_password_link", user, link, ngettext("%(num)d heure", "%(num)d heures", hours))
    audit.record("password_link", user.staff_member, actor=actor, changes={})


def correct_address(user, email, *, actor):
    """Change the address of a person who has not opened the account yet, and send the invitation there.

    Raises:
        DomainError: the account is open (its owner alone changes the address), or the address is wrong or taken.
        NotAllowed: the person has rights that the actor could not give: the link would open them to another.
    """
    if user.confirmed_at is not None:
        raise DomainError(_("Ce compte est ouvert : seule cette personne peut en changer l’adresse, depuis « Mon compte »."))
    if any(not rights.may_give(actor, grant.profile, rights.place_of(grant)) for grant in user.staff_member.grants):
        raise NotAllowed(_("Cette personne a des droits que vous n’avez pas : demandez à un administrateur."))
    address, before = accounts.clean_email(email), user.email
    if address.lower() != before.lower():
        _check_free(address)
        user.email = address
        db.session.flush()
        audit.record("update", user.staff_member, actor=actor, changes={"email": [before, address]})
    _send_invitation(user)


def accept(token, password):
    """Open an invited account with the password that its owner chooses.

    Returns:
        The `User`.
    Raises:
        DomainError: a dead link, or a password that is not acceptable.
    """
    row = links.find(token, "invite")
    if not links.is_live(row):
        raise DomainError(_("Ce lien n’est plus valable : demandez à la personne qui vous a invité de vous en envoyer un autre."))
    user, member = row.user, row.user.staff_member
    passwords.check(password, about=(user.email, member.first_name, member.last_name), field="password", is_staff=True)
    user.password, user.fs_uniquifier = hash_password(passwords.normalised(password)), uuid.uuid4().hex
    user.confirmed_at = row.used_at = clock.now()
    db.session.flush()
    return user


def _send(kind, user, link, delay):
    member, context = user.staff_member, announcements.institution()
    context |= {"candidat": {"prenom": member.first_name, "nom": member.last_name}, "compte": {"delai": delay}}
    key = f"{kind}:{user.id}:{secrets.token_hex(8)}"
    outbox.post(kind, recipient=user.email, language=user.language, key=key, context=context, secret=link)


# --- from the command line ---


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
