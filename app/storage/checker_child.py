"""The confined child: run alone, with nothing of the application, to parse, rebuild and draw one file."""

import json
import os
import sys

import confinement  # beside this file: the parent puts this folder, and no more of the application, within reach

JPEG_QUALITY = 88
MAX_PIXELS = 40_000_000
MAX_PHOTOGRAPH_PIXELS = 220_000_000  # the largest telephones; decoded reduced
MAX_DRAWN_PIXELS = 5_000_000
MAX_PAGES = 200
MAX_OBJECTS = 50_000
PREVIEW_WIDTH = 700  # pixels
PLAIN = 24  # shades of grey between the lightest and the darkest point of a small picture with nothing on it
A4_PIXELS = (1654, 2339)  # A4 at 200 dpi
PHOTOGRAPH_QUALITY = 80
EMBLEM_PIXELS = (1200, 600)  # a logo of 10 cm at 300 dpi
LIGHTER = ((70, 1.0), (60, 0.85), (50, 0.75), (40, 0.6))  # (quality, scale) tried in turn until a piece fits its limit
HEIC_BRANDS = frozenset([b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"])
BEYOND = ("bad_alloc", "limits error", "impossibly large")  # faults that the PDF library survives, and a bomb causes
OTHER_KINDS = (
    (b"\x89PNG", "is_png"),
    (b"GIF8", "is_other_picture"),
    (b"RIFF", "is_other_picture"),
    (b"II*\x00", "is_other_picture"),
    (b"MM\x00*", "is_other_picture"),
    (b"BM", "is_other_picture"),
    (b"\x00\x00\x00\x0cjP", "is_other_picture"),
    (b"\xff\x4f\xff\x51", "is_other_picture"),
    (b"PK\x03\x04", "is_office"),
    (b"PK\x05\x06", "is_office"),
    (b"Rar!", "is_office"),
    (b"7z\xbc\xaf", "is_office"),
    (b"{\\rtf", "is_office"),
    (b"\xd0\xcf\x11\xe0", "is_office"),
    (b"MZ", "is_program"),
    (b"\x7fELF", "is_program"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "is_program"),
    (b"#!", "is_program"),
)


class Refusal(Exception):
    """The file is refused; its argument is the code of the sentence."""


def main(arguments):
    """Carry out one command (folder, verb, …) and print one JSON answer."""
    folder, verb, *rest = arguments
    os.chdir(folder)
    confinement.confine()
    try:
        acts = {"check": check, "render": render, "reduce": reduce, "assemble": assemble, "emblem": emblem, "walls": walls}
        answer = acts[verb](*rest)
    except Refusal as refusal:
        answer = {"safe": False, "code": str(refusal)}
    except (MemoryError, RecursionError):
        answer = {"safe": False, "code": "too_complex"}
    except ImportError:
        raise  # ours, not the file's: no answer at all
    except Exception as error:  # noqa: BLE001 -- whatever a parser raises on a hostile file is a refusal
        answer = {"safe": False, "code": "unreadable", "reason": type(error).__name__}
    sys.stdout.write(json.dumps(answer))


def walls():
    """Tell which walls hold here: not every kernel offers the filter of calls."""
    import ctypes
    import resource

    system = ctypes.CDLL(None)
    return {
        "safe": True,
        "memory": resource.getrlimit(resource.RLIMIT_AS)[1] == confinement.MEMORY,
        "network": system.socket(1, 1, 0) < 0,
        "processes": system.kill(os.getpid(), 0) < 0,
    }


def check(path, extension):
    """Parse and rebuild a PDF or a JPEG; the copy is `served`, the first page `preview.png`."""
    kind = _kind(path)
    if kind != extension:
        raise Refusal("wrong_extension")
    return check_pdf(path) if kind == "pdf" else check_jpeg(path)


def _kind(path):
    """Return "pdf" or "jpeg" by the first bytes; anything else is refused by its name."""
    with open(path, "rb") as file:
        head = file.read(1024)
    if not head:
        raise Refusal("empty")
    if head.startswith((b"%PDF-1.", b"%PDF-2.")):
        return "pdf"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    raise Refusal(_name(head))


def _name(head):
    if head[4:8] == b"ftyp":
        return "is_heic" if head[8:12] in HEIC_BRANDS else "is_other_picture"
    for magic, code in OTHER_KINDS:
        if head.startswith(magic):
            return code
    words = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in words:
        return "is_other_picture"
    if words.startswith((b"<!doctype html", b"<html", b"<script", b"<?xml", b"<head", b"<body")):
        return "is_web_page"
    return "unreadable"


# --- JPEG ---


def _picture(path, limit=MAX_PIXELS, formats=("JPEG",)):
    import warnings

    from PIL import Image

    Image.MAX_IMAGE_PIXELS = limit
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        return Image.open(path, formats=list(formats))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refusal("too_many_pixels") from error


def check_jpeg(path):
    """Decode whole, turn upright, write anew without any metadata or trailing data."""
    from PIL import ImageOps

    picture = _picture(path)
    picture.load()
    if picture.mode not in ("RGB", "L"):
        picture = picture.convert("RGB")
    picture = ImageOps.exif_transpose(picture)
    picture.info.clear()
    picture.save("served", "JPEG", quality=JPEG_QUALITY)
    picture.thumbnail((PREVIEW_WIDTH, PREVIEW_WIDTH * 2))
    picture.save("preview.png", "PNG")
    return {"safe": True, "media_type": "image/jpeg", "page_count": 1, "warnings": ["looks_empty"] if _is_plain(picture) else []}


def _is_plain(picture):
    low, high = picture.convert("L").getextrema()
    return high - low < PLAIN


def reduce(path):
    """Bring a photograph (at most 20 MB) down to an A4 page at 200 dpi, upright, without metadata."""
    from PIL import ImageOps

    if _kind(path) != "jpeg":
        raise Refusal("not_a_photograph")
    picture = _picture(path, MAX_PHOTOGRAPH_PIXELS)
    picture.draft("RGB", (A4_PIXELS[1], A4_PIXELS[1]))
    if picture.width * picture.height > MAX_PIXELS:
        raise Refusal("too_many_pixels")
    picture.thumbnail((A4_PIXELS[1], A4_PIXELS[1]))
    picture = ImageOps.exif_transpose(picture).convert("RGB")
    picture.thumbnail(A4_PIXELS if picture.height >= picture.width else A4_PIXELS[::-1])
    picture.info.clear()
    picture.save("reduced.jpg", "JPEG", quality=PHOTOGRAPH_QUALITY, optimize=True)
    return {"safe": True}


def emblem(path):
    """Write anew a logo or a signature (PNG or JPEG), small enough for a letter, its transparency kept, nothing else."""
    with open(path, "rb") as file:
        head = file.read(16)
    if not head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        raise Refusal("not_an_emblem")
    picture = _picture(path, formats=("PNG", "JPEG"))
    picture.load()
    has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    picture = picture.convert("RGBA" if has_alpha else "RGB")
    picture.info.clear()
    picture.thumbnail(EMBLEM_PIXELS)
    picture.save("emblem.png", "PNG", optimize=True)
    return {"safe": True}


def assemble(limit, *paths):
    """Make one A4 PDF of several JPEG pages, encoded again only when together they exceed the limit (bytes)."""
    import img2pdf

    layout = img2pdf.get_layout_fun((img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297)), auto_orient=True)
    pages = list(paths)
    for quality, scale in ((None, 1.0), *LIGHTER):
        if quality is not None:
            pages = [_lighter(path, quality, scale) for path in paths]
        content = img2pdf.convert(*pages, layout_fun=layout)
        if len(content) <= int(limit):
            break
    with open("assembled.pdf", "wb") as output:
        output.write(content)
    return {"safe": True}


def _lighter(path, quality, scale):
    import io

    picture, output = _picture(path), io.BytesIO()
    picture.thumbnail((int(picture.width * scale), int(picture.height * scale)))
    picture.save(output, "JPEG", quality=quality, optimize=True)
    return output.getvalue()


# --- PDF ---


def check_pdf(path):
    """Open, remove whatever acts, write a new file that holds only what the object graph reaches."""
    import disarm
    import pikepdf

    try:
        document = pikepdf.open(path)
    except pikepdf.PasswordError as error:
        raise Refusal("has_password") from error
    count, faults = _counted(document), document.get_warnings()
    try:
        is_signed = disarm.disarm(document)
    except disarm.TooComplex as error:
        raise Refusal("too_complex") from error
    _write(document, pikepdf)
    faults += document.get_warnings()
    if any(sign in str(fault) for fault in faults for sign in BEYOND):
        raise Refusal("too_complex")
    warnings = (["damaged"] if faults else []) + (["signature_not_kept"] if is_signed else []) + _preview("served")
    return {"safe": True, "media_type": "application/pdf", "page_count": count, "warnings": warnings}


def _counted(document):
    """Return the number of pages, once the document is known to be of a size to be read."""
    if len(document.objects) > MAX_OBJECTS:
        raise Refusal("too_complex")
    count = len(document.pages)
    if count == 0:
        raise Refusal("no_page")
    if count > MAX_PAGES:
        raise Refusal("too_many_pages")
    if "/Collection" in document.Root:
        raise Refusal("is_portfolio")
    return count


def _write(document, pikepdf):
    document.trailer["/Size"] = 1  # counted anew when written, but left out when a recovery found none
    if "/Info" in document.trailer:
        del document.trailer["/Info"]
    document.save(
        "served",
        linearize=True,
        encryption=False,
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        deterministic_id=True,
    )


def _preview(path):
    try:
        picture = _page(path, 1, PREVIEW_WIDTH)
    except Exception:  # noqa: BLE001 -- a page that cannot be drawn is told, the file itself stands
        return ["no_preview"]
    picture.save("preview.png", "PNG")
    return ["looks_empty"] if _is_plain(picture) else []


def _page(path, number, width):
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    document.init_forms()
    page = document[number - 1]
    across, down = page.get_size()
    scale = min(width / max(across, 1), (MAX_DRAWN_PIXELS / max(across * down, 1)) ** 0.5)
    return page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")


def render(path, media_type, number, width):
    """Draw one page (from 1) of a rebuilt file as `page.png`."""
    if int(number) < 1 or (media_type == "image/jpeg" and int(number) > 1):
        raise Refusal("no_page")
    if media_type == "image/jpeg":
        picture = _picture(path)
        picture.thumbnail((int(width), int(width) * 2))
    else:
        picture = _page(path, int(number), int(width))
    picture.save("page.png", "PNG")
    return {"safe": True}
