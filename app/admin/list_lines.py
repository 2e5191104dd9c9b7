"""Writes the lines of the list of candidatures as HTML in one go: a page of fifty is most of what the list costs."""

from markupsafe import Markup, escape

from app.operations import wording
from app.operations.columns import CHOICE

WIDE = frozenset({"formation", "comment", "draft_comment", "note_texts", "last_diploma"})  # texts that need room
LONGEST = 160  # characters of a cell


def written(rows, shown, tones, *, base, query, tick_words=""):
    """Return the table rows of a page of the list, each value escaped.

    Args:
        rows: what `listing.page` found; shown: its columns, in order.
        tones: {candidature id: (colour, words)} of the marked lines.
        base: address of a dossier without its public id; query: what follows it, already encoded.
        tick_words: what the box of a line says before the name; empty: lines have no box.
    """
    writers, after = [_writer(column) for column in shown], escape(f"?{query}") if query else ""
    return Markup("\n").join(_line(row, writers, tones.get(row.id), f"{base}{row.public_id}{after}", tick_words) for row in rows)


def _line(row, writers, tone, address, tick_words):
    name, mark, why, tick = escape(row.name), "", "", ""
    if tone:
        words = escape(tone[1])
        mark = f' class="marked colour-{tone[0].lower()}" title="{words}"'
        why = f'<span class="visually-hidden"> ({words})</span>'
    if tick_words:
        tick = f'<td class="tick"><input type="checkbox" name="row" value="{row.public_id}" aria-label="{tick_words} {name}"></td>'
    head = f'<th scope="row"><a href="{address}">{name} <small class="muted">{escape(row.number)}</small></a>{why}</th>'
    cells = "".join([write(value) for write, value in zip(writers, row.cells, strict=True)])
    return Markup(f"<tr{mark}>{tick}{head}{cells}</tr>")  # noqa: S704 -- each part is escaped above or below


def _writer(column):
    """Return the function that writes a cell of a column, its label and class included."""
    width = ' class="wide"' if column.key in WIDE else ""
    start = f'<td data-label="{escape(str(column.label))}"{width}>'
    if column.key == "tags":
        return lambda value: f"{start}{_tags(value)}</td>"
    if column.kind == CHOICE:
        tag = '{}<span class="tag {}">{}</span></td>'.format
        return {None: f"{start}</td>", **{m: tag(start, m.tone, escape(str(m.label))) for m in column.vocabulary}}.__getitem__
    return lambda value: f"{start}{escape(_short(wording.text_of(column, value)))}</td>"


def _tags(value):
    tag = '<span class="tag colour-{}">{}</span>'.format
    return " ".join(tag(colour.lower(), escape(name)) for name, colour in wording.tags_of(value)) if value else ""


def _short(text):
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}…"
