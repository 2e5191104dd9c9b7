"""The model that a type of piece gives to fill: a PDF, checked and written anew like any file that people open."""

import tempfile
from pathlib import Path

from flask_babel import gettext as _

from app import access
from app.enums import Functionality
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.operations import audit
from app.orm import after_commit
from app.storage import checker, names, vault, verdicts

LIMIT = 5 * 1024 * 1024  # bytes of the file sent
CHUNK = 64 * 1024
PDF = "application/pdf"
EXTENSION = "pdf"


def keep(stream, name):
    """Return the key under which a model sent is kept, rebuilt; the caller puts it in its row with `put`.

    It works in a child: call it before anything is locked.

    Args:
        stream: the file sent.
        name: its name on the sender's machine.
    Raises:
        DomainError: it is empty, too large, or no PDF that people could open.
    """
    with tempfile.TemporaryDirectory() as folder:
        sent, rebuilt = Path(folder) / "sent", Path(folder) / "child"
        rebuilt.mkdir()
        if names.extension_of(name) != EXTENSION or not _written(stream, sent):
            raise DomainError(_("Choisissez un PDF de 5 Mo au plus : enregistrez votre modèle en PDF, puis déposez-le."), field="model")
        verdict = checker.check(sent, extension=EXTENSION, folder=rebuilt)
        if not verdict.is_safe or verdict.media_type != PDF:
            raise DomainError(verdicts.sentence(verdict.code), field="model")
        with open(verdict.served, "rb") as file:
            return vault().put(file, limit=2 * LIMIT).key


def _written(stream, path):
    """Copy a stream to a file; return whether it held something, and no more than the limit."""
    size = 0
    with open(path, "wb") as file:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > LIMIT:
                return False
            file.write(chunk)
    return size > 0


def may_put(piece_type, actor):
    """Whether a person may change a type of piece: its centre's, or everything when it belongs to the whole university."""
    return bool(access.grants_over(actor, Functionality.PIECES, piece_type.centre, write=True))


def put(piece_type, key, name, *, actor):
    """Give a type of piece the model kept under a key, or none with None; the caller commits.

    Args:
        name: the name under which candidates receive it.
    Raises:
        NotAllowed: the actor does not manage this type of piece.
    """
    if not may_put(piece_type, actor):
        raise NotAllowed("model")
    before = piece_type.template_key, piece_type.template_name
    piece_type.template_key, piece_type.template_name = key, names.clean(name, default="modele.pdf") if key else None
    db.session.flush()
    audit.record("update", piece_type, actor=actor, changes={"template_name": [before[1], piece_type.template_name]})
    if before[0]:
        after_commit(db.session, lambda: vault().delete(before[0]))
