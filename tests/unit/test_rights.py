"""Who reaches which candidature: grants add up, statuses and recusals narrow each of them, and SQL says what Python says."""

from datetime import timedelta
from itertools import count, product

import pytest
from sqlalchemy import select

from app import access, clock
from app.enums import FileStatus, Functionality, ScopeKind
from app.extensions import db
from app.models import Candidate, Candidature, Grant, OutboxMessage, ProfileRight, Recusal, RightsProfile
from app.operations import accounts
from app.reference import rights
from tests.world import SECRET

F = Functionality
SEEN = (None, ["RECEIVED", "COMPLETE"], ["WAITING"])
NUMBERS = count()
PLACES = ("all", "sciences", "letters", "maths", "history")


@pytest.fixture
def dossiers(world):
    """Candidatures of two commissions, in several statuses."""
    rows = [world.apply(person, offering) for person in (world.alice, world.bob) for offering in (world.maths, world.history)]
    for row, status in zip(rows, (FileStatus.RECEIVED, FileStatus.WAITING, FileStatus.COMPLETE, FileStatus.INCOMPLETE), strict=True):
        row.file_status, row.transmission_count = status, int(status != FileStatus.WAITING)
        row.transmitted_at = None if status == FileStatus.WAITING else clock.now()
    db.session.commit()
    return rows


def grant(world, place, statuses, functionality=F.CANDIDATURES, *, is_write=False):
    """Return a grant of one right on a place of the world."""
    profile = RightsProfile(code=f"P{next(NUMBERS)}", name="Essai", visible_statuses=statuses)
    profile.rights = [ProfileRight(functionality=functionality, is_write=is_write)]
    where = {
        "all": {"scope": ScopeKind.ALL},
        "sciences": {"scope": ScopeKind.CENTRE, "centre": world.sciences},
        "letters": {"scope": ScopeKind.CENTRE, "centre": world.letters},
        "maths": {"scope": ScopeKind.COMMISSION, "commission": world.maths.commission},
        "history": {"scope": ScopeKind.COMMISSION, "commission": world.history.commission},
    }
    return Grant(profile=profile, **where[place])


def reached(actor, functionality=F.CANDIDATURES, *, write=False):
    """Return the numbers of the candidatures that SQL gives, once checked that Python says the same of each."""
    found = set(db.session.scalars(select(Candidature.id).where(access.candidatures_of(actor, functionality, write=write))))
    every = db.session.scalars(select(Candidature)).all()
    assert found == {row.id for row in every if access.can(actor, functionality, row, write=write)}
    return found


def test_sql_and_python_agree_for_every_pair_of_grants_and_each_recusal(world, dossiers):
    """2 grants out of 15 kinds, with and without a recusal: 225 pairs."""
    member = world.staff("member", ())
    kinds = list(product(PLACES, SEEN))
    for one, other in product(kinds, kinds):
        member.staff_member.grants = [grant(world, *one), grant(world, *other)]
        db.session.flush()
        whole = reached(member)
        recusal = Recusal(candidature_id=dossiers[0].id, staff_member=member.staff_member)
        db.session.add(recusal)
        db.session.flush()
        assert reached(member) in (whole, whole - {dossiers[0].id})
        db.session.delete(recusal)
        db.session.flush()
        db.session.expire(member.staff_member, ["recusals"])
    db.session.rollback()


def test_grants_add_up_each_with_its_own_statuses(world, dossiers):
    member = world.staff("member", ())
    member.staff_member.grants = [grant(world, "maths", ["RECEIVED"]), grant(world, "history", ["INCOMPLETE"])]
    db.session.flush()
    assert reached(member) == {dossiers[0].id, dossiers[3].id}


def test_reading_here_is_not_writing_there(world, dossiers):
    member = world.staff("member", ())
    member.staff_member.grants = [grant(world, "letters", None), grant(world, "maths", None, is_write=True)]
    db.session.flush()
    assert reached(member) == {row.id for row in dossiers}
    assert reached(member, write=True) == {dossiers[0].id, dossiers[2].id}
    assert reached(member, F.MESSAGES) == set()


def test_what_derives_from_candidatures_is_narrowed_with_them(world, dossiers):
    """A person, a message and a proposal are reached only through a candidature that is."""
    member = world.staff("member", ())
    member.staff_member.grants = [grant(world, "all", ["WAITING"], F.CANDIDATES), grant(world, "maths", ["COMPLETE"], F.MESSAGES)]
    db.session.flush()
    people = set(db.session.scalars(select(Candidate.id).where(access.scope_for(Candidate, member))))
    assert people == {world.alice.candidate.id}, "Alice alone has a candidature waiting"
    messages = set(db.session.scalars(select(OutboxMessage.candidature_id).where(access.scope_for(OutboxMessage, member))))
    assert messages == {dossiers[2].id}


def test_a_recusal_closes_the_commission_and_not_the_centre(world, dossiers):
    member, mine = world.staff("member", ()), dossiers[0]
    member.staff_member.grants = [grant(world, "maths", None)]
    db.session.add(Recusal(candidature_id=mine.id, staff_member=member.staff_member, reason="Parenté"))
    db.session.flush()
    assert reached(member) == {dossiers[2].id}
    member.staff_member.grants.append(grant(world, "sciences", None))
    db.session.flush()
    assert reached(member) == {mine.id, dossiers[2].id}


def test_access_is_closed_the_day_after_the_last(world, dossiers):
    staff, today = world.charlie.staff_member, clock.local_day(clock.now())
    staff.active_until = today
    assert accounts.may_enter(world.charlie) and reached(world.charlie)
    staff.active_until = today - timedelta(days=1)
    assert not accounts.may_enter(world.charlie)
    assert access.grants_of(world.charlie, F.CANDIDATURES) == [] and not access.can(world.charlie, F.CANDIDATURES)
    assert reached(world.charlie) == set()
    assert accounts.sign_in(world.charlie.email, SECRET) is None


def test_the_shipped_profiles_are_those_of_the_domain(app):
    assert rights.load(db.session) == len(rights.PROFILES) and rights.load(db.session) == 0
    found = {p.code: {r.functionality: r.is_write for r in p.rights} for p in db.session.scalars(select(RightsProfile))}
    member, manager = found["MEMBRE"], found["GESTIONNAIRE"]
    assert member == {F.CANDIDATURES: False, F.CANDIDATES: False, F.DECISION_HISTORY: False, F.NOTES: False, F.OPINIONS: True}
    assert all(manager.values()) and {F.VALIDATE_DECISION, F.SEATS, F.ORGANISATION, F.TAGS} <= set(manager)
    assert F.RIGHTS not in manager and F.PARAMETERS not in manager
    assert set(found["SCOLARITE"]) == set(F) - {F.OPERATIONS} and set(found["ADMINISTRATION"]) == set(F)


def test_a_profile_that_was_changed_is_left_as_it_is(app):
    rights.load(db.session)
    db.session.scalar(select(RightsProfile).where(RightsProfile.code == "MEMBRE")).name = "Examinateur"
    db.session.flush()
    rights.load(db.session)
    assert db.session.scalar(select(RightsProfile).where(RightsProfile.code == "MEMBRE")).name == "Examinateur"
