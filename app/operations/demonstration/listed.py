"""A formation of the demonstration with few seats: offers out, a ranked list, a place given back, dossiers left without an answer."""

from datetime import timedelta

from flask_security import hash_password
from sqlalchemy import select

from app import clock
from app.enums import Colour, FileStatus, Outcome, PromotionMode
from app.extensions import db
from app.models import SilenceAlert, User
from app.operations import accounts, candidatures, decisions, passwords
from app.operations.demonstration import cast

CAPACITY = 4
# first name, last name; the first four get an offer, the others stand on the list at these ranks
ADMITTED = (("Louise", "Chevalier"), ("Adam", "Gauthier"), ("Inès", "Perrin"), ("Victor", "Masson"))
LISTED = ((10, "Nina", "Lemaire"), (20, "Hugo", "Renaud"), (30, "Jade", "Colin"), (30, "Samir", "Benali"), (50, "Rose", "Aubert"))
DRAFTED = ((60, "Paul", "Royer"), (70, "Alice", "Guyot"))
ANSWERED, GONE = "Adam", "Victor"
SILENT = ((85, "Mila", "Barre"), (65, "Nathan", "Collet"), (35, "Zoé", "Maillard"))
ALERTS = ((30, Colour.YELLOW), (60, Colour.ORANGE), (80, Colour.RED))  # days without an opinion


def define(campaign, kinds):
    """Fill an offering of four seats and, in another, dossiers that have waited long.

    Args:
        kinds: {outcome: decision type}.
    """
    hashed = hash_password(passwords.normalised(cast.CANDIDATE_SECRET))
    manager = db.session.scalar(select(User).where(User.email == f"gestion@{cast.STAFF_HOST}"))
    offering, other = cast.open_offerings(campaign)[1:3]
    db.session.add_all([SilenceAlert(days=days, colour=colour) for days, colour in ALERTS])
    offering.capacity, offering.promotion_mode = CAPACITY, PromotionMode.AUTOMATIC
    people = {}
    for first, last in ADMITTED:
        people[first] = _decided(first, last, offering, kinds[Outcome.ADMITTED], manager, hashed)
    for rank, first, last in LISTED:
        _decided(first, last, offering, kinds[Outcome.WAITLISTED], manager, hashed, rank=rank)
    for rank, first, last in DRAFTED:
        _decided(first, last, offering, kinds[Outcome.WAITLISTED], manager, hashed, rank=rank, is_published=False)
    candidatures.confirm(people[ANSWERED], actor=people[ANSWERED].candidate.user)
    candidatures.withdraw(people[GONE], actor=people[GONE].candidate.user)
    for days, first, last in SILENT:
        with clock.at(clock.now() - timedelta(days=days)):
            transmitted(first, last, other, hashed)


def _created(first, last, offering, hashed, *, language="fr"):
    name = f"{first}.{last}".lower().replace("é", "e").replace("è", "e")
    user = accounts.create_candidate(
        last_name=last,
        first_name=first,
        email=f"{name}@{cast.CANDIDATE_HOST}",
        language=language,
        hashed=hashed,
        confirmed_at=clock.now(),
    )
    cast.fill_profile(user.candidate, user.candidate.id)
    return candidatures.create(user.candidate, offering, actor=user)


def transmitted(first, last, offering, hashed, *, language="fr"):
    """Bring an invented person to a transmitted dossier; return the candidature."""
    candidature = _created(first, last, offering, hashed, language=language)
    cast.complete(candidature, candidature.candidate.user)
    candidatures.transmit(candidature, actor=candidature.candidate.user)
    return candidature


def _decided(first, last, offering, kind, manager, hashed, *, rank=None, is_published=True):
    """Have a dossier that came on paper found complete, and an opinion given on it."""
    candidature = _created(first, last, offering, hashed)
    candidatures.set_status(candidature, FileStatus.COMPLETE, actor=manager)
    decisions.propose(candidature, kind, actor=manager, rank=rank)
    if is_published:
        decisions.validate(candidature, actor=manager)
        decisions.publish(candidature, actor=manager)
    return candidature
