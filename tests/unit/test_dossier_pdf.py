"""The dossier as one PDF: read back page by page, whatever its pieces are made of."""

import io
import re

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from app import parameters
from app.documents import dossier
from app.documents.pictures import jpeg
from app.enums import CheckState, Outcome
from app.extensions import db
from app.models import FileVersion
from app.operations import checks, decisions, dossiers, pieces
from app.storage import vault
from tests.hall import Hall
from tests.world import pdf

HARD = "Müller-Łukasz Nguyễn ıİ"


def picture(size=(400, 200), *, orientation=None, mode="RGB"):
    """Return a JPEG, blue on the left half, with an EXIF orientation when given."""
    image = Image.new(mode, size, "white" if mode == "RGB" else 255)
    image.paste("blue" if mode == "RGB" else 0, (0, 0, size[0] // 2, size[1]))
    file, exif = io.BytesIO(), Image.Exif()
    if orientation:
        exif[274] = orientation
    image.save(file, "JPEG", exif=exif)
    return file.getvalue()


def given(world, candidature, files):
    """Deposit a file for each kind of piece and check it as a worker does."""
    for required, (name, content) in files.items():
        pieces.deposit(candidature, required, io.BytesIO(content), name, actor=world.alice)
        db.session.commit()
        db.session.expire(candidature, ["pieces"])
    check_all()


def check_all():
    for version in db.session.scalars(db.select(FileVersion).where(FileVersion.check_state == CheckState.RECEIVED)).all():
        checks.check_version(version.id)


def built(candidature, actor, tmp_path, **more):
    """Return a dossier as an open document."""
    made = dossier.build(dossiers.of(candidature, actor=actor, **more), tmp_path / "dossier.pdf")
    return pypdfium2.PdfDocument(made.path)


def words(document, number):
    return document[number].get_textpage().get_text_range()


def all_words(document):
    return "\n".join(words(document, number) for number in range(len(document)))


def marks(document):
    return [(mark.get_title(), mark.get_dest().get_index()) for mark in document.get_toc()]


def test_every_part_and_piece_has_its_bookmark_and_every_page_its_number(world, tmp_path):
    candidature = world.transmitted(world.alice, world.maths)
    check_all()
    document = built(candidature, world.charlie, tmp_path)
    assert len(document) == 6
    assert marks(document) == [
        ("Couverture", 0), ("Profil", 1), ("Identité", 1), ("Coordonnées", 1), ("Baccalauréat ou équivalent", 1), ("Formulaires complémentaires", 2), ("Projet", 2),
        ("Liste des pièces", 3), ("Pièces justificatives", 4), ("CV", 4), ("LETTRE", 5),
    ]  # fmt: skip
    number = candidature.candidate.dossier_number
    for page in range(6):
        assert f"Dossier {number} · page {page + 1}/6" in words(document, page)
    assert candidature.transmissions[-1].receipt_number in words(document, 0)
    assert "Licence Mathématiques" in words(document, 0) and "Reçu, en cours d’examen" in words(document, 0)
    assert "Parce que." in words(document, 2)
    version = candidature.pieces[0].file_version
    assert version.sha256 in re.sub(r"\s", "", words(document, 3))
    assert "Bonjour" in words(document, 4)


def test_names_of_all_alphabets_keep_every_letter(world, tmp_path):
    person = world.alice.candidate
    person.last_name, person.first_name = HARD.split(" ", 1)
    document = built(world.apply(world.alice, world.maths), world.charlie, tmp_path)
    assert HARD in words(document, 0)
    with pikepdf.open(tmp_path / "dossier.pdf") as read:
        assert str(read.docinfo["/Title"]).endswith(HARD)
        for page in read.pages[:2]:
            for font in page.Resources.Font.values():
                if font.Subtype == pikepdf.Name.Type0:
                    assert "/FontFile2" in font.DescendantFonts[0].FontDescriptor or "/FontFile3" in font.DescendantFonts[0].FontDescriptor


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_photograph_stands_upright_under_its_title(world, tmp_path, mode):
    candidature = world.apply(world.alice, world.maths)
    given(world, candidature, {world.cv: ("photo.jpg", picture((400, 200), orientation=6, mode=mode))})
    document = built(candidature, world.charlie, tmp_path)
    page = document[len(document) - 1]
    assert words(document, len(document) - 1).startswith("CV")
    assert [round(side) for side in page.get_size()] == [595, 842]
    shown = page.render(scale=1).to_pil().convert("L")
    image = next(page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))
    left, bottom, right, top = image.get_bounds()
    assert top - bottom > 1.9 * (right - left), "turned by its orientation: higher than wide"
    middle, height = round((left + right) / 2), shown.height
    assert shown.getpixel((middle, round(height - top) + 20)) < 100 < 200 < shown.getpixel((middle, round(height - bottom) - 20))


def test_a_corrupt_a_missing_and_an_unchecked_piece_are_lines_and_the_rest_stands(world, tmp_path):
    candidature = world.transmitted(world.alice, world.maths)
    check_all()
    first, second = (piece.file_version for piece in candidature.pieces if piece.file_version)
    with open(vault().path(first.served_key), "r+b") as file:
        file.write(b"%PDF-1.7 broken")
    document = built(candidature, world.charlie, tmp_path)
    assert len(document) == 5 and "n’a pas pu être lu" in words(document, 3) and ("LETTRE", 4) in marks(document)
    vault().delete(second.served_key)
    document = built(candidature, world.charlie, tmp_path)
    assert len(document) == 4 and "est introuvable" in words(document, 3)
    assert "Pièces justificatives" not in dict(marks(document))
    second.check_state, second.served_key = CheckState.RECEIVED, None
    db.session.flush()
    assert "n’est pas terminée" in words(built(candidature, world.charlie, tmp_path), 3)
    second.check_state = CheckState.REJECTED
    db.session.flush()
    assert "a été refusé à la vérification" in words(built(candidature, world.charlie, tmp_path), 3)


def test_a_file_that_lies_about_itself_is_a_line(world, tmp_path):
    candidature = world.transmitted(world.alice, world.maths)
    check_all()
    content = dossiers.of(candidature, actor=world.charlie)
    for number, liar in enumerate((b"", b"not a pdf at all", b"%PDF-1.7\n%%EOF", pdf()[:300])):
        path = tmp_path / f"{number}.pdf"
        path.write_bytes(liar)
        content.pieces[0].path, content.pieces[0].served_sha256, content.pieces[0].trouble = path, dossier._digest(path), ""
        document = pypdfium2.PdfDocument(dossier.build(content, tmp_path / "out.pdf").path)
        assert "n’a pas pu être lu" in words(document, 3), liar
    content.pieces[0].media_type = dossier.JPEG
    assert "n’a pas pu être lu" in words(pypdfium2.PdfDocument(dossier.build(content, tmp_path / "out.pdf").path), 3)


@pytest.mark.parametrize("content", [b"\xff\xd8", b"\xff\xd8\xff\xe0\x00\x01", b"\xff\xd8" + b"\xff\xe0\x00\x04ab" * 3, b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x00\x00\x10\x03", b"GIF89a"])
def test_what_is_no_jpeg_is_refused(tmp_path, content):
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(ValueError):
        jpeg(tmp_path / "x")


def test_without_any_piece_the_dossier_still_stands(world, tmp_path):
    for required in (world.cv, world.letter, world.language):
        required.is_active = False
    document = built(world.apply(world.alice, world.maths), world.charlie, tmp_path)
    assert len(document) == 4 and "Aucune pièce n’est demandée." in words(document, 3)


def test_what_was_transmitted_is_shown_whatever_changed_since(world, tmp_path):
    candidature = world.transmitted(world.alice, world.maths)
    world.alice.candidate.phone = "+32 4 99 99 99 99"
    db.session.commit()
    assert "99 99" not in all_words(built(candidature, world.charlie, tmp_path))
    assert "99 99" in all_words(built(candidature, world.charlie, tmp_path, source=dossiers.PRESENT))


def test_a_turned_or_unbalanced_page_keeps_its_number_at_its_foot(world, tmp_path):
    candidature = world.apply(world.alice, world.maths)
    source = pikepdf.open(io.BytesIO(pdf("Tourne")))
    for turned in (90, 180, 270):
        source.pages.append(source.pages[0])
        source.pages[-1].Rotate = turned
    wild = source.pages[0]
    wild.contents_add(b"q q 0.1 0 0 0.1 300 300 cm 1 0 0 rg")
    wild.MediaBox = pikepdf.Array([100, 100, 695, 942])
    file = io.BytesIO()
    source.save(file)
    given(world, candidature, {world.cv: ("a.pdf", file.getvalue())})
    document = built(candidature, world.charlie, tmp_path)
    first = len(document) - 4
    for number in range(first, len(document)):
        page = document[number]
        across, _down = page.get_size()
        text = page.get_textpage()
        assert f"page {number + 1}/{len(document)}" in text.get_text_range()
        shown = page.render(scale=2).to_pil().convert("L")
        foot = shown.crop((shown.width - 400, shown.height - 50, shown.width - 20, shown.height - 8))
        assert foot.getextrema()[0] < 160, f"page {number}: the number is at the foot, as seen"


def test_the_candidate_reads_the_published_opinion_alone(world, tmp_path):
    candidature = world.transmitted(world.alice, world.maths)
    kind = world.kinds[Outcome.ADMITTED]
    kind.is_comment_shown = False
    decisions.propose(candidature, kind, actor=world.charlie, comment="Note interne")
    assert "Avis de la commission" not in all_words(built(candidature, world.alice, tmp_path))
    decisions.validate(candidature, actor=world.charlie)
    decisions.publish(candidature, actor=world.charlie)
    mine, theirs = (all_words(built(candidature, user, tmp_path)) for user in (world.alice, world.charlie))
    assert "Avis de la commission" in mine and "Note interne" not in mine
    assert "Note interne" in theirs


def test_the_candidate_reads_the_rank_that_the_university_shows(world, tmp_path):
    hall = Hall.with_people(world, 2, capacity=0)
    hall.list_up({0: 40, 1: 53})

    def rank(reader):
        found = re.search(r"^Rang +(\d+)", all_words(built(hall.of[1], reader, tmp_path)), re.MULTILINE)
        return found and found[1]

    for choice, shown in (("NONE", None), ("ENTERED", "53"), ("REAL", "2")):
        parameters.change("RANK_SHOWN", choice)
        assert rank(hall.people[1]) == shown, choice
    assert rank(world.charlie) == "53"


def test_what_was_typed_in_boxes_stays_on_the_paper(world, tmp_path):
    candidature = world.apply(world.alice, world.maths)
    source = pikepdf.open(io.BytesIO(pdf("Formulaire")))
    box = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T=pikepdf.String("nom"), V=pikepdf.String("Dupont"),
        DA=pikepdf.String("/F1 12 Tf 0 g"), Rect=pikepdf.Array([60, 600, 300, 620]), F=4,
    )  # fmt: skip
    box = source.make_indirect(box)
    source.pages[0].Annots = pikepdf.Array([box])
    source.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([box]), NeedAppearances=True, DR=pikepdf.Dictionary(Font=source.pages[0].Resources.Font))
    file = io.BytesIO()
    source.save(file)
    given(world, candidature, {world.cv: ("a.pdf", file.getvalue())})
    document = built(candidature, world.charlie, tmp_path)
    assert "Dupont" in words(document, len(document) - 1)


def test_many_dossiers_make_one_document_each_under_its_bookmark(world, tmp_path):
    rows = [world.transmitted(world.alice, world.maths), world.transmitted(world.bob, world.maths)]
    check_all()
    made = [dossier.build(dossiers.of(row, actor=world.charlie), tmp_path / f"{row.id}.pdf") for row in rows]
    assert dossier.merge(made, tmp_path / "all.pdf", "Tous") == 12
    document = pypdfium2.PdfDocument(tmp_path / "all.pdf")
    titles = [title for title, _page in marks(document)]
    assert titles[0].endswith("Alpha Alice") and [page for title, page in marks(document) if title.startswith("Dossier")] == [0, 6]
    assert "page 1/6" in words(document, 6)


def test_a_dossier_never_fetches_anything(world, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP-SECRET")
    candidature = world.apply(world.alice, world.maths)
    candidature.candidate.last_name = f'<img src="file://{secret}"><a rel=attachment href="file://{secret}">x</a>'[:100]
    document = built(candidature, world.charlie, tmp_path)
    assert "<img src=" in re.sub(r"\s+", " ", words(document, 0))
    assert b"TOP-SECRET" not in (tmp_path / "dossier.pdf").read_bytes()
    with pikepdf.open(tmp_path / "dossier.pdf") as read:
        assert len(read.attachments) == 0
