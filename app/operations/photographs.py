"""Several photographs made into one piece: gathered one by one, brought down to A4 pages, then deposited as one PDF."""

import tempfile
from pathlib import Path

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app import clock, workflow
from app.errors import DomainError
from app.extensions import db
from app.models import Photograph
from app.operations import pieces
from app.orm import after_commit
from app.storage import checker, vault, verdicts

LIMIT = 20 * pieces.MEBI  # bytes of one photograph as sent
MOST = 12


def waiting(candidature, required):
    """Return the photographs waiting for a piece, in order."""
    return db.session.scalars(
        select(Photograph)
        .filter_by(candidature_id=candidature.id, required_piece_id=required.id)
        .order_by(Photograph.position, Photograph.id)
    ).all()


def add(candidature, required, stream, *, actor, let_go):
    """Keep one photograph, brought down to an A4 page.

    Args:
        let_go: called before the slow work, to end the transaction: on SQLite an open one keeps every writer waiting.
    Raises:
        DomainError: not a JPEG, over 20 MB, or more than twelve.
    """
    _check(candidature, required, actor, clock.now())
    let_go()
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw"
        _spool(stream, raw)
        reduced, code = checker.reduce_photograph(raw, Path(folder))
        if reduced is None:
            raise DomainError(verdicts.sentence(code), field="photograph")
        rows = _check(candidature, required, actor, workflow.lock(candidature))
        with open(reduced, "rb") as file:
            stored = pieces.keep(file)
    position = max((photograph.position for photograph in rows), default=0) + 1
    db.session.add(
        Photograph(
            candidature_id=candidature.id, required_piece_id=required.id, position=position, storage_key=stored.key, size=stored.size
        )
    )
    db.session.flush()


def _check(candidature, required, actor, now):
    pieces.check_changeable(candidature, required, actor, now)
    rows = waiting(candidature, required)
    if len(rows) >= MOST:
        raise DomainError(_("Douze photos au plus : réunissez celles-ci, ou retirez-en une."), field="photograph")
    return rows


def _spool(stream, path):
    size = 0
    with open(path, "wb") as file:
        while chunk := stream.read(64 * 1024):
            size += len(chunk)
            if size > LIMIT:
                raise DomainError(_("Cette photo dépasse 20 Mo : choisissez une qualité moindre."), field="photograph")
            file.write(chunk)


def remove(candidature, required, public_id):
    """Take one photograph out; nothing happens when it is already gone."""
    for photograph in waiting(candidature, required):
        if photograph.public_id == public_id:
            key = photograph.storage_key
            db.session.delete(photograph)
            after_commit(db.session, lambda key=key: vault().delete(key))


def assemble(candidature, required, *, actor, let_go):
    """Make the waiting photographs one PDF and deposit it as the piece.

    Args:
        let_go: as for `add`.
    Raises:
        DomainError: there is none, or together they exceed the size of a piece.
    """
    pieces.check_changeable(candidature, required, actor, clock.now())
    chosen = {photograph.public_id: vault().path(photograph.storage_key) for photograph in waiting(candidature, required)}
    if not chosen:
        raise DomainError(_("Ajoutez d’abord au moins une photo."), field="photograph")
    limit = pieces.file_limit()
    let_go()
    with tempfile.TemporaryDirectory() as folder:
        pdf = checker.assemble(list(chosen.values()), Path(folder), limit=limit)
        if pdf is None:
            raise DomainError(verdicts.sentence("unreadable"), field="photograph")
        workflow.lock(candidature, person=required.piece_type.is_shared)
        if not set(chosen) <= {photograph.public_id for photograph in waiting(candidature, required)}:  # pressed twice
            raise DomainError(_("Ces photos ont déjà été réunies : rechargez la page."), field="photograph")
        with open(pdf, "rb") as file:
            version = pieces.deposit(candidature, required, file, f"{required.piece_type.code}.pdf", actor=actor)
    for public_id in chosen:
        remove(candidature, required, public_id)
    return version
