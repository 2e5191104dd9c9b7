"""Files that real programs make: each producer writes PDF its own way, and all of them must pass."""

import io
import subprocess
import sys
import sysconfig
from pathlib import Path
from shutil import which

from PIL import Image, ImageDraw

from tests.corpus.pictures import encoded, photograph
from tests.corpus.samples import sample

TEXT = "<h1>Relevé de notes</h1><p>Mathématiques : 15,5 / 20</p><form><input value='Réponse'></form>"


def scan():
    """Return an A4 page as a scanner would: grey, a little noise, some lines."""
    picture = Image.effect_noise((1240, 1754), 12).convert("L")
    for line in range(20):
        ImageDraw.Draw(picture).text((120, 120 + 60 * line), "Baccalauréat général, série S", fill=10, font_size=30)
    return picture


@sample("R1 weasyprint", "pdf")
def weasyprint(path):
    from weasyprint import HTML

    HTML(string=TEXT).write_pdf(path, pdf_forms=True)


@sample("R1 weasyprint, archive and tags", "pdf")
def weasyprint_tagged(path):
    from weasyprint import HTML

    HTML(string=f"<html lang=fr><title>x</title>{TEXT}").write_pdf(path, pdf_variant="pdf/ua-1")


@sample("R2 pillow", "pdf")
def pillow(path):
    scan().save(path, "PDF", resolution=150, save_all=True, append_images=[scan().convert("RGB")])


@sample("R2 pillow, black and white", "pdf")
def pillow_black_and_white(path):
    scan().convert("1").save(path, "PDF", resolution=150)


@sample("R3 img2pdf", "pdf")
def img2pdf(path):
    import img2pdf

    path.write_bytes(img2pdf.convert([photograph(), encoded(scan().convert("1"), "PNG")]))


@sample("R4 fax", "pdf")
def fax(path):
    import img2pdf

    path.write_bytes(img2pdf.convert(encoded(scan().convert("1"), "TIFF", compression="group4")))


@sample("R5 pikepdf, no compression", "pdf")
def pikepdf_plain(path):
    import pikepdf

    source = io.BytesIO()
    scan().save(source, "PDF")
    with pikepdf.open(source) as document:
        document.save(path, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False, qdf=True)


if which("pdftocairo"):

    @sample("R6 cairo", "pdf")
    def cairo(path):
        source = path.with_name("cairo-source")
        weasyprint(source)
        subprocess.run([which("pdftocairo"), "-pdf", source, path], check=True, capture_output=True)
        source.unlink()


if CHROMIUM := which("chromium"):

    @sample("R6 chromium", "pdf")
    def chromium(path):
        page = path.with_suffix(".html")
        page.write_text(f"<meta charset=utf-8>{TEXT}")
        profile = f"--user-data-dir={path}.profile"
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", profile, f"--print-to-pdf={path}"]
        subprocess.run([CHROMIUM, *options, page.as_uri()], check=True, capture_output=True, timeout=60)
        page.unlink()


def _found(folders, endings, limit):
    """Return some real files that packages of this machine ship, small ones first."""
    paths = [path for folder in folders if folder.is_dir() for ending in endings for path in folder.rglob(f"*{ending}")]
    sized = sorted((path.stat().st_size, path) for path in paths if path.is_file() and path.stat().st_size <= 5 * 1024 * 1024)
    return [path for size, path in sized if size][:limit]


def _add_found():
    libraries, documents = Path(sysconfig.get_paths()["purelib"]), Path("/usr/share/doc")
    standard = Path(sys.base_prefix) / "lib"
    for number, path in enumerate(_found([libraries, documents], [".pdf"], 12)):
        sample(f"R7 {number} {path.name}", "pdf")(lambda _path, source=path: source.read_bytes())
    for number, path in enumerate(_found([libraries, documents, standard], [".jpg", ".jpeg"], 12)):
        if path.read_bytes()[:3] == b"\xff\xd8\xff" and "raw" not in path.stem:
            sample(f"R8 {number} {path.name}", "jpeg")(lambda _path, source=path: source.read_bytes())


_add_found()
