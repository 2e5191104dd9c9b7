"""What a filter offers to choose from: closed vocabularies, and the rows of the tables that a person reaches."""

from sqlalchemy import or_, select

from app import access, formats
from app.enums import Functionality, ReasonKind
from app.extensions import db
from app.models import BacMention, BacSeries, Campaign, Centre, Commission, Country, DecisionReason, DecisionType, Tag
from app.operations.columns import CHOICE, YES


def choices(column, actor):
    """Return [(value, label)] of what a column's filter offers, in the language of the moment; [] when it is typed."""
    if column.kind == CHOICE:
        return [(member.value, str(member.label)) for member in column.vocabulary]
    if isinstance(column.choices, tuple):
        return list(column.choices)
    if column.kind == YES:
        return []
    return SOURCES[column.choices](actor) if column.choices else []


def _all(value, words):
    return lambda actor: _sorted(db.session.execute(select(value, words)).tuples())


def _sorted(rows):
    named = [(str(value), formats.translated(words) if isinstance(words, dict) else words) for value, words in rows]
    return sorted(named, key=lambda pair: pair[1].casefold())


def _commissions(actor):
    reachable = access.commissions_of(actor, Functionality.CANDIDATURES)
    return _sorted(db.session.execute(select(Commission.id, Commission.name).where(reachable)).tuples())


def _centres_of(actor):
    return select(Commission.centre_id).where(access.commissions_of(actor, Functionality.CANDIDATURES))


def _centres(actor):
    return _sorted(db.session.execute(select(Centre.id, Centre.name).where(Centre.id.in_(_centres_of(actor)))).tuples())


def _shared(model, words, *conditions):
    """Rows of the whole university, and of the centres where the actor sees candidatures."""

    def rows(actor):
        open_to_him = or_(model.centre_id.is_(None), model.centre_id.in_(_centres_of(actor)))
        return _sorted(db.session.execute(select(model.id, words).where(open_to_him, *conditions)).tuples())

    return rows


SOURCES = {
    "countries": _all(Country.code, Country.name),
    "nationalities": _all(Country.code, Country.nationality),
    "series": _all(BacSeries.code, BacSeries.label),
    "mentions": _all(BacMention.code, BacMention.label),
    "campaigns": _all(Campaign.id, Campaign.name),
    "centres": _centres,
    "commissions": _commissions,
    "decision_types": _shared(DecisionType, DecisionType.name),
    "refusals": _shared(DecisionReason, DecisionReason.name, DecisionReason.kind == ReasonKind.REFUSAL),
    "withdrawals": _shared(DecisionReason, DecisionReason.name, DecisionReason.kind == ReasonKind.WITHDRAWAL),
    "tags": _shared(Tag, Tag.name),
}
