"""The whole corpus goes through the confined child: every verdict, and nothing active in what would be served."""

import io
import resource

import pikepdf
import pytest
from PIL import Image

from app.storage import checker, disarm, verdicts
from tests.corpus import build  # noqa: F401 -- fills the list
from tests.corpus.samples import SAMPLES

LEFT_OUT = (b"SECRET", b"EICAR", b"<script")


def everything_in(path):
    """Return the whole of a rebuilt PDF with its streams unpacked, so that nothing hides in a compressed part."""
    output = io.BytesIO()
    with pikepdf.open(path) as document:
        document.save(output, qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return output.getvalue()


def keys_in(path):
    """Return every key of every dictionary of a PDF, and every kind of action and annotation."""
    found = set()

    def walk(thing):
        if isinstance(thing, pikepdf.Stream):
            thing = thing.stream_dict
        if isinstance(thing, pikepdf.Dictionary):
            found.update(thing.keys())
            found.update(str(thing[name]) for name in ("/S", "/Subtype") if name in thing)
        if isinstance(thing, (pikepdf.Dictionary, pikepdf.Array)):
            for value in thing.values() if isinstance(thing, pikepdf.Dictionary) else thing:
                if not getattr(value, "is_indirect", False):
                    walk(value)

    with pikepdf.open(path) as document:
        for thing in document.objects:
            walk(thing)
    return found


def spent():
    """Return the seconds of CPU that the children took so far (their memory is bounded by a wall, tried elsewhere)."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.row)
def test_verdict(sample, tmp_path):
    """Each row of the corpus has the verdict that its table promises, with its sentence."""
    path, folder = sample.build(tmp_path), tmp_path / "child"
    folder.mkdir()
    before = spent()
    verdict = checker.check(path, extension=sample.extension, folder=folder)
    assert spent() - before <= 10
    assert verdict.is_safe == sample.is_accepted, verdict
    assert set(sample.warnings) <= set(verdict.warnings)
    assert all(code in verdicts.SENTENCES for code in [*verdict.warnings, *filter(None, [verdict.code])])
    if not verdict.is_safe:
        assert verdict.code in sample.codes
        assert verdict.served is None and verdict.preview is None
        return
    assert "damaged" not in verdict.warnings or "damaged" in sample.warnings
    assert verdict.page_count >= 1 and verdict.preview is not None
    Image.open(verdict.preview, formats=["PNG"]).load()
    if verdict.media_type == "image/jpeg":
        check_picture(verdict.served)
    else:
        check_document(verdict.served)


def check_picture(path):
    picture = Image.open(path, formats=["JPEG"])
    picture.load()
    assert picture.mode in ("RGB", "L")
    assert not picture.getexif() and not {"exif", "icc_profile", "comment", "xmp", "photoshop"} & set(picture.info)
    content = path.read_bytes()
    assert content.endswith(b"\xff\xd9")
    assert not [mark for mark in (b"SECRET", b"EICAR", b"<?php", b"<script") if mark in content]


def check_document(path):
    with pikepdf.open(path) as document:
        assert not document.is_encrypted and document.is_linearized
        assert not document.check_pdf_syntax()
        assert "/Info" not in document.trailer
    active = disarm.ACTIVE_KEYS | disarm.ACTIVE_ACTIONS | disarm.ACTIVE_ANNOTATIONS | {"/Unknown"}
    assert not keys_in(path) & active
    content = everything_in(path)
    assert not [mark for mark in LEFT_OUT if mark in content]
    assert b"javascript:" not in content.lower() and b"file:" not in content.lower()
    assert path.read_bytes().rstrip().endswith(b"%%EOF")
