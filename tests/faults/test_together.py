"""Several requests at the same instant: one receipt, quotas that hold, one decision (trust F25, F26)."""

import threading

import pytest

from app.errors import DomainError
from app.extensions import db
from app.models import Candidature, Offering, OutboxMessage, Transmission, User
from app.operations import candidatures

pytestmark = pytest.mark.faults
TOGETHER = 20


def together(app, *calls):
    """Run calls at the same instant, each in a context and transaction of its own; return what each gave or refused."""
    barrier, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(number, call):
        with app.app_context():
            barrier.wait(timeout=20)
            try:
                results[number] = call()
                db.session.commit()
            except Exception as error:  # a refusal, or what a person would see as a failure
                db.session.rollback()
                results[number] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number, call)) for number, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return results


def count(model, *conditions):
    return db.session.scalar(db.select(db.func.count()).select_from(model).where(*conditions))


@pytest.mark.parametrize("is_same_key", [True, False])
def test_a_double_click_transmits_once(app, world, is_same_key):
    candidature = world.apply(world.alice, world.maths)
    world.complete(candidature, world.alice)
    candidature_id, user_id = candidature.id, world.alice.id
    db.session.commit()

    def transmit(key):
        row, actor = db.session.get(Candidature, candidature_id), db.session.get(User, user_id)
        return candidatures.transmit(row, actor=actor, command_key=key).receipt_number

    results = together(app, *(lambda n=n: transmit("same" if is_same_key else f"key{n}") for n in range(TOGETHER)))
    receipts = {result for result in results if isinstance(result, str)}
    assert len(receipts) == 1, results
    assert all(isinstance(result, str if is_same_key else str | DomainError) for result in results), results
    assert count(Transmission) == 1
    assert count(OutboxMessage, OutboxMessage.kind == "candidature_transmitted") == 1


def test_the_number_of_candidatures_holds_under_parallel_tries(app, world):
    world.sciences.max_candidatures = 2
    offerings = [world.maths.id]
    for number in range(TOGETHER - 1):
        offering = Offering(
            formation=_formation(world, number), campaign=world.campaign, commission=world.maths.commission, admitted_type=world.maths.admitted_type
        )
        db.session.add(offering)
        db.session.flush()
        offerings.append(offering.id)
    user_id = world.alice.id
    db.session.commit()

    def apply(offering_id):
        actor = db.session.get(User, user_id)
        return candidatures.create(actor.candidate, db.session.get(Offering, offering_id), actor=actor).id

    results = together(app, *(lambda o=o: apply(o) for o in offerings))
    assert sum(isinstance(result, int) for result in results) == 2, results
    assert count(Candidature) == 2


def _formation(world, number):
    from app.models import Formation

    return Formation(code=f"extra{number}", name=f"Licence Extra {number}", commission=world.maths.commission, diploma_type=world.licence)


def test_the_same_formation_asked_twice_together_is_one_candidature(app, world):
    offering_id, user_id = world.maths.id, world.alice.id
    db.session.commit()

    def apply():
        actor = db.session.get(User, user_id)
        return candidatures.create(actor.candidate, db.session.get(Offering, offering_id), actor=actor).id

    assert len(set(together(app, *[apply] * TOGETHER))) == 1
    assert count(Candidature) == 1
