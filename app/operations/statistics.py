"""What became of a campaign's candidatures, counted by the database: funnel, statuses, decisions, answers, seats, delays, days."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import Date, Integer, distinct, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import True_
from sqlalchemy.sql.expression import FunctionElement

from app import access
from app.enums import Answer, FileStatus, Functionality, Outcome
from app.extensions import db
from app.models import Campaign, Candidature, Centre, Commission, Decision, DecisionType, Formation, Offering, User

RIGHT = Functionality.STATISTICS
LEVELS = {"centre": Centre.name, "commission": Commission.name, "formation": Formation.name}
FUNNEL = ("created", "transmitted", "complete", "decided", "admitted", "confirmed")


class paris_day(FunctionElement):  # noqa: N801 -- an SQL function
    """The calendar day in Paris of an instant (on SQLite, in UTC: it knows no zone)."""

    type, inherit_cache = Date(), True


class days_between(FunctionElement):  # noqa: N801 -- an SQL function
    """The whole days from the first instant to the second."""

    type, inherit_cache = Integer(), True


@compiles(paris_day)
def _day(element, compiler, **kwargs):
    return f"CAST(timezone('Europe/Paris', {compiler.process(element.clauses, **kwargs)}) AS DATE)"


@compiles(paris_day, "sqlite")
def _day_in_utc(element, compiler, **kwargs):
    return f"date({compiler.process(element.clauses, **kwargs)})"


@compiles(days_between)
def _days(element, compiler, **kwargs):
    begun, ended = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"CAST(floor(extract(epoch FROM ({ended}) - ({begun})) / 86400) AS INTEGER)"


@compiles(days_between, "sqlite")
def _days_by_julian(element, compiler, **kwargs):
    begun, ended = (compiler.process(clause, **kwargs) for clause in element.clauses)
    return f"CAST(julianday({ended}) - julianday({begun}) AS INTEGER)"


@dataclass(frozen=True)
class Asked:
    """What is looked at: a campaign, narrowed or not to a centre, a commission or an offering, in the scope of an actor."""

    actor: object
    campaign_id: int
    centre_id: int | None = None
    commission_id: int | None = None
    offering_id: int | None = None

    def where(self):
        """Return the SQL conditions on candidatures joined to their offering and its commission, but for the campaign."""
        yield access.candidatures_of(self.actor, RIGHT)
        yield from self._places()

    def of_offerings(self):
        """Return the SQL conditions on offerings joined to their commission."""
        yield access.commissions_of(self.actor, RIGHT)
        yield Offering.campaign_id == self.campaign_id
        yield from self._places()

    def _places(self):
        pairs = ((Commission.centre_id, self.centre_id), (Commission.id, self.commission_id), (Offering.id, self.offering_id))
        return [column == number for column, number in pairs if number is not None]


@dataclass
class Unit:
    """The figures of a centre, a commission or an offering, in candidatures but for `people` (persons) and `capacity` (places)."""

    id: int | None
    name: str
    counts: dict = field(default_factory=dict)
    capacity: int | None = None

    def __getitem__(self, name):
        return self.counts.get(name, 0)

    def add(self, counts, capacity):
        """Add the figures of one offering; a number of places not set leaves the whole without one."""
        for name, count in counts.items():
            self.counts[name] += count
        self.capacity = None if self.capacity is None or capacity is None else self.capacity + capacity

    @property
    def free(self):
        return None if self.capacity is None else self.capacity - self["offers"] - self["confirmed"]


def _count(condition):
    return func.count().filter(condition)


def _figures():
    alive = Candidature.cancelled_at.is_(None)
    figures = {
        "created": _count(alive),
        "cancelled": _count(~alive),
        "transmitted": _count(Candidature.transmitted_at.is_not(None)),
        "complete": _count(Candidature.completed_at.is_not(None) | (Candidature.file_status == FileStatus.COMPLETE)),
        "decided": _count(Candidature.outcome.is_not(None)),
        "confirmed": _count(Candidature.answer == Answer.CONFIRMED),
        "withdrawn": _count(Candidature.answer == Answer.WITHDRAWN),
        "offers": _count((Candidature.outcome == Outcome.ADMITTED) & Candidature.answer.is_(None)),
    }
    figures |= {f"status_{status.value}": _count(alive & (Candidature.file_status == status)) for status in FileStatus}
    return figures | {outcome.value.lower(): _count(Candidature.outcome == outcome) for outcome in Outcome}


def _chosen(asked, *columns):
    """Return the select of columns over the candidatures asked; offering and commission are joined only when they narrow it."""
    chosen, reached = select(*columns).select_from(Candidature), list(asked.where())
    if all(isinstance(condition, True_) for condition in reached):
        return chosen.where(Candidature.campaign_id == asked.campaign_id)
    chosen = chosen.join(Offering, Candidature.offering_id == Offering.id).join(Commission, Offering.commission_id == Commission.id)
    return chosen.where(Candidature.campaign_id == asked.campaign_id, *reached)


def by_unit(asked, level):
    """Return the `Unit`s of a level that hold candidatures or places, by name; two statements.

    Args:
        level: key of `LEVELS`.
    """
    figures, name = _figures(), LEVELS[level]
    number = {"centre": Commission.centre_id, "commission": Commission.id, "formation": Offering.id}[level]
    counted = db.session.execute(_chosen(asked, Candidature.offering_id, *figures.values()).group_by(Candidature.offering_id))
    found = {row[0]: row[1:] for row in counted}
    places = (
        select(Offering.id, Offering.capacity, number, name)
        .join(Formation, Offering.formation_id == Formation.id)
        .join(Commission, Offering.commission_id == Commission.id)
        .join(Centre, Commission.centre_id == Centre.id)
        .where(*asked.of_offerings())
        .order_by(name, number)
    )
    units, none = {}, (0,) * len(figures)
    for offering_id, capacity, key, label in db.session.execute(places).tuples():
        unit = units.setdefault(key, Unit(key, label, dict.fromkeys(figures, 0), 0))
        unit.add(dict(zip(figures, found.get(offering_id, none), strict=True)), capacity)
    return list(units.values())


def total(asked, units):
    """Return the sum of units, and the number of persons, each counted once; one statement."""
    names = {name for unit in units for name in unit.counts}
    counts = {name: sum(unit[name] for unit in units) for name in names}
    people = db.session.scalar(_chosen(asked, func.count(distinct(Candidature.candidate_id))))
    return Unit(None, "", counts | {"people": people})


def accounts():
    """Return how many validated accounts of candidates there are, whether they applied or not."""
    return db.session.scalar(select(func.count()).select_from(User).where(User.candidate_id.is_not(None), User.confirmed_at.is_not(None)))


def by_decision_type(asked):
    """Return [(decision type's name, outcome, candidatures)] of the opinions now published, most frequent first."""
    counted = (
        _chosen(asked, DecisionType.name, DecisionType.outcome, func.count())
        .join(Decision, Candidature.published_decision_id == Decision.id)
        .join(DecisionType, Decision.decision_type_id == DecisionType.id)
        .group_by(DecisionType.id, DecisionType.name, DecisionType.outcome)
        .order_by(func.count().desc(), DecisionType.id)
    )
    return db.session.execute(counted).tuples().all()


def delays(asked):
    """Return {whole days from the first transmission kept to the opinion published: candidatures}."""
    days = days_between(Candidature.transmitted_at, Decision.published_at)
    counted = (
        _chosen(asked, days, func.count())
        .join(Decision, Candidature.published_decision_id == Decision.id)
        .where(Candidature.transmitted_at.is_not(None), Decision.published_at >= Candidature.transmitted_at)
        .group_by(days)
    )
    return dict(sorted(db.session.execute(counted).tuples()))


def median(counted):
    """Return the median of {value: how many}, or None when there is nothing; the lower one of two."""
    whole, seen = sum(counted.values()), 0
    for value, number in sorted(counted.items()):
        seen += number
        if seen * 2 >= whole:
            return value
    return None


def in_time(asked, instant):
    """Return {day: candidatures} by an instant of theirs ("created_at", "transmitted_at"), cancelled ones left out."""
    column = getattr(Candidature, instant)
    day = paris_day(column)
    counted = _chosen(asked, day, func.count()).where(column.is_not(None), Candidature.cancelled_at.is_(None)).group_by(day)
    return {value if isinstance(value, date) else date.fromisoformat(value): number for value, number in db.session.execute(counted)}


def filled(counted, *, is_weekly):
    """Return [(first day, candidatures)] without holes, by day or by week beginning on Monday."""
    if not counted:
        return []
    sums = {}
    for day, number in counted.items():
        start = day - timedelta(days=day.weekday()) if is_weekly else day
        sums[start] = sums.get(start, 0) + number
    step, last = timedelta(days=7 if is_weekly else 1), max(sums)
    day, rows = min(sums), []
    while day <= last:
        rows.append((day, sums.get(day, 0)))
        day += step
    return rows


def campaigns():
    """Return every campaign, archived ones too, newest first."""
    return db.session.scalars(select(Campaign).order_by(Campaign.starts_at.desc())).all()


def places(actor):
    """Return [(centre id, its name, commission id, its name)] in the actor's scope, for the choice."""
    chosen = select(Centre.id, Centre.name, Commission.id, Commission.name).join(Commission, Commission.centre_id == Centre.id)
    return db.session.execute(chosen.where(access.commissions_of(actor, RIGHT)).order_by(Centre.name, Commission.name)).tuples().all()
