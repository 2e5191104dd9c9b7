"""Reminder rules: whom they reach, of which date, once, in one mail a day, and never about what is closed."""

from datetime import timedelta

import pytest

from app import clock, deadlines, tasks  # noqa: F401 -- tasks: declares the scheduled jobs
from app.enums import FileStatus, Outcome, ReminderEvent
from app.extensions import db
from app.models import MailTemplate, OutboxMessage, Parameter, ReminderRule
from app.operations import batches, candidatures, decisions, reminders
from app.reference import reminders as shipped
from tests.world import both

KINDS = tuple(reminders.KINDS.values())


@pytest.fixture
def only(world):
    """Return a function that adds a rule, after the shipped ones are put out of service."""
    db.session.execute(db.update(ReminderRule).values(is_active=False))

    def add(event, **more):
        rule = ReminderRule(code=f"r{db.session.query(ReminderRule).count()}", event=event, **more)
        db.session.add(rule)
        db.session.commit()
        return rule

    return add


def run(monkeypatch, instant):
    monkeypatch.setattr(clock, "now", lambda: instant)
    batches.run("remind")


def sent():
    return db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.kind.in_(KINDS)).order_by(OutboxMessage.id)).all()


def test_each_piece_and_each_form_that_is_missing_is_named(world, only, monkeypatch):
    candidature = world.apply(world.alice, world.maths)
    only(ReminderEvent.PIECE_MISSING, days=3)
    run(monkeypatch, deadlines.return_by(candidature) - timedelta(days=2))
    (message,) = sent()
    assert message.kind == "piece_reminder" and "- CV\n- LETTRE" in message.text
    db.session.execute(db.update(ReminderRule).values(is_active=False))
    only(ReminderEvent.FORM_UNANSWERED, days=1)
    run(monkeypatch, deadlines.return_by(candidature) - timedelta(hours=20))
    assert sent()[1].kind == "form_reminder" and "- Projet" in sent()[1].text


def test_rules_that_meet_make_one_mail_a_day_and_each_speaks_once_of_a_date(world, only, monkeypatch):
    candidature = world.apply(world.alice, world.maths)
    for event in ReminderEvent:
        only(event, days=3)
    deadline = deadlines.return_by(candidature)
    for hours in (60, 50, 30, 2):
        run(monkeypatch, deadline - timedelta(hours=hours))
    (message,) = sent()
    assert message.kind == "return_reminder" and "- CV" in message.text and "- Projet" in message.text
    candidatures.set_deadlines(candidature, actor=world.charlie, return_by=deadline + timedelta(days=10))
    db.session.commit()
    run(monkeypatch, deadline + timedelta(days=1))
    assert len(sent()) == 1
    run(monkeypatch, deadline + timedelta(days=8))
    assert len(sent()) == 2


def test_a_rule_of_a_centre_adds_to_the_common_ones_and_reaches_no_other(world, only, monkeypatch):
    maths, history = (world.apply(world.alice, offering) for offering in (world.maths, world.history))
    template = MailTemplate(code="propre", subject=both("Sciences vous attend"), body=both("Venez."))
    only(ReminderEvent.NOT_TRANSMITTED, days=1)
    only(ReminderEvent.NOT_TRANSMITTED, days=10, centre=world.sciences, mail_template=template)
    run(monkeypatch, deadlines.return_by(maths) - timedelta(days=9))
    assert [(row.candidature_id, row.subject) for row in sent()] == [(maths.id, "Sciences vous attend")]
    run(monkeypatch, deadlines.return_by(maths) - timedelta(hours=20))
    assert [row.candidature_id for row in sent()[1:]] == [maths.id, history.id]


@pytest.mark.parametrize("closed", ["cancelled", "archived", "refused", "transmitted"])
def test_what_is_closed_is_left_alone(world, only, monkeypatch, closed):
    candidature = world.apply(world.alice, world.maths) if closed in ("cancelled", "archived") else world.transmitted(world.alice, world.maths)
    for event in ReminderEvent:
        only(event, days=5)
    deadline = deadlines.return_by(candidature)
    if closed == "cancelled":
        candidatures.cancel(candidature, actor=world.alice)
    elif closed == "archived":
        world.campaign.archived_at = clock.now()
    elif closed == "refused":
        decisions.propose(candidature, world.kinds[Outcome.REFUSED], actor=world.charlie, reason=world.refusal)
        decisions.validate(candidature, actor=world.charlie)
        decisions.publish(candidature, actor=world.charlie)
        candidature.file_status = FileStatus.INCOMPLETE
    db.session.commit()
    run(monkeypatch, deadline - timedelta(days=1))
    assert sent() == []


def test_a_piece_refused_counts_as_missing_and_one_validated_does_not(world, only, monkeypatch):
    candidature = world.transmitted(world.alice, world.maths)
    piece = candidature.pieces[0]
    candidature.file_status, piece.status = FileStatus.INCOMPLETE, "REFUSED"
    db.session.commit()
    only(ReminderEvent.PIECE_MISSING)
    run(monkeypatch, deadlines.return_by(candidature) - timedelta(days=1))
    (message,) = sent()
    assert f"- {piece.required_piece.piece_type}" in message.text and message.text.count("\n- ") == 1


def test_a_preview_counts_today_and_the_week_within_what_one_may_open(world, only):
    candidature = world.apply(world.alice, world.maths)
    left = deadlines.return_by(candidature) - clock.now()
    today, week, later = (
        ReminderRule(event=ReminderEvent.NOT_TRANSMITTED, days=left.days + more) for more in (1, -3, -20)
    )
    assert reminders.reach_of(today, world.charlie).today == ["Alice"]
    assert reminders.reach_of(week, world.charlie) == reminders.Reach([], ["Alice"], True)
    assert reminders.reach_of(later, world.charlie) == reminders.Reach([], [], True)
    assert reminders.reach_of(today, world.dora).today == []
    assert reminders.reach_of(ReminderRule(event=ReminderEvent.NOT_TRANSMITTED, days=left.days + 1, centre=world.letters), world.eve).today == []
    assert sent() == []


def test_the_shipped_rules_keep_the_days_that_the_parameters_held(app):
    db.session.execute(db.delete(ReminderRule))
    db.session.add(Parameter(code="REMINDER_RETURN_DAYS", value={"value": 5}))
    assert (shipped.load(db.session), shipped.load(db.session)) == (2, 0)
    assert {rule.code: rule.days for rule in db.session.scalars(db.select(ReminderRule))} == {
        "DOSSIER-NON-TRANSMIS": 5,
        "ADMISSION-SANS-REPONSE": 2,
    }
