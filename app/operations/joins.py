"""The tables around a candidature that its list may join, each once and only when a column or a filter needs it."""

from sqlalchemy import select
from sqlalchemy.orm import aliased, join

from app.enums import Stage
from app.models import (
    Address,
    Baccalaureat,
    BacMention,
    BacSeries,
    Campaign,
    Candidate,
    Candidature,
    Centre,
    Commission,
    Commune,
    Country,
    Decision,
    DecisionReason,
    DecisionType,
    Formation,
    Offering,
    User,
)

Person, Account, Bac, Series, Mention = (aliased(model) for model in (Candidate, User, Baccalaureat, BacSeries, BacMention))
Nation, BirthCountry, HomeCountry = aliased(Country), aliased(Country), aliased(Country)
Home, HomeTown = aliased(Address), aliased(Commune)
Opening, Course, Panel, Place, Year = (aliased(model) for model in (Offering, Formation, Commission, Centre, Campaign))
Published, PublishedType, Reason = aliased(Decision), aliased(DecisionType), aliased(DecisionReason)
Draft, DraftType, Withdrawal = aliased(Decision), aliased(DecisionType), aliased(DecisionReason)

# name: (what is joined, on what, whether every candidature has one, what must be joined before)
JOINS = {
    "candidate": (Person, Person.id == Candidature.candidate_id, True, ()),
    "account": (Account, Account.candidate_id == Candidature.candidate_id, False, ()),
    "home": (Home, Home.candidate_id == Candidature.candidate_id, False, ()),
    "home_town": (HomeTown, HomeTown.code == Home.commune_code, False, ("home",)),
    "home_country": (HomeCountry, HomeCountry.code == Home.country_code, False, ("home",)),
    "bac": (Bac, Bac.candidate_id == Candidature.candidate_id, False, ()),
    "series": (Series, Series.code == Bac.series_code, False, ("bac",)),
    "mention": (Mention, Mention.code == Bac.mention_code, False, ("bac",)),
    "nation": (Nation, Nation.code == Person.nationality_code, False, ("candidate",)),
    "birth_country": (BirthCountry, BirthCountry.code == Person.birth_country_code, False, ("candidate",)),
    "opening": (Opening, Opening.id == Candidature.offering_id, True, ()),
    "course": (Course, Course.id == Opening.formation_id, True, ("opening",)),
    "panel": (Panel, Panel.id == Opening.commission_id, True, ("opening",)),
    "place": (Place, Place.id == Panel.centre_id, True, ("opening", "panel")),
    "year": (Year, Year.id == Candidature.campaign_id, True, ()),
    "published": (Published, Published.id == Candidature.published_decision_id, False, ()),
    "published_type": (PublishedType, PublishedType.id == Published.decision_type_id, False, ("published",)),
    "reason": (Reason, Reason.id == Published.reason_id, False, ("published",)),
    "draft": (Draft, (Draft.candidature_id == Candidature.id) & (Draft.stage != Stage.PUBLISHED), False, ()),
    "draft_type": (DraftType, DraftType.id == Draft.decision_type_id, False, ("draft",)),
    "withdrawal": (Withdrawal, Withdrawal.id == Candidature.withdrawal_reason_id, False, ()),
}


def joined(columns, names, start=None):
    """Return the select of some columns from the candidatures, with the joins named and those that they rest on.

    Args:
        columns: SQL expressions.
        names: keys of `JOINS`.
        start: a FROM that already holds `Candidature`; the table alone when None.
    """
    wanted = {needed for name in names for needed in (*JOINS[name][3], name)}
    origin = Candidature if start is None else start
    chosen = select(*columns).select_from(origin)
    for name, (target, on, is_always, _before) in JOINS.items():
        if name in wanted:
            chosen = chosen.join(target, on, isouter=not is_always)
    return chosen


def beside(page, number):
    """Return a FROM that narrows the candidatures to those of a subquery, whose column `number` holds their ids."""
    return join(page, Candidature, Candidature.id == number)
