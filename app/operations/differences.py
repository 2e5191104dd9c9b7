"""What changed in a dossier since it was transmitted, or between two transmissions, in the words of the profile."""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import formats
from app.enums import PieceStatus
from app.extensions import db
from app.models import TransmittedPiece
from app.operations import dossier_words, pieces, snapshots


@dataclass(frozen=True)
class Change:
    """One thing that changed: where it stands, what it is, and its words before and after ('' for none)."""

    part: str
    what: str
    before: str
    after: str


def between(candidature, older, newer=None):
    """Return the changes of profile, answers and pieces from one transmission to another, or to the present dossier.

    Args:
        older, newer: `Transmission` rows; newer None compares with the dossier as it is now.
    """
    now_profile = newer.profile if newer else snapshots.of_profile(candidature.candidate)
    now_answers = newer.answers if newer else snapshots.of_answers(candidature)
    now_pieces = of_transmission(newer) if newer else of_present(candidature)
    return of_profiles(older.profile, now_profile) + of_answers(older.answers, now_answers) + of_pieces(of_transmission(older), now_pieces)


def of_profiles(before, after):
    """Return the changes between two frozen profiles."""
    return _compared(dossier_words.profile(before), dossier_words.profile(after))


def of_answers(before, after):
    """Return the changes between two frozen sets of answers."""
    return _compared(dossier_words.forms(before), dossier_words.forms(after))


def _compared(before, after):
    old, new = _lines(before), _lines(after)
    keys = list(dict.fromkeys([*old, *new]))
    return [Change(*key, old.get(key, ""), new.get(key, "")) for key in keys if old.get(key, "") != new.get(key, "")]


def _lines(sections):
    """Return {(part, what): words}: a row of a table is known by its place among equals, its cells joined."""
    found = {}
    for section in sections:
        for label, value in section["rows"]:
            found[section["title"], label] = "" if value == "—" else value
        for title, _headers, rows in section["tables"]:
            for row in rows:
                words = " · ".join(cell for cell in row if cell)
                found[title, words] = words
    return found


def of_transmission(transmission):
    """Return {required piece id: (name, file's mark, words)} of what was transmitted."""
    chosen = select(TransmittedPiece).where(TransmittedPiece.transmission_id == transmission.id)
    rows = db.session.scalars(chosen.options(joinedload(TransmittedPiece.file_version)).order_by(TransmittedPiece.position))
    return {row.required_piece_id: _piece(formats.translated(row.name), row.status, row.file_version) for row in rows}


def of_present(candidature):
    """Return the same of the dossier as it is now."""
    return {line.required.id: _piece(line.name, line.status, line.version) for line in pieces.lines(candidature)}


def _piece(name, status, version):
    if version is not None:
        return name, version.sha256, f"{version.original_name} ({formats.filesize(version.size)})"
    return (name, "-", PieceStatus.NOT_CONCERNED.label) if status == PieceStatus.NOT_CONCERNED else (name, None, "")


def of_pieces(before, after):
    """Return the pieces replaced, added or taken out."""
    found = []
    for number in dict.fromkeys([*before, *after]):
        (old_name, old, old_words), (name, new, words) = before.get(number, ("", None, "")), after.get(number, ("", None, ""))
        if old != new:
            found.append(Change(_("Pièces"), name or old_name, str(old_words), str(words)))
    return found
