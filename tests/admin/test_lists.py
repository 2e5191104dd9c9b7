"""Lists: whatever stands in the address is bounded, searched literally, filtered in every language, and costs a fixed number of queries."""

import contextlib

import pytest
from sqlalchemy import event

from app.admin.generate import models
from app.clock import now
from app.enums import FieldKind, Functionality, Outcome, ReasonKind, ScopeKind
from app.extensions import db
from app.models import (
    AuditEntry,
    BatchRun,
    Campaign,
    Centre,
    DecisionReason,
    DecisionType,
    DiplomaType,
    EnrolmentProposal,
    Form,
    FormField,
    FormVersion,
    Grant,
    MailTemplate,
    PieceType,
    ProfileRight,
    RequiredForm,
    RequiredPiece,
    RightsProfile,
    StaffMember,
)
from tests.world import both

LISTS = [f"/gestion/{model.__name__.lower()}/" for model in models()]


@pytest.mark.parametrize(
    "query",
    [
        "page=-1", "page=99999999999999999999999", "page=abc", "page_size=1000000", "page_size=-5", "sort=99", "sort=-1", "sort=abc",
        "sort=password_hash", "desc=2&sort=0", "flt0_0=%00", "flt0_999=x", "flt0_password=x", "search=%00", "search=" + "a" * 3000,
        "search=%FF%FE", "f.is_active=peut-%C3%AAtre", "f.kind=%00", "f.created_at.from=9999-99-99", "page=1&page=2", "url=http://evil.example/",
        "&".join(f"f.c{n}=RECEIVED" for n in range(500)),
    ],
)  # fmt: skip
def test_no_address_breaks_a_list(query, eve):
    for base in ("/gestion/candidature/", "/gestion/centre/", "/gestion/outboxmessage/"):
        answer = eve.get(f"{base}?{query}")
        assert answer.status_code in (200, 400), (base, query)
        assert "evil.example" not in answer.text or "url=" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("key", ["abc", "1,2", "-1", "0", "99999999999999999999", "%00", "%D9%A1", "%C2%B2", "1%20OR%201=1"])
def test_no_number_breaks_a_door(key, eve):
    for base in LISTS:
        for door in ("details", "edit"):
            answer = eve.get(f"{base}{door}/?id={key}")
            assert answer.status_code in (404, 400), (base, door, key)


def test_a_page_never_holds_more_than_fifty_rows(eve):
    db.session.add_all(Centre(code=f"c{n}", name=f"Centre {n}") for n in range(60))
    assert eve.get("/gestion/centre/?page_size=1000000").text.count(">Voir<") == 50
    assert eve.get("/gestion/centre/?page=1").text.count(">Voir<") == 12


def test_search_takes_its_words_literally(eve):
    db.session.add_all([Centre(code="pc", name="Cent % pur"), Centre(code="ul", name="Sou_ligné"), Centre(code="bs", name="Anti\\slash / oblique")])
    for words, expected in (("%25", "Cent % pur"), ("_", "Sou_ligné"), ("\\", "Anti\\slash"), ("/", "oblique"), ("PUR cent", "Cent % pur")):
        page = eve.get(f"/gestion/centre/?search={words}").text
        assert 'class="muted">(1)' in page and expected in page, words
    assert 'class="muted">(0)' in eve.get("/gestion/centre/?search=' OR 1=1--").text


def test_yes_or_no_filters(eve, world):
    world.letters.is_active = False
    assert "Lettres" not in eve.get("/gestion/centre/?f.is_active=1").text.split("<tbody>")[1]
    assert "Sciences" not in eve.get("/gestion/centre/?f.is_active=0").text.split("<tbody>")[1]


def test_a_filter_on_what_is_not_shown_is_no_oracle(eve, world):
    """The register of filters holds only columns that the list shows (trust T3)."""
    for name in ("password", "fs_uniquifier", "secret_text", "key"):
        page = eve.get(f"/gestion/outboxmessage/?f.{name}=x").text
        assert page.count("<tr>") == eve.get("/gestion/outboxmessage/").text.count("<tr>")


# --- the number of queries ---


@contextlib.contextmanager
def counted():
    """Count the statements sent to the database."""
    sent = []
    listener = lambda link, cursor, statement, *rest: sent.append(statement)
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)


def more_of_everything(world, number):
    """Add one more row of every managed model, each with parents of its own."""
    moment, name = now(), f"n{number}"
    centre, offering = world.offering(f"Centre {name}", f"Licence {name}", moment)
    campaign = Campaign(code=name, name=both(name), starts_at=moment, ends_at=moment.replace(year=moment.year + 1))
    kind = PieceType(code=name, name=both(name), centre=centre)
    form = Form(code=name, name=both(name), centre=centre)
    version = FormVersion(form=form, number=1)
    version.fields = [FormField(key=name, kind=FieldKind.TEXT, label=both(name), is_required=False)]
    template = MailTemplate(code=name, subject=both(name), body=both(name))
    profile = RightsProfile(code=name, name=name)
    profile.rights = [ProfileRight(functionality=Functionality.FORMS)]
    member = StaffMember(last_name=name, first_name=name)
    user = world.candidate(name, name, name)
    db.session.add_all([
        campaign, kind, version, template, DiplomaType(code=name, name=both(name)),
        DecisionType(code=name, name=both(name), outcome=Outcome.ON_HOLD, centre=centre, mail_template=template),
        DecisionReason(code=name, name=both(name), kind=ReasonKind.REFUSAL, centre=centre),
        RequiredPiece(campaign=campaign, piece_type=kind, offering=offering), RequiredForm(campaign=campaign, form=form, offering=offering),
        Grant(staff_member=member, profile=profile, scope=ScopeKind.COMMISSION, commission=offering.commission),
        EnrolmentProposal(candidate=user.candidate, campaign=campaign, opi_number=f"EC{name}"),
        AuditEntry(actor_name=name, action="update", entity="Centre", entity_id="1", changes={"name": ["a", "b"]}),
        BatchRun(name=name, period=name),
    ])  # fmt: skip
    db.session.flush()
    world.apply(user, offering)


def test_each_list_and_export_costs_as_much_for_three_rows_as_for_one(eve, world):
    addresses = [address + tail for address in LISTS for tail in ("", "export/csv/")]
    addresses.remove("/gestion/candidature/export/csv/")  # made by a worker
    more_of_everything(world, 1)
    more_of_everything(world, 2)
    eve.get("/gestion/centre/")

    def costs():
        found = {}
        for address in addresses:
            with counted() as sent:
                assert eve.get(address).status_code == 200, address
            found[address] = len(sent)
        return found

    before = costs()
    for number in (3, 4, 5):
        more_of_everything(world, number)
    after = costs()
    assert {address: (before[address], count) for address, count in after.items() if count != before[address]} == {}
    assert max(before.values()) <= 20, before


def test_a_dossier_costs_as_much_with_more_candidatures_around(charlie, world):
    mine = world.transmitted(world.alice, world.maths)
    url = f"/gestion/candidature/dossier/{mine.public_id}"
    charlie.get(url)
    with counted() as first:
        charlie.get(url)
    world.transmitted(world.bob, world.maths)
    with counted() as second:
        charlie.get(url)
    assert len(first) == len(second) <= 66
