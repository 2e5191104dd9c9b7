"""Takes out of a PDF whatever acts, hides or unpacks without end, in the checker's child (trust 2.1)."""

import itertools
import zlib

import pikepdf

MAX_DEPTH = 100  # direct objects within one another
MAX_FILTERS = 4  # of one stream
MAX_UNPACKED = 200 * 1024 * 1024  # bytes of one stream
MAX_STACKED = 20 * 1024 * 1024  # bytes between two filters of one stream
MAX_UNPACKED_IN_ALL = 1536 * 1024 * 1024  # bytes
MAX_IMAGE_PIXELS = 200_000_000  # an A4 page at 1,200 dpi in black and white has 139 million

ACTIVE_KEYS = frozenset(
    "/OpenAction /AA /JS /JavaScript /XFA /EmbeddedFiles /EF /RF /AF /RichMediaContent /RichMediaSettings /Collection /Renditions "
    "/Metadata /PieceInfo /Perms /Threads /NeedsRendering /SigFlags".split()
)
ACTIVE_ACTIONS = frozenset(
    "/Launch /SubmitForm /ImportData /GoToE /GoToR /Rendition /Movie /Sound /JavaScript /RichMediaExecute /GoTo3DView /ResetForm".split()
)
HARMLESS_ACTIONS = frozenset(["/GoTo", "/Named"])
HARMLESS_LINKS = ("http://", "https://", "mailto:")
ACTIVE_ANNOTATIONS = frozenset(["/RichMedia", "/Screen", "/Movie", "/Sound", "/3D", "/FileAttachment"])
CHUNK = 1024 * 1024  # bytes
DEFLATED = ("/FlateDecode", "/Fl")
PICTURE_FILTERS = frozenset(["/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode", "/DCT", "/CCF"])


class TooComplex(Exception):
    """The document would take more than a page of paper is worth."""


def disarm(document):
    """Remove every active part of an open document; return whether it carried a signature.

    Raises:
        TooComplex: it nests, filters or unpacks beyond the limits above.
    """
    is_signed, unpacked = "/Perms" in document.Root, 0
    if "/URI" in document.Root:
        del document.Root["/URI"]  # the base of its relative links
    for thing in document.objects:
        is_stream = isinstance(thing, pikepdf.Stream)
        if is_stream:
            unpacked += _unpacked(thing)
            if unpacked > MAX_UNPACKED_IN_ALL:
                raise TooComplex
        is_signed |= _clean(thing.stream_dict if is_stream else thing, 0)
    return is_signed


def _clean(thing, depth):
    """Clean one object and the direct ones within it (indirect ones come by themselves); return whether it is signed."""
    if depth > MAX_DEPTH:
        raise TooComplex
    if isinstance(thing, pikepdf.Array):
        return _clean_array(thing, depth)
    if not isinstance(thing, pikepdf.Dictionary):
        return False
    if _is_action(thing, ACTIVE_ACTIONS) or _is_bad_link(thing):
        for key in list(thing.keys()):
            del thing[key]
        return False
    is_signed = _unsign(thing)
    for key in list(thing.keys()):
        value = thing[key]
        if key in ACTIVE_KEYS or (key in ("/A", "/PA") and _is_refused(value)) or (key == "/Next" and "/S" in thing):
            del thing[key]
        elif not getattr(value, "is_indirect", False):
            is_signed |= _clean(value, depth + 1)
    return is_signed


def _clean_array(things, depth):
    is_signed = False
    for index in range(len(things) - 1, -1, -1):
        item = things[index]
        if isinstance(item, pikepdf.Dictionary) and str(item.get("/Subtype", "")) in ACTIVE_ANNOTATIONS:
            del things[index]
        elif not getattr(item, "is_indirect", False):
            is_signed |= _clean(item, depth + 1)
    return is_signed


def _unsign(thing):
    """Take the signature out of its field: rebuilt, the document no longer agrees with it."""
    is_field = str(thing.get("/FT", "")) == "/Sig" and "/V" in thing
    if is_field:
        del thing["/V"]
    return is_field or str(thing.get("/Type", "")) in ("/Sig", "/DocTimeStamp")


def _is_action(thing, kinds):
    return str(thing.get("/S", "")) in kinds


def _is_bad_link(thing):
    return _is_action(thing, ("/URI",)) and not str(thing.get("/URI", "")).lower().startswith(HARMLESS_LINKS)


def _is_refused(value):
    """Say whether the value of an action's key is an action of another kind than those we know to be harmless."""
    if not isinstance(value, pikepdf.Dictionary) or "/S" not in value:
        return False
    return _is_bad_link(value) or not _is_action(value, HARMLESS_ACTIONS | {"/URI"})


# --- bombs ---


def _unpacked(stream):
    """Return how many bytes a stream unpacks to, pictures left as they are."""
    filters = [str(name) for name in _listed(stream.get("/Filter"))]
    if len(filters) > MAX_FILTERS:
        raise TooComplex
    if str(stream.get("/Subtype", "")) == "/Image" and _pixels(stream) > MAX_IMAGE_PIXELS:
        raise TooComplex
    outer = list(itertools.takewhile(lambda name: name not in PICTURE_FILTERS, filters))
    if not outer:
        return 0
    if outer[0] in DEFLATED:
        size = _inflated(stream.read_raw_bytes(), MAX_UNPACKED if len(outer) == 1 else MAX_STACKED)
        if len(outer) == 1:
            return size
    return _unpacked_by_library(stream if outer == filters else _outer(stream, outer))


def _inflated(content, limit):
    """Return how many bytes come out of deflated ones, never holding more than a few of them."""
    unpacker, size = zlib.decompressobj(), 0
    try:
        while content and not unpacker.eof:
            size += len(unpacker.decompress(content, CHUNK))
            content = unpacker.unconsumed_tail
            if size > limit:
                raise TooComplex
    except zlib.error:
        return size  # readers show what came before
    return size


def _unpacked_by_library(stream):
    try:
        size = len(stream.read_bytes(pikepdf.StreamDecodeLevel.specialized))
    except pikepdf.PdfError:
        return 0  # no reader can unpack it either
    if size > MAX_UNPACKED:
        raise TooComplex
    return size


def _outer(stream, filters):
    """Return a stream holding what wraps a picture."""
    wrapped = pikepdf.Stream(pikepdf.new(), stream.read_raw_bytes())
    wrapped.Filter = pikepdf.Array([pikepdf.Name(name) for name in filters])
    return wrapped


def _listed(value):
    return list(value) if isinstance(value, pikepdf.Array) else [] if value is None else [value]


def _pixels(stream):
    try:
        return int(stream.get("/Width", 0)) * int(stream.get("/Height", 0))
    except (TypeError, ValueError) as error:
        raise TooComplex from error
