"""Accounts of people: opened, validated, recovered, changed, closed for want of validation."""

import re
import secrets
import unicodedata
import uuid
from datetime import timedelta

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_babel import force_locale, ngettext
from flask_babel import lazy_gettext as _
from flask_security import hash_password, verify_password
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app import access, clock, parameters
from app.errors import DomainError
from app.extensions import db
from app.models import AccountToken, Candidate, Candidature, IssuedDossierNumber, User, UserSession
from app.notifications import announcements, outbox
from app.operations import links, passwords

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is read for something else
NAME_LIMIT = 100  # characters
ADDRESS_LIMIT = 254  # characters
NO_NAME = frozenset("<>{}[]|\\^~/:@")
NO_NAME_KINDS = frozenset(("So", "Cs", "Cn", "Co", "Sk", "Sm", "Me"))  # emoji and their like, signs of nobody's name


# --- what is typed ---


def clean_name(text, *, field, limit=NAME_LIMIT):
    """Return a personal name as typed, in NFC and trimmed.

    Raises:
        DomainError: empty, too long, or with signs that no name has (emoji, controls, piled-up accents).
    """
    name = " ".join(unicodedata.normalize("NFC", text or "").split())
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cf", "Cc"))
    if not name:
        raise DomainError(_("Remplissez ce champ."), field=field)
    if len(name) > limit:
        sentence = _("Cent caractères au plus.") if limit == NAME_LIMIT else _("%(count)s caractères au plus.", count=limit)
        raise DomainError(sentence, field=field)
    if any(unicodedata.category(c) in NO_NAME_KINDS or c in NO_NAME for c in name) or re.search(r"[\u0300-\u036f]{2}", name):
        raise DomainError(
            _("Ce nom contient un signe qui n’est pas accepté : lettres, espaces, apostrophes et traits d’union seulement."), field=field
        )
    return name


def clean_email(text, *, field="email"):
    """Return an address ready to be kept and compared.

    Raises:
        DomainError: it cannot receive mail, or its local part is not ASCII.
    """
    try:
        found = validate_email((text or "").strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise DomainError(
            _("Cette adresse électronique n’est pas valable : vérifiez-la (exemple : prenom.nom@exemple.fr)."), field=field
        ) from error
    return found.ascii_email or found.normalized


# --- finding people ---


def by_email(email):
    """Return the user of an e-mail address as typed, or None."""
    try:
        address = clean_email(email)
    except DomainError:
        return None
    return db.session.scalar(select(User).where(func.lower(User.email) == address.lower()))


def by_identifier(identifier):
    """Return the user of an e-mail address or a dossier number, or None; each is one indexed look-up."""
    text = "".join((identifier or "")[: ADDRESS_LIMIT + 1].split())
    if "@" in text:
        return by_email(text)
    if not re.fullmatch(r"[0-9A-Z]{8}", text.upper()):
        return None
    return db.session.scalar(
        select(User).join(Candidate, User.candidate_id == Candidate.id).where(Candidate.dossier_number == text.upper())
    )


def sign_in(identifier, password):
    """Return the user who may enter with these, or None; every path does one verification (trust T11).

    A successful sign-in ends the link for a new password that may be waiting (trust §2.3).
    """
    user = by_identifier(identifier)
    known = user.password if user is not None and user.password else _decoy()
    matches = _matches(password, known)
    if not matches or user is None or not user.password or not may_enter(user):
        return None
    links.kill(user, "reset")
    return user


def may_enter(user):
    """Whether an account is open: validated, not disabled, its person still in service."""
    in_service = user.staff_member is None or access.in_service(user.staff_member)
    return user.active and user.confirmed_at is not None and in_service


def _matches(password, hashed):
    """Whether a typed password gives a hash; a NUL, that no password has, costs the same work."""
    return verify_password(passwords.normalised(password).replace("\x00", "\ufffd"), hashed)


def _decoy():
    """Return a hash that nobody's password gives, made once, so that an unknown person costs the same work."""
    if "decoy_hash" not in current_app.extensions:
        current_app.extensions["decoy_hash"] = hash_password(secrets.token_urlsafe(24))
    return current_app.extensions["decoy_hash"]


# --- opening ---


def new_dossier_number():
    """Return a dossier number of eight characters that was never given (domain B3.2)."""
    for _attempt in range(20):
        number = "".join(secrets.choice(ALPHABET) for _position in range(8))
        if db.session.get(IssuedDossierNumber, number) is None:
            db.session.add(IssuedDossierNumber(number=number))
            db.session.flush()
            return number
    raise RuntimeError("no free dossier number after twenty draws")


def register(*, last_name, first_name, email, password, language):
    """Open a candidate's account, or write to the person who already has one; the visitor sees the same page.

    Returns:
        The `User` made, or None when the address is known.
    Raises:
        DomainError: a name, the address or the password is not acceptable; its `field` names it.
    """
    if not parameters.get("LOCAL_ACCOUNTS_OPEN"):
        raise DomainError(_("La création de compte est fermée : entrez avec vos identifiants universitaires, ou écrivez-nous."))
    last_name, first_name = clean_name(last_name, field="last_name"), clean_name(first_name, field="first_name")
    email = clean_email(email)
    passwords.check(password, about=(last_name, first_name, email), field="password")
    hashed = hash_password(passwords.normalised(password))  # before looking: known or not, the same work
    existing = by_email(email)
    if existing is None:
        try:
            with db.session.begin_nested():
                user = create_candidate(last_name=last_name, first_name=first_name, email=email, language=language, hashed=hashed)
            send_validation(user)
            return user
        except IntegrityError:  # the same address arrived twice at once: the other one won
            existing = by_email(email)
            if existing is None:
                raise
    tell_existing(existing)
    return None


def create_candidate(*, last_name, first_name, email, language, hashed=None, confirmed_at=None):
    """Insert a candidate and the user who signs in for it; nothing is sent."""
    candidate = Candidate(dossier_number=new_dossier_number(), last_name=last_name, first_name=first_name)
    user = User(
        email=email, password=hashed, language=language, fs_uniquifier=uuid.uuid4().hex, candidate=candidate, confirmed_at=confirmed_at
    )
    db.session.add(user)
    db.session.flush()
    return user


def tell_existing(user):
    """Write to somebody whose address was given for a new account: a fresh link when theirs waits for validation."""
    if user.confirmed_at is None and user.candidate is not None:
        send_validation(user, "validation_link")
        return
    _write("account_exists", user, {})


def send_validation(user, kind="account_created"):
    """Send the link that validates an account."""
    days = parameters.get("ACCOUNT_VALIDATION_DAYS")
    link = links.issue(user, "validate", timedelta(days=days))
    with force_locale(user.language):
        _write(kind, user, {"compte": {"delai": ngettext("%(num)d jour", "%(num)d jours", days)}}, secret=link)


def send_opened(user):
    """Send the person whose account a manager opened the link to choose a password, which validates it."""
    days = parameters.get("ACCOUNT_VALIDATION_DAYS")
    link = links.issue(user, "reset", timedelta(days=days))
    with force_locale(user.language):
        _write("account_opened", user, {"compte": {"delai": ngettext("%(num)d jour", "%(num)d jours", days)}}, secret=link)


def send_validation_again(email):
    """Send a new validation link to an unvalidated account; silence for any other address."""
    user = by_email(email)
    if user is not None and user.confirmed_at is None and user.candidate is not None:
        send_validation(user, "validation_link")


def validate(token):
    """Validate an account by its link.

    Returns:
        The user.
    Raises:
        DomainError: unknown, used or expired link; the sentence says what to do.
    """
    row = links.find(token, "validate")
    if row is not None and row.user.confirmed_at is not None:
        raise DomainError(_("Votre compte est déjà validé : connectez-vous."))
    if row is None:
        raise DomainError(
            _(
                "Ce lien n’existe pas ou plus. Vérifiez que vous l’avez copié en entier, ou demandez un nouveau lien ; sans réponse, créez un compte."
            )
        )
    if not links.is_live(row):
        raise DomainError(_("Ce lien a expiré ou a été remplacé par un plus récent : demandez un nouveau lien."))
    row.used_at = row.user.confirmed_at = clock.now()
    db.session.flush()
    return row.user


def purge_unvalidated(now, *, limit=200):
    """Delete accounts past their validation delay that never applied (domain B3.4); return how many.

    A link asked again gives its delay again. The dossier number is never given to anybody else.
    """
    oldest = now - timedelta(days=parameters.get("ACCOUNT_VALIDATION_DAYS"))
    waiting = select(AccountToken.id).where(
        AccountToken.user_id == User.id, AccountToken.purpose == "validate", AccountToken.used_at.is_(None), AccountToken.expires_at > now
    )
    users = db.session.scalars(
        select(User)
        .where(
            User.confirmed_at.is_(None),
            User.created_at < oldest,
            User.candidate_id.is_not(None),
            ~waiting.exists(),
            ~select(Candidature.id).where(Candidature.candidate_id == User.candidate_id).exists(),
        )
        .limit(limit)
        .with_for_update(of=User, skip_locked=True)
    ).all()
    for user in users:
        candidate = user.candidate
        db.session.delete(user)
        db.session.flush()
        db.session.delete(candidate)
    db.session.flush()
    return len(users)


# --- lost and changed ---


def send_identifiers(identifier):
    """Send the dossier number and a link for a new password; one mail, and silence for anybody unknown.

    An account never validated gets its validation link; a person of the sign-on has no password to change here.
    """
    user = by_identifier(identifier)
    if user is None or not user.active:
        return
    if user.password is None and user.candidate is not None and not user.identities:
        send_opened(user)
        return
    if user.confirmed_at is None:
        send_validation_again(user.email)
        return
    if user.password is None:
        _write("lost_identifiers_signon", user, {})
        return
    hours = parameters.get("RESET_LINK_HOURS")
    link = links.issue(user, "reset", timedelta(hours=hours))
    with force_locale(user.language):
        _write("lost_identifiers", user, {"compte": {"delai": ngettext("%(num)d heure", "%(num)d heures", hours)}}, secret=link)


def token_is_live(token, purpose):
    """Whether a link can still be used, without using it."""
    return links.is_live(links.find(token, purpose))


def reset_password(token, password):
    """Set a new password by its link; every session and every other link ends.

    Raises:
        DomainError: a dead link, or a password that is not acceptable.
    """
    row = links.find(token, "reset")
    if not links.is_live(row):
        raise DomainError(_("Ce lien n’est plus valable : demandez-en un autre avec « Identifiants perdus »."))
    _set_password(row.user, password)
    row.user.confirmed_at = row.user.confirmed_at or clock.now()  # the link came to the address: it is proved
    links.kill(row.user, "reset", "email")
    end_sessions(row.user)
    _write("password_changed", row.user, {})
    return row.user


def change_password(user, current, new, *, keep=None):
    """Change one's own password; the other sessions end.

    Args:
        keep: the `UserSession` that goes on.
    Raises:
        DomainError: the current password is wrong, or the new one not acceptable.
    """
    if user.password and not _matches(current, user.password):
        raise DomainError(_("Ce n’est pas votre mot de passe actuel."), field="current")
    _set_password(user, new)
    links.kill(user, "reset", "email")
    end_sessions(user, keep=keep)
    _write("password_changed", user, {})


def _set_password(user, password):
    about = (user.email, *((user.candidate.last_name, user.candidate.first_name) if user.candidate else ()))
    passwords.check(password, about=about, field="password", is_staff=user.staff_member is not None)
    user.password = hash_password(passwords.normalised(password))
    user.fs_uniquifier = uuid.uuid4().hex


def ask_email_change(user, email):
    """Send a link to a new address; the old one works until it is followed (domain A2.1).

    Raises:
        DomainError: the address is not valid, or already this account's. Another's address is silently not written to.
    """
    email = clean_email(email)
    if email.lower() == user.email.lower():
        raise DomainError(_("C’est déjà votre adresse."), field="email")
    taken = by_email(email)
    tell_of_address(user, email)
    if taken is not None:
        return
    days = parameters.get("ACCOUNT_VALIDATION_DAYS")
    link = links.issue(user, "email", timedelta(days=days), email=email)
    with force_locale(user.language):
        _write("email_change", user, {"compte": {"delai": ngettext("%(num)d jour", "%(num)d jours", days)}}, secret=link, recipient=email)


def tell_of_address(user, email):
    """Tell the present address of an account that another one is asked for."""
    _write("email_changed_notice", user, {"compte": {"courriel": email}})


def confirm_email(token):
    """Use the new address from now on; a link for a new password sent to the old one dies.

    Raises:
        DomainError: a dead link, or an address taken meanwhile.
    """
    row = links.find(token, "email")
    if not links.is_live(row):
        raise DomainError(_("Ce lien n’est plus valable : demandez de nouveau le changement d’adresse depuis « Mon compte »."))
    row.used_at = clock.now()
    links.kill(row.user, "reset")
    try:
        with db.session.begin_nested():
            row.user.email = row.email
    except IntegrityError as error:
        raise DomainError(_("Cette adresse est utilisée par un autre compte : choisissez-en une autre.")) from error
    return row.user


def end_sessions(user, *, keep=None):
    """End every session of a user but one."""
    now = clock.now()
    for session in db.session.scalars(select(UserSession).where(UserSession.user_id == user.id, UserSession.ended_at.is_(None))):
        if keep is None or session.id != keep.id:
            session.ended_at = now
    db.session.flush()


def _write(kind, user, more, *, secret=None, recipient=None):
    context = announcements.institution() | more
    person = user.candidate or user.staff_member
    context["candidat"] = {"prenom": person.first_name, "nom": person.last_name, "numero": getattr(person, "dossier_number", "")}
    outbox.post(
        kind,
        recipient=recipient or user.email,
        language=user.language,
        key=f"{kind}:{user.id}:{secrets.token_hex(8)}",
        context=context,
        candidate=user.candidate,
        secret=secret,
    )
