"""People, profiles and places on screen: what the rules refuse is said on the page, and each change is in the journal."""

import io
import struct
import zlib

import pytest
from PIL import Image
from sqlalchemy import select

from app.enums import FileStatus, Functionality, ScopeKind
from app.extensions import db
from app.models import AuditEntry, Candidature, Grant, OutboxMessage, RightsProfile, StaffMember, User
from app.reference import rights as shipped
from app.storage import vault
from tests.admin.pages import form_of
from tests.clients import PageClient

PEOPLE, PROFILES = "/gestion/staffmember", "/gestion/rightsprofile"
GOOD = "cascade-lanterne-bleue-9"


@pytest.fixture
def profiles(world):
    shipped.load(db.session)
    db.session.commit()
    return {row.code: row for row in db.session.scalars(select(RightsProfile))}


def actions():
    db.session.rollback()
    return [entry.action for entry in db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def picture(kind="PNG", size=(300, 120)):
    file = io.BytesIO()
    Image.new("RGB", size, "white").save(file, kind)
    return io.BytesIO(file.getvalue())


def huge_png():
    """Return a PNG of 60 000 × 60 000 pixels in a few bytes."""
    chunk = lambda name, data: struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 7501 * 100)) + chunk(b"IEND", b""))


# --- people ---


def test_an_external_juror_from_invitation_to_the_dossiers_he_may_see(app, eve, world, profiles):
    sent = eve.post(f"{PEOPLE}/inviter", {"email": "anna@ailleurs.example", "first_name": "Anna", "last_name": "Keller", "is_external": "y"})
    assert sent.status_code == 302
    member = db.session.scalar(select(StaffMember).where(StaffMember.last_name == "Keller"))
    page = eve.get(f"{PEOPLE}/details/?id={member.id}").text
    assert "invité, pas encore venu" in page and "aucun droit" in page
    given = {"profile": profiles["JURY"].id, "scope": "COMMISSION", "commission": world.maths.commission_id}
    assert eve.post(f"{PEOPLE}/{member.id}/droit", given).status_code == 302
    message = db.session.scalar(select(OutboxMessage).where(OutboxMessage.kind == "staff_invited"))
    path = "/compte/invitation/" + message.secret_text.split("/compte/invitation/")[1].split(")")[0].split()[0]
    anna = PageClient(app)
    assert anna.get(path).status_code == 200
    assert anna.post(path, {"password": "court"}, page=path).status_code == 422
    assert anna.post(path, {"password": GOOD}, page=path).status_code == 302
    assert anna.get(path).status_code == 410
    assert anna.sign_in("anna@ailleurs.example", GOOD).status_code == 302
    waiting, sent = world.apply(world.alice, world.maths), world.transmitted(world.bob, world.maths)
    assert anna.get(f"/gestion/candidature/dossier/{sent.public_id}").status_code == 200
    assert anna.get(f"/gestion/candidature/dossier/{waiting.public_id}").status_code == 404
    assert actions() == ["create", "grant"]


def test_a_right_is_given_and_taken_back_on_the_persons_page(eve, world, profiles):
    member = world.frank.staff_member
    eve.post(f"{PEOPLE}/{member.id}/droit", {"profile": profiles["MEMBRE"].id, "scope": "COMMISSION", "commission": world.history.commission_id, "is_president": "y"})
    page = eve.get(f"{PEOPLE}/details/?id={member.id}").text
    assert "Membre de commission" in page and "Commission : Commission Lettres" in page
    grant = db.session.scalar(select(Grant).where(Grant.commission_id == world.history.commission_id))
    assert grant.is_president
    eve.post(f"{PEOPLE}/{member.id}/droit/{grant.id}/retirer")
    assert "Commission Lettres" not in eve.get(f"{PEOPLE}/details/?id={member.id}").text.split("Donner un droit")[0]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "Choisissez un profil"),
        ({"profile": "9" * 12}, "Choisissez un profil"),
        ({"profile": "MEMBRE"}, "Dites où"),
        ({"profile": "MEMBRE", "scope": "CENTRE"}, "Choisissez le centre"),
        ({"profile": "MEMBRE", "scope": "COMMISSION", "commission": "0"}, "Choisissez la commission"),
    ],
)
def test_a_right_badly_asked_is_told_and_nothing_is_given(eve, world, profiles, asked, said):
    member, before = world.frank.staff_member, db.session.query(Grant).count()
    asked = {**asked, **({"profile": profiles["MEMBRE"].id} if asked.get("profile") == "MEMBRE" else {})}
    assert eve.post(f"{PEOPLE}/{member.id}/droit", asked).status_code == 302
    assert said in eve.get(f"{PEOPLE}/details/?id={member.id}").text
    assert db.session.query(Grant).count() == before


def test_the_last_administrator_stays_whatever_the_door(eve, world):
    member = world.eve.staff_member
    own = member.grants[0]
    eve.post(f"{PEOPLE}/{member.id}/droit/{own.id}/retirer")
    assert "aucun administrateur" in eve.get(f"{PEOPLE}/details/?id={member.id}").text
    for change in ({"is_active": []}, {"active_until": "2020-01-01"}):
        form = form_of(eve.get(f"{PEOPLE}/edit/?id={member.id}"))
        answer = eve.post(f"{PEOPLE}/edit/?id={member.id}", {**form, **change})
        assert answer.status_code == 422 and "aucun administrateur" in answer.text
    profile = form_of(eve.get(f"{PROFILES}/edit/?id={own.profile_id}"))
    answer = eve.post(f"{PROFILES}/edit/?id={own.profile_id}", {**profile, "right-RIGHTS": "read"})
    assert answer.status_code == 422 and "aucun administrateur" in answer.text
    assert eve.get(f"{PEOPLE}/").status_code == 200 and actions() == []


def test_a_link_is_sent_and_never_a_password(eve, world):
    member = world.charlie.staff_member
    hashed = world.charlie.password
    eve.post(f"{PEOPLE}/{member.id}/lien")
    message = db.session.scalar(select(OutboxMessage).where(OutboxMessage.kind == "staff_password_link"))
    assert message.recipient == world.charlie.email and "/compte/nouveau-mot-de-passe/" in message.secret_text
    db.session.refresh(world.charlie)
    assert world.charlie.password == hashed and actions() == ["password_link"]


def test_reading_rights_gives_none(signed_in, world, profiles):
    reader = signed_in(world.staff("reader", (Functionality.RIGHTS,), is_write=False))
    member = world.frank.staff_member
    page = reader.get(f"{PEOPLE}/details/?id={member.id}")
    assert page.status_code == 200 and "Donner un droit" not in page.text
    asked = {"profile": profiles["MEMBRE"].id, "scope": "ALL"}
    for path, data in ((f"{member.id}/droit", asked), (f"{member.id}/lien", {}), ("inviter", {"email": "a@b.fr"})):
        assert reader.post(f"{PEOPLE}/{path}", data).status_code == 403
    assert reader.post(f"{PROFILES}/new/", {"name": "x"}).status_code == 403
    assert actions() == []


# --- profiles ---


def test_a_profile_is_written_as_a_table(eve, world):
    page = eve.get(f"{PROFILES}/new/").text
    assert all(f'name="right-{right.value}"' in page and str(right.label) in page for right in Functionality)
    asked = {"code": "JURY_MASTER", "name": "Jury", "is_active": "y", "right-CANDIDATURES": "read", "right-OPINIONS": "write", "right-NOTES": "rien"}
    assert eve.post(f"{PROFILES}/new/", {**asked, "status": ["RECEIVED", "COMPLETE"]}).status_code == 302
    row = db.session.scalar(select(RightsProfile).where(RightsProfile.code == "JURY_MASTER"))
    assert {right.functionality.value: right.is_write for right in row.rights} == {"CANDIDATURES": False, "OPINIONS": True}
    assert row.visible_statuses == ["RECEIVED", "COMPLETE"]
    journal = eve.get("/gestion/auditentry/").text
    assert "Donner une opinion sur un dossier : fermé → écriture" in journal and "Dossiers visibles : tous → Reçu, en cours d’examen, Complet" in journal


def test_what_was_typed_is_kept_when_a_profile_is_refused(eve, world):
    answer = eve.post(f"{PROFILES}/new/", {"code": "é", "name": "Mon jury", "right-NOTES": "write", "status": ["RECEIVED"]})
    assert answer.status_code == 422 and 'value="Mon jury"' in answer.text
    assert 'name="right-NOTES" value="write" checked' in answer.text


def test_a_profile_changed_meanwhile_is_a_conflict_that_shows_both(eve, signed_in, world):
    row = world.frank.staff_member.grants[0].profile
    address = f"{PROFILES}/edit/?id={row.id}"
    mine = form_of(eve.get(address))
    other = signed_in(world.staff("other", tuple(Functionality)))
    assert other.post(address, {**form_of(other.get(address)), "right-NOTES": "write"}).status_code == 302
    answer = eve.post(address, {**mine, "name": "Nom d’Eve"})
    assert answer.status_code == 409 and "Changée par Staff Other" in answer.text and "Lire et écrire les notes internes" in answer.text
    db.session.refresh(row)
    assert row.name == "frank"
    assert eve.post(address, form_of(answer)).status_code == 302


# --- places ---


def test_who_may_do_what_is_read_on_a_place(charlie, dora, world):
    page = charlie.get(f"/gestion/centre/details/?id={world.sciences.id}").text
    assert "Staff Charlie" in page and "Staff Eve" in page and "Staff Dora" not in page
    assert charlie.get(f"/gestion/commission/details/?id={world.history.commission_id}").status_code == 404
    assert "Staff Frank" in charlie.get(f"/gestion/commission/details/?id={world.maths.commission_id}").text


def test_a_centres_manager_composes_a_commission(charlie, world, profiles):
    base = f"/gestion/commission/{world.maths.commission_id}"
    asked = {"email": "jury@ailleurs.example", "first_name": "Jo", "last_name": "Jury", "profile": profiles["MEMBRE"].id, "is_president": "y"}
    assert charlie.post(f"{base}/membre", asked).status_code == 302
    grant = db.session.scalar(select(Grant).where(Grant.commission_id == world.maths.commission_id))
    assert grant.is_president and grant.staff_member.last_name == "Jury"
    page = charlie.get(f"/gestion/commission/details/?id={world.maths.commission_id}").text
    assert "préside" in page and "jury@ailleurs.example" in page
    charlie.post(f"{base}/membre/{grant.id}/presidence", {"preside": "0"})
    charlie.post(f"{base}/membre/{grant.id}/retirer")
    assert db.session.scalar(select(Grant.id).where(Grant.commission_id == world.maths.commission_id)) is None
    assert actions() == ["create", "grant", "update", "update", "ungrant"]


def test_a_member_known_already_is_found_by_the_address(charlie, world, profiles):
    asked = {"email": world.dora.email, "profile": profiles["MEMBRE"].id}
    assert charlie.post(f"/gestion/commission/{world.maths.commission_id}/membre", asked).status_code == 302
    assert {grant.scope for grant in world.dora.staff_member.grants} == {ScopeKind.CENTRE, ScopeKind.COMMISSION}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"email": ""}, "Remplissez ce champ"),
        ({"email": "nouveau@ailleurs.example"}, "Remplissez ce champ"),
        ({"email": "alice@exemple.fr", "first_name": "A", "last_name": "B"}, "celle d’un candidat"),
        ({"profile": "0"}, "Not a valid choice"),
        ({"active_until": "hier", "email": "x@y.fr"}, "Choisissez un jour du calendrier"),
    ],
)
def test_a_member_badly_given_is_told_and_what_was_typed_is_kept(charlie, world, profiles, change, said):
    asked = {"email": world.dora.email, "profile": profiles["MEMBRE"].id, **change}
    answer = charlie.post(f"/gestion/commission/{world.maths.commission_id}/membre", asked)
    assert answer.status_code == 422
    assert said in answer.text or "choix" in answer.text.lower()
    assert db.session.query(User).count() == 6


def test_foreign_places_and_grants_answer_like_absent_ones(charlie, dora, world, profiles):
    asked = {"email": world.dora.email, "profile": profiles["MEMBRE"].id}
    mine, foreign = world.maths.commission_id, world.history.commission_id
    dora.post(f"/gestion/commission/{foreign}/membre", {**asked, "email": world.frank.email})
    grant = db.session.scalar(select(Grant).where(Grant.commission_id == foreign))
    for path in ("membre", f"membre/{grant.id}/retirer", f"membre/{grant.id}/presidence", "signature", "signature/retirer"):
        assert charlie.post(f"/gestion/commission/{foreign}/{path}", asked).status_code == 404, path
    for verb in ("retirer", "presidence"):
        assert charlie.post(f"/gestion/commission/{mine}/membre/{grant.id}/{verb}").status_code == 404
    assert charlie.post(f"/gestion/centre/{world.letters.id}/membre", asked).status_code == 404
    assert charlie.get(f"/gestion/commission/{foreign}/signature.png").status_code == 404
    assert db.session.get(Grant, grant.id) is not None


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_signature_is_written_anew_shown_and_removed(charlie, world, kind):
    commission = world.maths.commission
    base = f"/gestion/commission/{commission.id}"
    assert charlie.post(f"{base}/signature", {"signature": (picture(kind), "s.png")}).status_code == 302
    db.session.refresh(commission)
    key = commission.signature_key
    shown = charlie.get(f"{base}/signature.png")
    assert shown.mimetype == "image/png" and Image.open(io.BytesIO(shown.data)).size == (300, 120)
    charlie.post(f"{base}/signature", {"signature": (picture(kind, (200, 80)), "s.png")})
    assert not vault().exists(key), "the former picture is gone"
    charlie.post(f"{base}/signature/retirer")
    db.session.refresh(commission)
    assert commission.signature_key is None and charlie.get(f"{base}/signature.png").status_code == 404
    assert actions() == ["update"] * 3


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (huge_png, "trop de pixels"),
        (lambda: io.BytesIO(b"%PDF-1.7"), "ni un PNG ni un JPEG"),
        (lambda: io.BytesIO(b""), "4 Mo au plus"),
        (lambda: io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"x" * 5_000_000), "4 Mo au plus"),
        (lambda: io.BytesIO(b"\x89PNG\r\n\x1a\nrien"), "illisible"),
    ],
)
def test_a_picture_that_cannot_be_a_signature_is_refused_with_the_reason(charlie, world, file, said):
    commission = world.maths.commission
    charlie.post(f"/gestion/commission/{commission.id}/signature", {"signature": (file(), "s.png")})
    assert said in charlie.get(f"/gestion/commission/details/?id={commission.id}").text
    db.session.refresh(commission)
    assert commission.signature_key is None


# --- statuses seen, at every door ---


def test_a_hidden_status_is_hidden_at_every_door(signed_in, world):
    member = world.staff("member", tuple(Functionality), centre=world.sciences)
    member.staff_member.grants[0].profile.visible_statuses = ["RECEIVED"]
    hidden, shown = world.apply(world.bob, world.maths), world.transmitted(world.alice, world.maths)
    db.session.commit()
    client = signed_in(member)
    assert client.get(f"/gestion/candidature/dossier/{shown.public_id}").status_code == 200
    assert client.get(f"/gestion/candidature/dossier/{hidden.public_id}").status_code == 404
    for path in ("/gestion/candidature/", "/gestion/candidate/", "/gestion/candidate/export/csv/", "/gestion/outboxmessage/"):
        page = client.get(path).text
        assert "Beta" not in page and "bob@" not in page, path
    assert client.get(f"/gestion/candidate/details/?id={world.bob.candidate.id}").status_code == 404
    assert db.session.scalar(select(Candidature.file_status).where(Candidature.id == hidden.id)) == FileStatus.WAITING


# --- the journal ---


def test_the_journal_is_found_by_person_object_act_and_day(eve, charlie, world):
    data = form_of(eve.get(f"/gestion/centre/edit/?id={world.sciences.id}"))
    eve.post(f"/gestion/centre/edit/?id={world.sciences.id}", {**data, "name": "Sciences et techniques"})
    charlie.get("/gestion/piecetype/export/csv/")
    both = eve.get("/gestion/auditentry/").text
    assert "Sciences et techniques" in both and ">Export</td>" in both
    for query, seen in (
        ("personne=charlie", "Export"), ("acte=update", "Modification"), ("objet=Centre", "Modification"), ("acte=export&objet=PieceType", "Export"),
        (f"numero={world.sciences.id}", "Modification"), ("du=2020-01-01&au=2199-01-01&personne=eve", "Modification"),
    ):  # fmt: skip
        rows = eve.get(f"/gestion/auditentry/?{query}").text.split("<tbody>")[1]
        assert rows.count("<tr>") == 1 and f">{seen}</td>" in rows, query
    assert "Rien ne répond à ces filtres" in eve.get("/gestion/auditentry/?au=2020-01-01").text
    for nonsense in ("du=demain", "acte=x", "objet=%27", "numero=", "au=9999-99-99", "personne=%25"):
        assert eve.get(f"/gestion/auditentry/?{nonsense}").status_code == 200
    assert "Export" not in eve.get("/gestion/auditentry/export/csv/?acte=update").text


def test_the_journal_says_what_a_purge_left(eve, world):
    eve.get("/gestion/piecetype/export/csv/")
    entry = db.session.scalars(select(AuditEntry)).one()
    entry.changes = entry.reason = entry.salt = None
    entry.actor_name, entry.actor_id = "", None
    db.session.commit()
    assert "effacé avec les données de la personne" in eve.get("/gestion/auditentry/").text
