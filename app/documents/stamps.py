"""The line at the foot of every page of a dossier, whatever the page is made of and however it is turned."""

import pikepdf
from pikepdf import Array, Dictionary, Name

SIZE = 8  # points of the letters on an A4 page
WIDE = 0.55  # width of a letter, as a share of its size: enough for the words written here
MARGIN = 14  # points from the edges
REFERENCE = 595  # points: the narrow side of A4, on which `SIZE` is read


def number(document, words, *, own):
    """Write "Dossier AB12CD34 · page 3/27" at the foot of every page.

    Args:
        words: what stands before the number.
        own: how many of the first pages were written here: their drawing leaves nothing behind and is kept as it is.
    """
    font = document.make_indirect(
        Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding),
    )
    count, seen = len(document.pages), set()
    for index, page in enumerate(document.pages):
        if index < own:
            page.contents_add(b"q", prepend=True)
            page.contents_add(b"Q")
        else:
            _enclose(document, page, seen)
        if "/Font" not in page.Resources:
            page.Resources.Font = Dictionary()
        name = page.add_resource(font, Name.Font)
        page.contents_add(_line(page, f"{words} {index + 1}/{count}", name))


def _enclose(document, page, seen):
    """Draw a foreign page through a form of its own: whatever state it leaves behind stays inside.

    Args:
        seen: the streams already used so; one that several pages share is copied.
    """
    contents = page.obj.get("/Contents")
    if isinstance(contents, pikepdf.Stream) and contents.objgen not in seen:
        form = contents
        seen.add(contents.objgen)
    else:
        form = document.make_stream(_joined(contents))
    form.stream_dict.update({"/Type": Name.XObject, "/Subtype": Name.Form, "/BBox": _box(page.mediabox)})
    form.stream_dict["/Resources"] = page.obj.get("/Resources", Dictionary())
    page.obj.Resources = Dictionary(XObject=Dictionary(Whole=form))
    page.obj.Contents = document.make_stream(b"q /Whole Do Q")


def _joined(contents):
    parts = [] if contents is None else [contents] if isinstance(contents, pikepdf.Stream) else list(contents)
    return b"\n".join(part.read_bytes() for part in parts if isinstance(part, pikepdf.Stream))


def _box(box):
    return Array([*box])


def _line(page, words, font):
    """Return the drawing of a line on a white ground, at the foot of the page as people see it."""
    matrix, across, down = _seen(page)
    size = SIZE * max(1.0, min(across, down) / REFERENCE)
    width = WIDE * size * len(words)
    left, bottom = max(across - width - MARGIN, 0), MARGIN * 0.6
    text = words.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    drawing = (
        f"q {matrix} cm 1 1 1 rg {left:.2f} {bottom:.2f} {width:.2f} {size * 1.6:.2f} re f "
        f"0.29 0.34 0.41 rg BT {font} {size:.2f} Tf {left + size * 0.5:.2f} {bottom + size * 0.5:.2f} Td (".encode()
    )
    return drawing + text + b") Tj ET Q"


def _seen(page):
    """Return (matrix from the page as seen to its own space, width, height), in points, turned pages included."""
    box = [float(value) for value in page.cropbox]
    left, bottom, right, top = min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3])
    across, down = right - left, top - bottom
    turned = int(page.get("/Rotate", 0)) % 360
    if turned == 90:
        return f"0 1 -1 0 {right:.2f} {bottom:.2f}", down, across
    if turned == 180:
        return f"-1 0 0 -1 {right:.2f} {top:.2f}", across, down
    if turned == 270:
        return f"0 -1 1 0 {left:.2f} {top:.2f}", down, across
    return f"1 0 0 1 {left:.2f} {bottom:.2f}", across, down
