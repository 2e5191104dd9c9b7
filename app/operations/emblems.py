"""The pictures that documents carry: the institution's logo and the signatures, decoded and written anew by the confined child."""

import tempfile
from pathlib import Path

from flask_babel import gettext as _

from app.documents.pictures import LOGO, logo_key
from app.errors import DomainError
from app.extensions import db
from app.models import Parameter
from app.operations import audit
from app.orm import after_commit
from app.storage import checker, vault, verdicts

LIMIT = 4 * 1024 * 1024  # bytes of the file sent
CHUNK = 64 * 1024


def keep(stream, *, field):
    """Return the key under which a picture sent (PNG or JPEG) is kept, rebuilt; the caller puts it in its row.

    It draws in a child: call it before anything is locked.

    Args:
        field: name of the form field, for the refusal.
    Raises:
        DomainError: none was sent, or it is too large or no picture that can be used.
    """
    with tempfile.TemporaryDirectory() as folder:
        sent = Path(folder) / "sent"
        if not _written(stream, sent):
            raise DomainError(_("Choisissez une image PNG ou JPEG de 4 Mo au plus."), field=field)
        picture, code = checker.emblem(sent, Path(folder))
        if picture is None:
            raise DomainError(verdicts.sentence(code), field=field)
        with open(picture, "rb") as file:
            return vault().put(file, limit=LIMIT).key


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


def set_logo(key, *, actor):
    """Put a picture kept by `keep` as the institution's logo, or none with None; the caller commits."""
    before, row = logo_key(), db.session.get(Parameter, LOGO)
    if row is None:
        row = Parameter(code=LOGO)
        db.session.add(row)
    row.value = {"value": key}
    db.session.flush()
    changes = {"value": [bool(before), bool(key)]}
    audit.write("update", "Parameter", LOGO, actor=actor, changes=changes)
    if before:
        after_commit(db.session, lambda: vault().delete(before))
