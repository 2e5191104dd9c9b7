"""What staff does for a person: opens the account, corrects it, applies and acts in the dossier in her place, never under her name (D22)."""

from contextlib import contextmanager

from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app import access, clock, journal, workflow
from app.enums import Functionality, MessageState
from app.errors import Conflict, DomainError, NotAllowed
from app.extensions import db
from app.models import AuditEntry, Candidate, CandidatureEvent, Decision, OutboxMessage, User
from app.notifications import announcements
from app.operations import accounts, audit, candidatures, person_search, profiles, snapshots

LONGEST_REASON = 300  # characters
SHOWN = 10  # corrections that the candidate sees
STEPS = {  # the step of each part of a profile that is not of its identity
    "address": "adresse",
    "baccalaureat": "baccalaureat",
    "external": "cursus-externe",
    "internships": "stages",
    "work": "experiences",
}
SAVE = {"identite": profiles.save_identity, "adresse": profiles.save_address, "baccalaureat": profiles.save_baccalaureat}
WORDS = {
    "create": _("candidature créée"),
    "propose_admission": _("dossier préparé pour la commission"),
    "deposit": _("pièce déposée"),
    "remove_piece": _("pièce retirée"),
    "not_concerned": _("pièce dite « non concerné », ou de nouveau demandée"),
    "form": _("formulaire rempli"),
    "transmit": _("dossier transmis"),
    "cancel": _("candidature annulée"),
    "confirm": _("offre confirmée"),
    "withdraw": _("désistement"),
}


# --- the account ---


def may_open(actor):
    """Whether an actor may open accounts for candidates."""
    return access.can(actor, Functionality.CANDIDATES, write=True)


def open_account(*, last_name, first_name, email, language, actor):
    """Open a candidate's account; the person gets a link to choose a password, which also validates it.

    Args:
        language: code of the language that messages are written in.
    Returns:
        The `User`.
    Raises:
        NotAllowed: without the right. DomainError: a name or the address is not acceptable, or the address has an account.
    """
    if not may_open(actor):
        raise NotAllowed(_("Vous n’avez pas le droit d’ouvrir un compte pour quelqu’un."))
    last_name = accounts.clean_name(last_name, field="last_name")
    first_name = accounts.clean_name(first_name, field="first_name")
    address = accounts.clean_email(email)
    _check_free(address)
    user = accounts.create_candidate(last_name=last_name, first_name=first_name, email=address, language=language)
    changes = {"email": [None, address], "last_name": [None, last_name], "first_name": [None, first_name]}
    audit.record("create", user.candidate, actor=actor, changes=changes)
    accounts.send_opened(user)
    return user


def _check_free(address):
    if accounts.by_email(address) is not None:
        raise DomainError(
            _(
                "Cette adresse a déjà un compte : cherchez-la dans la barre du haut. Si rien ne répond, ce compte n’est pas de votre ressort."
            ),
            field="email",
        )


def send_link(person, *, actor):
    """Send a person the link to choose a password, or the validation link of an account that she opened herself."""
    _check_managed(person, actor)
    accounts.send_identifiers(person.user.email)
    audit.record("password_link", person, actor=actor, changes={})


def change_address(person, email, *, actor):
    """Change the address of an account: at once while nobody has opened it, else by a link that the new address must follow.

    Returns:
        Whether the address has changed already.
    Raises:
        NotAllowed: the person is out of reach. DomainError: the address is wrong, taken, or the same.
    """
    _check_managed(person, actor)
    user, address = person.user, accounts.clean_email(email)
    if address.lower() == user.email.lower():
        raise DomainError(_("C’est déjà son adresse."), field="email")
    _check_free(address)
    audit.record("address", person, actor=actor, changes={"email": [user.email, address]})
    if user.confirmed_at is not None:
        accounts.ask_email_change(user, address)
        return False
    if user.password is not None:  # the person chose it: the address that she gave is told, she may object
        accounts.tell_of_address(user, address)
    user.email = address
    db.session.flush()
    if user.password is None:
        accounts.send_opened(user)
    else:
        accounts.send_validation(user, "validation_link")
    return True


def validate_account(person, *, actor):
    """Say that an account is validated, its owner being known by other means."""
    _check_managed(person, actor)
    if person.user.confirmed_at is not None:
        raise DomainError(_("Ce compte est déjà validé."))
    person.user.confirmed_at = clock.now()
    audit.record("validate", person, actor=actor, changes={"confirmed_at": [None, person.user.confirmed_at.isoformat()]})


def save_profile(person, step, values, *, actor, seen_version=None):
    """Write a step of somebody's profile by the rules of the person herself: what the registry gave stays locked.

    Args:
        step: a key of `SAVE`. seen_version: version of the profile that the page showed.
    Raises:
        NotAllowed, DomainError. Conflict: the profile changed since it was shown.
    """
    with _correcting(person, person, actor, seen_version):
        SAVE[step](person, values)


def save_row(person, step, values, row=None, *, actor, seen_version=None):
    """Write one line of a list step of somebody's profile (new when `row` is None), by her own rules.

    Args:
        step: a key of `profiles.LISTS`. seen_version: version of the line that the page showed.
    Raises:
        NotAllowed, DomainError. Conflict: the line changed since it was shown.
    """
    with _correcting(person, row, actor, seen_version):
        profiles.save_row(person, step, values, row)


def remove_row(person, step, row, *, actor, seen_version):
    """Remove one line of somebody's profile; raises as `save_row`."""
    with _correcting(person, row, actor, seen_version):
        profiles.remove_row(person, step, row)


@contextmanager
def _correcting(person, shown, actor, seen_version):
    """Keep in the journal what is corrected inside, unless what was shown changed meanwhile."""
    _check_managed(person, actor)
    db.session.scalar(select(Candidate.id).where(Candidate.id == person.id).with_for_update(key_share=True))
    if shown is not None and seen_version is not None and seen_version != shown.version:
        raise Conflict(_("Ce profil a changé depuis que vous l’avez ouvert : relisez, puis enregistrez de nouveau."))
    before = snapshots.of_profile(person)
    yield
    db.session.expire(person)  # read as it is kept, not as it was typed
    after = snapshots.of_profile(person)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changes:
        audit.record("update", person, actor=actor, changes=changes)


def corrections(person):
    """Return [(instant, steps corrected)] of the latest corrections that staff made of a profile, for the person herself, newest first."""
    chosen = select(AuditEntry).where(
        AuditEntry.entity == "Candidate",
        AuditEntry.entity_id == str(person.id),
        AuditEntry.action == "update",
        AuditEntry.actor_id.in_(select(User.id).where(User.staff_member_id.is_not(None))),
    )
    entries = db.session.scalars(chosen.order_by(AuditEntry.id.desc()).limit(SHOWN)).all()
    return [(entry.at, sorted({STEPS.get(name, "identite") for name in entry.changes or ()})) for entry in entries if entry.changes]


def _check_managed(person, actor):
    chosen = select(Candidate.id).where(Candidate.id == person.id, person_search.reach(actor, write=True))
    if db.session.scalar(chosen) is None:
        raise NotAllowed(_("Ce compte n’est pas de votre ressort : demandez à la personne qui gère les droits."))


# --- in her place ---


def clean_reason(text):
    """Return the reason typed; it is obligatory, since the candidate reads it.

    Raises:
        DomainError: empty or too long.
    """
    reason = " ".join((text or "").split())
    if not reason:
        raise DomainError(_("Dites pourquoi vous agissez à sa place : le candidat le lira."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise DomainError(_("%(count)s caractères au plus.", count=LONGEST_REASON), field="reason")
    return reason


@contextmanager
def acting(reason):
    """Do something in the candidate's place: every event keeps the reason. Yields the function that tells the candidate."""
    with journal.in_place_of_candidate(clean_reason(reason)):
        yield tell


def tell(candidature):
    """Gather what was done in the candidate's place into one message, rewritten until it leaves."""
    user = candidature.candidate.user
    if user is None:
        return
    with force_locale(user.language):
        lines = [
            gettext("- %(what)s (%(reason)s)", what=WORDS.get(event.action, event.action), reason=event.details["in_place"])
            for event in _untold(candidature)
        ]
    if lines:
        announcements.acted_for_you(candidature, "\n".join(lines))


def _untold(candidature):
    told = select(OutboxMessage.created_at).where(
        OutboxMessage.kind == "acted_for_you",
        OutboxMessage.candidature_id == candidature.id,
        (OutboxMessage.state != MessageState.PENDING) | (OutboxMessage.attempts > 0),
    )
    last = db.session.scalar(told.order_by(OutboxMessage.id.desc()).limit(1))
    chosen = select(CandidatureEvent).where(CandidatureEvent.candidature_id == candidature.id, CandidatureEvent.actor_kind == "STAFF")
    events = db.session.scalars(chosen.order_by(CandidatureEvent.sequence)).all()
    return [event for event in events if (event.details or {}).get("in_place") and (last is None or event.at > last)]


def apply_for(person, offering, *, actor, reason):
    """Apply in somebody's place: dates and limits do not stop staff, a profile not complete does (domain T1b).

    Returns:
        The candidature, new or already there.
    """
    with acting(reason) as told:
        candidature = candidatures.create(person, offering, actor=actor)
        told(candidature)
    return candidature


def propose_admission(person, offering, *, actor, reason):
    """Put a person before the commission with a complete dossier and a favourable opinion to validate (domain T1c).

    The candidate is told nothing before that opinion is published; the commission is alerted.

    Raises:
        NotAllowed, Missing: as `candidatures.create`. DomainError: there is already a candidature to this offering, or
            the offering has no default favourable opinion.
    """
    with journal.in_place_of_candidate(clean_reason(reason)):
        now = candidatures.check_on_behalf(person, offering, actor=actor)
        candidature, _event = candidatures.insert(person, offering, actor=actor, now=now)
        workflow.apply(
            "propose_admission", candidature, actor=actor, now=now, change=lambda: _propose(candidature, offering.admitted_type, actor, now)
        )
    return candidature


def _propose(candidature, decision_type, actor, now):
    db.session.add(Decision(candidature_id=candidature.id, created_at=now, created_by=actor.staff_member, decision_type=decision_type))
