"""Changes of what is asked while a campaign runs: a transmitted dossier never becomes incomplete by itself."""

import pytest
from sqlalchemy import select

from app.enums import FileStatus, PieceStatus
from app.extensions import db
from app.models import Candidature, RequiredPiece
from app.operations import candidatures, differences, pieces
from app.operations.asked import STATUS, asked


def in_words(candidature):
    """Return {code: status} as the dossier says, once it is sure that lists say the same."""
    told = {line.required.id: line.status for line in pieces.lines(candidature)}
    assert dict(db.session.execute(asked(RequiredPiece.id, STATUS, numbers=[candidature.id])).all()) == told
    return {db.session.get(RequiredPiece, number).piece_type.code: status for number, status in told.items()}


@pytest.fixture
def newly_asked(dossier, world):
    """A piece asked of everybody once Alice's dossier is transmitted."""
    required = world.piece("NOUVELLE")
    db.session.expire_all()
    return required


@pytest.mark.parametrize("state", [FileStatus.RECEIVED, FileStatus.COMPLETE])
def test_a_piece_newly_asked_is_not_asked_of_a_transmitted_dossier(dossier, newly_asked, state):
    dossier.file_status = state
    db.session.flush()
    assert "NOUVELLE" not in in_words(dossier)
    assert candidatures.missing(dossier) == []
    assert differences.between(dossier, dossier.transmissions[0]) == []


def test_it_is_asked_of_who_prepares_and_of_who_is_sent_back(dossier, newly_asked, world):
    other = world.apply(world.bob, world.maths)
    assert in_words(other)["NOUVELLE"] == PieceStatus.MISSING
    candidatures.ask_corrections(dossier, actor=world.charlie, comment="Une pièce de plus.")
    assert in_words(dossier)["NOUVELLE"] == PieceStatus.MISSING
    assert [gap.kind for gap in candidatures.missing(dossier)] == ["piece"]


def test_a_piece_put_out_of_service_or_aimed_elsewhere_stays_where_it_was_answered(dossier, world):
    before = in_words(dossier)
    answered = [code for code, status in before.items() if status != PieceStatus.MISSING]
    for required in db.session.scalars(select(RequiredPiece)):
        required.is_active = False
    db.session.flush()
    assert sorted(in_words(dossier)) == sorted(answered)
    assert db.session.get(Candidature, dossier.id).file_status == FileStatus.RECEIVED
