"""The check of deposited files, in a worker: each is parsed in the confined child, tried again, or left to a person."""

import tempfile
from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import or_, select

from app import access, clock, workflow
from app.enums import CheckState, FileStatus, PieceStatus
from app.extensions import db
from app.models import FileVersion, SubmittedPiece
from app.storage import checker, names, vault, verdicts
from app.storage.local import StorageFull

CHECK_LEASE = timedelta(seconds=60)
MAX_CHECKS = 5
BUSY_DELAYS = (30, 120, 600, 1800)  # seconds before another check when the machine had no time for this one


def unchecked(limit=50):
    """Return the numbers of files whose check no bell announced, or whose checker died."""
    now = clock.now()
    return db.session.scalars(select(FileVersion.id).where(_needs_check(now)).order_by(FileVersion.id).limit(limit)).all()


def _needs_check(now):
    waiting = (FileVersion.check_state == CheckState.RECEIVED) & or_(
        FileVersion.check_lease_until.is_(None), FileVersion.check_lease_until < now
    )
    return waiting | ((FileVersion.check_state == CheckState.CHECKING) & (FileVersion.check_lease_until < now))


def check_version(version_id):
    """Check one file in the confined child and record the verdict; commits on its own, harmless when repeated.

    A check that the machine could not carry out is tried again later, `MAX_CHECKS` times; then the file waits for a person.
    """
    now = clock.now()
    version = db.session.scalar(
        select(FileVersion).where(FileVersion.id == version_id, _needs_check(now)).with_for_update(skip_locked=True, of=FileVersion)
    )
    if version is None:
        db.session.rollback()
        return
    version.check_state, version.check_lease_until = CheckState.CHECKING, now + CHECK_LEASE
    version.check_attempts += 1
    attempts = version.check_attempts
    path, extension = vault().path(version.original_key), names.extension_of(version.original_name)
    db.session.commit()
    if attempts > MAX_CHECKS:  # its checkers died on it, or never had the time
        _set_aside(version_id)
        return
    with tempfile.TemporaryDirectory() as folder:
        verdict = checker.check(path, extension=extension, folder=Path(folder))
        if verdict.code == checker.BUSY:
            _try_later(version_id, attempts)
            return
        try:
            _record(version_id, verdict)
        except StorageFull:
            _postpone(version_id)


def _postpone(version_id):
    """Check again in a minute, without holding it against the file: the disk is full, and that is not its fault."""
    db.session.rollback()
    version = db.session.get(FileVersion, version_id, with_for_update={"key_share": True})
    version.check_state, version.check_lease_until = CheckState.RECEIVED, clock.now() + CHECK_LEASE
    version.check_attempts -= 1
    db.session.commit()
    current_app.logger.error("the vault is full: file %s waits to be checked", version_id)


def _try_later(version_id, attempts):
    """Check again when the machine may have time; the last try sets the file aside."""
    if attempts >= MAX_CHECKS:
        _set_aside(version_id)
        return
    version = _being_checked(version_id)
    if version is not None:
        version.check_state = CheckState.RECEIVED
        version.check_lease_until = clock.now() + timedelta(seconds=BUSY_DELAYS[attempts - 1])
    db.session.commit()
    current_app.logger.warning("check of file %s had no time (try %s): tried again later", version_id, attempts)


def _set_aside(version_id):
    """Leave a file to a person: nothing is known against it, and it keeps nobody from transmitting."""
    version = _being_checked(version_id)
    if version is not None:
        version.check_state, version.check_code = CheckState.QUARANTINED, verdicts.SET_ASIDE
        version.checked_at, version.check_lease_until = clock.now(), None
    db.session.commit()
    current_app.logger.error("file %s set aside after %s checks that did not end", version_id, MAX_CHECKS)


def _being_checked(version_id):
    """Return the file locked, or None when another checker was quicker."""
    # key_share: a transmission that names this file goes on, else it and we would wait for each other
    chosen = select(FileVersion).where(FileVersion.id == version_id).with_for_update(key_share=True)
    version = db.session.scalar(chosen.execution_options(populate_existing=True))
    return version if version.check_state == CheckState.CHECKING else None


def check_again(version_id=None):
    """Give the files set aside, or one of them, their tries again; return how many. The caller commits, the sweep checks them."""
    chosen = db.update(FileVersion).where(FileVersion.check_state == CheckState.QUARANTINED, FileVersion.check_code == verdicts.SET_ASIDE)
    if version_id is not None:
        chosen = chosen.where(FileVersion.id == version_id)
    values = {"check_state": CheckState.RECEIVED, "check_code": None, "checked_at": None, "check_attempts": 0, "check_lease_until": None}
    return db.session.execute(chosen.values(**values)).rowcount


def _record(version_id, verdict):
    served = preview = None
    if verdict.is_safe:
        with open(verdict.served, "rb") as file:
            served = vault().put(file, limit=4 * checker.FILE_SIZE)
        if verdict.preview is not None:
            with open(verdict.preview, "rb") as file:
                preview = vault().put(file, limit=checker.FILE_SIZE)
    version = _being_checked(version_id)
    if version is None:
        db.session.rollback()
        return
    version.check_state = CheckState.SAFE if verdict.is_safe else CheckState.REJECTED
    version.check_code, version.checked_at, version.check_lease_until = verdict.code, clock.now(), None
    version.warnings = {"codes": list(verdict.warnings)} if verdict.warnings else None
    version.media_type, version.page_count = verdict.media_type, verdict.page_count
    version.served_key, version.served_sha256, version.served_size = (
        (served.key, served.sha256, served.size) if served else (None, None, None)
    )
    version.preview_key = preview.key if preview else None
    db.session.flush()
    if not verdict.is_safe:
        _send_back(version)
    db.session.commit()


def _send_back(version):
    """Ask for corrections wherever the refused file was already transmitted (domain D26)."""
    sentence = str(verdicts.sentence(version.check_code))
    for piece in db.session.scalars(select(SubmittedPiece).where(SubmittedPiece.file_version_id == version.id)).all():
        candidature = piece.candidature
        now = workflow.lock(candidature)
        if candidature.file_status == FileStatus.WAITING or candidature.cancelled_at is not None:
            continue
        piece.status, piece.comment, piece.reviewed_at = PieceStatus.REFUSED, sentence, now
        db.session.flush()
        if workflow.refusal("reject_file", candidature, access.SYSTEM, now) is None:
            workflow.apply(
                "reject_file", candidature, actor=access.SYSTEM, now=now, details={"piece": piece.required_piece.piece_type.code}
            )
