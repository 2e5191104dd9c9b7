"""The state machine: every (state, act, actor) of the table, and random walks that the database never has to refuse."""

import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import access, clock, deadlines, journal, transitions, workflow
from app.enums import AccessTrack, Answer, FileStatus, Outcome, Stage
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import Candidature, CandidatureEvent
from app.operations import candidatures, decisions
from tests.tampering import as_superuser

AXES = {
    "file_status": [s.value for s in FileStatus],
    "track": [None, *(t.value for t in AccessTrack)],
    "track_validated": [False, True],
    "draft": [None, Stage.PROPOSED.value, Stage.VALIDATED.value],
    "outcome": [None, *(o.value for o in Outcome)],
    "answer": [None, *(a.value for a in Answer)],
    "cancelled": [False, True],
}
STATES = [dict(zip(AXES, values, strict=True)) for values in product(*AXES.values())]


def test_every_state_has_a_way_in_and_a_way_out():
    reached = {axis: {None, False} for axis in AXES}
    reached["file_status"] = {"WAITING"}
    for act in transitions.TRANSITIONS.values():
        for axis, value in act.target.items():
            reached[axis] |= set(AXES[axis]) if value == transitions.CHOSEN else set() if value == transitions.RESTORED else {value}
    for axis, values in AXES.items():
        assert set(values) <= reached[axis], axis
    stuck = [s for s in STATES if not s["cancelled"] and not any(workflow._stands(a, s) for a in transitions.TRANSITIONS.values())]
    assert stuck == []


def test_a_cancelled_candidature_is_the_end():
    for state in STATES:
        if state["cancelled"]:
            assert not any(workflow._stands(act, state) for act in transitions.TRANSITIONS.values())


def test_every_illegal_triple_is_refused(world, monkeypatch):
    """All (state, act, actor) of the table: allowed exactly when the row of the table says so."""
    candidature = world.apply(world.alice, world.maths)
    actors = {
        "owner": (world.alice, "CANDIDATE", True), "stranger": (world.bob, "CANDIDATE", False), "manager": (world.charlie, "STAFF", True),
        "other centre": (world.dora, "STAFF", False), "reader": (world.frank, "STAFF", False), "system": (access.SYSTEM, "SYSTEM", True),
    }
    may = {}
    for name, act in transitions.TRANSITIONS.items():
        for who, (actor, kind, entitled) in actors.items():
            may[name, who] = workflow._may(act, candidature, actor)
            assert may[name, who] == (entitled and kind in act.who), (name, who)
    bare = {name: replace(act, guard=None) for name, act in transitions.TRANSITIONS.items()}
    monkeypatch.setattr(workflow, "TRANSITIONS", bare)
    rights = access.can
    monkeypatch.setattr(access, "can", cache(lambda actor, right, obj=None, *, write=False: rights(actor, right, obj, write=write)))
    entitled = {name for name, (_actor, _kind, is_entitled) in actors.items() if is_entitled}
    seen = 0
    for state in STATES:
        monkeypatch.setattr(journal, "state_of", lambda _row, state=state: state)
        for name, act in bare.items():
            is_legal = all(state[axis] in allowed for axis, allowed in act.source.items())
            for who, (actor, kind, _is_entitled) in actors.items():
                error = workflow.refusal(name, candidature, actor)
                expected = NotAllowed if who not in entitled or kind not in act.who else None if is_legal else DomainError
                assert type(error) is (expected or type(None)), (state, name, who)
                seen += 1
    assert seen == len(STATES) * len(bare) * len(actors)


STEPS = st.lists(
    st.sampled_from(
        ["transmit", "cancel", "receive", "complete", "ask_corrections", "reopen", "control", "direct", "undecide", "validate_track", "confirm", "withdraw",
         "withdraw_automatically", "promote", "validate", "publish", "discard"] + [f"propose {o.value}" for o in Outcome]
    ),
    min_size=1, max_size=14,
)


def step(world, candidature, name):
    """Try one act through its operation; a refusal is a fine answer."""
    manager, candidate = world.charlie, world.alice
    calls = {
        "transmit": lambda: candidatures.transmit(candidature, actor=candidate),
        "cancel": lambda: candidatures.cancel(candidature, actor=candidate),
        "ask_corrections": lambda: candidatures.ask_corrections(candidature, actor=manager, comment="À revoir."),
        "control": lambda: candidatures.set_track(candidature, "CONTROLLED", actor=manager),
        "direct": lambda: candidatures.set_track(candidature, "DIRECT", actor=manager),
        "undecide": lambda: candidatures.set_track(candidature, None, actor=manager),
        "validate_track": lambda: decisions.validate_track(candidature, actor=manager),
        "confirm": lambda: candidatures.confirm(candidature, actor=candidate),
        "withdraw": lambda: candidatures.withdraw(candidature, actor=candidate),
        "withdraw_automatically": lambda: candidatures.withdraw_automatically(candidature),
        "promote": lambda: decisions.promote(candidature),
        "validate": lambda: decisions.validate(candidature, actor=manager),
        "publish": lambda: decisions.publish(candidature, actor=manager),
        "discard": lambda: decisions.discard(candidature, actor=manager),
    }
    if name.startswith("propose"):
        kind = world.kinds[Outcome(name.split()[1])]
        decisions.propose(candidature, kind, actor=manager, reason=world.refusal, rank=3)
    elif name in calls:
        calls[name]()
    else:
        status = {act: status for status, act in candidatures.STATUS_ACTS.items()}[name]
        candidatures.set_status(candidature, status, actor=manager)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_walk_reaches_a_state_that_the_database_refuses_and_history_replays(world, steps):
    db.session.rollback()
    for old in db.session.scalars(db.select(Candidature).where(Candidature.cancelled_at.is_(None))):
        old.cancelled_at, old.file_status, old.transmitted_at, old.transmission_count = clock.now(), FileStatus.WAITING, None, 0
        old.outcome = old.answer = old.answered_at = old.published_decision_id = None
    db.session.commit()
    candidature = world.apply(world.alice, world.maths)
    world.complete(candidature, world.alice)
    for name in steps:
        try:
            step(world, candidature, name)
            db.session.commit()  # a CHECK that refuses would raise here
        except DomainError:
            db.session.rollback()
    assert journal.verify(candidature.id) == journal.state_of(candidature)


@pytest.mark.parametrize("shift, is_accepted", [(timedelta(microseconds=-1), True), (timedelta(0), False), (timedelta(microseconds=1), False)])
def test_the_return_deadline_holds_at_the_microsecond(world, monkeypatch, shift, is_accepted):
    candidature = world.apply(world.alice, world.maths)
    world.complete(candidature, world.alice)
    instant = deadlines.return_by(candidature) + shift
    monkeypatch.setattr(clock, "now", lambda: instant)
    if is_accepted:
        assert candidatures.transmit(candidature, actor=world.alice).at == instant
    else:
        with pytest.raises(DomainError, match="date limite"):
            candidatures.transmit(candidature, actor=world.alice)


def test_an_altered_event_is_named(world):
    candidature = world.transmitted(world.alice, world.maths)
    event = db.session.scalar(db.select(CandidatureEvent).where(CandidatureEvent.action == "transmit"))
    as_superuser("UPDATE candidature_event SET after = :after WHERE id = :row", after=json.dumps({**event.after, "outcome": "ADMITTED"}), row=event.id)
    with pytest.raises(DomainError, match=f"row {event.id}"):
        journal.verify(candidature.id)


def test_a_purged_detail_leaves_a_chain_that_verifies(world):
    candidature = world.transmitted(world.alice, world.maths)
    for event in candidature.events:
        event.details = event.details_salt = None
    db.session.commit()
    journal.verify(candidature.id)
