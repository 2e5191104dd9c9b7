"""Writes PDF files byte by byte, so that they may be as wrong as no library would make them."""

import zlib

PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> %s >>"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def stream(data, extra=b""):
    """Return a stream object of these bytes, as they are."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), extra, data)


def flate(data, extra=b""):
    """Return a stream object of these bytes, deflated."""
    return stream(zlib.compress(data, 9), b"/Filter /FlateDecode " + extra)


def text(words=b"Releve de notes"):
    """Return the content of a page that shows a line of text."""
    return b"BT /F1 24 Tf 72 700 Td (%s) Tj ET" % words


def pdf(*more, catalog=b"", page=b"", content=None, trailer=b"", version=b"1.7"):
    """Return a PDF of one page; `more` are the objects from number 6 on."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        PAGE % page,
        content or stream(text()),
        FONT,
        *more,
    ]
    return write(objects, trailer=trailer, version=version)


def write(objects, *, trailer=b"", version=b"1.7"):
    """Return a PDF of these objects, numbered from 1, the first being the catalogue."""
    out, offsets = bytearray(b"%%PDF-%s\n%%\xe2\xe3\xcf\xd3\n" % version), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def update(document, number, body):
    """Return a PDF with a later revision of one of its objects appended, as editors save."""
    previous = int(document.rsplit(b"startxref", 1)[1].split()[0])
    offset = len(document)
    out = document + b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n%d 1\n%010d 00000 n \n" % (number, offset)
    return out + b"trailer\n<< /Size 6 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (previous, start)


def with_object_stream(inner, first, count, *, entries=None):
    """Return a PDF whose catalogue, pages and font lie in a compressed object stream of the bytes given.

    Args:
        inner: deflated content of the object stream. first: where its objects start. count: how many it claims.
        entries: rows of the cross-reference stream after those of the page itself, 1 + 4 + 4 bytes each, joined.
    """
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    rows = [b"\x00" + bytes(8)]
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R /Extra 7 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        PAGE % b"",
        stream(text()),
        FONT,
        b"<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (count, first, len(inner), inner),
    ]
    for number, body in enumerate(bodies, 1):
        rows.append(b"\x01" + len(out).to_bytes(4, "big") + bytes(4))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    content = b"".join(rows) + (entries or b"\x02" + (6).to_bytes(4, "big") + bytes(4))
    table, start, own = zlib.compress(content, 6), len(out), len(content) // 9
    out += b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 4] /Index [0 %d] /Root 1 0 R /Filter /FlateDecode /Length %d >>\nstream\n" % (
        own,
        own,
        own,
        len(table),
    )
    return bytes(out + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start)
