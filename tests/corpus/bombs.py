"""Bombs of the corpus: small files that would take gigabytes or minutes from whoever parses them unbounded (trust M1)."""

import io
import zlib

import pikepdf

from tests.corpus import raw
from tests.corpus.samples import LIMIT, MEBI, sample

REFUSED = ("too_complex", "unreadable", "too_many_pixels")


def deflated(byte, size, *, before=b""):
    """Return the deflated form of a byte (or several) repeated about `size` times, without holding or deflating it whole."""
    packer, chunk = zlib.compressobj(9), byte * MEBI
    first = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(chunk) + packer.flush(zlib.Z_FULL_FLUSH)  # stands alone: may be repeated as it is
    last = packer.flush()[:-4]
    check = zlib.adler32(before)
    for _ in range(size // MEBI):
        check = zlib.adler32(chunk, check)
    return first + block * (size // MEBI) + last + check.to_bytes(4, "big")


def packed(data, filters, extra=b""):
    """Return a stream object of bytes already packed, with the filters that unpack them."""
    return raw.stream(data, b"/Filter [%s] %s" % (b" ".join(filters), extra))


def image(data, filters, width, height, bits=1, space=b"/DeviceGray"):
    """Return an image object, bits of which are `data` unpacked by the filters."""
    extra = b"/Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent %d /ColorSpace %s" % (width, height, bits, space)
    return packed(data, filters, extra)


def page_of(*shown):
    """Return a PDF whose page shows the first of these objects, numbered from 6."""
    page = b"/Resources << /XObject << /I 6 0 R >> >>"
    bare = raw.PAGE.replace(b"/Resources << /Font << /F1 5 0 R >> >>", b"")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        bare % page,
        raw.stream(b"q 500 0 0 700 40 40 cm /I Do Q"),
        raw.FONT,
        *shown,
    ]
    return raw.write(objects)


@sample("M1 object stream of 4 GB", "pdf", *REFUSED)
def object_stream(path):
    inner = deflated(b" ", 4096 * MEBI, before=b"7 0 << >> ")
    assert len(inner) < LIMIT
    return raw.with_object_stream(inner, first=4, count=1)


@sample("P32 content of 900 MB", "pdf", *REFUSED)
def content(_path):
    return raw.pdf(content=packed(deflated(b"\0", 900 * MEBI), [b"/FlateDecode"]))


@sample("P32 content of 900 MB on the second page", "pdf", *REFUSED)
def second_page(_path):
    second = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 7 0 R >>"
    document = raw.pdf(second, packed(deflated(b"\0", 900 * MEBI), [b"/FlateDecode"]))
    return raw.update(document, 2, b"<< /Type /Pages /Kids [3 0 R 6 0 R] /Count 2 >>")


@sample("P32 content of 250 MB, with an owner password", "pdf", *REFUSED)
def encrypted_content(path):
    lock = pikepdf.Encryption(user="", owner="other")
    plain = raw.pdf(content=packed(deflated(b"\0", 250 * MEBI), [b"/FlateDecode"]))
    with pikepdf.open(io.BytesIO(plain)) as document:
        document.save(path, encryption=lock)


@sample("P33 flate around a jpeg", "pdf", *REFUSED)
def wrapped_picture(_path):
    return page_of(image(deflated(b"\xff", 900 * MEBI), [b"/FlateDecode", b"/DCTDecode"], 100, 100, 8))


@sample("P33 image of 30000 by 30000", "pdf", *REFUSED)
def wide_image(_path):
    return page_of(image(deflated(b"\xff", 30000 * 30000 // 8 + MEBI), [b"/FlateDecode"], 30000, 30000))


@sample("P33 jpeg 2000 that claims 60000 by 60000", "pdf", *REFUSED)
def jpx(_path):
    from tests.corpus.pictures import other

    code = other("JPEG2000", no_jp2=True)
    at = code.index(b"\xff\x51") + 6
    huge = (60000).to_bytes(4, "big")
    lying = code[:at] + huge + huge + code[at + 8 : at + 16] + huge + huge + code[at + 24 :]
    return page_of(image(lying, [b"/JPXDecode"], 60000, 60000, 8, b"/DeviceRGB"))


def jbig2(width, height):
    """Return the segments of a JBIG2 picture whose single region has almost no bits."""
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    page = size + bytes(8) + b"\x00" + b"\x00\x00"
    region = size + bytes(8) + b"\x00" + b"\x00" + b"\x03\xff\xfd\xff\x02\xfe\xfe\xfe" + bytes(64) + b"\xff\xac"
    head = b"\x00\x00\x00\x00" + b"\x30" + b"\x00" + b"\x01" + len(page).to_bytes(4, "big")
    return head + page + b"\x00\x00\x00\x01" + b"\x26" + b"\x00" + b"\x01" + len(region).to_bytes(4, "big") + region


@sample("P33 jbig2 of 60000 by 60000", "pdf", *REFUSED)
def jbig2_wide(_path):
    return page_of(image(jbig2(60000, 60000), [b"/JBIG2Decode"], 60000, 60000))


@sample("P36 two million objects", "pdf", *REFUSED)
def many_objects(_path):
    count, held = 2_000_000, 300_000
    numbers = b" ".join(b"%d %d" % (7 + index, 2 * index) for index in range(held)) + b" "
    inner = zlib.compress(numbers + b"0 " * held, 6)
    entry = b"\x02" + (6).to_bytes(4, "big") + bytes(4)
    document = raw.with_object_stream(inner, first=len(numbers), count=held, entries=entry * count)
    assert len(document) < LIMIT
    return document


@sample("P36 a hundred and twenty thousand objects in full", "pdf", *REFUSED)
def many_plain_objects(_path):
    return raw.pdf(*[b"0"] * 120_000)


@sample("P36 arrays within arrays", "pdf", *REFUSED)
def nested(_path):
    return raw.pdf(b"[" * 200_000 + b"]" * 200_000, catalog=b"/Extra 6 0 R")


@sample("P37 twenty filters", "pdf", *REFUSED)
def stacked(_path):
    data = deflated(b" ", 400 * MEBI)
    for _ in range(19):
        data = zlib.compress(data, 9)
    return raw.pdf(content=packed(data, [b"/FlateDecode"] * 20))


@sample("P37 run length within flate", "pdf", *REFUSED)
def run_length(_path):
    return raw.pdf(content=packed(deflated(b"\x81 ", 16 * MEBI), [b"/FlateDecode", b"/RunLengthDecode"]))


def lzw_of_zeros():
    """Return 64 LZW codes, byte aligned, that read as ever longer runs of zeros, to be repeated at will."""
    bits = "".join(f"{code:09b}" for code in [256, 0, *range(258, 320)])
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


@sample("P37 lzw within flate", "pdf", *REFUSED)
def lzw(_path):
    return raw.pdf(content=packed(deflated(lzw_of_zeros(), MEBI), [b"/FlateDecode", b"/LZWDecode"]))


@sample("P37 forms that draw ten others, twelve deep", "pdf", *REFUSED)
def forms(_path):
    head = b"/Type /XObject /Subtype /Form /BBox [0 0 595 842]"
    inner = [raw.stream(b"/X Do " * 10, head + b" /Resources << /XObject << /X %d 0 R >> >>" % (7 + depth)) for depth in range(12)]
    return page_of(*inner, raw.stream(b"0 0 10 10 re f", head))


@sample("P38 page tree that bites its tail", "pdf", "no_page", *REFUSED)
def looping_pages(_path):
    return raw.write([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"])


@sample("P38 two hundred and one pages", "pdf", "too_many_pages")
def many_pages(path):
    document = pikepdf.new()
    for _ in range(201):
        document.add_blank_page(page_size=(595, 842))
    document.save(path)
