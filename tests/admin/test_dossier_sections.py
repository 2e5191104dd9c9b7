"""The dossier page section by section: fragments, canned comments, notes, tags, messages, opinions, and what a stranger never gets."""

import re

import pytest
from sqlalchemy import event, select

from app.enums import CommentKind, FileStatus, Functionality, OpinionKind, Outcome, PieceStatus, ScopeKind
from app.extensions import db
from app.models import (
    CannedComment,
    Criterion,
    Deposit,
    FileVersion,
    MailTemplate,
    Note,
    Opinion,
    OutboxMessage,
    ScoringGrid,
    SubmittedPiece,
    Tag,
)
from app.operations import candidatures, decisions, notes, opinions
from tests.admin.pages import seen_of
from tests.world import both

HTMX = {"HX-Request": "true"}
FORM_NAMES = re.compile(r'<section [^>]*id="(\w+)"')


@pytest.fixture
def act(charlie, url):
    """Return a function that presses a button as htmx does, and gives the fragment."""
    seen = seen_of(charlie.get(url))
    return lambda verb, mark=None, **data: charlie.post(f"{url}/acte/{verb}", {"seen": mark or seen, **data}, headers=HTMX)


def fresh(row):
    db.session.rollback()
    db.session.refresh(row)
    return row


def piece_of(candidature, code):
    return next(piece for piece in candidature.pieces if piece.required_piece.piece_type.code == code)


def test_every_section_is_a_fragment_of_its_own(charlie, url):
    whole = charlie.get(url).text
    for name in ("pieces", "changes", "profile", "answers", "file", "decision", "opinions", "seats", "dates", "tags", "notes", "messages", "history"):
        answer = charlie.get(url, headers={**HTMX, "HX-Target": name})
        assert FORM_NAMES.findall(answer.text) == [name] and "<html" not in answer.text and "hx-swap-oob" not in answer.text.split("</section>")[0]
        assert f'id="{name}"' in whole
    assert "<html" in charlie.get(url, headers={**HTMX, "HX-Target": "elsewhere"}).text


def test_an_act_renews_what_it_changed_and_nothing_else(act, dossier):
    answer = act("note", note="Bonne lettre", command_key="k" * 16)
    assert answer.status_code == 200 and FORM_NAMES.findall(answer.text) == ["notes", "history"]
    assert "Bonne lettre" in answer.text and "C’est fait." in answer.text
    answer = act("complete")
    renewed = FORM_NAMES.findall(answer.text)
    assert renewed[0] == "file" and {"decision", "history", "messages"} <= set(renewed) and "notes" not in renewed
    assert answer.text.count('hx-swap-oob="true"') == len(renewed) + 1, "all but the first, and the header, and the mark"
    assert fresh(dossier).file_status == FileStatus.COMPLETE


def test_what_is_written_beside_the_dossier_makes_nobodys_page_stale(act, dossier, world):
    notes.add(dossier, "D’Eve", actor=world.eve)
    opinions.give(dossier, OpinionKind.FAVOURABLE, actor=world.eve)
    db.session.commit()
    assert act("complete").status_code == 200


def test_a_conflict_in_a_fragment_says_who_and_keeps_the_text(act, dossier, world):
    decisions.propose(dossier, world.kinds[Outcome.ON_HOLD], actor=world.eve, comment="Avis d’Eve")
    db.session.commit()
    answer = act("propose", decision_type=world.kinds[Outcome.ADMITTED].id, comment="Avis de Charlie")
    assert answer.status_code == 409 and "Staff Eve" in answer.text and "Avis proposé" in answer.text
    assert "Avis de Charlie</textarea>" in answer.text and FORM_NAMES.findall(answer.text)[0] == "decision"
    mark = answer.text.split('data-seen="')[1].split('"')[0]
    assert act("propose", mark, decision_type=world.kinds[Outcome.ADMITTED].id, comment="Avis de Charlie").status_code == 200


@pytest.mark.parametrize(
    ("verb", "data", "kept"),
    [
        ("note", {"note": "x" * 2001}, "x" * 2001 + "</textarea>"),
        ("opinion", {"opinion_comment": "Mon idée"}, "Mon idée</textarea>"),
        ("message", {"step": "preview", "subject": "Objet gardé", "text": "{inconnue}"}, 'value="Objet gardé"'),
        ("recuse", {"reason": "x" * 501}, "x" * 501),
        ("review", {"status": "REFUSED", "piece": "0", "comment": "Pourquoi gardé"}, "Pourquoi gardé</textarea>"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(verb, data, kept, act, charlie, url):
    answer = act(verb, **data)
    assert answer.status_code == 422 and kept in answer.text and 'role="alert"' in answer.text
    plain = charlie.post(f"{url}/acte/{verb}", {"seen": seen_of(charlie.get(url)), **data})
    assert plain.status_code == 422 and kept in plain.text and "<html" in plain.text


# --- pieces and canned comments ---


@pytest.fixture
def canned(world):
    rows = [
        CannedComment(kind=CommentKind.PIECE, text={"fr": "Illisible.", "en": "Cannot be read."}),
        CannedComment(kind=CommentKind.PIECE, text=both("De Lettres."), centre=world.letters),
        CannedComment(kind=CommentKind.CORRECTION, text=both("Corrigez tout.")),
    ]
    db.session.add_all(rows)
    db.session.commit()
    return rows


def test_a_canned_comment_refuses_without_javascript(act, dossier, canned):
    letter = piece_of(dossier, "LETTRE")
    assert act("review", status="REFUSED", piece=letter.id, canned=canned[0].id).status_code == 200
    assert (piece_of(fresh(dossier), "LETTRE").status, piece_of(dossier, "LETTRE").comment) == (PieceStatus.REFUSED, "Illisible.")


def test_a_canned_comment_joins_what_was_typed_in_the_candidates_language(act, dossier, canned, world):
    world.alice.language = "en"
    db.session.commit()
    letter = piece_of(dossier, "LETTRE")
    assert act("review", status="REFUSED", piece=letter.id, comment="Page 2.", canned=canned[0].id).status_code == 200
    assert piece_of(fresh(dossier), "LETTRE").comment == "Page 2.\nCannot be read."


def test_only_the_sentences_of_the_centre_and_of_the_use_are_offered(act, charlie, url, dossier, canned):
    page = charlie.get(url).text
    assert "Illisible." in page and "De Lettres." not in page
    letter = piece_of(dossier, "LETTRE")
    for foreign in (canned[1].id, canned[2].id, "abc", "99999999999999999999"):
        answer = act("review", status="REFUSED", piece=letter.id, canned=foreign)
        assert answer.status_code == 422 and "Choisissez la phrase dans la liste." in answer.text
    assert piece_of(fresh(dossier), "LETTRE").status == PieceStatus.SUBMITTED


def test_all_pieces_are_validated_at_once_and_the_candidate_gets_one_message(act, dossier):
    assert act("review", status="ALL").status_code == 200
    assert {piece.status for piece in fresh(dossier).pieces if piece.file_version_id} == {PieceStatus.VALIDATED}
    chosen = select(OutboxMessage).where(OutboxMessage.candidature_id == dossier.id, OutboxMessage.kind == "pieces_reviewed")
    assert len(db.session.scalars(chosen).all()) == 1


def test_the_viewer_shows_the_piece_and_page_asked_for(charlie, url, dossier):
    cv, letter = piece_of(dossier, "CV"), piece_of(dossier, "LETTRE")
    page = charlie.get(f"{url}?piece={letter.id}").text
    assert f"/piece/{letter.file_version.public_id}/page/1.png" in page
    for nonsense in ("0", "-1", "²", "99999999999999999999", "abc", ""):
        answer = charlie.get(url, query_string={"piece": nonsense, "page": nonsense})
        assert answer.status_code == 200 and f"/piece/{cv.file_version.public_id}/page/1.png" in answer.text
    assert charlie.get(f"{url}?_external=1&public_id=x&verb=y&_anchor=z&_scheme=ftp").status_code == 200


# --- notes, tags, messages ---


def test_notes_come_and_go(act, charlie, url, dossier, world):
    other = notes.add(dossier, "D’Eve", actor=world.eve)
    db.session.commit()
    act("note", note="De Charlie", command_key="k" * 16)
    page = charlie.get(url).text
    assert "D’Eve" in page and page.count("Retirer") >= 1
    own = db.session.scalar(select(Note.id).where(Note.text == "De Charlie"))
    assert act("remove_note", note_id=own).status_code == 200
    assert act("remove_note", note_id=own).status_code == 404
    for number in ("abc", "", "99999999999999999999"):
        assert act("remove_note", note_id=number).status_code == 404
    assert db.session.scalar(select(Note.text)) == other.text


def test_the_candidate_reads_no_note_tag_nor_opinion(signed_in, dossier, world):
    tag = Tag(name="Étiquette secrète")
    db.session.add(tag)
    notes.add(dossier, "Note secrète", actor=world.eve)
    notes.change_tags(dossier, actor=world.eve, put=[tag])
    opinions.give(dossier, OpinionKind.UNFAVOURABLE, actor=world.eve, comment="Opinion secrète")
    db.session.commit()
    alice = signed_in(world.alice)
    pages = [f"/candidatures/{dossier.public_id}", "/candidatures", "/messages"]
    assert all("secrète" not in alice.get(path).text for path in pages)


def test_two_persons_tag_at_once_and_lose_nothing(act, dossier, world):
    mine, theirs, gone = Tag(name="Mienne"), Tag(name="Autre"), Tag(name="Ancienne")
    db.session.add_all([mine, theirs, gone])
    db.session.flush()
    notes.change_tags(dossier, actor=world.eve, put=[gone])
    notes.change_tags(dossier, actor=world.eve, put=[theirs])  # after the page was read: it had shown the old one only
    db.session.commit()
    assert act("tags", tag=[mine.id], carried=[gone.id]).status_code == 200
    assert [tag.name for tag in fresh(dossier).tags] == ["Autre", "Mienne"]
    foreign = Tag(name="Lettres", centre=world.letters)
    db.session.add(foreign)
    db.session.commit()
    for number in (foreign.id, "abc", "99999999999999999999"):
        assert act("tags", tag=[number]).status_code == 422


def test_a_message_is_prepared_shown_then_sent(act, dossier):
    template = MailTemplate(code="libre", subject=both("Objet {candidat.prenom}"), body=both("Bonjour {candidat.nom}"), is_free=True)
    db.session.add(template)
    db.session.commit()
    filled = act("message", step="template", template=template.id)
    assert 'value="Objet {candidat.prenom}"' in filled.text and "Bonjour {candidat.nom}</textarea>" in filled.text
    inserted = act("message", step="insert", subject="S", text="Numéro ", placeholder="candidat.numero")
    assert "Numéro {candidat.numero}</textarea>" in inserted.text
    shown = act("message", step="preview", subject="Objet {candidat.prenom}", text="Bonjour {candidat.nom}")
    assert "<strong>Objet Alice</strong>" in shown.text and "Bonjour Alpha" in shown.text and "Envoyer ce message" in shown.text
    chosen = select(OutboxMessage).where(OutboxMessage.candidature_id == dossier.id, OutboxMessage.kind == "message_free")
    assert db.session.scalars(chosen).all() == []
    key = shown.text.split('name="command_key" value="')[1].split('"')[0]
    for _time in range(2):
        assert act("message", step="send", subject="Objet {candidat.prenom}", text="Bonjour {candidat.nom}", command_key=key).status_code == 200
    assert [message.subject for message in db.session.scalars(chosen)] == ["Objet Alice"]


# --- opinions ---


def test_an_opinion_with_marks_is_given_and_shown(act, charlie, url, dossier, world):
    grid = ScoringGrid(name="Grille", criteria=[Criterion(label=both("Projet"), maximum=10, weight=2)])
    world.maths.scoring_grid = grid
    db.session.add(grid)
    db.session.commit()
    mark = f"mark-{grid.criteria[0].id}"
    assert act("opinion", kind="FAVOURABLE", opinion_comment="Net", **{mark: "11"}).status_code == 422
    assert act("opinion", kind="FAVOURABLE", opinion_comment="Net", **{mark: "7,5"}).status_code == 200
    assert str(fresh(dossier).score) == "15.00"
    assert "15.00 sur 20" in charlie.get(url).text.replace(",", ".")
    stale = act("opinion", kind="RESERVED", opinion_comment="Autre onglet", **{mark: "1"})
    assert stale.status_code == 409 and "Autre onglet</textarea>" in stale.text
    assert db.session.scalar(select(Opinion.kind)) == OpinionKind.FAVOURABLE


def test_who_recuses_himself_leaves_for_the_list_and_a_manager_lets_him_back(signed_in, charlie, url, dossier, world):
    member = world.staff("gus", (Functionality.CANDIDATURES, Functionality.OPINIONS), centre=world.sciences)
    grant = member.staff_member.grants[0]
    grant.scope, grant.centre, grant.commission = ScopeKind.COMMISSION, None, world.maths.commission
    db.session.commit()
    gus = signed_in(member)
    seen = seen_of(gus.get(url))
    answer = gus.post(f"{url}/acte/recuse", {"seen": seen, "reason": "Un parent"}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == "/gestion/candidature/" and gus.get(url).status_code == 404
    page = charlie.get(url).text
    assert "Un parent" in page
    number = page.split('name="recusal" value="')[1].split('"')[0]
    assert charlie.post(f"{url}/acte/lift_recusal", {"seen": seen_of(charlie.get(url)), "recusal": number}).status_code == 302
    assert gus.get(url).status_code == 200


# --- rights, scope, number of queries ---


def test_each_section_asks_its_own_right(signed_in, url, dossier, world):
    tag = Tag(name="Étiquette secrète")
    db.session.add(tag)
    notes.add(dossier, "Note secrète", actor=world.eve)
    notes.change_tags(dossier, actor=world.eve, put=[tag])
    opinions.give(dossier, OpinionKind.FAVOURABLE, actor=world.eve, comment="Opinion secrète")
    reader = signed_in(world.staff("reader", (Functionality.CANDIDATURES,), centre=world.sciences, is_write=False))
    db.session.commit()
    page = reader.get(url)
    assert page.status_code == 200 and "secrète" not in page.text and "Correspondance" not in page.text
    assert 'name="seen"' not in page.text, "a reader is offered no form"
    for verb, data in {"note": {"note": "x"}, "tags": {"tag": tag.id}, "opinion": {"kind": "FAVOURABLE"}, "recuse": {"reason": "x"}, "message": {"step": "send", "subject": "a", "text": "b"}}.items():
        assert reader.post(f"{url}/acte/{verb}", data).status_code == 403, verb


def test_another_centre_gets_nothing_at_any_door(dora, url, dossier, world):
    note = notes.add(dossier, "Note", actor=world.charlie)
    recusal = opinions.recuse(dossier, actor=world.eve, reason="x")
    mine = world.apply(world.bob, world.history)
    db.session.commit()
    for name in ("notes", "opinions", "messages", "pieces"):
        assert dora.get(url, headers={**HTMX, "HX-Target": name}).status_code == 404
    for verb in ("note", "remove_note", "tags", "message", "opinion", "recuse", "lift_recusal"):
        assert dora.post(f"{url}/acte/{verb}", {"seen": "1"}).status_code == 404
    own = f"/gestion/candidature/dossier/{mine.public_id}"
    seen = seen_of(dora.get(own))
    assert dora.post(f"{own}/acte/remove_note", {"seen": seen, "note_id": note.id}).status_code == 404
    assert dora.post(f"{own}/acte/lift_recusal", {"seen": seen, "recusal": recusal.id}).status_code == 404
    assert db.session.query(Note).count() == 1


def count_queries(call):
    seen = []
    listener = lambda *args: seen.append(args[2])
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        assert call().status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    return len(seen)


def more_pieces(world, dossier, count):
    for number in range(count):
        required = world.piece(f"PLUS{number}", is_shared=False)
        deposit = Deposit(candidate_id=dossier.candidate_id, piece_type_id=required.piece_type_id, candidature_id=dossier.id)
        version = FileVersion(deposit=deposit, number=1, original_name="p.pdf", size=10, sha256="0" * 64)
        db.session.add(SubmittedPiece(candidature=dossier, required_piece=required, file_version=version, status=PieceStatus.SUBMITTED))


def test_the_number_of_queries_does_not_grow_with_what_the_dossier_holds(charlie, url, dossier, world):
    grid = ScoringGrid(name="Grille", criteria=[Criterion(label=both("Projet"), maximum=10), Criterion(label=both("Notes"), maximum=10)])
    world.maths.scoring_grid = grid
    tags = [Tag(name=f"Étiquette {number}") for number in range(5)]
    db.session.add_all([grid, *tags])
    db.session.commit()
    marks = {criterion.id: "5" for criterion in grid.criteria}

    def add(name):
        member = world.staff(name, (Functionality.CANDIDATURES, Functionality.OPINIONS, Functionality.NOTES), centre=world.sciences)
        notes.add(dossier, f"Note de {name}", actor=member)
        opinions.give(dossier, OpinionKind.RESERVED, actor=member, marks=marks)

    add("first")
    notes.change_tags(dossier, actor=world.charlie, put=tags[:1])
    db.session.commit()
    charlie.get(url)
    few = count_queries(lambda: charlie.get(url))
    for name in ("second", "third", "fourth", "fifth"):
        add(name)
    notes.change_tags(dossier, actor=world.charlie, put=tags)
    more_pieces(world, dossier, 5)
    candidatures.set_status(dossier, FileStatus.COMPLETE, actor=world.charlie)
    decisions.propose(dossier, world.kinds[Outcome.ON_HOLD], actor=world.charlie)
    db.session.commit()
    decisions.validate(dossier, actor=world.eve)
    decisions.discard(dossier, actor=world.eve)
    db.session.commit()
    assert count_queries(lambda: charlie.get(url)) <= few
