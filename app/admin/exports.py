"""Lists as files that open in a spreadsheet and run nothing there (trust §2.9)."""

import csv
import io

import xlsxwriter

from app.operations.cells import neutral

CELL_LIMIT = 32_767  # characters of one XLSX cell
INERT = {"in_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}


def as_csv(titles, rows, *, author):
    """Return the bytes of a CSV that French spreadsheets open by themselves: `;`, every cell quoted, UTF-8 with BOM."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
    for row in (titles, *rows):
        writer.writerow([neutral(text) for text in row])
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(titles, rows, *, author):
    """Return the bytes of a workbook of texts; its properties name who asked for it."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, INERT) as workbook:
        workbook.set_properties({"author": author})
        sheet, bold = workbook.add_worksheet(), workbook.add_format({"bold": True})
        for column, title in enumerate(titles):
            sheet.write_string(0, column, str(title), bold)  # a label of a vocabulary is said when it is written
        for number, row in enumerate(rows, start=1):
            for column, text in enumerate(row):
                sheet.write_string(number, column, text[:CELL_LIMIT])
        sheet.freeze_panes(1, 0)
    return file.getvalue()


KINDS = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
