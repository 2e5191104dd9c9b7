"""Of whom something is asked: the profiles that a required piece or form names, the same rule in Python and in SQL."""

from datetime import date

from sqlalchemy import and_, exists, or_, select

from app import clock
from app.enums import NationalityGroup, StatusGroup, StudiesGroup
from app.models import Baccalaureat, BacSeries, ExternalRecord, InternalRecord

FRANCE, MAJORITY = "FR", 18  # years
# Agreement on the European Economic Area, and the agreement between the Union and Switzerland on the free movement of persons
EUROPE = frozenset("AT BE BG CH CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split())


def reaches(asked, candidate):
    """Whether a required piece or form is asked of a candidate; an empty part of the profile meets no condition on it.

    Args:
        asked: a `RequiredPiece` or a `RequiredForm`.
    """
    return (
        (asked.nationality is None or _is_of(asked.nationality, candidate.nationality_code))
        and (asked.studies is None or _has_studied(asked.studies, candidate))
        and (asked.situation is None or _is_in(asked.situation, candidate))
    )


def _is_of(group, code):
    if code is None:
        return False
    return {
        NationalityGroup.FRENCH: code == FRANCE,
        NationalityGroup.FOREIGN: code != FRANCE,
        NationalityGroup.EUROPEAN: code in EUROPE and code != FRANCE,
        NationalityGroup.DISTANT: code not in EUROPE,
    }[group]


def _has_studied(group, candidate):
    if group == StudiesGroup.HIGHER:
        return bool(candidate.external_records or candidate.internal_records)
    bac = candidate.baccalaureat
    return bac is not None and bac.series.is_baccalaureat == (group == StudiesGroup.BACCALAUREAT)


def _is_in(group, candidate):
    return {
        StatusGroup.OWN_STUDENT: candidate.sis_number is not None,
        StatusGroup.OUTSIDER: candidate.sis_number is None,
        StatusGroup.LIFELONG: candidate.is_lifelong,
        StatusGroup.MINOR: candidate.birth_on is not None and candidate.birth_on > last_birthday_of_adults(),
    }[group]


def last_birthday_of_adults():
    """Return the birth date of who comes of age today, in Paris: who is born later is a minor."""
    today = clock.local_day(clock.now())
    day = 28 if (today.month, today.day) == (2, 29) and not _is_leap(today.year - MAJORITY) else today.day
    return date(today.year - MAJORITY, today.month, day)


def _is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def condition(model, person):
    """Return the SQL condition "what this row asks reaches this person", the twin of `reaches`.

    Args:
        model: `RequiredPiece` or `RequiredForm`; person: `Candidate`, or an alias of it, of the same statement.
    """
    return and_(
        or_(model.nationality.is_(None), *_pairs(model.nationality, _nationality(person))),
        or_(model.studies.is_(None), *_pairs(model.studies, _studies(person))),
        or_(model.situation.is_(None), *_pairs(model.situation, _situation(person))),
    )


def _pairs(column, tests):
    return [and_(column == member, test) for member, test in tests.items()]


def _nationality(person):
    code = person.nationality_code
    return {
        NationalityGroup.FRENCH: code == FRANCE,
        NationalityGroup.FOREIGN: code != FRANCE,
        NationalityGroup.EUROPEAN: code.in_(sorted(EUROPE - {FRANCE})),
        NationalityGroup.DISTANT: code.not_in(sorted(EUROPE)),
    }


def _studies(person):
    own = select(Baccalaureat.id).join(BacSeries).where(Baccalaureat.candidate_id == person.id).correlate(person)
    has = lambda model: exists(select(model.id).where(model.candidate_id == person.id).correlate(person))
    return {
        StudiesGroup.BACCALAUREAT: exists(own.where(BacSeries.is_baccalaureat)),
        StudiesGroup.EQUIVALENT: exists(own.where(BacSeries.is_baccalaureat.is_(False))),
        StudiesGroup.HIGHER: or_(has(ExternalRecord), has(InternalRecord)),
    }


def _situation(person):
    return {
        StatusGroup.OWN_STUDENT: person.sis_number.is_not(None),
        StatusGroup.OUTSIDER: person.sis_number.is_(None),
        StatusGroup.LIFELONG: person.is_lifelong,
        StatusGroup.MINOR: person.birth_on > last_birthday_of_adults(),
    }


def words(asked):
    """Return the labels of the profiles of which something is asked, for the public page of a formation."""
    return [group.label for group in (asked.nationality, asked.studies, asked.situation) if group is not None]
