"""Of whom a piece or a form is asked: the rule in Python and its twin in SQL agree on every profile, and the dossier follows."""

from datetime import date

import pytest
import time_machine
from sqlalchemy import select

from app import audiences, clock
from app.enums import NationalityGroup, Obtained, PieceStatus, StatusGroup, StudiesGroup
from app.extensions import db
from app.models import Baccalaureat, Candidate, ExternalRecord, RequiredPiece
from app.operations import asked, candidatures, pieces
from app.operations.asked import STATUS

GROUPS = [("nationality", group) for group in NationalityGroup] + [("studies", group) for group in StudiesGroup] + [("situation", group) for group in StatusGroup]


def profiles(world):
    """Return a few persons who differ in all that a group looks at, one of whom has filled nothing."""
    made = []
    for number, (country, series, birth) in enumerate((("FR", "FOREIGN", date(2004, 5, 6)), ("BE", "GENERAL", date(2015, 1, 1)), ("MA", "FOREIGN", None), (None, None, None))):
        person = world.candidate(f"p{number}", "Prénom", f"Nom{number}", complete=False).candidate
        person.nationality_code, person.birth_on = country, birth
        if series:
            person.baccalaureat = Baccalaureat(series_code=series_of(series), year=2022)
        person.sis_number, person.is_lifelong = ("22001", False) if number == 0 else (None, number == 2)
        if number == 1:
            person.external_records = [ExternalRecord(year=2023, diploma="Licence", institution="Liège", country_code="BE", obtained=Obtained.YES)]
        made.append(person)
    db.session.commit()
    return made


def series_of(wanted):
    """Return the code of a series: one that is a French baccalauréat, or the equivalent of the reference data."""
    from app.models import BacSeries

    if wanted == "FOREIGN":
        return "FOREIGN"
    return db.session.scalar(select(BacSeries.code).where(BacSeries.is_baccalaureat).limit(1))


def test_the_rule_and_its_twin_in_sql_agree_on_every_profile(world):
    people, met = profiles(world), set()
    required = world.cv
    for name, group in GROUPS:
        required.nationality = required.studies = required.situation = None
        setattr(required, name, group)
        db.session.commit()
        reached = select(Candidate.id).join(RequiredPiece, RequiredPiece.id == required.id).where(audiences.condition(RequiredPiece, Candidate))
        found = set(db.session.scalars(reached.where(Candidate.id.in_([person.id for person in people]))))
        assert found == {person.id for person in people if audiences.reaches(required, person)}, group
        assert len(found) < len(people), group
        met |= {group} if found else set()
    assert met == {group for _name, group in GROUPS}  # each was met by somebody: none is always false


def test_several_parts_must_all_be_met(world):
    person = world.alice.candidate  # Belgian, with an equivalent of the baccalauréat
    world.cv.nationality, world.cv.studies = NationalityGroup.EUROPEAN, StudiesGroup.EQUIVALENT
    assert audiences.reaches(world.cv, person)
    world.cv.situation = StatusGroup.LIFELONG
    assert not audiences.reaches(world.cv, person)
    person.is_lifelong = True
    assert audiences.reaches(world.cv, person)


@pytest.mark.parametrize(
    ("today", "born"), [("2026-11-25T12:00:00Z", date(2008, 11, 25)), ("2028-02-29T12:00:00Z", date(2010, 2, 28)), ("2026-02-28T23:30:00Z", date(2008, 3, 1))]
)
def test_who_comes_of_age_today_in_paris_is_no_minor(today, born):
    with time_machine.travel(today, tick=False):
        assert audiences.last_birthday_of_adults() == born


def test_a_piece_for_others_is_neither_asked_nor_missing_and_an_answered_one_stays(world):
    candidature = world.apply(world.alice, world.maths)
    world.letter.nationality = NationalityGroup.FRENCH
    db.session.commit()
    assert world.letter not in [line.required for line in pieces.lines(candidature)]
    assert world.letter.id not in set(db.session.scalars(asked.asked(RequiredPiece.id, numbers=[candidature.id])))
    world.letter.nationality = None
    world.complete(candidature, world.alice)
    world.letter.nationality = NationalityGroup.FRENCH
    candidatures.transmit(candidature, actor=world.alice)
    db.session.commit()
    assert world.letter in [line.required for line in pieces.lines(candidature)]
    statuses = dict(db.session.execute(asked.asked(RequiredPiece.id, STATUS, numbers=[candidature.id])).tuples().all())
    assert statuses[world.letter.id] == PieceStatus.SUBMITTED
    assert candidature.transmissions[0].at <= clock.now()


def test_a_changed_profile_changes_what_is_asked(world):
    candidature = world.apply(world.alice, world.maths)
    world.cv.situation = StatusGroup.LIFELONG
    db.session.commit()
    assert world.cv not in [line.required for line in pieces.lines(candidature)]
    world.alice.candidate.is_lifelong = True
    assert world.cv in [line.required for line in pieces.lines(candidature)]
