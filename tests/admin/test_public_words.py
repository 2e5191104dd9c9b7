"""The university's words on the public pages: at their place, in the reader's language, without raw HTML, given up at one press."""

import pytest
from sqlalchemy import event

from app import queries
from app.enums import Outcome, TextPlace
from app.extensions import db
from app.models import AuditEntry, Campaign, FaqEntry, PublicText
from app.operations import candidatures, decisions
from tests.admin.pages import form_of

PLACES = (
    (TextPlace.HOME, "/", "Une adresse électronique suffit."),
    (TextPlace.MAINTENANCE, "/contact", None),
    (TextPlace.OFFER, "/offre", None),
    (TextPlace.HELP, "/aide", "Créer son compte"),
    (TextPlace.CONTACT, "/contact", "Pour une question sur une candidature"),
    (TextPlace.LEGAL, "/mentions-legales", "Ce site est édité par"),
    (TextPlace.PRIVACY, "/donnees-personnelles", "Un seul cookie"),
    (TextPlace.ACCESSIBILITY, "/accessibilite", "Défenseur des droits"),
)


def written(place, **more):
    row = PublicText(place=place, body={"fr": f"## Titre {place}\n\n**ici** <b>brut</b>", "en": f"Title {place}"}, **more)
    db.session.add(row)
    db.session.commit()
    return row


@pytest.mark.parametrize(("place", "address", "shipped"), PLACES)
def test_a_text_takes_the_place_of_the_shipped_one_in_the_readers_language(visitor, place, address, shipped):
    assert shipped is None or shipped in visitor.get(address).text
    row = written(place)
    page = visitor.get(address).text
    assert f"<h2>Titre {place}</h2>" in page and "<strong>ici</strong>" in page and "<b>" not in page
    assert shipped is None or shipped not in page
    assert f"Title {place}" in visitor.get(address, headers={"Accept-Language": "en"}).text
    row.is_active = False
    db.session.commit()
    assert f"Titre {place}" not in visitor.get(address).text


def test_the_home_page_says_what_the_university_wants_while_nothing_is_open(visitor, world):
    written(TextPlace.CLOSED)
    assert "Titre CLOSED" not in visitor.get("/").text
    db.session.execute(db.update(Campaign).values(is_running=False))
    db.session.commit()
    assert queries.running_campaign() is None and "Titre CLOSED" in visitor.get("/").text


def test_who_confirmed_reads_the_instructions_of_the_university(signed_in, world):
    candidature = world.transmitted(world.alice, world.maths)
    decisions.propose(candidature, world.kinds[Outcome.ADMITTED], actor=world.charlie)
    decisions.validate(candidature, actor=world.charlie)
    decisions.publish(candidature, actor=world.charlie)
    written(TextPlace.ENROLMENT)
    alice, address = signed_in(world.alice), f"/candidatures/{candidature.public_id}"
    assert "Titre ENROLMENT" not in alice.get(address).text
    candidatures.confirm(candidature, actor=world.alice)
    db.session.commit()
    page = alice.get(address).text
    assert "Titre ENROLMENT" in page and "Gardez ce numéro" not in page


def test_questions_stand_in_their_order_on_the_help_page(visitor):
    assert "Mon fichier est refusé." in visitor.get("/aide").text
    rows = [FaqEntry(code=code, question={"fr": code}, answer={"fr": f"*{code}*"}, position=at) for code, at in (("deux", 2), ("une", 1))]
    db.session.add_all([*rows, FaqEntry(code="tue", question={"fr": "tue"}, answer={"fr": "tue"}, is_active=False)])
    db.session.commit()
    for address in ("/aide", "/aide/questions"):
        page = visitor.get(address).text
        assert page.index("<em>une</em>") < page.index("<em>deux</em>")
        assert "Mon fichier est refusé." not in page and "tue</strong>" not in page


def test_every_text_of_a_page_is_read_at_once(app, visitor, world):
    seen = []

    def count(connection, cursor, statement, *_):
        if "public_text" in statement:
            seen.append(statement)

    for place in TextPlace:
        written(place)
    event.listen(db.engine, "before_cursor_execute", count)
    try:
        visitor.get("/")
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert len(seen) == 1


def test_a_text_is_looked_at_in_both_languages_before_it_is_kept(eve):
    body = ["**Bonjour** <script>x</script>", "*Hello*"]
    look = eve.post("/gestion/publictext/new/", {"place": "HOME", "body": body, "is_active": "y", "preview": "1"})
    assert look.status_code == 200 and "<strong>Bonjour</strong>" in look.text and "<em>Hello</em>" in look.text
    assert "<script>x" not in look.text and db.session.scalar(db.select(PublicText)) is None
    eve.post("/gestion/publictext/new/", {"place": "HOME", "body": body, "is_active": "y"})
    row = db.session.scalar(db.select(PublicText))
    address = f"/gestion/publictext/edit/?id={row.id}"
    seen = form_of(eve.get(address))
    assert "<em>Hello</em>" in eve.get(address).text
    refused = eve.post(address, seen | {"body": ["", "Only English"]})
    assert refused.status_code == 422 and "Le texte français est obligatoire." in refused.text
    warned = eve.post(address, seen | {"body": ["Seulement", ""]}, follow_redirects=True)
    assert "Il manque le texte anglais" in warned.text
    db.session.expire_all()
    assert row.body == {"fr": "Seulement"}
    assert "le français sera lu à sa place" in eve.get(address).text


def test_the_shipped_text_comes_back_and_the_audit_says_who_wanted_it(eve, charlie, visitor):
    row = written(TextPlace.HOME)
    assert charlie.post(f"/gestion/publictext/{row.id}/livre", {}).status_code in (403, 404)
    listed = eve.get("/gestion/publictext/").text
    assert "place=HELP" in listed and "place=HOME" not in listed
    assert eve.post(f"/gestion/publictext/{row.id}/livre", {}).status_code == 302
    assert "Une adresse électronique suffit." in visitor.get("/").text
    entry = db.session.scalar(db.select(AuditEntry).where(AuditEntry.entity == "PublicText"))
    assert entry.changes == {"is_active": [True, False]}
