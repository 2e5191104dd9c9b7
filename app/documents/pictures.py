"""Pictures inside documents: the institution's logo, a signature, and the photographs given as pieces."""

import base64
from dataclasses import dataclass
from pathlib import Path

from pikepdf import Name, Stream

from app.extensions import db
from app.models import Parameter
from app.storage import vault

LOGO = "INSTITUTION_LOGO"  # the row of parameters that names its file; not a value to type
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # the marks that open a frame, with its size
COLOURS = {1: Name.DeviceGray, 3: Name.DeviceRGB}
MAX_SIDE = 65_500  # pixels: more is no JPEG


@dataclass(frozen=True)
class Jpeg:
    """A photograph rebuilt by the checker: where it is, its size in pixels, its number of colours."""

    path: Path
    width: int
    height: int
    colours: int


def logo_key():
    """Return the key of the institution's logo in the vault, or None."""
    row = db.session.get(Parameter, LOGO)
    return row.value.get("value") if row is not None else None


def logo():
    """Return the institution's logo as a data: address, or ''."""
    return uri(logo_key())


def uri(key):
    """Return a PNG or JPEG of the vault as a data: address, the only kind a document may fetch; '' when it is not there."""
    if not key or not vault().exists(key):
        return ""
    with vault().open(key) as file:
        content = file.read()
    kind = "jpeg" if content.startswith(b"\xff\xd8") else "png"
    return f"data:image/{kind};base64," + base64.b64encode(content).decode()


def jpeg(path):
    """Return a `Jpeg` by its first frame.

    Raises:
        ValueError: it is none that a document can hold as it is.
    """
    with open(path, "rb") as file:
        if file.read(2) != b"\xff\xd8":
            raise ValueError("no JPEG")
        while True:
            mark, length = _segment(file)
            if mark in FRAMES:
                head = file.read(6)
                height, width, colours = int.from_bytes(head[1:3], "big"), int.from_bytes(head[3:5], "big"), head[5]
                if head[0] != 8 or not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE) or colours not in COLOURS:
                    raise ValueError("not a frame that was written here")
                return Jpeg(path, width, height, colours)
            file.seek(length - 2, 1)


def _segment(file):
    head = file.read(4)
    if len(head) < 4 or head[0] != 0xFF or int.from_bytes(head[2:], "big") < 2:
        raise ValueError("no frame")
    return head[1], int.from_bytes(head[2:], "big")


def draw(document, page, picture, frame):
    """Draw a photograph on a page, untouched, as large as its frame lets it be (a small one is not blown up).

    Args:
        frame: (left, bottom, width, height) in points.
    """
    left, bottom, across, down = frame
    scale = min(across / picture.width, down / picture.height, 72 / 96)
    width, height = picture.width * scale, picture.height * scale
    image = Stream(
        document,
        picture.path.read_bytes(),
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=picture.width,
        Height=picture.height,
        ColorSpace=COLOURS[picture.colours],
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    name = page.add_resource(image, Name.XObject)
    x, y = left + (across - width) / 2, bottom + down - height
    page.contents_add(b"q", prepend=True)
    page.contents_add(f"Q q {width:.2f} 0 0 {height:.2f} {x:.2f} {y:.2f} cm {name} Do Q".encode())
