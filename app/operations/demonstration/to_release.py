"""Opinions of the demonstration that are validated and wait for a release: one of each nature, one odd dossier."""

from flask_security import hash_password
from sqlalchemy import select

from app.enums import FileStatus, Outcome
from app.extensions import db
from app.models import User
from app.operations import candidatures, decisions, passwords
from app.operations.demonstration import cast, listed

# first name, last name, language, outcome, file status or None for one left as transmitted
PEOPLE = (
    ("Manon", "Leclerc", "fr", Outcome.ADMITTED, FileStatus.COMPLETE),
    ("Oliver", "Smith", "en", Outcome.ADMITTED, FileStatus.COMPLETE),
    ("Théo", "Barbier", "fr", Outcome.REFUSED, FileStatus.COMPLETE),
    ("Lina", "Moulin", "fr", Outcome.WAITLISTED, None),
    ("Jeanne", "Poirier", "fr", Outcome.ADMITTED, FileStatus.WAITING),
)


def define(campaign, kinds, reasons):
    """Propose and validate an opinion for each of these people; nothing is published.

    Args:
        kinds: {outcome: decision type}. reasons: {code: decision reason}.
    """
    hashed = hash_password(passwords.normalised(cast.CANDIDATE_SECRET))
    manager = db.session.scalar(select(User).where(User.email == f"gestion@{cast.STAFF_HOST}"))
    offering = cast.open_offerings(campaign)[3]
    for rank, (first, last, language, outcome, status) in enumerate(PEOPLE, start=1):
        row = listed.transmitted(first, last, offering, hashed, language=language)
        if status is not None:
            candidatures.set_status(row, status, actor=manager)
        reason = reasons["PREREQUIS"] if outcome == Outcome.REFUSED else None
        decisions.propose(row, kinds[outcome], actor=manager, reason=reason, rank=rank, comment="Dossier étudié en commission.")
        decisions.validate(row, actor=manager)
