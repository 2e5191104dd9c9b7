"""Pictures of the corpus: JPEG of every make, and what merely claims to be one."""

import io

from PIL import Image, ImageDraw

from tests.corpus.samples import sample

TURNED = 6  # EXIF orientation of a telephone held upright


def photograph(size=(800, 600), mode="RGB", **options):
    """Return a JPEG with something drawn in it: a red corner at the top left of what is stored."""
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 4, size[1] // 4), fill=(220, 20, 20))
    return encoded(picture.convert(mode), "JPEG", **options)


def encoded(picture, kind, **options):
    """Return a picture in a format, as bytes."""
    output = io.BytesIO()
    picture.save(output, kind, **options)
    return output.getvalue()


def other(kind, **options):
    """Return a small picture in another format than JPEG."""
    return encoded(Image.linear_gradient("L").convert("RGB"), kind, **options)


def turned():
    """Return a photograph whose EXIF asks to be turned, with a place and a thumbnail that must not leave."""
    exif = Image.Exif()
    exif[0x0112] = TURNED
    exif[0x010F] = "SECRET-MAKER"
    exif.get_ifd(0x8825)[1] = "N"
    return photograph(exif=exif, comment=b"SECRET-COMMENT")


def with_header_size(jpeg, width, height):
    """Return a JPEG whose header claims another size."""
    at = jpeg.index(b"\xff\xc0") + 5
    return jpeg[:at] + height.to_bytes(2, "big") + width.to_bytes(2, "big") + jpeg[at + 4 :]


@sample("P02 jpeg ordinary", "jpeg")
def ordinary(_path):
    return photograph()


@sample("P16 jpeg turned", "jpeg")
def orientation(_path):
    return turned()


@sample("P17 jpeg cmyk", "jpeg")
def cmyk(_path):
    return photograph(mode="CMYK")


@sample("P17 jpeg grey", "jpeg")
def grey(_path):
    return photograph(mode="L")


@sample("P17 jpeg progressive", "jpeg")
def progressive(_path):
    return photograph(progressive=True)


@sample("P17 jpeg full chroma", "jpeg")
def full_chroma(_path):
    return photograph(subsampling=0, quality=100)


@sample("P17 jpeg one pixel", "jpeg", warnings=["looks_empty"])
def one_pixel(_path):
    return photograph((1, 1))


@sample("P47 jpeg black", "jpeg", warnings=["looks_empty"])
def black(_path):
    return encoded(Image.new("RGB", (600, 800)), "JPEG")


@sample("P11 jpeg then script", "jpeg")
def trailing(_path):
    return photograph() + b"<?php system($_GET['c']); ?><script>alert(1)</script>PK\x03\x04"


@sample("P39 jpeg with EICAR", "jpeg")
def test_virus(_path):
    return photograph(comment=EICAR)


EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@sample("P05 jpeg eight bytes", "jpeg", "unreadable")
def eight_bytes(_path):
    return bytes.fromhex("ffd8ffe000104a46")


@sample("P05 jpeg cut short", "jpeg", "unreadable")
def cut(_path):
    content = photograph()
    return content[: len(content) // 2]


@sample("P31 jpeg 60000 by 60000", "jpeg", "too_many_pixels", "too_complex")
def enormous(_path):
    return with_header_size(photograph(), 60000, 60000)


@sample("P31 jpeg 8000 by 8000", "jpeg", "too_many_pixels", "too_complex")
def large(_path):
    return encoded(Image.new("L", (8000, 8000), 128), "JPEG", quality=20)


@sample("P07 pdf named jpg", "jpeg", "wrong_extension")
def renamed_pdf(_path):
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\n"


@sample("P07 jpeg named pdf", "pdf", "wrong_extension")
def renamed_jpeg(_path):
    return photograph()


@sample("P08 png named jpg", "jpeg", "is_png")
def png(_path):
    return other("PNG")


@sample("P08 gif named jpg", "jpeg", "is_other_picture")
def gif(_path):
    return other("GIF")


@sample("P08 webp named jpg", "jpeg", "is_other_picture")
def webp(_path):
    return other("WEBP")


@sample("P08 tiff named jpg", "jpeg", "is_other_picture")
def tiff(_path):
    return other("TIFF")


@sample("P08 bmp named jpg", "jpeg", "is_other_picture")
def bmp(_path):
    return other("BMP")


@sample("P08 jpeg2000 named jpg", "jpeg", "is_other_picture")
def jpeg2000(_path):
    return other("JPEG2000")


@sample("P08 avif named jpg", "jpeg", "is_other_picture")
def avif(_path):
    return other("AVIF")


@sample("P08 svg named jpg", "jpeg", "is_other_picture")
def svg(_path):
    return b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@sample("P08 heic named jpg", "jpeg", "is_heic")
def heic(_path):
    return b"\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1MiHBheic" + bytes(400)


@sample("P08 heif named jpg", "jpeg", "is_heic")
def heif(_path):
    return b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic" + bytes(400)
