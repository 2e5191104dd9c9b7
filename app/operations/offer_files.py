"""The rows of a file of formations, whether CSV or XLSX: read within bounds, or refused whole in words before anything is imported."""

import csv
import io
import zipfile
from xml.etree.ElementTree import ParseError

from flask_babel import lazy_gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from app.errors import DomainError

MOST_ROWS = 20_000
MOST_UNPACKED = 50 * 1024 * 1024  # bytes of a workbook once unpacked
ZIP = b"PK\x03\x04"


def read(data, columns):
    """Return the (line number, cells) of each row of a file; empty lines are left out.

    Args:
        data: bytes of a CSV in UTF-8 (`;` or `,`) or of an XLSX, of which the first sheet is read.
        columns: the names that the first line must hold, in order.
    Raises:
        DomainError: unreadable, too large, or not the expected columns: nothing is imported.
    """
    return _of_workbook(data, columns) if data.startswith(ZIP) else _of_csv(data, columns)


def _of_csv(data, columns):
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DomainError(_("Ce fichier n’est pas en UTF-8 : enregistrez-le en « CSV UTF-8 », puis recommencez.")) from error
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first or "," not in first else ",")
    try:
        _check_header(next(reader, []), columns)
        return _bounded(_numbered(reader))
    except csv.Error as error:
        raise DomainError(
            _("Ligne %(line)s : ce fichier n’est pas un CSV lisible (guillemet oublié, ou cellule démesurée).", line=reader.line_num)
        ) from error


def _numbered(reader):
    first = reader.line_num + 1
    for cells in reader:
        if cells:
            yield first, cells
        first = reader.line_num + 1


def _of_workbook(data, columns):
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_UNPACKED:
                raise DomainError(
                    _("Ce classeur est démesuré une fois ouvert : gardez une seule feuille, ou enregistrez-la en « CSV UTF-8 ».")
                )
        book = load_workbook(io.BytesIO(data), read_only=True)
        rows = book.worksheets[0].iter_rows(max_col=len(columns) + 1, values_only=True)
        _check_header([_text(cell) for cell in next(rows, ()) if cell is not None], columns)
        return _bounded((line, cells) for line, row in enumerate(rows, start=2) if any(cells := _cells(row, len(columns))))
    except (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, IndexError, ValueError, OSError, EOFError) as error:
        raise DomainError(_("Ce classeur ne peut pas être lu : enregistrez-le de nouveau en XLSX ou en « CSV UTF-8 ».")) from error


def _cells(row, count):
    """Return the texts of a row of a sheet, of the length of the header unless it holds more."""
    texts = [_text(cell) for cell in row]
    texts += [""] * (count - len(texts))
    return texts if any(texts[count:]) else texts[:count]


def _text(cell):
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _check_header(cells, columns):
    found = [name.strip().lower() for name in cells]
    if found == list(columns):
        return
    said = str(_("Les colonnes attendues sont : %(names)s.", names=" ; ".join(columns)))
    unknown = [name[:50] for name in found if name not in columns][:10]
    lacking = [name for name in columns if name not in found]
    if unknown:
        said += " " + str(_("Colonnes inconnues : %(names)s.", names=" ; ".join(unknown)))
    if lacking:
        said += " " + str(_("Colonnes absentes : %(names)s.", names=" ; ".join(lacking)))
    raise DomainError(said)


def _bounded(rows):
    kept = []
    for row in rows:
        if len(kept) == MOST_ROWS:
            raise DomainError(_("Plus de %(most)s lignes : partagez ce fichier en plusieurs.", most=MOST_ROWS))
        kept.append(row)
    return kept
