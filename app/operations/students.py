"""The university's own students: found by their sign-on, opened once, their data taken from the student system."""

from flask_security import hash_password
from sqlalchemy import select

from app import clock
from app.enums import Civility, Source
from app.extensions import db
from app.models import Address, Baccalaureat, Candidate, Identity, InternalRecord
from app.operations import accounts, passwords


def user_of(identity):
    """Return the user who has this identity, or None."""
    row = db.session.scalar(select(Identity).where(Identity.provider == identity.provider, Identity.subject == identity.subject))
    return row.user if row else None


def open_account(identity, record, *, email, language, password=None):
    """Open a student's account, to be validated by mail like everyone's (domain A2.10).

    Args:
        record: the `StudentRecord`; email: the address to write to; password: optional, for a sign-in without sign-on.
    Returns:
        The `User`; None when the address is another account's, whose owner is written to: an e-mail never links (trust T16).
    Raises:
        DomainError: an address not valid, a weak password.
    """
    email = accounts.clean_email(email)
    hashed = None
    if password:
        passwords.check(password, about=(record.last_name, record.first_name, email), field="password")
        hashed = hash_password(passwords.normalised(password))
    known = user_of(identity)
    if known is not None:  # the form was sent twice
        return known
    existing = accounts.by_email(email)
    if existing is not None:
        accounts.tell_existing(existing)
        return None
    user = accounts.create_candidate(
        last_name=record.last_name, first_name=record.first_name, email=email, language=language, hashed=hashed
    )
    db.session.add(Identity(user=user, provider=identity.provider, subject=identity.subject, sis_number=identity.sis_number))
    import_record(user.candidate, record)
    accounts.send_validation(user)
    return user


def import_record(candidate, record):
    """Write what the student system knows; those columns are locked from then on (domain A2.2)."""
    values = {
        "civility": Civility(record.civility),
        "last_name": record.last_name,
        "first_name": record.first_name,
        "birth_on": record.birth_on,
        "birth_country_code": record.birth_country,
        "birth_town": record.birth_town,
        "nationality_code": record.nationality,
        "sis_number": record.number,
        "identity_source": Source.SIS,
        "synchronised_at": clock.now(),
    }
    if record.ine and db.session.scalar(select(Candidate.id).where(Candidate.ine == record.ine, Candidate.id != candidate.id)) is None:
        values["ine"] = record.ine
    for name, value in values.items():
        setattr(candidate, name, value)
    candidate.phone = candidate.phone or record.phone
    if candidate.address is None and record.commune:
        candidate.address = Address(
            line1=record.address_line or "", postal_code=record.postal_code, commune_code=record.commune, country_code="FR"
        )
    if record.bac_series:
        candidate.baccalaureat = candidate.baccalaureat or Baccalaureat()
        bac = candidate.baccalaureat
        bac.series_code, bac.year, bac.mention_code, bac.source = record.bac_series, record.bac_year, record.bac_mention, Source.SIS
    candidate.internal_records = [
        InternalRecord(year=row.year, code=row.code, label=row.label, result=row.result, mark=row.mark) for row in record.years
    ]
    db.session.flush()
