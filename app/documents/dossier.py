"""One dossier as one PDF: the pages written here, then every piece, with bookmarks and page numbers over the whole."""

import contextlib
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import pikepdf
from flask import render_template
from flask_babel import gettext as _

from app import documents
from app.documents import pictures, stamps
from app.documents.pictures import logo

CHUNK = 256 * 1024  # bytes
MAX_PAGES = 200  # of one piece, as the checker counts them
A4 = (595.28, 841.89)  # points
FRAME = (42, 60, 511, 690)  # points: left, bottom, width and height of what a picture may cover on its page
PDF, JPEG = "application/pdf", "image/jpeg"


@dataclass
class Piece:
    """One line of the list of pieces, and the file behind it.

    Attributes:
        title, status: words for people.
        file_name, size, sha256: of the file as it was sent.
        path, served_sha256: the rebuilt copy that may be opened, and its fingerprint.
        trouble: why its pages are not in the document; a sentence.
    """

    title: str
    status: str
    file_name: str = ""
    size: int | None = None
    sha256: str = ""
    path: Path | None = None
    served_sha256: str = ""
    media_type: str = ""
    trouble: str = ""


@dataclass
class Content:
    """All that one dossier says, in words ready to print.

    Attributes:
        number: the candidate's dossier number; name: of the candidate.
        cover: [(label, value)]; sections: [{"title", "rows", "tables"}] of the profile; forms: the same for the answers.
        mention: what the state shown is ("Tel que transmis le …").
    """

    number: str
    name: str
    formation: str
    campaign: str
    centre: str
    mention: str
    cover: list = field(default_factory=list)
    decision: list = field(default_factory=list)
    sections: list = field(default_factory=list)
    forms: list = field(default_factory=list)
    pieces: list = field(default_factory=list)


@dataclass(frozen=True)
class Built:
    """A dossier on disk: where, how many pages, and its bookmarks as (title, page from 0)."""

    path: Path
    page_count: int
    title: str
    marks: tuple


def build(content, path, *, let_go=lambda: None):
    """Write a dossier; a piece that cannot be opened is a line of the list, never a failure.

    Args:
        content: a `Content`.
        path: where the PDF is written.
        let_go: called once nothing more is read from the database, before the slow drawing.
    Returns:
        A `Built`.
    """
    sources = [_opened(piece) for piece in content.pieces]
    try:
        html = _front(content, sources)
        let_go()
        with pikepdf.open(documents.stream_of(html)) as document:
            marks = _assembled(document, content, sources)
            title = _("Dossier %(number)s – %(name)s", number=content.number, name=content.name)
            document.docinfo["/Title"] = title
            document.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)
            return Built(path, len(document.pages), title, marks)
    finally:
        for source in sources:
            if isinstance(source, pikepdf.Pdf):
                source.close()


def _front(content, sources):
    """Return the pages written here: cover, profile, answers, list; then one titled page for each picture."""
    pages = [piece for piece, source in zip(content.pieces, sources, strict=True) if isinstance(source, pictures.Jpeg)]
    return render_template("documents/dossier.html", content=content, pictures=pages, logo=logo())


def _opened(piece):
    """Return an open PDF, a `Jpeg`, or None after having written on the piece why its pages are missing."""
    if piece.path is None:
        return None
    try:
        if _digest(piece.path) != piece.served_sha256:
            raise ValueError("not the file that was checked")
        if piece.media_type == JPEG:
            return pictures.jpeg(piece.path)
        return _pdf(piece.path)
    except (OSError, ValueError, pikepdf.PdfError):
        piece.trouble = _("Ce fichier n’a pas pu être lu : ses pages ne sont pas jointes.")
        return None


def _digest(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _pdf(path):
    source = pikepdf.open(path)
    if not 0 < len(source.pages) <= MAX_PAGES:
        source.close()
        raise ValueError("not a number of pages that was accepted")
    if "/AcroForm" in source.Root:  # what was typed in its boxes stays on the paper
        source.generate_appearance_streams()
        source.flatten_annotations("all")
    return source


def _assembled(document, content, sources):
    """Append the pieces, in the order of the list, then bookmarks and numbers; return the bookmarks."""
    count = sum(isinstance(source, pictures.Jpeg) for source in sources)
    front = len(document.pages) - count
    slots = [document.pages[front + index] for index in range(count)]
    del document.pages[front:]
    marks = []
    for piece, source in zip(content.pieces, sources, strict=True):
        if source is None:
            continue
        marks.append((piece.title, len(document.pages)))
        if isinstance(source, pikepdf.Pdf):
            document.pages.extend(source.pages)
        else:
            pictures.draw(document, slots[0], source, FRAME)
            document.pages.append(slots.pop(0))
    _bookmark(document, marks)
    stamps.number(document, _("Dossier %(number)s · page", number=content.number), own=front)
    return tuple(marks)


def _bookmark(document, marks):
    """Add each piece to the bookmarks that the headings of the written pages made."""
    if not marks:
        return
    with document.open_outline() as outline:
        whole = pikepdf.OutlineItem(_("Pièces justificatives"), marks[0][1])
        whole.children.extend(pikepdf.OutlineItem(title, page) for title, page in marks)
        outline.root.append(whole)


def merge(dossiers, path, title):
    """Write several dossiers as one PDF, each under its bookmark; return how many pages.

    Args:
        dossiers: list of `Built`, in order; their files are read while this one is written.
    """
    with contextlib.ExitStack() as opened, pikepdf.new() as document:
        with document.open_outline() as outline:
            for built in dossiers:
                first = len(document.pages)
                document.pages.extend(opened.enter_context(pikepdf.open(built.path)).pages)
                item = pikepdf.OutlineItem(built.title, first)
                item.children.extend(pikepdf.OutlineItem(name, first + page) for name, page in built.marks)
                outline.root.append(item)
        document.docinfo["/Title"] = str(title)
        document.save(path, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return len(document.pages)
