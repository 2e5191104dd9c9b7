"""Measures one dossier PDF (10 pieces, 20 MB) against a bare pikepdf merge and a bare WeasyPrint render of the same pages.

Bars: at most twice the time of the two together, at most 300 MB of memory; exit 1 past either. Each side runs in a process of its own.
"""

import hashlib
import io
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

ROUNDS, RATIO, MEMORY = 9, 2.0, 300  # rounds; times; MB of 1,000,000 bytes
A4_AT_200_DPI = (1654, 2339)
PDFS, JPEGS, PAGES = 5, 5, 3


def scan(number):
    """Return a JPEG of an A4 page, as heavy as a scan in colour (about 1 MB)."""
    from PIL import Image

    chance = random.Random(number)
    small = Image.frombytes("RGB", (414, 585), chance.randbytes(414 * 585 * 3))
    file = io.BytesIO()
    small.resize(A4_AT_200_DPI, Image.Resampling.BICUBIC).save(file, "JPEG", quality=68)
    return file.getvalue()


def make(folder):
    """Write the ten pieces: five PDFs of three scanned pages, five photographs."""
    import img2pdf

    for number in range(PDFS):
        pages = [scan(100 * number + page) for page in range(PAGES)]
        (folder / f"{number}.pdf").write_bytes(img2pdf.convert(*pages))
    for number in range(JPEGS):
        (folder / f"{number}.jpg").write_bytes(scan(900 + number))


def content_of(folder):
    """Return the content of a dossier whose pieces are the files of a folder."""
    from app.documents import dossier

    pieces = []
    for path in sorted(folder.glob("*.pdf")) + sorted(folder.glob("*.jpg")):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        kind = dossier.PDF if path.suffix == ".pdf" else dossier.JPEG
        named = {"file_name": path.name, "size": path.stat().st_size, "sha256": digest, "served_sha256": digest, "media_type": kind}
        pieces.append(dossier.Piece(f"Pièce {path.stem}", "Déposée", path=path, **named))
    rows = [(f"Rubrique {number}", f"Valeur {number}") for number in range(12)]
    parts = [{"title": f"Partie {number}", "rows": rows, "tables": [], "state": "Rempli"} for number in range(4)]
    fields = {"formation": "Licence Mathématiques", "campaign": "Campagne 2027", "centre": "Sciences", "mention": "Dossier tel que transmis."}
    return dossier.Content("7K2M9QXA", "Müller-Łukasz Nguyễn", cover=rows[:8], sections=parts, forms=parts[:2], pieces=pieces, **fields)


def ours(folder, html_path):
    """Build the dossier as the application does."""
    from app.documents import dossier

    dossier.build(content_of(folder), folder.parent / "ours.pdf")


def bare(folder, html_path):
    """Merge the same files and draw the same pages, and nothing more."""
    import img2pdf
    import pikepdf
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    HTML(string=html_path.read_text(encoding="utf-8"), url_fetcher=URLFetcher(allowed_protocols=["data"])).write_pdf()
    layout = img2pdf.get_layout_fun((img2pdf.mm_to_pt(210), img2pdf.mm_to_pt(297)), auto_orient=True)
    with pikepdf.new() as whole:
        sources = [pikepdf.open(path) for path in sorted(folder.glob("*.pdf"))]
        sources += [pikepdf.open(io.BytesIO(img2pdf.convert(str(path), layout_fun=layout))) for path in sorted(folder.glob("*.jpg"))]
        for source in sources:
            whole.pages.extend(source.pages)
        whole.save(folder.parent / "bare.pdf")


def measured(name, folder, html_path):
    """Print the median time of a side (milliseconds) and the peak of its process (MB)."""
    import app as package
    from config import Settings

    application = package.create_app(Settings.from_environ({"SECRET_KEY": "x" * 40, "DATA_DIR": str(folder.parent / "data"), "PUBLIC_URL": "http://localhost"}))
    with application.app_context():
        from flask_migrate import upgrade

        from app.extensions import db

        upgrade()
        if name == "html":
            from app.documents import dossier

            content = content_of(folder)
            html_path.write_text(dossier._front(content, [dossier._opened(piece) for piece in content.pieces]), encoding="utf-8")
            return
        call, times = {"ours": ours, "bare": bare}[name], []
        for _round in range(ROUNDS + 1):
            start = time.perf_counter()
            call(folder, html_path)
            times.append(time.perf_counter() - start)
            db.session.rollback()
    print(statistics.median(times[1:]) * 1000, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)


def main():
    """Print both sides and whether the bars hold."""
    with tempfile.TemporaryDirectory() as place:
        folder, html_path = Path(place) / "pieces", Path(place) / "front.html"
        folder.mkdir()
        make(folder)
        size = sum(path.stat().st_size for path in folder.iterdir())
        print(f"{PDFS + JPEGS} pieces, {PDFS * PAGES + JPEGS} pages, {size / 1e6:.1f} MB")
        figures = {}
        for name in ("html", "bare", "ours"):
            done = subprocess.run([sys.executable, __file__, name, str(folder), str(html_path)], capture_output=True, text=True, check=True, cwd=ROOT, env=os.environ)
            if done.stdout:
                figures[name] = [float(part) for part in done.stdout.split()[-2:]]
                print(f"{name}: {figures[name][0]:.0f} ms, {figures[name][1]:.0f} MB")
    ratio, memory = figures["ours"][0] / figures["bare"][0], figures["ours"][1]
    print(f"{ratio:.2f} times the bare tools (bar {RATIO}), {memory:.0f} MB (bar {MEMORY})")
    return 0 if ratio <= RATIO and memory <= MEMORY else 1


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measured(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        sys.exit(main())
