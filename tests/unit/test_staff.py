"""People who work here: invited by a link, given what their giver holds, and never locked out, all of them, of their own house."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app import access, clock
from app.enums import AlertTarget, FileStatus, Functionality, ScopeKind
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import AuditEntry, Grant, OutboxMessage, ProfileRight, Recusal, RightsProfile, User
from app.operations import accounts, rights, staff

F = Functionality
GOOD = "cascade-lanterne-bleue-9"


def profile(code, *granted, is_write=False, statuses=None):
    row = RightsProfile(code=code, name=code.capitalize(), visible_statuses=statuses)
    row.rights = [ProfileRight(functionality=right, is_write=is_write) for right in granted]
    db.session.add(row)
    db.session.flush()
    return row


@pytest.fixture
def reader(world):
    return profile("LECTEUR", F.CANDIDATURES)


@pytest.fixture
def gina(world):
    """A person without any grant."""
    member = world.staff("gina", ()).staff_member
    db.session.commit()
    return member


def audited():
    return [(entry.action, entry.entity) for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


# --- grants ---


def test_an_administrator_gives_and_takes_back_on_each_kind_of_place(world, reader, gina):
    gina.grants.clear()
    for place in (None, world.sciences, world.maths.commission):
        grant = rights.give(gina, reader, actor=world.eve, place=place)
        assert rights.place_of(grant) is place
        with pytest.raises(DomainError, match="déjà ce profil"):
            rights.give(gina, reader, actor=world.eve, place=place)
    for grant in list(gina.grants):
        rights.take_back(grant, actor=world.eve)
    assert gina.grants == [] and audited() == [("grant", "StaffMember")] * 3 + [("ungrant", "StaffMember")] * 3


def test_nobody_gives_a_right_that_he_does_not_hold_there(world, reader, gina):
    """Charlie holds everything in Sciences, and gives it there only; Frank reads, and gives nothing."""
    writer = profile("ECRIVAIN", F.CANDIDATURES, is_write=True)
    assert rights.give(gina, writer, actor=world.charlie, place=world.maths.commission)
    for place in (None, world.letters, world.history.commission):
        with pytest.raises(NotAllowed):
            rights.give(gina, writer, actor=world.charlie, place=place)
    with pytest.raises(NotAllowed):
        rights.give(gina, reader, actor=world.frank, place=world.maths.commission)


def test_who_manages_a_commission_gives_no_more_than_he_has(world, reader, gina):
    manager = world.staff("hans", (F.ORGANISATION, F.CANDIDATURES), centre=world.sciences)
    assert rights.give(gina, reader, actor=manager, place=world.maths.commission)
    writer = profile("AVIS", F.PROPOSE_DECISION)
    with pytest.raises(DomainError, match="Proposer un avis"):
        rights.give(gina, writer, actor=manager, place=world.maths.commission)
    with pytest.raises(NotAllowed):
        rights.give(gina, reader, actor=manager, place=world.sciences)


def test_who_sees_chosen_statuses_gives_no_more_statuses(world, gina):
    manager = world.staff("hans", (F.ORGANISATION, F.CANDIDATURES), centre=world.sciences)
    manager.staff_member.grants[0].profile.visible_statuses = ["RECEIVED"]
    with pytest.raises(DomainError, match="Voir les candidatures"):
        rights.give(gina, profile("TOUT", F.CANDIDATURES), actor=manager, place=world.maths.commission)
    assert rights.give(gina, profile("RECU", F.CANDIDATURES, statuses=["RECEIVED"]), actor=manager, place=world.maths.commission)


def test_one_person_presides_a_commission(world, reader, gina):
    commission = world.maths.commission
    first = rights.give(gina, reader, actor=world.eve, place=commission)
    second = rights.give(world.frank.staff_member, reader, actor=world.eve, place=commission)
    rights.set_president(first, True, actor=world.eve)
    rights.set_president(second, True, actor=world.eve)
    assert (first.is_president, second.is_president) == (False, True)
    with pytest.raises(DomainError, match="préside une commission"):
        rights.give(gina, profile("X", F.NOTES), actor=world.eve, place=world.sciences, is_president=True)


def test_the_last_administrator_cannot_be_removed(world, gina):
    own = world.eve.staff_member.grants[0]
    with pytest.raises(DomainError, match="aucun administrateur"):
        rights.take_back(own, actor=world.eve)
    db.session.rollback()
    rights.give(gina, own.profile, actor=world.eve)
    with pytest.raises(DomainError, match="Vous perdriez vous-même"):
        rights.take_back(own, actor=world.eve)


def test_an_administrator_whose_right_was_just_taken_back_takes_nobody_elses(world, gina):
    """Two administrators remove each other at once: the second one is told no."""
    grant = rights.give(gina, world.eve.staff_member.grants[0].profile, actor=world.eve)
    eve_grant = world.eve.staff_member.grants[0]
    rights.take_back(eve_grant, actor=gina.user)
    with pytest.raises(NotAllowed):
        rights.take_back(grant, actor=world.eve)


# --- profiles ---


def saved(row, actor, granted, *, statuses=tuple(FileStatus), code="NOUVEAU", name="Nouveau", is_active=True):
    return rights.save_profile(row, actor=actor, code=code, name=name, is_active=is_active, rights=granted, statuses=statuses)


def test_a_profile_is_made_changed_and_told_in_the_journal(world):
    row = saved(None, world.eve, {F.CANDIDATURES: False, F.NOTES: True})
    assert row.visible_statuses is None
    saved(row, world.eve, {F.CANDIDATURES: True}, statuses=[FileStatus.RECEIVED, FileStatus.COMPLETE])
    assert {right.functionality: right.is_write for right in row.rights} == {F.CANDIDATURES: True}
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry.changes == {
        "visible_statuses": [None, ["RECEIVED", "COMPLETE"]], "right:CANDIDATURES": ["read", "write"], "right:NOTES": ["write", None],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"granted": {}}, "rights"),
        ({"granted": {F.NOTES: True}, "statuses": ()}, "statuses"),
        ({"granted": {F.NOTES: True}, "code": "é"}, "code"),
        ({"granted": {F.NOTES: True}, "code": "EVE"}, "code"),
        ({"granted": {F.NOTES: True}, "name": ""}, "name"),
        ({"granted": {F.NOTES: True}, "name": "x" * 201}, "name"),
    ],
)
def test_a_profile_that_cannot_be_is_refused_next_to_its_fault(world, change, field):
    with pytest.raises(DomainError) as refused:
        saved(None, world.eve, **change)
    assert refused.value.field == field


def test_a_profile_takes_no_right_that_its_editor_lacks(world, reader):
    hans = world.staff("hans", (F.RIGHTS, F.CANDIDATURES))
    with pytest.raises(DomainError, match="Valider un avis"):
        saved(reader, hans, {F.CANDIDATURES: False, F.VALIDATE_DECISION: True})
    with pytest.raises(NotAllowed):
        saved(None, world.charlie, {F.CANDIDATURES: False})
    assert saved(reader, hans, {F.CANDIDATURES: True}, code="LECTEUR")


def test_an_administrator_does_not_saw_off_his_branch(world):
    own = world.eve.staff_member.grants[0].profile
    everything = {right: True for right in F if right != F.RIGHTS}
    with pytest.raises(DomainError, match="aucun administrateur"):
        saved(own, world.eve, everything, code="EVE")
    db.session.rollback()
    own = world.eve.staff_member.grants[0].profile
    with pytest.raises(DomainError, match="aucun administrateur"):
        saved(own, world.eve, dict.fromkeys(F, True), code="EVE", is_active=False)


# --- invitations ---


def invited(world, **changes):
    asked = {"email": "Anna.Keller@Entreprise.example", "first_name": "Anna", "last_name": "Keller", "is_external": True, **changes}
    return staff.invite(**asked, actor=changes.pop("actor", world.eve))


def link_of(user):
    message = db.session.scalars(select(OutboxMessage).where(OutboxMessage.recipient == user.email).order_by(OutboxMessage.id.desc())).first()
    return message.secret_text.split("/")[-1].split(")")[0].split()[0]


def test_an_external_member_is_invited_and_chooses_the_password(world):
    user = invited(world, active_until=clock.local_day(clock.now()) + timedelta(days=30))
    assert user.password is None and not accounts.may_enter(user)
    opened = staff.accept(link_of(user), GOOD)
    assert opened is user and accounts.sign_in(user.email, GOOD) is user
    with pytest.raises(DomainError, match="plus valable"):
        staff.accept(link_of(user), GOOD)


def test_the_link_dies_and_is_sent_again(world, monkeypatch):
    user = invited(world)
    first = link_of(user)
    staff.send_link(user, actor=world.eve)
    with pytest.raises(DomainError, match="plus valable"):
        staff.accept(first, GOOD)
    later = clock.now() + timedelta(days=3, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(DomainError, match="plus valable"):
        staff.accept(link_of(user), GOOD)


@pytest.mark.parametrize("password", ["court", "anna-keller-2027", "x" * 200, "motdepasse123456"])
def test_a_weak_password_leaves_the_link_alive(world, password):
    user = invited(world)
    with pytest.raises(DomainError):
        staff.accept(link_of(user), password)
    assert staff.accept(link_of(user), GOOD).confirmed_at


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "alice@exemple.fr"}, "email"),
        ({"email": "charlie@postulo.example"}, "email"),
        ({"email": "personne"}, "email"),
        ({"first_name": "😀"}, "first_name"),
        ({"last_name": " "}, "last_name"),
        ({"active_until": clock.local_day(clock.now()) - timedelta(days=1)}, "active_until"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_next_to_its_fault(world, change, field):
    before = db.session.query(User).count()
    with pytest.raises(DomainError) as refused:
        invited(world, **change)
    assert refused.value.field == field and db.session.query(User).count() == before


def test_a_commissions_manager_invites_there_only(world):
    hans = world.staff("hans", (F.ORGANISATION,), centre=world.sciences)
    with pytest.raises(NotAllowed):
        staff.invite(email="a@b.fr", first_name="A", last_name="B", actor=hans)
    with pytest.raises(NotAllowed):
        staff.invite(email="a@b.fr", first_name="A", last_name="B", actor=hans, place=world.history.commission)
    assert staff.invite(email="a@b.fr", first_name="A", last_name="B", actor=hans, place=world.maths.commission)


def test_an_administrator_sends_a_link_and_never_a_password(world):
    staff.send_link(world.charlie, actor=world.eve)
    assert accounts.token_is_live(link_of(world.charlie), "reset") and audited() == [("password_link", "StaffMember")]
    world.charlie.password = None
    with pytest.raises(DomainError, match="l’université"):
        staff.send_link(world.charlie, actor=world.eve)


def test_the_address_of_an_unopened_account_is_corrected(world):
    user = invited(world)
    staff.correct_address(user, "anna@entreprise.example", actor=world.eve)
    assert user.email == "anna@entreprise.example" and staff.accept(link_of(user), GOOD)
    with pytest.raises(DomainError, match="seule cette personne"):
        staff.correct_address(user, "autre@entreprise.example", actor=world.eve)


def test_an_address_is_corrected_only_by_who_could_give_all_the_rights_behind_it(world, reader):
    """Else the link of the account would open to its thief rights that he does not have."""
    user = invited(world)
    rights.give(user.staff_member, reader, actor=world.eve, place=world.maths.commission)
    staff.correct_address(user, "une@entreprise.example", actor=world.charlie)
    assert user.email == "une@entreprise.example"
    grant = rights.give(user.staff_member, world.eve.staff_member.grants[0].profile, actor=world.eve)
    sent = db.session.query(OutboxMessage).count()
    for actor in (world.charlie, world.frank, world.dora):
        with pytest.raises(NotAllowed, match="droits que vous n’avez pas"):
            staff.correct_address(user, "voleur@entreprise.example", actor=actor)
    assert user.email == "une@entreprise.example" and db.session.query(OutboxMessage).count() == sent
    rights.take_back(grant, actor=world.eve)
    for actor in (world.frank, world.dora):
        with pytest.raises(NotAllowed):
            staff.correct_address(user, "voleur@entreprise.example", actor=actor)
    staff.correct_address(user, "deux@entreprise.example", actor=world.charlie)


# --- who is alerted ---


def alerts():
    chosen = select(OutboxMessage.kind, OutboxMessage.recipient).where(OutboxMessage.kind.startswith("commission_alert"))
    return sorted(db.session.execute(chosen).tuples())


@pytest.mark.parametrize("target", list(AlertTarget))
def test_a_commission_chooses_who_is_alerted(world, reader, target):
    """Members: one message each, but to nobody recused, gone, or not yet there."""
    commission = world.maths.commission
    commission.alert_target = target
    members = {name: world.staff(name, ()) for name in ("ines", "jean", "karl", "lena")}
    for user in members.values():
        user.staff_member.grants = [Grant(profile=reader, scope=ScopeKind.COMMISSION, commission=commission)]
    members["karl"].staff_member.active_until = clock.local_day(clock.now()) - timedelta(days=1)
    members["lena"].confirmed_at = None
    candidature = world.apply(world.alice, world.maths)
    db.session.add(Recusal(candidature_id=candidature.id, staff_member=members["jean"].staff_member))
    world.complete(candidature, world.alice)
    from app.operations import candidatures

    candidatures.transmit(candidature, actor=world.alice)
    expected = {AlertTarget.NONE: [], AlertTarget.ADDRESS: ["jury@postulo.example"], AlertTarget.MEMBERS: ["ines@postulo.example"]}[target]
    assert alerts() == [("commission_alert_transmission", address) for address in expected]


def test_a_switch_silences_one_kind_of_alert(world):
    world.maths.commission.alerts_transmission = False
    world.transmitted(world.alice, world.maths)
    assert alerts() == []
    assert access.can(world.charlie, F.CANDIDATURES)
