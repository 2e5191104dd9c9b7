"""Three hundred messages through a bad mail server while workers die: none lost, second copies only where they must be (trust F6, F7)."""

import random
import time
from collections import Counter

import pytest

from app.enums import MessageState
from app.extensions import db
from app.models import OutboxMessage
from tests.faults import smtp
from tests.faults.fleet import all_sent, post_all, states

pytestmark = pytest.mark.faults


def faulty(step):
    """One answer in ten is a passing refusal, one line in twenty is cut before the content."""
    dice = random.random()
    if dice < 0.10 / 3:
        return random.choice(["421 busy", "450 busy", "451 busy", "452 full"])
    return "CUT" if step != "DATA" and dice < 0.05 else None


def test_three_hundred_messages_two_workers_a_bad_server_and_kills(app, bell, hire):
    """Nothing lost; a second copy only where a worker died between the content and the commit; always the same Message-ID."""
    count = 300 if db.engine.dialect.name == "postgresql" else 100
    sink = smtp.Sink(chance=faulty)
    with smtp.running(sink) as port:
        workers = hire(bell.url, port)
        workers.start(2, fault="after_250_before_commit,before_data", chance=2 / count)
        wanted = post_all(count)
        end_at, next_kill = time.monotonic() + 120, time.monotonic() + 4
        while not all_sent(count) and time.monotonic() < end_at:
            workers.supervise()
            if time.monotonic() > next_kill and workers.kills < 3:
                workers.kill_one()
                next_kill = time.monotonic() + random.uniform(2, 4)
            time.sleep(0.2)
        assert states() == {MessageState.SENT: count}
    copies = Counter(sink.message_ids)
    assert set(copies) == set(wanted)  # none lost, none invented
    doubled = {number: times - 1 for number, times in copies.items() if times > 1}
    assert sum(doubled.values()) <= workers.own_deaths("after_250_before_commit") + workers.kills
    marked = set(db.session.scalars(db.select(OutboxMessage.message_id).where(OutboxMessage.is_possibly_twice)))
    assert set(doubled) <= marked
    assert workers.kills + workers.own_deaths("") > 0
