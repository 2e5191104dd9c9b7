"""What is held or taken back is neither read by its candidate nor sent again; nobody else's message goes with it."""

from datetime import timedelta

import pytest

from app import clock, queries
from app.enums import MessageState, Outcome
from app.errors import DomainError
from app.extensions import db
from app.models import OutboxMessage
from app.notifications import outbox
from app.operations import decisions
from tests.world import SECRET


@pytest.fixture
def held(world):
    """A favourable opinion published while its message is held."""
    candidature = world.transmitted(world.alice, world.maths)
    decisions.propose(candidature, world.kinds[Outcome.ADMITTED], actor=world.charlie)
    decisions.validate(candidature, actor=world.charlie)
    with outbox.held(clock.now() + timedelta(minutes=5)):
        decisions.publish(candidature, actor=world.charlie)
    db.session.commit()
    return db.session.scalar(db.select(OutboxMessage).where(OutboxMessage.kind == "decision_admitted"))


@pytest.mark.parametrize("state", [MessageState.PENDING, MessageState.RECALLED])
def test_a_held_or_recalled_message_is_not_in_my_messages(client, world, held, state):
    held.state, public_id, subject = state, held.public_id, held.subject
    db.session.commit()
    client.sign_in("alice@exemple.fr", SECRET)
    assert subject not in client.get("/messages").text
    assert client.get(f"/messages/{public_id}").status_code == 404
    unread = queries.unread_count(world.alice.candidate)
    held.state, held.not_before = MessageState.PENDING, clock.now()
    db.session.commit()
    assert subject in client.get("/messages").text and client.get(f"/messages/{public_id}").status_code == 200
    assert queries.unread_count(world.alice.candidate) == unread + 1


@pytest.mark.parametrize("state", [MessageState.PENDING, MessageState.RECALLED])
def test_a_held_or_recalled_message_is_not_sent_again(world, held, state):
    held.state = state
    db.session.commit()
    with pytest.raises(DomainError, match="retenu"):
        outbox.resend(held, actor=world.charlie)
