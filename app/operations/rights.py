"""Who is given what: profiles and grants, never above one's own rights, and never leaving the house without an administrator."""

import re

from flask_babel import lazy_gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.orm.attributes import flag_modified

from app import access, clock
from app.enums import FileStatus, Functionality, ScopeKind
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import Commission, Grant, ProfileRight, RightsProfile, StaffMember, User
from app.operations import audit

CODE = re.compile(r"[A-Z][A-Z0-9_-]{0,49}", re.ASCII)
NAME_LIMIT = 200  # characters


# --- grants ---


def may_manage(actor, place):
    """Whether an actor may say who works on a place.

    Args:
        place: a centre, a commission, or None for everything. Who manages the organisation names the members of a commission.
    """
    if actor is access.SYSTEM or access.grants_over(actor, Functionality.RIGHTS, place, write=True):
        return True
    return isinstance(place, Commission) and bool(access.grants_over(actor, Functionality.ORGANISATION, place, write=True))


def place_of(grant):
    """Return the centre or the commission of a grant, None when it is on everything."""
    return grant.centre or grant.commission


def may_give(actor, profile, place):
    """Whether an actor holds, over a place, every right that a profile carries, on at least the same statuses."""
    return may_manage(actor, place) and not lacking(actor, profile, place)


def lacking(actor, profile, place):
    """Return the functionalities of a profile that an actor does not hold over a place."""
    return [
        right.functionality
        for right in profile.rights
        if not _holds(actor, right.functionality, place, write=right.is_write, statuses=profile.visible_statuses)
    ]


def _holds(actor, functionality, place, *, write, statuses):
    if actor is access.SYSTEM:
        return True
    seen = [grant.profile.visible_statuses for grant in access.grants_over(actor, functionality, place, write=write)]
    return any(mine is None or (statuses is not None and set(statuses) <= set(mine)) for mine in seen)


def give(member, profile, *, actor, place=None, is_president=False):
    """Give a profile to a person on a centre, on a commission, or on everything.

    Args:
        place: see `may_manage`.
        is_president: presides the commission.
    Returns:
        The flushed `Grant`.
    Raises:
        NotAllowed: the place is not the actor's to manage.
        DomainError: the profile is out of service, carries a right that the actor does not hold there, or is given already.
    """
    _lock()
    _check_manages(actor, place)
    if not profile.is_active:
        raise DomainError(_("Ce profil n’est plus en service : choisissez-en un autre."), field="profile")
    missing = lacking(actor, profile, place)
    if missing:
        words = " ; ".join(str(right.label) for right in missing[:3])
        raise DomainError(
            _("Vous n’avez pas vous-même, ici, tous les droits de ce profil (%(rights)s) : demandez à un administrateur.", rights=words),
            field="profile",
        )
    if is_president and not isinstance(place, Commission):
        raise DomainError(_("On préside une commission : choisissez laquelle."), field="is_president")
    if any(grant.profile_id == profile.id and place_of(grant) is place for grant in member.grants):
        raise DomainError(_("%(name)s a déjà ce profil ici.", name=str(member)), field="profile")
    grant = Grant(profile=profile, is_president=is_president, staff_member=member, **_scope(place))
    db.session.add(grant)
    db.session.flush()
    audit.record("grant", member, actor=actor, changes={"grants": [None, words_of(grant)]})
    return grant


def _scope(place):
    if place is None:
        return {"scope": ScopeKind.ALL}
    if isinstance(place, Commission):
        return {"scope": ScopeKind.COMMISSION, "commission": place}
    return {"scope": ScopeKind.CENTRE, "centre": place}


def take_back(grant, *, actor):
    """Take a grant back.

    Raises:
        NotAllowed: the place is not the actor's to manage.
        DomainError: the actor would lose the right to give rights, or nobody would have it.
    """
    _lock()
    _check_manages(actor, place_of(grant))
    member, words = grant.staff_member, words_of(grant)
    member.grants.remove(grant)
    db.session.flush()
    check_still_governed(actor)
    audit.record("ungrant", member, actor=actor, changes={"grants": [words, None]})


def set_president(grant, is_president, *, actor):
    """Say whether the holder of a grant presides its commission; one person presides at a time."""
    if grant.commission is None:
        raise DomainError(_("On préside une commission : choisissez laquelle."), field="is_president")
    _check_manages(actor, grant.commission)
    others = select(Grant).where(Grant.commission_id == grant.commission_id, Grant.is_president, Grant.id != grant.id)
    for other in db.session.scalars(others) if is_president else ():
        other.is_president = False
        audit.record("update", other.staff_member, actor=actor, changes={"is_president": [True, False]})
    if grant.is_president != is_president:
        grant.is_president = is_president
        audit.record("update", grant.staff_member, actor=actor, changes={"is_president": [not is_president, is_president]})
    db.session.flush()


def words_of(grant):
    """Return what a grant says, for the journal."""
    place = place_of(grant)
    return f"{grant.profile} ({place})" if place else f"{grant.profile} ({ScopeKind.ALL.label})"


def _check_manages(actor, place):
    is_former = place is None and actor is not access.SYSTEM and actor.id not in db.session.info["administrators"]
    if is_former or not may_manage(actor, place):  # another administrator may have just taken the right back
        raise NotAllowed(_("Vous ne donnez pas de droits ici : demandez à un administrateur."))


# --- nobody is locked out ---


def administrators():
    """Return the numbers of the users who may give rights on everything, and can sign in."""
    today = clock.local_day(clock.now())
    return set(
        db.session.scalars(
            select(User.id)
            .join(StaffMember, User.staff_member_id == StaffMember.id)
            .join(Grant, Grant.staff_member_id == StaffMember.id)
            .join(RightsProfile, Grant.profile_id == RightsProfile.id)
            .join(ProfileRight, ProfileRight.profile_id == RightsProfile.id)
            .where(
                User.active,
                User.confirmed_at.is_not(None),
                StaffMember.is_active,
                or_(StaffMember.active_until.is_(None), StaffMember.active_until >= today),
                Grant.scope == ScopeKind.ALL,
                RightsProfile.is_active,
                ProfileRight.functionality == Functionality.RIGHTS,
                ProfileRight.is_write,
            )
        )
    )


def check_still_governed(actor):
    """Refuse a change, already flushed, after which an administrator who made it is none any more: one always remains.

    Raises:
        DomainError: saying whether another administrator could do it.
    """
    if actor is access.SYSTEM or actor.id not in db.session.info.pop("administrators", ()):
        return
    left = administrators()
    if actor.id not in left:
        raise _locked_out(left)


def check_stays_in_service(member, *, actor):
    """Refuse, before anything is written, that an administrator closes his own access.

    Raises:
        DomainError: see `check_still_governed`.
    """
    if member is actor.staff_member and not access.in_service(member):
        with db.session.no_autoflush:
            raise _locked_out(administrators() - {actor.id})


def _locked_out(left):
    if not left:
        return DomainError(_("Il ne resterait aucun administrateur : donnez d’abord ce rôle à quelqu’un d’autre."))
    return DomainError(_("Vous perdriez vous-même le droit de gérer les droits : demandez à un autre administrateur de le faire."))


def _lock():
    """Have changes of rights wait for each other, and note who was an administrator before this one."""
    db.session.execute(select(RightsProfile.id).order_by(RightsProfile.id).with_for_update(key_share=True))
    db.session.info["administrators"] = administrators()


def begin():
    """Open a change of rights made field by field (a person's form): see `check_still_governed`."""
    with db.session.no_autoflush:
        _lock()


# --- profiles ---


def save_profile(profile, *, actor, code, name, is_active, rights, statuses):
    """Create a profile (None) or change one.

    Args:
        rights: {Functionality: whether in write}.
        statuses: the `FileStatus` that its holders see; all of them is kept as "no limit".
    Returns:
        The flushed `RightsProfile`.
    Raises:
        NotAllowed: the actor does not manage the rights of everything.
        DomainError: a name or a code is missing, nothing is granted, or a right is added that the actor does not hold.
    """
    _lock()
    _check_manages(actor, None)
    seen = None if set(statuses) == set(FileStatus) else [status.value for status in FileStatus if status in statuses]
    profile = profile or RightsProfile(code="", name="", is_active=True)
    before = _shown(profile)
    _check_profile(profile, code, name, rights, seen)
    _check_added(profile, rights, seen, actor)
    profile.code, profile.name, profile.is_active, profile.visible_statuses = code, name, is_active, seen
    _set_rights(profile, rights)
    is_new = profile.id is None
    db.session.add(profile)
    db.session.flush()
    after = _shown(profile)
    changes = {key: [before.get(key), after.get(key)] for key in {**before, **after} if before.get(key) != after.get(key)}
    if changes:
        _touch(profile, is_new)
        check_still_governed(actor)
        audit.record("create" if is_new else "update", profile, actor=actor, changes=changes)
    return profile


def _touch(profile, is_new):
    """Give a profile whose rights alone changed a new version, so that a page opened before is seen to be old."""
    if not is_new:
        flag_modified(profile, "name")
        db.session.flush()


def _check_profile(profile, code, name, rights, seen):
    if not CODE.fullmatch(code):
        raise DomainError(_("Écrivez un code en majuscules sans accent (exemple : JURY_MASTER)."), field="code")
    same = select(func.count()).select_from(RightsProfile).where(RightsProfile.code == code)
    with db.session.no_autoflush:
        if db.session.scalar(same if profile.id is None else same.where(RightsProfile.id != profile.id)):
            raise DomainError(_("Ce code est déjà pris : choisissez-en un autre."), field="code")
    if not name or len(name) > NAME_LIMIT:
        raise DomainError(_("Donnez un nom de %(count)s caractères au plus.", count=NAME_LIMIT), field="name")
    if not rights:
        raise DomainError(_("Ce profil ne donne aucun droit : donnez-en au moins un, ou mettez-le hors service."), field="rights")
    if seen == []:
        raise DomainError(_("Cochez au moins un statut de dossier : sans aucun, rien n’est visible."), field="statuses")


def _check_added(profile, rights, seen, actor):
    """Refuse to put in a profile what its editor does not hold himself."""
    had = {right.functionality: right.is_write for right in profile.rights}
    was_seen = profile.visible_statuses
    is_wider = profile.id is not None and was_seen is not None and (seen is None or not set(seen) <= set(was_seen))
    added = [
        right
        for right, is_write in rights.items()
        if (is_wider or right not in had or (is_write and not had[right])) and not _holds(actor, right, None, write=is_write, statuses=seen)
    ]
    if added:
        words = " ; ".join(str(right.label) for right in added[:3])
        raise DomainError(_("Vous n’avez pas vous-même, partout, ces droits : %(rights)s.", rights=words), field="rights")


def _set_rights(profile, rights):
    kept = {right.functionality: right for right in profile.rights if right.functionality in rights}
    for functionality, is_write in rights.items():
        if functionality in kept:
            kept[functionality].is_write = is_write
        else:
            kept[functionality] = ProfileRight(functionality=functionality, is_write=is_write)
    profile.rights = list(kept.values())


def _shown(profile):
    """Return what a profile says, flat, for the journal: a right is "read" or "write"."""
    rights = {f"right:{right.functionality.value}": "write" if right.is_write else "read" for right in profile.rights}
    fields = {"code": profile.code or None, "name": profile.name or None, "is_active": profile.is_active}
    return {**fields, "visible_statuses": profile.visible_statuses, **rights}
