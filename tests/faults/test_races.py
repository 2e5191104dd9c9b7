"""What somebody read before waiting for a lock is never what counts: races at each line of the journey, both databases (trust F27, R7)."""

import io
import threading

import pytest

from app.enums import CheckState, PieceStatus
from app.errors import DomainError, Missing, NotAllowed
from app.extensions import db
from app.models import Candidature, EnrolmentProposal, FileVersion, FormAnswer, Transmission, User
from app.operations import answers, candidatures, checks, decisions, pieces
from tests.faults.test_together import count, together
from tests.world import pdf

pytestmark = pytest.mark.faults


def elsewhere(app, call):
    """Do something in another request, committed, while this one holds what it has read."""
    raised = []

    def run():
        with app.app_context():
            try:
                call()
                db.session.commit()
            except Exception as error:
                raised.append(error)
            finally:
                db.session.remove()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert raised == []


def ready(world, offering):
    candidature = world.apply(world.alice, offering)
    world.complete(candidature, world.alice)
    return candidature


def held(candidature):
    """Keep what a page has read of a dossier, as a request does until it ends."""
    kept, session = [(piece, piece.file_version) for piece in candidature.pieces], db.session()
    session.expire_on_commit = False
    session.commit()
    session.expire_on_commit = True
    return kept


def test_a_piece_taken_out_meanwhile_is_not_transmitted(app, world):
    candidature = ready(world, world.maths)
    number, user, letter = candidature.id, world.alice.id, world.letter.id
    kept = held(candidature)

    def remove():
        row = db.session.get(Candidature, number)
        line = pieces.line_of(row, letter)
        pieces.remove(row, line.required, actor=db.session.get(User, user))

    elsewhere(app, remove)
    with pytest.raises(Missing):
        candidatures.transmit(candidature, actor=world.alice)
    assert kept


def test_a_piece_validated_meanwhile_is_not_replaced(app, world):
    candidature = ready(world, world.maths)
    for version in db.session.scalars(db.select(FileVersion.id)).all():
        checks.check_version(version)
    number, charlie, letter = candidature.id, world.charlie.id, world.letter.id
    kept = held(candidature)

    def validate():
        row = db.session.get(Candidature, number)
        piece = pieces.line_of(row, letter).submitted
        pieces.review([piece], PieceStatus.VALIDATED, actor=db.session.get(User, charlie))

    elsewhere(app, validate)
    with pytest.raises(DomainError, match="validée"):
        pieces.deposit(candidature, world.letter, io.BytesIO(pdf("late")), "b.pdf", actor=world.alice)
    assert kept


def test_a_file_refused_meanwhile_is_not_transmitted(app, world):
    candidature = ready(world, world.maths)
    version = pieces.deposit(candidature, world.letter, io.BytesIO(b"%PDF-1.7\n" + b"\0" * 500), "bad.pdf", actor=world.alice)
    number, kept = version.id, held(candidature)
    elsewhere(app, lambda: checks.check_version(number))
    with pytest.raises(Missing):
        candidatures.transmit(candidature, actor=world.alice)
    assert kept and version.check_state == CheckState.REJECTED


def test_a_shared_piece_replaced_while_another_candidature_leaves(app, world):
    """Twenty turns of replace against transmit: what was handed over is what the commission still sees (domain D5)."""
    first, second = ready(world, world.maths), ready(world, world.history)
    one, two, user, cv = first.id, second.id, world.alice.id, world.cv.id
    db.session.commit()

    def replace():
        row = db.session.get(Candidature, one)
        line = pieces.line_of(row, cv)
        pieces.deposit(row, line.required, io.BytesIO(pdf("new")), "new.pdf", actor=db.session.get(User, user))

    def transmit():
        row = db.session.get(Candidature, two)
        candidatures.transmit(row, actor=db.session.get(User, user))

    results = together(app, replace, transmit, replace)
    assert results == [None, None, None]
    db.session.expire_all()
    frozen = {piece.required_piece_id: piece.file_version_id for piece in db.session.scalar(db.select(Transmission)).pieces}
    now = {piece.required_piece_id: piece.file_version_id for piece in db.session.get(Candidature, two).pieces}
    assert now == frozen


def test_one_shared_piece_deposited_by_two_pages_at_once(app, world):
    numbers = [world.apply(world.alice, offering).id for offering in (world.maths, world.history)]
    user, cv = world.alice.id, world.cv.id
    db.session.commit()

    def deposit(number):
        row = db.session.get(Candidature, number)
        line = pieces.line_of(row, cv)
        pieces.deposit(row, line.required, io.BytesIO(pdf("x")), "x.pdf", actor=db.session.get(User, user))

    assert together(app, *(lambda n=n: deposit(n) for n in numbers * 4)) == [None] * 8
    assert sorted(db.session.scalars(db.select(FileVersion.number))) == list(range(1, 9))


@pytest.mark.parametrize("is_shared", [True, False])
def test_two_autosaves_at_once_keep_one_answer(app, world, is_shared):
    world.form.is_shared = is_shared
    numbers = [world.apply(world.alice, offering).id for offering in (world.maths, world.history)]
    user, form = world.alice.id, world.form.id
    db.session.commit()

    def save(number):
        row = db.session.get(Candidature, number)
        line = answers.line_of(row, form)
        answers.save(row, line.form, {"why": "Parce que."}, actor=db.session.get(User, user), complete=False)
        return line.state and None

    assert together(app, *(lambda n=n: save(n) for n in numbers * 4)) == [None] * 8
    assert count(FormAnswer) == (1 if is_shared else 2)


def test_two_offers_confirmed_at_once_share_one_proposal(app, world):
    numbers, user = [], world.alice.id
    for offering, manager in ((world.maths, world.charlie), (world.history, world.dora)):
        candidature = world.transmitted(world.alice, offering)
        decisions.propose(candidature, world.kinds["ADMITTED"], actor=manager)
        decisions.validate(candidature, actor=manager)
        decisions.publish(candidature, actor=manager)
        numbers.append(candidature.id)
    db.session.commit()

    def confirm(number):
        candidatures.confirm(db.session.get(Candidature, number), actor=db.session.get(User, user))

    assert together(app, *(lambda n=n: confirm(n) for n in numbers)) == [None, None]
    assert count(EnrolmentProposal) == 1


def test_a_bad_file_found_at_the_instant_of_transmission_stops_nobody(app, world):
    """The checker holds the file, the transmission holds the dossier: neither waits for the other for ever."""
    candidature = ready(world, world.maths)
    version = pieces.deposit(candidature, world.letter, io.BytesIO(b"%PDF-1.7\n" + b"\0" * 500), "bad.pdf", actor=world.alice)
    number, user, file = candidature.id, world.alice.id, version.id
    db.session.commit()
    first = checks.checker.check
    barrier = threading.Barrier(2)

    def slow(*args, **kwargs):
        verdict = first(*args, **kwargs)
        barrier.wait(20)
        return verdict

    checks.checker.check = slow
    try:

        def transmit():
            barrier.wait(20)
            candidatures.transmit(db.session.get(Candidature, number), actor=db.session.get(User, user))

        results = together(app, lambda: checks.check_version(file), transmit)
    finally:
        checks.checker.check = first
    db.session.expire_all()
    row = db.session.get(Candidature, number)
    assert results[0] is None
    assert (isinstance(results[1], Missing) and row.file_status.value == "WAITING") or row.file_status.value == "INCOMPLETE", results


def test_a_key_that_served_for_another_act_is_refused(world):
    candidature = ready(world, world.maths)
    candidatures.transmit(candidature, actor=world.alice, command_key="k")
    db.session.commit()
    with pytest.raises(DomainError, match="déjà servi"):
        candidatures.withdraw(candidature, actor=world.alice, command_key="k")


def test_the_key_of_another_candidature_is_nobodys(world):
    """A key typed by hand that somebody else used is a key like another."""
    first, second = ready(world, world.maths), ready(world, world.history)
    assert candidatures.transmit(first, actor=world.alice, command_key="k").id
    assert candidatures.transmit(second, actor=world.alice, command_key="k").candidature_id == second.id


@pytest.mark.parametrize("number", [7, 123456, 9_999_999, 2**30 - 1])
def test_receipts_never_bear_the_same_number(world, number):
    candidature = ready(world, world.maths)
    first = candidatures._receipt_number(candidature, 1)
    candidature.__dict__["id"] = number
    written = {candidatures._receipt_number(candidature, turn) for turn in range(1, 15)} | {first}
    assert len(written) == 15 and max(map(len, written)) <= 20


def test_the_rules_themselves_refuse_a_strangers_hand(world):
    candidature = world.apply(world.alice, world.maths)
    for actor in (world.bob, world.dora, world.frank):
        with pytest.raises(NotAllowed):
            answers.save(candidature, world.form, {"why": "x"}, actor=actor, complete=True)
        with pytest.raises(NotAllowed):
            pieces.deposit(candidature, world.cv, io.BytesIO(pdf()), "a.pdf", actor=actor)
        with pytest.raises(NotAllowed):
            pieces.remove(candidature, world.cv, actor=actor)
