"""Many invented candidatures at once, in every state, to see lists and measures at their real size."""

import random
from datetime import timedelta
from types import SimpleNamespace

from sqlalchemy import and_, func, insert, select, update

from app import clock, queries, ranks
from app.enums import AccessTrack, Outcome
from app.errors import DomainError
from app.extensions import db
from app.models import Candidate, Candidature, Decision, DecisionType, Formation, IssuedDossierNumber, Offering, User
from app.operations.demonstration import crowd_details
from app.operations.search_index import person_text, text_of

CHUNK = 5000  # candidatures of one transaction
EACH = 3  # candidatures of one candidate, at most
DIGITS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
FIRST_NAMES, LAST_NAMES = (
    tuple(names.split())
    for names in (
        """Adam Alice Ambre Anna Arthur Chloé Clara Enzo Éva Gabriel Hugo Inès Jade Jules Léo Lina Louis Lucas Manon Mila Nathan
    Nina Noé Paul Raphaël Rose Sacha Sarah Tom Zoé""",
        """André Bertrand Blanc Bonnet Boyer Chevalier Clément David Dubois Dupont Faure Fournier Garcia Garnier Gauthier Guérin
    Henry Lambert Laurent Leroy Mercier Michel Morel Muller Nicolas Perrin Richard Robin Roux Simon Thomas Vincent""",
    )
)
STATUSES = ("WAITING", "WAITING", "RECEIVED", "RECEIVED", "RECEIVED", "INCOMPLETE", "COMPLETE", "COMPLETE", "COMPLETE", "COMPLETE")
OUTCOMES = (None, Outcome.ADMITTED, Outcome.ADMITTED, Outcome.REFUSED, Outcome.WAITLISTED, Outcome.ON_HOLD, Outcome.SHORTLISTED)
ANSWERS = {"CONFIRMED": (1, 2), "WITHDRAWN": (3,)}  # by the remainder of the number divided by four


def add(count, *, said=lambda done: None, has_files=False):
    """Write that many candidatures directly into the tables, in the running campaign; they have no history.

    Commits chunk by chunk: it is a bulk load, for an installation that nobody uses yet.

    Args:
        count: how many candidatures.
        said: called with the number done after each chunk.
        has_files: whether the pieces they gave are real files (on a local vault), or only rows, for measures.
    Raises:
        DomainError: no campaign is running, or it has no offering.
    """
    campaign = queries.running_campaign()
    offerings = _offerings(campaign) if campaign else []
    if not offerings:
        raise DomainError("no campaign is running, or nothing is offered in it")
    kinds = {kind.outcome: kind.id for kind in db.session.scalars(select(DecisionType))}
    crowd = _Crowd(campaign.id, offerings, kinds, has_files=has_files)
    done = 0
    while done < count:
        done += crowd.write(min(CHUNK, count - done))
        db.session.commit()
        said(done)
    for offering in offerings:
        ranks.renew(offering.id)
    db.session.commit()


def _offerings(campaign):
    """Return what a crowd may apply to: not where a complementary list already waits, so that a place given back there calls somebody."""
    strangers = User.fs_uniquifier.not_like(f"{crowd_details.MARK}%")
    listed = select(Candidature.offering_id).join(User, User.candidate_id == Candidature.candidate_id)
    listed = listed.where(Candidature.real_rank.is_not(None), strangers)
    chosen = select(Offering.id, Formation.name, Formation.code).join(Offering.formation).where(Offering.campaign_id == campaign.id)
    chosen = chosen.where(Offering.id.not_in(listed))
    return db.session.execute(chosen.order_by(Offering.id)).all()


class _Crowd:
    """Draws invented people and what became of their candidatures: the same at each run."""

    def __init__(self, campaign_id, offerings, kinds, *, has_files):
        self.campaign_id, self.offerings, self.kinds = campaign_id, offerings, kinds
        self.chance = random.Random(20261124)  # noqa: S311 -- invented data
        self.now = clock.now()
        self.details = crowd_details.Details(campaign_id, self.chance, self.now, has_files=has_files)
        self.issued = db.session.scalar(select(func.count()).select_from(IssuedDossierNumber))

    def write(self, size):
        """Write `size` candidatures and their people; return how many."""
        people = iter(self._people(-(-size // 2)))
        rows = []
        while len(rows) < size:
            candidate_id, text = next(people)
            wished = min(self.chance.randint(2, EACH), size - len(rows), len(self.offerings))
            rows += [self._candidature(candidate_id, text, offering) for offering in self.chance.sample(self.offerings, wished)]
        ids = db.session.scalars(insert(Candidature).returning(Candidature.id, sort_by_parameter_order=True), rows).all()
        pairs = zip(ids, rows, strict=True)
        self.details.pieces([(number, row["candidate_id"], row["file_status"]) for number, row in pairs])
        self._decide([number for number, row in zip(ids, rows, strict=True) if row["file_status"] == "COMPLETE"])
        return size

    def _people(self, count):
        numbers = [_dossier_number(self.issued + index) for index in range(count)]
        self.issued += count
        db.session.execute(insert(IssuedDossierNumber), [{"number": number, "issued_at": self.now} for number in numbers])
        rows = [self._person(number) for number in numbers]
        ids = db.session.scalars(insert(Candidate).returning(Candidate.id, sort_by_parameter_order=True), rows).all()
        self.details.accounts(list(zip(ids, numbers, strict=True)))
        return [(key, row["search_text"]) for key, row in zip(ids, rows, strict=True)]

    def _person(self, number):
        names = {"last_name": self.chance.choice(LAST_NAMES), "first_name": self.chance.choice(FIRST_NAMES)}
        text = person_text(SimpleNamespace(**names, usual_name=None, dossier_number=number, ine=None), crowd_details.email(number))
        known = crowd_details.profile(self.chance, number)
        return {"dossier_number": number, "created_at": self.now, "search_text": text, **names, **known}

    def _candidature(self, candidate_id, text, offering):
        status = self.chance.choice(STATUSES)
        created_at = self.now - timedelta(minutes=self.chance.randint(60, 60 * 24 * 14))
        sent_at = created_at + timedelta(minutes=50) if status != "WAITING" else None
        return {
            "candidate_id": candidate_id,
            "offering_id": offering.id,
            "search_text": text_of(text, offering),
            "campaign_id": self.campaign_id,
            "created_at": created_at,
            "file_status": status,
            "file_status_at": sent_at or created_at,
            "transmitted_at": sent_at,
            "transmission_count": int(sent_at is not None),
            "access_track": AccessTrack.CONTROLLED,
            "track_validated_at": created_at,
            "cancelled_at": self.now if sent_at is None and self.chance.random() < 0.1 else None,
        }

    def _decide(self, candidature_ids):
        """Publish a decision on most of these candidatures, then answer most of the offers."""
        drawn = ((number, self.chance.choice(OUTCOMES)) for number in candidature_ids)
        rows = [self._decision(number, outcome) for number, outcome in drawn if outcome in self.kinds]
        if not rows:
            return
        db.session.execute(insert(Decision.__table__), rows)
        decided = Candidature.id.in_([row["candidature_id"] for row in rows])
        own = select(Decision.id).where(Decision.candidature_id == Candidature.id).scalar_subquery()
        kind = select(DecisionType.outcome).join(Decision).where(Decision.candidature_id == Candidature.id).scalar_subquery()
        _change(decided, published_decision_id=own, outcome=kind)
        for answer, remainders in ANSWERS.items():
            offered = and_(decided, Candidature.outcome == Outcome.ADMITTED, (Candidature.id % 4).in_(remainders))
            _change(offered, answer=answer, answered_at=self.now)

    def _decision(self, candidature_id, outcome):
        return {
            "candidature_id": candidature_id,
            "decision_type_id": self.kinds[outcome],
            "stage": "PUBLISHED",
            "rank": self.chance.randint(1, 200) if outcome == Outcome.WAITLISTED else None,
            "confirm_by": self.now + timedelta(days=10) if outcome == Outcome.ADMITTED else None,
            "is_automatic": False,
            "created_at": self.now,
            "validated_at": self.now,
            "published_at": self.now,
            "version": 1,
        }


def _change(condition, **values):
    db.session.execute(update(Candidature).where(condition).values(**values), execution_options={"synchronize_session": False})


def _dossier_number(index):
    """Return a number of the form of a real one: the count of those issued, written on seven of their signs after a B."""
    number = ""
    for _position in range(7):
        index, rest = divmod(index, len(DIGITS))
        number = DIGITS[rest] + number
    return f"B{number}"
