"""Documents for many candidatures: dossiers, one piece, or letters, as one archive or one PDF, made by a worker."""

import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from app import formats, parameters, queries
from app.documents import PDF, dossier
from app.enums import CheckState
from app.errors import DomainError
from app.extensions import db
from app.models import Candidature, FileVersion, JobLine, PieceType, RequiredPiece, SubmittedPiece
from app.notifications import letter_pages, letters
from app.operations import audit, dossiers, jobs
from app.storage import vault

KIND = "documents"
ZIP = "application/zip"
MOST_IN_ZIP, MOST_IN_ONE = 2 * 1024**3, 1024**3  # bytes
NOT_ASCII = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss"}
)
NAME_LENGTHS = (40, 30, 8, 60)  # characters of last name, first name, number and formation in a file name


@dataclass(frozen=True)
class Form:
    """One way of taking documents of many candidatures.

    Attributes:
        words: what the button says; most: candidatures in one file.
        entry: called as (candidature, job, actor, folder); returns an `Entry`, or None with nothing to take.
        is_zip: an archive of one file each, else one PDF.
        nothing: told of a candidature that has nothing to take.
    """

    words: str
    most: int
    entry: Callable
    is_zip: bool
    nothing: str


@dataclass(frozen=True)
class Entry:
    """The file of one candidature: a `Built`, its extension, and whether it is ours to delete."""

    built: dossier.Built
    extension: str = "pdf"
    is_temporary: bool = False


def _dossier(candidature, job, actor, folder):
    content = dossiers.of(candidature, actor=actor, source=job.parameters.get("source", dossiers.TRANSMITTED))
    path = folder / f"{candidature.id}.pdf"
    return Entry(dossier.build(content, path, let_go=db.session.rollback), is_temporary=True)


def _piece(candidature, job, _actor, _folder):
    source = job.parameters.get("source", dossiers.TRANSMITTED)
    version = dossiers.version_of(candidature, job.parameters["piece_type"], source=source)
    if version is None or not vault().exists(version.served_key):
        return None
    built = dossier.Built(vault().path(version.served_key), version.page_count or 1, "", ())
    return Entry(built, "pdf" if version.media_type == PDF else "jpg")


def _letter(candidature, _job, _actor, _folder):
    if not letters.is_ready(candidature):
        return None
    user, person = candidature.candidate.user, candidature.candidate
    title = f"{person.last_name} {person.first_name} ({person.dossier_number})"
    number = letters.reserve(candidature, user.language if user else "fr").id
    letter = letter_pages.issue(number)
    built = dossier.Built(vault().path(letter.storage_key), 1, title, ())
    return Entry(built) if vault().exists(letter.storage_key) else None


FORMS = {
    "dossiers_zip": Form(lazy_gettext("Dossiers en PDF (zip)"), 1000, _dossier, True, lazy_gettext("Ce dossier n’a pas pu être fait.")),
    "dossiers_pdf": Form(lazy_gettext("Dossiers en un seul PDF"), 200, _dossier, False, lazy_gettext("Ce dossier n’a pas pu être fait.")),
    "piece_zip": Form(
        lazy_gettext("Une pièce pour toutes (zip)"),
        5000,
        _piece,
        True,
        lazy_gettext("Cette pièce n’a pas été donnée, ou n’est pas vérifiée."),
    ),
    "letters_zip": Form(
        lazy_gettext("Lettres (zip)"), 5000, _letter, True, lazy_gettext("Aucune lettre n’est disponible pour cette candidature.")
    ),
    "letters_pdf": Form(
        lazy_gettext("Lettres en un seul PDF"), 1000, _letter, False, lazy_gettext("Aucune lettre n’est disponible pour cette candidature.")
    ),
}


def most_of(form):
    """Return how many candidatures a form of documents takes at once."""
    return parameters.get("DOSSIERS_PER_DOWNLOAD") if form == "dossiers_zip" else FORMS[form].most


def ask(form, ids, *, actor, source=dossiers.TRANSMITTED, piece_type_id=None, reason=None):
    """Ask for documents of many candidatures, and keep in the audit who took what, how many and why; the caller commits.

    Args:
        form: a name of `FORMS`.
        ids: numbers of candidatures, in order.
        source: "transmitted" or "present" (see `dossiers.of`).
        piece_type_id: the kind of piece, for "piece_zip".
    Returns:
        The `Job` to watch.
    Raises:
        DomainError: none or too many chosen, or the kind of piece is not known.
    """
    chosen, ids = FORMS[form], list(dict.fromkeys(ids))
    dossiers.check_size(ids, most_of(form))
    title = str(chosen.words)
    if form == "piece_zip":
        name = dict(pieces_of(ids)).get(piece_type_id)
        if name is None:
            raise DomainError(_("Choisissez la pièce à prendre."), field="piece_type")
        title = _("%(what)s : %(piece)s", what=title, piece=name)
    values = {"form": form, "source": source, "piece_type": piece_type_id}
    job = jobs.ask(KIND, actor=actor, title=title, parameters=values, candidature_ids=ids, reason=reason)
    audit.write(
        "documents", "Job", str(job.id), actor=actor, changes={"title": [None, title], "total": [None, len(ids)]}, reason=job.reason
    )
    return job


def make(job, actor, folder, progress):
    """Make the file of a job, one candidature at a time; rights are asked again for each."""
    form = FORMS[job.parameters["form"]]
    numbers = db.session.scalars(select(JobLine.candidature_id).where(JobLine.job_id == job.id).order_by(JobLine.position)).all()
    db.session.rollback()
    pack = _Archive(folder) if form.is_zip else _Single(folder, job.title)
    refused = {}
    for done, number in enumerate(numbers, start=1):
        sentence = _one(form, number, job, actor, pack)
        if sentence is not None:
            refused[number] = str(sentence)
        db.session.rollback()
        progress(done)
    if len(refused) == len(numbers):
        raise DomainError(_("Rien à prendre : %(why)s", why=next(iter(refused.values()))))
    path = pack.close()
    return jobs.Made(path, f"{_file_stem(job.title)}.{'zip' if form.is_zip else 'pdf'}", ZIP if form.is_zip else PDF, refused)


def _one(form, number, job, actor, pack):
    """Add the document of one candidature; return the sentence that refuses it, or None."""
    candidature = db.session.scalar(queries.whole().where(Candidature.id == number, dossiers.reachable(actor)))
    if candidature is None:
        return _("Ce dossier n’est plus dans ce que vous gérez.")
    name = stem_of(candidature)
    try:
        entry = form.entry(candidature, job, actor, pack.folder)
    except DomainError as error:
        return error
    if entry is None:
        return form.nothing
    pack.add(entry, name)
    return None


class _Archive:
    """An archive on disk, grown one file at a time; each file of ours is deleted once it is in."""

    def __init__(self, folder):
        self.folder, self.taken = folder, set()
        self.path = folder / "documents.zip"
        self.zip = zipfile.ZipFile(self.path, "w", zipfile.ZIP_STORED, allowZip64=True)

    def add(self, entry, stem):
        self.zip.write(entry.built.path, unique(stem, entry.extension, self.taken))
        if entry.is_temporary:
            entry.built.path.unlink()
        _check_weight(self.path.stat().st_size, MOST_IN_ZIP)

    def close(self):
        self.zip.close()
        return self.path


class _Single:
    """The files that will be one PDF: kept on disk until the last one is there."""

    def __init__(self, folder, title):
        self.folder, self.title, self.all, self.weight = folder, title, [], 0

    def add(self, entry, _stem):
        self.all.append(entry.built)
        self.weight += entry.built.path.stat().st_size
        _check_weight(self.weight, MOST_IN_ONE)

    def close(self):
        path = self.folder / "documents.pdf"
        dossier.merge(self.all, path, self.title)
        return path


def _check_weight(size, most):
    if size > most:
        raise DomainError(_("Ces documents dépassent %(size)s : prenez-les en plusieurs fois.", size=formats.filesize(most)))


def stem_of(candidature):
    """Return the name of a candidature's file: "NOM_Prenom_numero_formation", in letters that every system reads."""
    person, formation = candidature.candidate, candidature.offering.formation
    words = (person.last_name.upper(), person.first_name, person.dossier_number, formation.name)
    return "_".join(plain(word)[:most].strip("-") or "x" for word, most in zip(words, NAME_LENGTHS, strict=True))


def plain(text):
    """Return a text in unaccented letters, digits and dashes."""
    folded = unicodedata.normalize("NFKD", text.translate(NOT_ASCII))
    return re.sub(r"[^A-Za-z0-9]+", "-", "".join(char for char in folded if not unicodedata.combining(char)))


def unique(stem, extension, taken):
    """Return a file name not yet taken, whatever the case of its letters, and take it."""
    name, count = f"{stem}.{extension}", 1
    while name.lower() in taken:
        count += 1
        name = f"{stem}-{count}.{extension}"
    taken.add(name.lower())
    return name


def _file_stem(title):
    return plain(title)[:80].strip("-").lower() or "documents"


def pieces_of(ids):
    """Return the kinds of piece given in these candidatures, as [(number, name)], to choose one from."""
    chosen = (
        select(PieceType)
        .join(RequiredPiece, RequiredPiece.piece_type_id == PieceType.id)
        .join(SubmittedPiece, SubmittedPiece.required_piece_id == RequiredPiece.id)
        .join(FileVersion, SubmittedPiece.file_version_id == FileVersion.id)
        .where(SubmittedPiece.candidature_id.in_(ids), FileVersion.check_state == CheckState.SAFE)
        .distinct()
    )
    return [(kind.id, formats.translated(kind.name)) for kind in db.session.scalars(chosen.order_by(PieceType.id))]


jobs.register(jobs.Kind(KIND, make=make))
