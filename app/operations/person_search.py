"""Finding a person across campaigns, by a number, an address or words; whoever is out of reach answers like whoever does not exist."""

import re
from dataclasses import dataclass

from sqlalchemy import String, and_, cast, false, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from app import access, search_text
from app.enums import Functionality
from app.extensions import db
from app.models import AuditEntry, Candidate, Candidature, Commission, Offering, User

SHOWN = 50  # people listed, whatever is asked
COUNTED = 1000  # people counted
NUMBER, INE, STUDENT = re.compile(r"[0-9A-Z]{8}"), re.compile(r"[0-9A-Z]{11}"), re.compile(r"[0-9A-Z]{4,30}")


@dataclass(frozen=True)
class Found:
    """The people found.

    Attributes:
        people: at most `SHOWN`, by name.
        count: of those found, `COUNTED` when there are more.
        is_exact: whether a whole number or address named them.
    """

    people: tuple
    count: int
    is_exact: bool

    @property
    def only(self):
        """The person that the text names and nobody else, or None."""
        return self.people[0] if self.is_exact and self.count == 1 else None


def may_search(actor):
    """Whether an actor may look for people at all."""
    return access.can(actor, Functionality.CANDIDATES) or access.can(actor, Functionality.CANDIDATURES)


def reach(actor, *, write=False):
    """Return the SQL condition on `Candidate` for the people whom an actor may open (or change, with `write`).

    They are those whose account is the actor's to manage, those of whom a candidature is in reach, and those who have not
    applied yet and whose account the actor opened.
    """
    owned = access.scope_for(Candidate, actor, write=write)
    if access.can(actor, Functionality.CANDIDATES, write=True):
        opened = select(AuditEntry.id).where(
            AuditEntry.entity == "Candidate",
            AuditEntry.action == "create",
            AuditEntry.actor_id == actor.id,
            AuditEntry.entity_id == cast(Candidate.id, String),
        )
        applied = select(Candidature.id).where(Candidature.candidate_id == Candidate.id)
        owned = or_(owned, and_(opened.exists(), ~applied.exists()))
    if write:
        return owned
    seen = select(Candidature.candidate_id).where(access.candidatures_of(actor, Functionality.CANDIDATURES))
    return or_(owned, Candidate.id.in_(seen)) if access.can(actor, Functionality.CANDIDATURES) else owned


def find(actor, text):
    """Look for people in an actor's reach.

    Args:
        text: a dossier number, an address, an INE, a student number (whole), or words of any of the names.
    Returns:
        A `Found`.
    """
    exact = _by_number(text)
    for condition, is_exact in ((exact, True), (_by_words(text), False)):
        chosen = select(Candidate.id).where(reach(actor), condition)
        count = db.session.scalar(select(func.count()).select_from(chosen.limit(COUNTED).subquery()))
        if count:
            return Found(tuple(_people(chosen)), count, is_exact)
    return Found((), 0, False)


def _by_number(text):
    whole = "".join((text or "")[: search_text.MAX_LENGTH].split())
    if "@" in whole:
        return Candidate.id.in_(select(User.candidate_id).where(func.lower(User.email) == whole.lower()))
    number, kinds = whole.upper(), ((NUMBER, Candidate.dossier_number), (INE, Candidate.ine), (STUDENT, Candidate.sis_number))
    named = [column == number for shape, column in kinds if shape.fullmatch(number)]
    return or_(*named) if named else false()


def _by_words(text):
    words = search_text.words(text)
    return and_(*(Candidate.search_text.contains(word, autoescape=True) for word in words)) if words else false()


def _people(chosen):
    offering = selectinload(Candidate.candidatures).joinedload(Candidature.offering)
    options = (
        joinedload(Candidate.user),
        offering.joinedload(Offering.formation),
        offering.joinedload(Offering.commission).joinedload(Commission.centre),
        selectinload(Candidate.candidatures).joinedload(Candidature.campaign),
    )
    ordered = select(Candidate).where(Candidate.id.in_(chosen)).order_by(Candidate.last_name, Candidate.first_name, Candidate.id)
    return db.session.scalars(ordered.options(*options).limit(SHOWN)).all()


def one(actor, dossier_number, *, write=False):
    """Return the person of a dossier number in an actor's reach, or None."""
    if not NUMBER.fullmatch(dossier_number):
        return None
    chosen = select(Candidate).where(Candidate.dossier_number == dossier_number, reach(actor, write=write))
    return db.session.scalar(chosen.options(joinedload(Candidate.user)))


def candidatures_of(person, actor):
    """Return the candidatures of a person that an actor sees, of every campaign, newest first."""
    chosen = select(Candidature).where(Candidature.candidate_id == person.id, access.candidatures_of(actor, Functionality.CANDIDATURES))
    options = (
        joinedload(Candidature.offering).joinedload(Offering.formation),
        joinedload(Candidature.offering).joinedload(Offering.commission).joinedload(Commission.centre),
        joinedload(Candidature.campaign),
    )
    return db.session.scalars(chosen.options(*options).order_by(Candidature.id.desc())).all()


def seen_candidatures(people, actor):
    """Return {candidate id: candidatures that an actor sees} of several people, in one query."""
    numbers = [person.id for person in people]
    seen = select(Candidature.id).where(Candidature.candidate_id.in_(numbers), access.candidatures_of(actor, Functionality.CANDIDATURES))
    open_ids, found = set(db.session.scalars(seen)), {}
    for person in people:
        found[person.id] = [candidature for candidature in person.candidatures if candidature.id in open_ids]
    return found
