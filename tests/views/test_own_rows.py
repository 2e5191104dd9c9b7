"""Somebody else's things answer like absent ones, for every route of the URL map that names a thing, by every method (trust T1, U01)."""

import io
import re
from datetime import timedelta

import pytest

from app import clock
from app.enums import Outcome
from app.extensions import db
from app.models import ExternalRecord, OutboxMessage, Photograph, RequiredForm, RequiredPiece, Transmission, UserSession
from app.operations import candidatures, checks, decisions, photographs, pieces
from app.storage import vault
from tests.clients import PageClient
from tests.corpus.pictures import photograph
from tests.world import SECRET, pdf

ABSENT = {"public_id": "A" * 22, "required_id": 987654, "form_id": 987654, "number": 98, "photograph_id": "A" * 22, "row_id": 987654}


@pytest.fixture
def alices(app, world):
    """Everything that an address can name, of Alice's: {argument: value}, the public id by the kind of route."""
    world.cv.piece_type.template_key, world.cv.piece_type.template_name = vault().put(io.BytesIO(pdf()), limit=10**6).key, "modele.pdf"
    candidature = world.apply(world.alice, world.maths)
    photographs.add(candidature, world.cv, io.BytesIO(photograph()), actor=world.alice, let_go=lambda: None)
    world.complete(candidature, world.alice)
    version = pieces.line_of(candidature, world.cv.id).version
    candidatures.transmit(candidature, actor=world.alice)
    day = clock.now() + timedelta(days=9)
    decisions.propose(candidature, world.kinds[Outcome.SHORTLISTED], actor=world.charlie, interview_at=day, interview_place="Amphi")
    decisions.validate(candidature, actor=world.charlie)
    decisions.publish(candidature, actor=world.charlie)
    db.session.add(ExternalRecord(candidate_id=world.alice.candidate.id, year=2023, diploma="Licence", institution="Liège", country_code="BE", obtained="YES"))
    db.session.commit()
    checks.check_version(version.id)
    client = PageClient(app)
    client.sign_in("alice@exemple.fr", SECRET)
    message = db.session.scalar(db.select(OutboxMessage.public_id).where(OutboxMessage.candidate_id == world.alice.candidate.id))
    names = {"messages": message, "accounts": db.session.scalar(db.select(UserSession.public_id))}
    values = {
        "required_id": world.cv.id, "form_id": world.form.id, "number": 1, "step": "cursus-externe",
        "photograph_id": db.session.scalar(db.select(Photograph.public_id)), "row_id": db.session.scalar(db.select(ExternalRecord.id)),
    }  # fmt: skip
    return client, lambda rule: {**values, "public_id": names.get(rule.endpoint.split(".")[0], candidature.public_id)}


def rules(app):
    """Return the routes of candidates that name a thing (the verification of a letter is open to anybody)."""
    others = ("/gestion", "/demonstration", "/verification")
    return [rule for rule in app.url_map.iter_rules() if set(rule.arguments) & set(ABSENT) and not rule.rule.startswith(others)]


def asked(client, method, address):
    answer = client.get(address) if method == "GET" else client.post(address, {"choice": "confirm", "state": "COMPLETED", "act": "assemble"})
    return answer.status_code, re.sub(r'mono">[0-9a-f]+', "", answer.text if answer.mimetype == "text/html" else str(answer.data))


def test_the_owner_opens_every_address(app, alices):
    """Without this the next test would prove nothing: each address is a living one."""
    alice, values = alices
    adapter = app.url_map.bind("localhost")
    for rule in rules(app):
        if "GET" in rule.methods:
            address = adapter.build(rule.endpoint, {name: values(rule)[name] for name in rule.arguments}, method="GET")
            expected = {"candidatures.answer": (200, 400), "papers.letter": (302,)}.get(rule.endpoint, (200,))  # no opinion, so no letter yet
            assert alice.get(address).status_code in expected, address


def test_a_strangers_thing_is_an_absent_one_by_every_method(app, alices, world):
    _alice, values = alices
    bob = PageClient(app)
    bob.sign_in("bob@exemple.fr", SECRET)
    adapter, seen, before = app.url_map.bind("localhost"), 0, counts()
    for rule in rules(app):
        hers = {name: values(rule)[name] for name in rule.arguments}
        nobodys = {**hers, **{name: ABSENT[name] for name in rule.arguments if name in ABSENT}}
        for method in rule.methods & {"GET", "POST"}:
            foreign, absent = (asked(bob, method, adapter.build(rule.endpoint, ids, method=method)) for ids in (hers, nobodys))
            assert foreign[0] == 404, (rule.endpoint, method, foreign[0])
            assert foreign == absent, (rule.endpoint, method)
            seen += 1
    assert seen >= 30 and counts() == before


def test_a_strangers_thing_under_ones_own_candidature_is_absent_too(app, alices, world):
    """Bob's own candidature with the piece, form, receipt and photograph of another."""
    _alice, values = alices
    elsewhere = RequiredPiece(campaign=world.campaign, piece_type=world.letter.piece_type, offering=world.maths, position=9)
    form = RequiredForm(campaign=world.campaign, form=world.form, offering=world.maths)
    db.session.query(RequiredForm).delete()
    db.session.add_all([elsewhere, form])
    own = world.apply(world.bob, world.history).public_id
    bob = PageClient(app)
    bob.sign_in("bob@exemple.fr", SECRET)
    adapter = app.url_map.bind("localhost")
    for rule in rules(app):
        if len(set(rule.arguments) & set(ABSENT)) < 2:
            continue
        ids = {**{name: values(rule)[name] for name in rule.arguments}, "public_id": own}
        if "photograph_id" not in ids and "required_id" in ids:
            ids["required_id"] = elsewhere.id
        for method in rule.methods & {"GET", "POST"}:
            assert asked(bob, method, adapter.build(rule.endpoint, ids, method=method))[0] == 404, (rule.endpoint, method)


def counts():
    db.session.rollback()
    alive = db.session.scalar(db.select(db.func.count()).select_from(UserSession).where(UserSession.ended_at.is_(None)))
    return [alive, *(db.session.scalar(db.select(db.func.count()).select_from(model)) for model in (Photograph, ExternalRecord, Transmission))][1:]
