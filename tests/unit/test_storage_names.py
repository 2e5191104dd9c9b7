"""File names: shown as the sender wrote them, harmless wherever they go (trust N01 to N10)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.storage import names

ROWS = [
    ("N01", "../../etc/passwd.pdf", "passwd.pdf"),
    ("N01", r"..\..\boot.pdf", "boot.pdf"),
    ("N01", "/abs.pdf", "abs.pdf"),
    ("N01", r"C:\x.pdf", "x.pdf"),
    ("N02", "a\x00b.pdf", "ab.pdf"),
    ("N02", "a.pdf\x00.exe", "a.pdf.exe"),
    ("N02", "a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
    ("N03", "\u202efdp.exe", "fdp.exe"),
    ("N03", "cv\u2066\u2067\u2068\u2069\u200f.pdf", "cv.pdf"),
    ("N04", "a" * 300 + ".pdf", "a" * 96 + ".pdf"),
    ("N04", "\U0001f600" * 100 + ".jpeg", "\U0001f600" * 95 + ".jpeg"),
    *(("N05", name, "piece.pdf") for name in ("", "   ", ".pdf", ".htaccess", "...", "CON.pdf", "nul.pdf", "a.pdf.", "a.pdf ", None)),
    ("N05", "COM1.jpg", "piece.jpg"),
    ("N06", "日本語.pdf", "日本語.pdf"),
    ("N06", "ملف.pdf", "ملف.pdf"),
    ("N06", unicodedata.normalize("NFD", "é à ç.pdf"), "é à ç.pdf"),
    ("N08", "<img src=x onerror=alert(1)>.pdf", "<img src=x onerror=alert(1)>.pdf"),
    ("N08", "{{7*7}}.pdf", "{{7*7}}.pdf"),
    ("N08", "=cmd().pdf", "=cmd().pdf"),
    ("N08", "-rf.PDF", "-rf.pdf"),
    ("N10", "€.pdf", "€.pdf"),
]


@pytest.mark.parametrize(("row", "sent", "shown"), ROWS)
def test_clean(row, sent, shown):
    """Each row of the table is shown as it says."""
    assert names.clean(sent) == shown, row


def test_accents_are_cut_by_characters():
    """255 bytes of é are 127 letters: the first ones stay, with the extension."""
    assert names.clean("é" * 127 + ".pdf") == "é" * 96 + ".pdf"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.pdf", "pdf"), ("a.JPG", "jpeg"), ("a.jpeg", "jpeg"), ("a.pdf.exe", ""), ("pdf", ""), ("", ""), (None, ""), ("a.png", "")],
)
def test_extension(name, kind):
    """Only what stands after a dot is an extension."""
    assert names.extension_of(name) == kind


@given(st.text())
def test_any_name(name):
    """Whatever is sent, what is shown is short, without path, control or bidi mark, and cleaning it again changes nothing."""
    shown = names.clean(name)
    assert 0 < len(shown) <= names.MAXIMUM and "/" not in shown and "\\" not in shown
    assert all(unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in shown)
    assert names.clean(shown) == shown
