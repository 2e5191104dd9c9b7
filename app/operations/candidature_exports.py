"""Lists of candidatures as files: read by key in short transactions, written as they come, whatever their length (features G14)."""

import csv
from decimal import Decimal

import xlsxwriter
from flask_babel import gettext as _

from app import access, clock, formats
from app.enums import Functionality
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import Candidature
from app.operations import asked_columns, audit, jobs, joins, loaded, preferences, selections, wording
from app.operations.cells import neutral
from app.operations.columns import DAY, INSTANT, NUMBER

KIND = "export_candidatures"
CHUNK = 1000  # candidatures read in one transaction
MOST_COLUMNS = 150
CELL_LIMIT = 32_767  # characters of one XLSX cell
MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
INERT = {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}


def ask(spec, *, actor, keys, form, reason):
    """Ask for the file of a selection: the choice of columns is remembered, the audit says who takes what and why.

    Args:
        spec: a selection (see `selections`).
        keys: keys of columns, in order; form: "xlsx" or "csv"; reason: why, in the person's words.
    Returns:
        The `Job`; the caller commits.
    Raises:
        NotAllowed: without the right. DomainError: no column, no reason, nothing or too much selected.
    """
    if not access.can(actor, Functionality.EXPORTS):
        raise NotAllowed(_("Vous n’avez pas le droit d’exporter des listes."))
    reason = " ".join((reason or "").replace("\x00", "").split())
    if not reason:
        raise DomainError(_("Dites pourquoi vous exportez : ce sera gardé dans le journal."), field="reason")
    found = asked_columns.resolved(keys, actor)
    keys = [key for key in dict.fromkeys(keys) if key in found][:MOST_COLUMNS]
    if not keys or form not in MEDIA:
        raise DomainError(_("Choisissez au moins une colonne, et un format."), field="columns")
    total = selections.count(actor, spec, right=Functionality.EXPORTS)
    preferences.keep(actor, "export", {"columns": keys, "format": form})
    changes = {"columns": keys, "format": form, "count": total, "selection": _told(spec)}
    audit.write("export", "Candidature", "", actor=actor, changes=changes, reason=reason[:500])
    parameters = {"selection": spec, "columns": keys, "format": form}
    title = _("Export de candidatures (%(form)s)", form=form.upper())
    return jobs.ask(KIND, actor=actor, title=title, parameters=parameters, total=total, reason=reason)


def _told(spec):
    """Return what the audit keeps of a selection: the filter, or how many were ticked."""
    return spec if "filter" in spec else {"ids": len(spec["ids"])}


def make(job, actor, folder, progress):
    """Write the file of a job."""
    asked = job.parameters
    found = asked_columns.resolved(asked["columns"], actor)
    shown = [found[key] for key in asked["columns"] if key in found]
    chosen = selections.selection(actor, asked["selection"], right=Functionality.EXPORTS)
    lines = _lines(chosen, shown, actor, progress)
    path = folder / f"candidatures.{asked['format']}"
    WRITERS[asked["format"]](path, shown, lines, _about(job, actor))
    name = _("candidatures-%(day)s", day=clock.local_day(clock.now()).isoformat())
    return jobs.Made(path, f"{name}.{asked['format']}", MEDIA[asked["format"]])


def _about(job, actor):
    """Return the (title, value) lines that say who took this file, when and why."""
    return [
        (_("Fait pour"), str(actor.staff_member or actor)),
        (_("Le"), formats.instant(clock.now())),
        (_("Raison"), job.reason or ""),
        (_("Candidatures demandées"), str(job.total)),
        (_("À savoir"), _("Données personnelles : à garder le temps de cet usage, à ne pas transmettre au-delà, puis à détruire.")),
    ]


def _lines(chosen, shown, actor, progress):
    """Yield the raw cells of each candidature of a selection; no transaction stays open while they are written."""
    last, done = 0, 0
    cells = [Candidature.id, *(column.selected(actor) for column in shown if column.loaded is None)]
    needs = [name for column in shown if column.loaded is None for name in column.needs]
    places = [number for number, column in enumerate(shown) if column.loaded is not None]
    while True:
        page = chosen.where(Candidature.id > last).limit(CHUNK).subquery("page")
        read = joins.joined(cells, needs, joins.beside(page, page.c.id)).order_by(Candidature.id)
        rows = db.session.execute(read).all()
        values = loaded.values_of([row[0] for row in rows], shown, actor) if rows and places else {}
        db.session.rollback()
        if not rows:
            return
        yield from (_whole(row, shown, places, values) for row in rows)
        last, done = rows[-1][0], done + len(rows)
        progress(done)


def _whole(row, shown, places, values):
    """Return the cells of a row with those that were loaded apart, each at its place."""
    cells = list(row[1:])
    for place in places:
        cells.insert(place, values.get((row[0], shown[place].key)))
    return cells


def _as_csv(path, shown, lines, about):
    """Write a CSV that French spreadsheets open by themselves: `;`, every cell quoted, UTF-8 with BOM, nothing that runs."""
    write = [_text_writer(column) for column in shown]
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
        writer.writerow([neutral(str(column.label)) for column in shown])
        writer.writerows([made(value) for made, value in zip(write, cells, strict=True)] for cells in lines)


def _text_writer(column):
    write = wording.writer(column)
    return write if column.kind in (DAY, INSTANT, NUMBER) else lambda value: neutral(write(value))


def _as_xlsx(path, shown, lines, about):
    """Write a workbook: a sheet that says who and why, then the candidatures; numbers and dates are real ones."""
    with xlsxwriter.Workbook(str(path), INERT) as book:
        book.set_properties({"author": about[0][1], "comments": about[2][1]})
        bold, day, instant = (
            book.add_format(each) for each in ({"bold": True}, {"num_format": "dd/mm/yyyy"}, {"num_format": "dd/mm/yyyy hh:mm"})
        )
        notice = book.add_worksheet(_("À propos"))
        notice.set_column(0, 1, 40)
        for number, (title, value) in enumerate(about):
            notice.write_string(number, 0, title, bold)
            notice.write_string(number, 1, value)
        sheet = book.add_worksheet(_("Candidatures"))
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, max(len(shown) - 1, 0), 18)
        for number, column in enumerate(shown):
            sheet.write_string(0, number, str(column.label)[:CELL_LIMIT], bold)
        write = [_cell_writer(column, sheet, day, instant) for column in shown]
        for number, cells in enumerate(lines, start=1):
            for place, value in enumerate(cells):
                if value is not None and value != "":
                    write[place](number, place, value)
        sheet.activate()


def _cell_writer(column, sheet, day, instant):
    """Return the function (row, column, value) that writes one column's cells, never as a formula."""
    if column.kind == NUMBER:
        return lambda row, place, value: sheet.write_number(row, place, float(value) if isinstance(value, Decimal) else value)
    if column.kind == DAY:
        return lambda row, place, value: sheet.write_datetime(row, place, value, day)
    if column.kind == INSTANT:
        return lambda row, place, value: sheet.write_datetime(row, place, _local(column, value), instant)
    write = wording.writer(column)
    return lambda row, place, value: sheet.write_string(row, place, write(value)[:CELL_LIMIT])


def _local(column, value):
    """Return an instant as a spreadsheet keeps it: the wall clock of Paris, without zone."""
    shown = wording.last_minute(value) if column.is_closing else value
    return shown.astimezone(clock.PARIS).replace(tzinfo=None)


WRITERS = {"xlsx": _as_xlsx, "csv": _as_csv}
jobs.register(jobs.Kind(KIND, make=make))
