"""A believable demonstration: the real formations of one university, invented people, one dossier in each state."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from app import clock, parameters, reference
from app.extensions import db
from app.models import Campaign, Centre, Offering
from app.operations import offer_import
from app.operations.demonstration import cast, commission, letters, listed, settings, to_release
from app.reference import reminders, rights

FORMATIONS = Path(__file__).resolve().parents[3] / "data" / "formations-open-data.csv"
UNIVERSITY = "clermont auvergne"
PARAMETERS = (
    ("INSTITUTION_NAME", "Université Clermont Auvergne"),
    ("SECOND_FACTOR_NOT_ASKED", True),
    ("RANK_SHOWN", "REAL"),
    ("SILENCE_FROM", "TRANSMITTED"),
    ("ENROLMENT_URL", "https://inscription.postulo.example"),
)


def seed():
    """Fill an empty installation; one that holds a campaign already is left as it is.

    Returns:
        Whether anything was added; the caller commits.
    """
    reference.load(db.session)
    rights.load(db.session)
    reminders.load(db.session)
    if db.session.scalar(select(func.count()).select_from(Campaign)):
        return False
    now = clock.now()
    for code, value in PARAMETERS:
        parameters.change(code, value)
    campaign = _campaign(now)
    offer_import.import_rows(offer_import.read(FORMATIONS.read_bytes()), campaign, establishment=UNIVERSITY)
    _dates(campaign, now)
    kinds, reasons = settings.define(campaign)
    letters.define(kinds)
    cast.staff()
    cast.candidates(campaign, kinds, reasons)
    listed.define(campaign, kinds)
    to_release.define(campaign, kinds, reasons)
    commission.at_work(campaign)
    return True


def people():
    """Return (e-mail, password, description) of every demonstration account."""
    return cast.people()


def _campaign(now):
    year = now.year + (now.month >= 9)
    campaign = Campaign(
        code=str(year),
        name={"fr": f"Campagne {year}-{year + 1}", "en": f"{year}-{year + 1} campaign"},
        starts_at=now - timedelta(days=100),
        ends_at=now + timedelta(days=200),
        is_running=True,
    )
    db.session.add(campaign)
    db.session.flush()
    return campaign


def _dates(campaign, now):
    """Give each centre its dates, and a few offerings their own: closed already, not open yet, closing late, not proposed."""
    day = clock.local_day(now)
    for number, centre in enumerate(db.session.scalars(select(Centre).order_by(Centre.id))):
        centre.opens_at, centre.closes_at = clock.opening_of(day - timedelta(days=95)), clock.closing_of(day + timedelta(days=40 + number))
        centre.return_by, centre.confirm_days = clock.closing_of(day + timedelta(days=50 + number)), 10
        centre.jury_on, centre.publication_on = day + timedelta(days=75), day + timedelta(days=90)
        centre.contact_email = "candidatures@postulo.example"
    offerings = db.session.scalars(select(Offering).where(Offering.campaign_id == campaign.id).order_by(Offering.id)).all()
    for number, offering in enumerate(offerings):
        if offering.capacity is None:
            offering.capacity = 20 + 5 * (number % 9)
        if number % 11 == 3:
            offering.closes_at = clock.closing_of(day - timedelta(days=2))
        if number % 11 == 5:
            offering.closes_at = clock.closing_of(day + timedelta(days=60))
            offering.return_by = clock.closing_of(day + timedelta(days=65))
        if number % 11 == 7:
            offering.opens_at = clock.opening_of(day + timedelta(days=20))
        offering.is_published = number % 29 != 13
    db.session.flush()
