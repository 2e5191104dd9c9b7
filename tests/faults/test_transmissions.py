"""Redis stopped during fifty transmissions: nobody sees an error, nobody waits, every mail leaves once it is back (trust F1)."""

import time

import pytest

from app import parameters
from app.extensions import db
from app.models import Candidature, Formation, Offering, OutboxMessage, Transmission
from tests.clients import PageClient
from tests.faults import smtp
from tests.faults.fleet import all_sent
from tests.world import SECRET

pytestmark = pytest.mark.faults
COUNT, EXTRA = 50, 0.25  # transmissions; seconds that a dead bell may add


def dossiers(world, count):
    """Return the addresses of that many candidatures of Alice with nothing missing."""
    world.sciences.max_candidatures = None
    found = []
    for number in range(count):
        formation = Formation(code=f"extra{number}", name=f"Licence Extra {number}", commission=world.maths.commission, diploma_type=world.licence)
        offering = Offering(formation=formation, campaign=world.campaign, commission=world.maths.commission, admitted_type=world.maths.admitted_type)
        db.session.add(offering)
        db.session.flush()
        candidature = world.apply(world.alice, offering)
        world.complete(candidature, world.alice)
        found.append(f"/candidatures/{candidature.public_id}")
    db.session.commit()
    return found


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_fifty_transmissions_without_a_bell(app, world, bell, hire):
    parameters.change("MAX_CANDIDATURES", COUNT + 10)
    addresses = dossiers(world, COUNT + 5)
    db.session.execute(db.delete(OutboxMessage))
    db.session.commit()
    sink = smtp.Sink()
    with smtp.running(sink) as port:
        workers = hire(bell.url, port)
        alice = PageClient(app)
        alice.sign_in("alice@exemple.fr", SECRET)

        def transmit(address):
            started = time.monotonic()
            answer = alice.post(f"{address}/transmettre", {"command_key": address})
            assert (answer.status_code, answer.location) == (302, f"{address}/recu/1")
            return time.monotonic() - started

        usual = sorted(transmit(address) for address in addresses[:5])[2]
        bell.stop()
        slow = sorted(transmit(address) for address in addresses[5:])[COUNT // 2]
        assert slow < usual + EXTRA
        assert db.session.scalar(db.select(db.func.count()).select_from(Transmission)) == COUNT + 5
        bell.start()
        workers.start(2)
        total = db.session.scalar(db.select(db.func.count()).select_from(OutboxMessage))
        assert total == 2 * (COUNT + 5)  # the candidate's, with its receipt, and the commission's
        assert smtp.wait_until(lambda: all_sent(total), seconds=120)
    assert len(set(sink.message_ids)) == len(sink.message_ids) == total
    assert db.session.scalar(db.select(db.func.count()).select_from(Candidature).where(Candidature.transmitted_at.is_(None))) == 0
