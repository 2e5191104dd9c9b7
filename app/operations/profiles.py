"""The candidate's profile, step by step: what is written, what is locked, what is still missing."""

import re
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app import clock, ine, parameters
from app.enums import Source
from app.errors import DomainError
from app.extensions import db
from app.models import Address, Baccalaureat, BacSeries, Candidate, PostalCode, ProfileConfirmation
from app.operations import accounts

FRANCE = "FR"
LOCKED_BY_SIS = frozenset(
    [
        "civility",
        "last_name",
        "first_name",
        "other_names",
        "birth_on",
        "birth_country_code",
        "birth_department_code",
        "birth_commune_code",
        "birth_town",
        "nationality_code",
        "ine",
    ]
)
NAMES = {"last_name": 100, "usual_name": 100, "first_name": 100, "other_names": 200, "birth_town": 100}  # characters
PHONE = re.compile(r"[+(]?[0-9][0-9 .()/-]{4,19}")
RARE_AGE = 100  # years: asked twice (trust D02)
STEPS = ("identite", "adresse", "baccalaureat", "cursus-interne", "cursus-externe", "stages", "experiences")


@dataclass(frozen=True)
class Gap:
    """One obligatory step not finished."""

    sentence: str
    step: str


def missing(candidate):
    """Return the obligatory steps that a candidate has not finished: identity, address, baccalauréat (domain B3.8)."""
    gaps = []
    if not _has_identity(candidate):
        gaps.append(Gap(_("Identité à compléter."), "identite"))
    if candidate.address is None:
        gaps.append(Gap(_("Adresse à compléter."), "adresse"))
    if candidate.baccalaureat is None:
        gaps.append(Gap(_("Baccalauréat ou équivalent à compléter."), "baccalaureat"))
    return gaps


def _has_identity(candidate):
    needed = (candidate.civility, candidate.birth_on, candidate.birth_country_code, candidate.nationality_code)
    return all(needed) and not _lacks_ine(candidate.nationality_code, candidate.ine)


def _lacks_ine(nationality_code, value):
    return nationality_code == FRANCE and not value and parameters.get("INE_REQUIRED_FOR_FRENCH")


def is_carried_over(candidate, campaign_id):
    """Whether a profile dates from another campaign and its person has not said for this one that it is still right (domain D1)."""
    said = set(db.session.scalars(select(ProfileConfirmation.campaign_id).where(ProfileConfirmation.candidate_id == candidate.id)))
    return bool(said) and campaign_id not in said


def confirm(candidate, campaign_id):
    """Keep that a candidate's profile is right for a campaign, once; whoever fills it during the campaign says so too."""
    known = select(ProfileConfirmation.id).where(
        ProfileConfirmation.candidate_id == candidate.id, ProfileConfirmation.campaign_id == campaign_id
    )
    if db.session.scalar(known) is None:
        db.session.add(ProfileConfirmation(candidate_id=candidate.id, campaign_id=campaign_id))
        db.session.flush()


def progress(candidate):
    """Return {step: True done, False to do, None optional}, in the order of the steps."""
    to_do = {gap.step for gap in missing(candidate)}
    done = {step: step not in to_do for step in ("identite", "adresse", "baccalaureat")}
    filled = {
        "cursus-interne": candidate.internal_records,
        "cursus-externe": candidate.external_records or candidate.has_no_external_record,
        "stages": candidate.internships,
        "experiences": candidate.work_experiences,
    }
    return {**done, **{step: True if rows else None for step, rows in filled.items()}}


def save_identity(candidate, values):
    """Write the identity step.

    Args:
        values: {column: value}; columns taken from the student system are left as they are. "birth_repeated" is the day
            of a rare age that the person sends again after being asked to check it.
    Raises:
        DomainError: a name that is none, an INE that is wrong, taken, or missing for a French national; a birth date out
            of reason; what is no telephone number.
    """
    values = dict(values)
    repeated = values.pop("birth_repeated", None)
    values = {name: value for name, value in values.items() if not is_locked(candidate, name)}
    values |= {name: accounts.clean_name(values[name], field=name, limit=most) for name, most in NAMES.items() if values.get(name)}
    _check_phone(values.get("phone"))
    if "ine" in values:
        values["ine"] = _checked_ine(candidate, values.get("ine"))
    if _lacks_ine(values.get("nationality_code", candidate.nationality_code), values.get("ine", candidate.ine)):
        raise DomainError(
            _("Donnez votre INE : il figure sur votre relevé de notes du baccalauréat ou votre carte d’étudiant."), field="ine"
        )
    if "birth_on" in values:
        _check_birth(values["birth_on"], repeated)
    if values.get("birth_country_code", candidate.birth_country_code) != FRANCE:
        values |= {"birth_department_code": None, "birth_commune_code": None}
    for name, value in values.items():
        setattr(candidate, name, value)
    db.session.flush()


def _check_phone(text):
    if text and not PHONE.fullmatch(text.replace("\u00a0", " ").replace("\u202f", " ")):
        raise DomainError(_("Écrivez un numéro de téléphone en chiffres, par exemple 06 12 34 56 78 ou +33 6 12 34 56 78."), field="phone")


def is_locked(candidate, column):
    """Whether a column comes from the student system: only the registry can change it (domain A2.2)."""
    return candidate.identity_source == Source.SIS and column in LOCKED_BY_SIS


def _checked_ine(candidate, text):
    if not (text or "").strip():
        return None
    value = ine.parse(text).value
    taken = db.session.scalar(select(Candidate.id).where(Candidate.ine == value, Candidate.id != candidate.id))
    if taken is not None:
        raise DomainError(_("Cet INE est déjà utilisé par un autre compte. Vérifiez-le, ou écrivez au service."), field="ine")
    return value


def _check_birth(day, repeated):
    today = clock.local_day(clock.now())
    age = today.year - day.year - ((today.month, today.day) < (day.month, day.day))
    if day.year < 1900 or age < 10:
        raise DomainError(_("Vérifiez votre date de naissance."), field="birth_on")
    if age >= RARE_AGE and repeated != day.isoformat():
        raise DomainError(
            _("Vous auriez %(age)s ans : vérifiez l’année de naissance. Si elle est juste, enregistrez de nouveau.", age=age),
            field="birth_on",
        )


def save_address(candidate, values):
    """Write the address; in France the postal code and the commune must go together.

    Raises:
        DomainError: a commune that is not under the postal code, or a town missing abroad.
    """
    values = dict(values)
    if values["country_code"] == FRANCE:
        values["postal_code"] = "".join((values.get("postal_code") or "").split())
        known = db.session.scalar(
            select(PostalCode).filter_by(postal_code=values.get("postal_code") or "", commune_code=values.get("commune_code") or "")
        )
        if known is None:
            raise DomainError(_("Choisissez la commune qui correspond au code postal."), field="commune_code")
        values["town"] = None
    else:
        values["commune_code"] = None
        if not values.get("town"):
            raise DomainError(_("Indiquez la ville."), field="town")
    _write(candidate, "address", Address, values)


def save_baccalaureat(candidate, values):
    """Write the baccalauréat or what stands for it.

    Raises:
        DomainError: locked, a year in the future or before fourteen, a series not awarded that year.
    """
    if candidate.baccalaureat is not None and candidate.baccalaureat.source == Source.SIS:
        raise DomainError(_("Votre baccalauréat vient de la scolarité : contactez votre scolarité pour le corriger."))
    series = db.session.get(BacSeries, values["series_code"])
    year = values.get("year")
    if series is None:
        raise DomainError(_("Choisissez une série de la liste."), field="series_code")
    if year is not None:
        _check_bac_year(candidate, series, year)
    elif series.is_baccalaureat:
        raise DomainError(_("Indiquez l’année d’obtention."), field="year")
    _write(candidate, "baccalaureat", Baccalaureat, values)


def _check_bac_year(candidate, series, year):
    if not 1900 <= year <= clock.local_day(clock.now()).year:
        raise DomainError(_("Cette année n’est pas possible : vérifiez-la."), field="year")
    if candidate.birth_on is not None and year < candidate.birth_on.year + 14:
        raise DomainError(_("Cette année est trop proche de votre naissance : vérifiez-la."), field="year")
    if series.valid_from and year < series.valid_from or series.valid_to and year > series.valid_to:
        raise DomainError(_("Cette série n’était pas délivrée cette année-là : choisissez-en une autre."), field="series_code")


def _write(candidate, name, model, values):
    row = getattr(candidate, name)
    if row is None:
        row = model(candidate=candidate)
        db.session.add(row)
    for column, value in values.items():
        setattr(row, column, value)
    db.session.flush()


LISTS = {"cursus-externe": "external_records", "stages": "internships", "experiences": "work_experiences"}
MAX_ROWS = 30


def save_row(candidate, step, values, row=None):
    """Write one line of a list step (new when `row` is None); thirty lines at most.

    Raises:
        DomainError: a year in reason is needed, or the list is full.
    """
    latest = clock.local_day(clock.now()).year + 1
    if not 1950 <= values["year"] <= latest:
        raise DomainError(_("L’année doit être comprise entre 1950 et %(latest)s.", latest=latest), field="year")
    rows = getattr(candidate, LISTS[step])
    if row is None:
        if len(rows) >= MAX_ROWS:
            raise DomainError(_("Trente lignes au plus : retirez-en une, ou regroupez."))
        row = type(candidate).__mapper__.relationships[LISTS[step]].mapper.class_()
        rows.append(row)
    for column, value in values.items():
        setattr(row, column, value)
    db.session.flush()


def row_of(candidate, step, row_id):
    """Return a candidate's own line of a list step, or None."""
    return next((row for row in getattr(candidate, LISTS[step]) if row.id == row_id), None)


def remove_row(candidate, step, row):
    """Remove one line."""
    getattr(candidate, LISTS[step]).remove(row)
    db.session.flush()


def communes_of(postal_code):
    """Return the communes under a postal code, by name; spaces in it do not matter."""
    rows = db.session.scalars(select(PostalCode).where(PostalCode.postal_code == "".join(postal_code.split()))).all()
    return sorted((row.commune for row in rows), key=lambda commune: commune.name)
