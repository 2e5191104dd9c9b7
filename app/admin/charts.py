"""Charts made on the server as numbers for inline SVG: no script, no style, every one with its words beside it."""

from dataclasses import dataclass

WIDTH = 100.0  # user units across a bar


@dataclass(frozen=True)
class Part:
    """One stretch of a bar: where it begins, how long it is (user units), its class and its words."""

    x: float
    width: float
    tone: str
    label: str
    value: int


@dataclass(frozen=True)
class Bar:
    """One line of a chart."""

    label: str
    value: int
    parts: tuple
    note: str = ""


def stacked(label, pieces, *, most, note=""):
    """Return a bar of several stretches.

    Args:
        pieces: (value, tone, words) in order; `most` is the value that fills the whole width.
    """
    x, parts = 0.0, []
    for value, tone, words in pieces:
        width = round(WIDTH * max(value, 0) / most, 2) if most else 0.0
        parts.append(Part(round(x, 2), width, tone, str(words), value))
        x += width
    return Bar(str(label), sum(value for value, _tone, _words in pieces), tuple(parts), note)


def bars(rows, *, tone="brand", note=lambda value, first: ""):
    """Return one bar for each (label, value), all on the scale of the greatest."""
    rows = list(rows)
    most, first = max((value for _label, value in rows), default=0), rows[0][1] if rows else 0
    return [stacked(label, [(value, tone, label)], most=most, note=note(value, first)) for label, value in rows]


@dataclass(frozen=True)
class Columns:
    """A chart in time: one column for each moment, heights in user units of a box of 100 by 40."""

    columns: tuple
    most: int
    first: str
    last: str


def columns(rows, *, height=40.0):
    """Return the columns of (label, value) rows, oldest first."""
    rows = list(rows)
    most, step = max((value for _label, value in rows), default=0), WIDTH / max(len(rows), 1)
    made = []
    for number, (label, value) in enumerate(rows):
        tall = round(height * value / most, 2) if most else 0.0
        made.append((round(number * step, 2), round(height - tall, 2), round(step * 0.86, 2), tall, label, value))
    return Columns(tuple(made), most, rows[0][0] if rows else "", rows[-1][0] if rows else "")
