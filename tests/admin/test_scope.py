"""Charlie manages Sciences: nothing of Letters appears to him or can be touched by him, whatever the door (trust T2, T3)."""

import io
import zipfile
from datetime import timedelta

import pypdfium2
import pytest
from sqlalchemy import inspect

from app import access, clock
from app.admin import acts as menu
from app.admin.changes import RESERVED
from app.admin.generate import models
from app.enums import CommentKind, FieldKind, Functionality, LetterKind, OpinionKind, Outcome, PromotionCause, ReasonKind, ReminderEvent
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
    Job,
    LetterTemplate,
    Offering,
    OutboxMessage,
    PieceType,
    Promotion,
    ReminderRule,
    RequiredForm,
    RequiredPiece,
    ScoringGrid,
    Tag,
)
from app.operations import asked_columns, candidature_exports, checks, decisions, jobs, messages, notes, opinions, releases, saved_views
from tests.admin.test_matrix import doors as special_doors
from tests.admin.test_matrix import filled, fingerprint, listed
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
    if answer.mimetype == "application/pdf":
        return " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(answer.data)).lower()
    if "spreadsheetml" not in answer.mimetype:
        return answer.text.lower()
    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        return " ".join(book.read(name).decode() for name in book.namelist()).lower()


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


# --- the special screens: both centres at work, walked through by who manages Sciences ---

TOLD = ("note", "objet", "corps", "vue", "opinion", "commentaire", "avis", "étiquette", "lettre", "beta", "commission", "formation", "raison")
TABLES = ("parcours", "statuts", "avis", "types", "reponses", "delais", "creations", "transmissions", "unites")


def at_work(client, user, candidature, kind, letter, word):
    """Do something of everything on a dossier, each text with a word; return what fills the addresses (`filled`), and more."""

    def last(kind):
        return db.session.scalar(db.select(Job.public_id).where(Job.kind == kind, Job.created_by_id == user.id))

    notes.add(candidature, f"{word} note", actor=user)
    messages.send(candidature, actor=user, subject=f"{word} objet", text=f"{word} corps")
    opinions.give(candidature, OpinionKind.RESERVED, actor=user, comment=f"{word} opinion")
    decisions.propose(candidature, kind, actor=user, comment=f"{word} commentaire")
    decisions.validate(candidature, actor=user)
    view = saved_views.save(f"{word} vue", actor=user, spec={"search": "", "tab": "", "where": {}}, columns=["last_name"], is_shared=True)
    place = Promotion(offering=candidature.offering, candidature=candidature, cause=PromotionCause.CALL)
    db.session.add(place)
    keys, chosen = [column.key for column in asked_columns.every(user)], {"ids": [candidature.public_id]}
    export = candidature_exports.ask(chosen, actor=user, keys=keys, form="xlsx", reason=f"{word} raison")
    releases.ask(user, {}, seen=1, at=clock.now() + timedelta(days=1))
    db.session.commit()
    jobs.run(export.id)
    assert client.post("/gestion/ensemble/", {"act": "complete", "row": candidature.public_id}).status_code == 303
    version = next(piece.file_version for piece in candidature.pieces if piece.file_version_id)
    dossier = {"public_id": candidature.public_id}
    rows = {
        "candidature.piece": {"public_id": version.public_id}, "candidature.": dossier, "agir.": dossier, "documents.": dossier,
        "candidat.": {"dossier_number": candidature.candidate.dossier_number, "step": "identite"},
        "travaux.": {"public_id": export.public_id}, "ensemble.": {"public_id": last("preview")}, "traitements.": {"code": "digest"},
        "places.": {"row_id": candidature.offering_id}, "commission.": {"row_id": candidature.offering.commission_id},
        "lettertemplate.": {"row_id": letter.id, "code": "ADMISSION"},
    }  # fmt: skip
    more = {"job": export.public_id, "release": last("release"), "preview": last("preview"), "offering": candidature.offering_id, "place": place.id}
    return rows, {**more, "dossier": candidature.public_id, "view": view.public_id, "letter": letter.id}


@pytest.fixture
def nests(letters, world, charlie, dora):
    """What stands in Sciences and what stands in Letters, the canary in every word; Alice applies in both. Returns both."""
    mine, foreign = world.transmitted(world.alice, world.maths), letters[Candidature]
    world.transmitted(world.alice, world.history)
    letter = LetterTemplate(code="moineau", kind=LetterKind.ADMISSION, title=both("Moineau lettre"), body=both("Texte"), centre=world.sciences)
    db.session.add(letter)
    notes.change_tags(foreign, actor=world.dora, put=[letters[Tag]])
    db.session.commit()
    checks.check_version(next(piece.file_version_id for piece in mine.pieces if piece.file_version_id))
    return (
        at_work(charlie, world.charlie, mine, world.kinds[Outcome.ON_HOLD], letter, "Moineau"),
        at_work(dora, world.dora, foreign, letters[DecisionType], letters[LetterTemplate], CANARY),
    )


def walked(app, client, rows, queries):
    """Return {address: words} of all that a person is answered by the special screens, with each query, and by each act on a dossier."""
    found = {}
    for method, rule, _right, _level in listed(app):
        if method != "GET" or (method, rule.rule) not in special_doors():
            continue
        for name in TABLES if "name" in rule.arguments else ("",):
            path = filled(app, rule, {**rows, "statistiques.": {"name": name, "export_type": "xlsx"}})
            answers = {path + query: client.get(path + query) for query in queries}
            assert {answer.status_code for answer in answers.values()} <= {200, 302, 303, 403, 404}, path
            told = {path: answer for path, answer in answers.items() if answer.status_code < 400 and answer.mimetype != "image/png"}
            found |= {path: f"{words(answer)} {answer.location or ''}".lower() for path, answer in told.items()}
    for act in menu.ACTS.values():
        path = app.url_map.bind("localhost").build(act.endpoint, method="POST")
        answer = client.post(path, {"act": act.name, "row": rows["candidature."]["public_id"]}, follow_redirects=True)
        assert answer.status_code == 200, act.name
        found[f"{path} {act.name}"] = words(answer)
    return found


def test_no_special_screen_shows_anything_of_the_other_centre(app, charlie, dora, nests, world):
    """What stands in Letters is really there: by the same walk Dora reads every one of its words."""
    (mine, _own), (theirs, alien) = nests
    places = f"centre={world.letters.id}&commission={world.history.commission_id}&formation={world.history.id}&offering={world.history.id}"
    stolen = f"?tab=toutes&vue={alien['view']}&f.centre={world.letters.id}&{places}"
    shown = walked(app, charlie, mine, ("", "?tab=toutes&niveau=formation&q=bob%40exemple.fr", stolen))
    secrets = [CANARY, world.bob.candidate.dossier_number, *(alien[name] for name in ("job", "release", "preview", "dossier"))]
    assert [(path, secret) for path, text in shown.items() for secret in secrets if secret.lower() in text] == []
    assert len(shown) > 100 and "moineau note" in " ".join(shown.values())
    read = " ".join(walked(app, dora, theirs, ("",)).values())
    assert [word for word in TOLD if f"{CANARY} {word}".lower() not in read] == []


BY_NUMBER = """
GET  travaux/{job}
GET  travaux/{job}/avancement
GET  travaux/{job}/fichier
GET  travaux/{release}
POST travaux/{release}/arreter
POST ensemble/{release}/annuler
GET  ensemble/{preview}
GET  ensemble/{preview}/avancement
POST ensemble/{preview}/confirmer
GET  places/{offering}
POST places/{offering}/places
POST places/{offering}/tout-accepter
POST places/{offering}/tout-ecarter
POST places/{offering}/appeler
POST places/{offering}/mode
POST places/{own}/accepter
POST places/{own}/ecarter
GET  documents/dossier/{dossier}
POST documents/dossier/{dossier}
GET  documents/lettre/{dossier}
GET  agir/{dossier}
POST agir/{dossier}/cancel
POST candidature/vues/{view}/ouvrir
POST candidature/vues/{view}/modifier
POST candidature/vues/{view}/remplacer
POST candidature/vues/{view}/supprimer
GET  lettertemplate/apercu/{letter}
POST ensemble/
POST documents/choisir
POST documents/demander
POST candidature/exporter
POST candidature/exporter/demander
"""


def test_a_foreign_number_is_an_absent_one_at_the_special_screens(charlie, nests, world):
    """Places, work, releases, previews, views, letters, and selections of which one is foreign: the same 404, and nothing moves."""
    (_mine, own), (_theirs, alien) = nests
    absent = {name: 987_654 if isinstance(value, int) else "A" * len(value) for name, value in alien.items()}
    given = {"capacity": "9", "count": "1", "mode": "NONE", "name": "Volée", "reason": "x", "columns": "number", "format": "csv"}
    before = fingerprint()
    for line in BY_NUMBER.strip().splitlines():
        method, path = line.split()
        answers = []
        for numbers in (alien, absent):
            address = "/gestion/" + path.format(**numbers, own=own["offering"])
            act = "dossiers_zip" if path.startswith("documents") else "complete"
            form = {**given, "act": act, "row": [own["dossier"], numbers["dossier"]], "promotion": numbers["place"], "seen": own["dossier"]}
            answers.append(charlie.get(address) if method == "GET" else charlie.post(address, form))
        assert [answer.status_code for answer in answers] == [404, 404], line
        assert len(answers[0].data) == len(answers[1].data), line
    for name, number in (("centre", world.letters.id), ("commission", world.history.commission_id), ("offering", world.history.id)):
        asked = [charlie.post("/gestion/publications/publier", {name: value, "seen": "1"}) for value in (number, 987_654)]
        assert [answer.status_code for answer in asked] == [409, 409], "a release narrowed to a foreign place is one of nothing"
    assert fingerprint() == before
