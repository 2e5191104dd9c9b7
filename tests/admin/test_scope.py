"""Charlie manages Sciences: nothing of Letters appears to him or can be touched by him, whatever the door (trust T2, T3)."""

import io

import pytest
from openpyxl import load_workbook
from sqlalchemy import inspect

from app import access
from app.admin.changes import RESERVED
from app.admin.generate import models
from app.enums import CommentKind, FieldKind, Functionality, LetterKind, Outcome, ReasonKind, ReminderEvent
from app.extensions import db
from app.models import (
    AuditEntry,
    Candidature,
    CannedComment,
    Centre,
    Criterion,
    DecisionReason,
    DecisionType,
    EnrolmentProposal,
    Form,
    Formation,
    FormField,
    FormVersion,
    LetterTemplate,
    Offering,
    OutboxMessage,
    PieceType,
    ReminderRule,
    RequiredForm,
    RequiredPiece,
    ScoringGrid,
    Tag,
)
from app.operations import checks
from tests.world import both

CANARY = "Canari"
SHARED = {"Campaign", "DiplomaType", "BacSeries", "MailTemplate", "RightsProfile", "StaffMember", "Grant", "AuditEntry", "BatchRun", "SilenceAlert", "PublicText", "FaqEntry"}


@pytest.fixture
def letters(world):
    """Rows of Letters in every scoped table, each carrying the canary, and Bob who applied there only."""
    centre, offering = world.letters, world.history
    centre.name, centre.information = f"{CANARY} centre", both(f"{CANARY} informations")
    offering.commission.name, offering.formation.name = f"{CANARY} commission", f"{CANARY} formation"
    offering.information = both(f"{CANARY} ouverture")
    kind = PieceType(code="canari-piece", name=both(f"{CANARY} pièce"), centre=centre)
    form = Form(code="canari-form", name=both(f"{CANARY} formulaire"), centre=centre)
    version = FormVersion(form=form, number=1)
    version.fields = [FormField(key="canari", kind=FieldKind.TEXT, label=both(f"{CANARY} question"), is_required=False)]
    asked = RequiredPiece(campaign=world.campaign, piece_type=kind, offering=offering, is_active=False)
    required = RequiredForm(campaign=world.campaign, form=form, centre=centre, is_active=False)
    opinion = DecisionType(code="canari-avis", name=both(f"{CANARY} avis"), outcome=Outcome.ADMITTED, centre=centre)
    reason = DecisionReason(code="canari-motif", name=both(f"{CANARY} motif"), kind=ReasonKind.REFUSAL, centre=centre)
    person = world.bob.candidate
    person.last_name, person.usual_name = f"{CANARY} Beta", f"{CANARY} Usage"
    letter = LetterTemplate(code="canari-lettre", kind=LetterKind.ADMISSION, title=both(f"{CANARY} lettre"), body=both("Texte"), centre=centre)
    tag, comment = Tag(name=f"{CANARY} étiquette", centre=centre), CannedComment(kind=CommentKind.PIECE, text=both(f"{CANARY} commentaire"), centre=centre)
    grid = ScoringGrid(name=f"{CANARY} grille", centre=centre)
    criterion = Criterion(grid=grid, label=both(f"{CANARY} critère"))
    reminder = ReminderRule(code="canari-rappel", event=ReminderEvent.NOT_TRANSMITTED, centre=centre)
    db.session.add_all([version, asked, required, opinion, reason, letter, tag, comment, criterion, reminder])
    candidature = world.transmitted(world.bob, offering)
    proposal = EnrolmentProposal(candidate=person, campaign=world.campaign, opi_number="ECCANARI")
    db.session.add(proposal)
    db.session.commit()
    for piece in candidature.pieces:
        if piece.file_version_id:
            checks.check_version(piece.file_version_id)
    return {
        Centre: centre, type(offering.commission): offering.commission, Formation: offering.formation, Offering: offering,
        PieceType: kind, RequiredPiece: asked, Form: form, FormField: version.fields[0], RequiredForm: required,
        LetterTemplate: letter, Tag: tag, CannedComment: comment, ScoringGrid: grid, Criterion: criterion,
        DecisionType: opinion, DecisionReason: reason, type(person): person, Candidature: candidature,
        OutboxMessage: candidature.messages[0], EnrolmentProposal: proposal, ReminderRule: reminder,
    }  # fmt: skip


def address(model):
    return f"/gestion/{model.__name__.lower()}"


def words(answer):
    """Return all the text of a page or of a file, in lower case."""
    if "spreadsheetml" not in answer.mimetype:
        return answer.text.lower()
    rows = load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)
    return " ".join(str(cell) for row in rows for cell in row).lower()


def doors(model, row):
    """Return every address through which one row can be asked for."""
    key = inspect(row).identity[0]
    base = address(model)
    return [f"{base}/details/?id={key}", f"{base}/edit/?id={key}", f"{base}/edit/?id={key}&id={key}", f"{base}/details/?id={key},{key}"]


def test_each_scoped_model_has_its_canary(letters):
    assert {model.__name__ for model in models()} - SHARED == {model.__name__ for model in letters}


def test_lists_searches_and_exports_never_show_the_other_centre(charlie, dora, letters):
    for model in letters:
        base = address(model)
        for path in ("/", "/?search=anari", "/?sort=0&desc=1", "/export/csv/", "/export/xlsx/", "/export/csv/?search=anari"):
            if model is Candidature and "export" in path:
                continue  # made by a worker: test_candidature_exports.py
            answer = charlie.get(base + path)
            assert answer.status_code == 200, base + path
            assert CANARY.lower() not in words(answer), base + path
        assert dora.get(base + "/").status_code == 200
    assert CANARY in dora.get("/gestion/centre/").text
    assert CANARY.lower() in words(dora.get("/gestion/centre/export/xlsx/"))


def test_counts_are_those_of_the_scope(charlie, letters, world):
    assert "Centres de candidature <span class=\"muted\">(1)</span>" in charlie.get("/gestion/centre/").text
    count = lambda: charlie.get("/gestion/candidature/compte", headers={"HX-Request": "true"}).text
    assert count() == "(0)"
    world.apply(world.alice, world.maths)
    assert count() == "(1)"


def test_a_row_of_another_centre_is_absent_at_every_door(charlie, letters):
    absent = charlie.get("/gestion/centre/details/?id=987654").data
    for model, row in letters.items():
        for door in doors(model, row):
            answer = charlie.get(door)
            assert answer.status_code == 404, door
            assert len(answer.data) == len(absent)
            if "edit" in door:
                assert charlie.post(door, {"name": "Pris", "code": "pris"}).status_code == 404
        db.session.refresh(row)
        assert "Pris" not in str(row)


def test_dora_opens_what_charlie_cannot(dora, letters):
    for model, row in letters.items():
        key = inspect(row).identity[0]
        assert dora.get(f"{address(model)}/details/?id={key}").status_code == 200, model


def test_drop_downs_and_lookups_offer_only_the_scope(charlie, letters):
    for model in letters:
        page = charlie.get(address(model) + "/new/")
        if model.__managed__.create:
            assert page.status_code == 200 and CANARY not in page.text, model
        for name in ("formation", "offering"):
            found = charlie.get(f"{address(model)}/ajax/lookup/?name={name}&query={CANARY}&limit=100000")
            assert CANARY not in found.text


def test_the_lookup_finds_in_scope_at_most_twenty(charlie, world):
    for number in range(25):
        formation = Formation(code=f"f{number}", name=f"Licence n{number}", commission=world.maths.commission, diploma_type=world.licence)
        db.session.add(Offering(formation=formation, campaign=world.campaign, commission=world.maths.commission))
    found = charlie.get("/gestion/requiredpiece/ajax/lookup/?name=offering&query=licence&limit=100000").json
    assert len(found) == 20 and found[0].startswith("Licence Mathématiques (n° ")
    assert charlie.get("/gestion/requiredpiece/ajax/lookup/?name=offering&query=%25").json == []
    assert charlie.get("/gestion/requiredpiece/ajax/lookup/?name=centre&query=a").status_code == 404
    assert charlie.get("/gestion/requiredpiece/ajax/lookup/?name=offering").json == []


def test_a_stolen_relation_is_refused(charlie, letters, world):
    stolen = {
        "/gestion/commission/": ("centre", world.letters.id),
        "/gestion/formation/": ("commission", world.history.commission_id),
        "/gestion/offering/": ("formation", f"x (n° {world.history.formation_id})"),
        "/gestion/requiredpiece/": ("offering", f"x (n° {world.history.id})"),
        "/gestion/formfield/": ("form_version", letters[FormField].form_version_id),
    }
    before = {model: db.session.query(model).count() for model in letters}
    for base, (name, value) in stolen.items():
        data = {"code": "vole", "name": "Volé", "campaign": world.campaign.id, "piece_type": world.cv.piece_type_id, "position": 1}
        data |= {"commission": world.maths.commission_id, "diploma_type": world.licence.id, "key": "vole", "label": "Volé", "kind": "TEXT"}
        data |= {"initial_track": "CONTROLLED", "formation": f"x (n° {world.maths.formation_id})", name: value}
        assert charlie.post(f"{base}new/", data).status_code == 422, base
    db.session.rollback()
    assert {model: db.session.query(model).count() for model in letters} == before


def test_a_row_cannot_be_moved_out_of_ones_scope(charlie, world):
    """A person with grants on two centres in read, one in write, cannot push a row into the other."""
    formation, elsewhere = world.maths.formation, world.history.commission
    page = {"seen_version": formation.version, "code": formation.code, "name": formation.name, "diploma_type": world.licence.id}
    answer = charlie.post(f"/gestion/formation/edit/?id={formation.id}", {**page, "initial_track": "CONTROLLED", "commission": elsewhere.id})
    assert answer.status_code == 422
    db.session.refresh(formation)
    assert formation.commission_id == world.maths.commission_id


def test_what_belongs_to_the_whole_university_is_read_but_not_changed_by_a_centre(charlie, world):
    kind = world.cv.piece_type
    assert charlie.get(f"/gestion/piecetype/details/?id={kind.id}").status_code == 200
    assert charlie.get(f"/gestion/piecetype/edit/?id={kind.id}").status_code == 404
    answer = charlie.post("/gestion/piecetype/new/", {"code": "commune", "name": "Pièce commune", "is_active": "y"})
    assert answer.status_code == 422 and "sortirait de ce que vous gérez" in answer.text
    assert db.session.query(PieceType).filter_by(code="commune").count() == 0


def test_the_dossier_its_pieces_and_its_acts_are_absent_elsewhere(charlie, dora, letters):
    candidature = letters[Candidature]
    base = "/gestion/candidature"
    version = next(piece.file_version for piece in candidature.pieces if piece.file_version)
    public_id, name = version.public_id, candidature.public_id
    gets = [f"/dossier/{name}", f"/piece/{public_id}", f"/piece/{public_id}/page/1.png", f"/piece/{public_id}/apercu.png", f"/piece/{public_id}/fichier"]
    for path in gets:
        absent = charlie.get(base + path.replace(public_id, "absent").replace(name, "absent"))
        foreign = charlie.get(base + path)
        assert (foreign.status_code, len(foreign.data)) == (404, len(absent.data)), path
        assert dora.get(base + path).status_code == 200, path
    for verb in ("review", "propose", "complete", "publish", "resend", "dates"):
        assert charlie.post(f"{base}/dossier/{name}/acte/{verb}", {"seen": "1"}).status_code == 404


def test_a_stranger_among_the_rows_makes_the_whole_act_a_404(charlie, letters, world):
    mine, foreign = world.transmitted(world.alice, world.maths), letters[Candidature]
    answer = charlie.post("/gestion/ensemble/", {"act": "complete", "row": [mine.public_id, foreign.public_id]})
    assert answer.status_code == 404
    db.session.refresh(mine)
    assert mine.file_status.value == "RECEIVED"


def test_unchecked_or_refused_files_are_shown_to_nobody(charlie, world):
    candidature = world.transmitted(world.alice, world.maths)
    version = next(piece.file_version for piece in candidature.pieces if piece.file_version)
    for path in ("", "/page/1.png", "/apercu.png", "/fichier"):
        assert charlie.get(f"/gestion/candidature/piece/{version.public_id}{path}").status_code == 404
    assert f"/gestion/candidature/piece/{version.public_id}" not in charlie.get(f"/gestion/candidature/dossier/{candidature.public_id}").text


def test_the_message_of_another_dossier_is_not_resent(charlie, letters, world):
    mine = world.transmitted(world.alice, world.maths)
    foreign = letters[OutboxMessage]
    count = db.session.query(OutboxMessage).count()
    page = charlie.get(f"/gestion/candidature/dossier/{mine.public_id}").text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    answer = charlie.post(f"/gestion/candidature/dossier/{mine.public_id}/acte/resend", {"seen": seen, "message": foreign.public_id})
    assert answer.status_code == 404
    assert db.session.query(OutboxMessage).count() == count


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_an_actor_without_grant_is_given_no_row(model, app, world):
    nobody = world.staff("nobody", ())
    assert db.session.query(model).filter(access.scope_for(model, nobody)).count() == 0
    assert db.session.query(model).filter(access.scope_for(model, None)).count() == 0


@pytest.mark.parametrize("entity", ["Note", "Opinion", "Recusal", "Candidate"])
def test_the_journal_keeps_from_each_what_he_could_not_read_where_it_is_written(entity, signed_in, world):
    right = RESERVED[entity]
    values = {"text": ["Avant-canari", "Apres-canari"]}
    db.session.add(AuditEntry(actor_name="Staff", action="update", entity=entity, entity_id="1", changes=values, reason="Raison-canari"))
    others = tuple(other for other in Functionality if other != right)
    without, reader = signed_in(world.staff("without", others)), signed_in(world.staff("reader", (right, Functionality.OPERATIONS), is_write=False))
    number = db.session.scalar(db.select(AuditEntry.id).where(AuditEntry.entity == entity))
    for door in ("", f"details/?id={number}", "export/csv/"):
        page = without.get(f"/gestion/auditentry/{door}")
        assert page.status_code == 200 and "canari" not in page.text and "réservé" in page.text, door
    shown = reader.get("/gestion/auditentry/").text
    assert "Avant-canari" in shown and "réservé aux" not in shown
    assert "Raison-canari" in reader.get(f"/gestion/auditentry/details/?id={number}").text
