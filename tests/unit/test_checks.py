"""A machine without time for a check never condemns a file: it is checked later, or a person looks."""

import io
import os
import signal
import subprocess
from datetime import timedelta

import pytest

from app import clock
from app.enums import FileStatus
from app.extensions import db
from app.models import FileVersion
from app.operations import candidatures, checks, pieces
from app.storage import checker, verdicts
from tests.corpus.raw import pdf
from tests.unit.test_candidatures import kinds_sent


@pytest.fixture
def sent(world):
    candidature = world.apply(world.alice, world.maths)
    world.complete(candidature, world.alice)
    return candidature


@pytest.fixture
def version(world, sent):
    """A good file, transmitted before its check."""
    made = pieces.deposit(sent, world.letter, io.BytesIO(pdf()), "lettre.pdf", actor=world.alice)
    candidatures.transmit(sent, actor=world.alice)
    db.session.commit()
    return made


@pytest.fixture
def starved(monkeypatch):
    """Stop every child as soon as it is born, as on a machine that gives it no time."""
    real = subprocess.Popen

    def stopped(*words, **options):
        child = real(*words, **options)
        os.kill(child.pid, signal.SIGSTOP)
        return child

    with monkeypatch.context() as machine:
        machine.setattr(checker.subprocess, "Popen", stopped)
        machine.setattr(checker, "WALL", 0.3)
        yield machine


def state(version):
    db.session.refresh(version)
    return version.check_state.value, version.check_code


def later():
    """Let the time before the next try pass."""
    db.session.execute(db.update(FileVersion).values(check_lease_until=clock.now() - timedelta(seconds=1)))
    db.session.commit()


def test_a_starved_check_is_made_later(sent, version, starved):
    checks.check_version(version.id)
    assert state(version) == ("RECEIVED", None) and version.check_attempts == 1
    assert version.check_lease_until > clock.now() and version.id not in checks.unchecked()
    starved.undo()
    later()
    assert version.id in checks.unchecked()
    checks.check_version(version.id)
    assert state(version) == ("SAFE", None)
    assert sent.file_status == FileStatus.RECEIVED


def test_a_file_never_checked_is_left_to_a_person(app, world, sent, version, starved):
    """Five tries without time: set aside with a sentence that accuses nobody, no correction asked, then checked after all."""
    for _turn in range(checks.MAX_CHECKS):
        later()
        checks.check_version(version.id)
    assert state(version) == ("QUARANTINED", verdicts.SET_ASIDE)
    assert sent.file_status == FileStatus.RECEIVED and "candidature_incomplete" not in kinds_sent(sent)
    line = pieces.line_of(sent, world.letter.id)
    assert "sans que le fichier soit en cause" in str(line.refusal) and "complexe" not in str(line.refusal)
    assert candidatures.missing(sent) == []
    later()
    assert version.id not in checks.unchecked()
    starved.undo()
    assert app.test_cli_runner().invoke(args=["files", "check-again"]).output == "1 files to check again.\n"
    db.session.expire_all()
    checks.check_version(version.id)
    assert state(version) == ("SAFE", None)


def test_a_file_on_which_checkers_die_is_left_to_a_person(version):
    db.session.execute(db.update(FileVersion).values(check_attempts=checks.MAX_CHECKS))
    db.session.commit()
    checks.check_version(version.id)
    assert state(version) == ("QUARANTINED", verdicts.SET_ASIDE)
