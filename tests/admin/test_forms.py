"""The generated forms: they keep what they do not touch, refuse what they must, and leave a line in the journal."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import inspect, select

from app import clock
from app.admin.generate import labelled, models
from app.enums import AccessTrack, FieldKind, Outcome
from app.extensions import db
from app.models import (
    AuditEntry,
    Campaign,
    Centre,
    DecisionType,
    Form,
    Formation,
    FormField,
    MailTemplate,
    Offering,
    PieceType,
    RequiredPiece,
)
from tests.admin.pages import form_of

EDITED = [model for model in models() if model.__managed__.edit]


def edit(model, row):
    return f"/gestion/{model.__name__.lower()}/edit/?id={inspect(row).identity[0]}"


def values_of(row):
    return {attribute.key: getattr(row, attribute.key) for attribute in inspect(type(row)).column_attrs}


def fresh(row):
    db.session.rollback()
    db.session.refresh(row)
    return row


@pytest.fixture
def undated(world):
    """Free the dates of the two centres and the end of the campaign, so that any date typed for an offering stands in order."""
    for centre in (world.sciences, world.letters):
        centre.closes_at = centre.return_by = None
    world.campaign.ends_at = datetime(2099, 1, 1, tzinfo=UTC)
    db.session.commit()


@pytest.mark.parametrize("model", EDITED, ids=lambda model: model.__name__)
def test_saving_a_form_untouched_changes_nothing(model, eve, world, furnished):
    """Each enum, instant, translated text, number and relation goes out to the page and comes back the same."""
    world.maths.formation.initial_track = AccessTrack.DIRECT
    world.cv.deadline = datetime(2027, 5, 12, 22, 0, 0, 5, tzinfo=UTC)
    db.session.commit()
    rows = db.session.scalars(select(model).limit(5)).all()
    assert rows, "the world has none: give it one (`furnished`)"
    for row in rows:
        before = values_of(row)
        page = eve.get(edit(model, row))
        answer = eve.post(edit(model, row), form_of(page))
        assert answer.status_code == 302, answer.text
        assert values_of(fresh(row)) == before
    assert db.session.query(AuditEntry).count() == 0


@pytest.mark.parametrize("model", EDITED, ids=lambda model: model.__name__)
def test_only_declared_fields_change_whatever_is_posted(model, eve, furnished):
    """Mass assignment (trust T4): every column of the model is posted; those of no form keep their value."""
    row = db.session.scalars(select(model).limit(1)).one()
    data = form_of(eve.get(edit(model, row)))
    hidden = {name: value for name, value in values_of(row).items() if not labelled(model).get(name, {}).get("form")}
    assert "version" in hidden and ("id" in hidden or model.__name__ == "BacSeries")
    answer = eve.post(edit(model, row), {**data, **dict.fromkeys(hidden, "9")})
    assert answer.status_code == 302
    fresh(row)
    assert {name: getattr(row, name) for name in hidden} == hidden


def test_an_edit_leaves_who_what_before_and_after_in_the_journal(eve, world):
    centre = world.sciences
    data = form_of(eve.get(edit(Centre, centre)))
    eve.post(edit(Centre, centre), {**data, "name": "Sciences et techniques", "has_waiting_list": []})
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.actor_id, entry.actor_name, entry.action, entry.entity, entry.entity_id) == (
        world.eve.id, "Staff Eve", "update", "Centre", str(centre.id),
    )  # fmt: skip
    assert entry.changes == {"name": ["Sciences", "Sciences et techniques"], "has_waiting_list": [True, False]}
    page = eve.get("/gestion/auditentry/").text
    assert "Nom : Sciences → Sciences et techniques" in page
    assert "Utilise la liste complémentaire : oui → non" in page and "Centres de candidature" in page


def test_the_journal_names_enums_instants_and_relations_as_people_do(eve, world, undated):
    offering = world.maths
    data = form_of(eve.get(edit(Offering, offering)))
    answer = eve.post(edit(Offering, offering), {**data, "closes_at": "2027-05-12", "commission": str(world.history.commission_id)})
    assert answer.status_code == 302, answer.text
    formation = world.maths.formation
    data = form_of(eve.get(edit(Formation, formation)))
    eve.post(edit(Formation, formation), {**data, "initial_track": "DIRECT"})
    page = eve.get("/gestion/auditentry/").text
    assert "Candidatures jusqu’au : — → 12/05/2027 23:59" in page
    assert "Commission : Commission Sciences → Commission Lettres" in page
    assert "Type de traitement initial : Accès contrôlé → Accès direct" in page


def test_a_refused_change_leaves_neither_change_nor_journal(eve, world):
    campaign = world.campaign
    data = form_of(eve.get(edit(Campaign, campaign)))
    answer = eve.post(edit(Campaign, campaign), {**data, "name": ["Renommée", ""], "ends_at": "2020-01-01"})
    assert answer.status_code == 422
    assert "précède le début" in answer.text and "CHECK" not in answer.text and "INSERT" not in answer.text
    assert "Renommée" in answer.text, "what was typed is kept"
    assert fresh(campaign).name["fr"] == "Campagne 2027"
    assert db.session.query(AuditEntry).count() == 0


def test_a_code_already_taken_is_told_on_its_field(eve, world):
    answer = eve.post("/gestion/centre/new/", {"code": "sciences", "name": "Doublon"})
    assert answer.status_code == 422 and db.session.query(Centre).filter_by(name="Doublon").count() == 0


# --- two people on one form ---


def test_a_stale_form_is_refused_with_both_texts_and_saves_at_the_second_try(eve, signed_in, world):
    centre = world.sciences
    mine = form_of(eve.get(edit(Centre, centre)))
    other = signed_in(world.charlie)
    other.post(edit(Centre, centre), {**form_of(other.get(edit(Centre, centre))), "name": "Nom de Charlie"})
    answer = eve.post(edit(Centre, centre), {**mine, "name": "Nom d’Eve"})
    assert answer.status_code == 409
    assert "Nom de Charlie" in answer.text and "Changée par Staff Charlie" in answer.text
    again = form_of(answer)
    assert again["name"] == ["Nom d’Eve"], "what was typed is kept"
    assert fresh(centre).name == "Nom de Charlie", "nothing is overwritten"
    assert eve.post(edit(Centre, centre), again).status_code == 302
    assert fresh(centre).name == "Nom d’Eve"


@pytest.mark.parametrize("seen", ["", "0", "abc", "99999999999999999999", "1' OR 1=1", None])
def test_a_version_that_was_never_shown_is_refused(seen, eve, world):
    data = form_of(eve.get(edit(Centre, world.sciences)))
    data.pop("seen_version")
    answer = eve.post(edit(Centre, world.sciences), {**data, "name": "Pris", **({} if seen is None else {"seen_version": seen})})
    assert answer.status_code == 409
    assert fresh(world.sciences).name == "Sciences"


def test_a_fault_in_a_field_does_not_make_a_stale_form_fresh(eve, world):
    centre = world.sciences
    data = form_of(eve.get(edit(Centre, centre)))
    centre.name = "Autre"
    db.session.commit()
    answer = eve.post(edit(Centre, centre), {**data, "code": ""})
    assert answer.status_code == 422
    assert eve.post(edit(Centre, centre), {**form_of(answer), "code": "sciences"}).status_code == 409


# --- kinds of fields ---


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("2027-05-12", datetime(2027, 5, 12, 22, tzinfo=UTC)),  # the end of that day in Paris (summer)
        ("2027-01-12", datetime(2027, 1, 12, 23, tzinfo=UTC)),  # the same in winter
        ("2027-05-12 18:00", datetime(2027, 5, 12, 16, tzinfo=UTC)),
        ("2027-05-12T18:00", datetime(2027, 5, 12, 16, tzinfo=UTC)),
        ("", None),
    ],
)
def test_a_closing_day_means_its_end_in_paris(typed, stored, eve, world, undated):
    data = form_of(eve.get(edit(Offering, world.maths)))
    assert eve.post(edit(Offering, world.maths), {**data, "closes_at": typed}).status_code == 302
    assert fresh(world.maths).closes_at == stored
    if typed and len(typed) == 10:
        assert form_of(eve.get(edit(Offering, world.maths)))["closes_at"] == [typed]
        assert f"{typed[8:]}/{typed[5:7]}/2027 23:59" in eve.get(f"/gestion/offering/details/?id={world.maths.id}").text


def test_an_opening_day_means_its_start_in_paris(eve, world, undated):
    data = form_of(eve.get(edit(Offering, world.maths)))
    eve.post(edit(Offering, world.maths), {**data, "opens_at": "2027-05-12"})
    assert fresh(world.maths).opens_at == datetime(2027, 5, 11, 22, tzinfo=UTC)
    assert form_of(eve.get(edit(Offering, world.maths)))["opens_at"] == ["2027-05-12"]
    assert "12/05/2027 00:00" in eve.get(f"/gestion/offering/details/?id={world.maths.id}").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("2027-03-28 02:30", "Cette heure n’existe pas ce jour-là"),
        ("2026-10-25 02:30", "Cette heure existe deux fois ce jour-là"),
        ("2027-02-30", "Écrivez la date ainsi"),
        ("12/05/2027", "Écrivez la date ainsi"),
        ("demain", "Écrivez la date ainsi"),
        ("0001-01-01 00:00", "Écrivez la date ainsi"),
        ("9999-12-31", "Écrivez la date ainsi"),
        ("2027-05-12 24:00", "Écrivez la date ainsi"),
    ],
)
def test_an_instant_that_cannot_be_is_told_and_kept(typed, sentence, eve, world):
    data = form_of(eve.get(edit(Offering, world.maths)))
    answer = eve.post(edit(Offering, world.maths), {**data, "closes_at": typed})
    assert answer.status_code == 422 and sentence in answer.text
    assert form_of(answer)["closes_at"] == [typed]
    assert fresh(world.maths).closes_at is None


@pytest.mark.parametrize("typed", ["abc", "1.5", "99999999999999999999", "-1", "NaN", "٣x"])
def test_a_number_that_cannot_be_is_refused(typed, eve, world):
    data = form_of(eve.get(edit(Offering, world.maths)))
    answer = eve.post(edit(Offering, world.maths), {**data, "capacity": typed})
    assert answer.status_code == 422 and fresh(world.maths).capacity == 20
    assert f'value="{typed}"' in answer.text


@pytest.mark.parametrize("typed", ["NaN", "Infinity", "1e999", "99999999999999"])
def test_a_decimal_that_cannot_be_is_refused(typed, eve, world):
    question = db.session.scalar(select(FormField).filter_by(key="mark"))
    data = form_of(eve.get(edit(FormField, question)))
    assert eve.post(edit(FormField, question), {**data, "maximum": typed}).status_code == 422
    assert fresh(question).maximum == 20


@pytest.mark.parametrize("typed", ["ACCEPTED", "admitted", "", "1", "__class__"])
def test_a_word_outside_the_vocabulary_is_refused(typed, eve, world):
    kind = world.kinds[Outcome.REFUSED]
    data = form_of(eve.get(edit(DecisionType, kind)))
    assert data["outcome"] == ["REFUSED"], "the present value is selected"
    answer = eve.post(edit(DecisionType, kind), {**data, "outcome": typed})
    assert answer.status_code == 422 and "Choisissez dans la liste." in answer.text
    assert fresh(kind).outcome == Outcome.REFUSED


def test_a_translated_text_needs_its_french_version(eve, world):
    kind = world.cv.piece_type
    data = form_of(eve.get(edit(PieceType, kind)))
    assert data["name"] == ["CV", "CV (en)"]
    answer = eve.post(edit(PieceType, kind), {**data, "name": ["", "Only English"]})
    assert answer.status_code == 422 and "Only English" in answer.text
    assert eve.post(edit(PieceType, kind), {**data, "name": ["Curriculum", ""], "purpose": ["", ""]}).status_code == 302
    assert (fresh(kind).name, kind.purpose) == ({"fr": "Curriculum"}, None)


def test_what_is_typed_is_shown_as_typed(eve, world):
    text = "<script>alert(1)</script>\"'>&lt;</textarea>"
    data = form_of(eve.get(edit(Centre, world.sciences)))
    eve.post(edit(Centre, world.sciences), {**data, "name": text, "information": [text, ""]})
    for path in ("/gestion/centre/", f"/gestion/centre/details/?id={world.sciences.id}", edit(Centre, world.sciences), "/gestion/auditentry/"):
        page = eve.get(path).text
        assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page, path


def test_a_value_that_the_database_cannot_keep_is_no_failure(eve, world):
    data = form_of(eve.get(edit(Centre, world.sciences)))
    answer = eve.post(edit(Centre, world.sciences), {**data, "contact_email": "a\0b"})
    assert answer.status_code in (302, 422)
    assert fresh(world.sciences).name == "Sciences"


# --- forms and their questions ---


def test_a_new_form_is_born_with_its_first_version_and_takes_questions(eve, world):
    answer = eve.post("/gestion/form/new/", {"code": "NEUF", "name": ["Neuf", "New"], "is_active": "y", "is_blocking": "y"})
    assert answer.status_code == 302
    form = db.session.scalar(select(Form).filter_by(code="NEUF"))
    assert [version.number for version in form.versions] == [1]
    page = eve.get("/gestion/formfield/new/")
    assert "Neuf, version 1" in page.text
    question = {"form_version": form.versions[0].id, "key": "loge", "kind": "CHOICE", "label": ["Logé ?", ""], "position": "10"}
    answer = eve.post("/gestion/formfield/new/", {**question, "choices": "oui | Oui | Yes\nnon | Non"})
    assert answer.status_code == 302, answer.text
    row = db.session.scalar(select(FormField).filter_by(key="loge"))
    assert (row.kind, row.choices) == (FieldKind.CHOICE, {"oui": {"fr": "Oui", "en": "Yes"}, "non": {"fr": "Non"}})
    assert form_of(eve.get(edit(FormField, row)))["choices"] == ["oui | Oui | Yes\nnon | Non"]
    assert "Neuf, version 1" in eve.get("/gestion/formfield/").text


@pytest.mark.parametrize("typed", ["oui", "oui | ", "é | Oui", "a | b | c | d", "oui | Oui\noui | Encore", "x" * 51 + " | Oui"])
def test_choices_badly_written_are_told_and_kept(typed, eve, world):
    question = db.session.scalar(select(FormField).filter_by(key="home"))
    data = form_of(eve.get(edit(FormField, question)))
    answer = eve.post(edit(FormField, question), {**data, "choices": typed})
    assert answer.status_code == 422 and form_of(answer)["choices"] == [typed]
    assert set(fresh(question).choices) == {"yes", "no"}


# --- one row among many ---


def test_a_reference_is_found_by_words_number_or_code(eve, world):
    data = {"campaign": world.campaign.id, "piece_type": world.cv.piece_type_id, "position": "5", "is_active": "y"}
    for typed in ("mathématiques", world.maths.formation.code, f"n’importe (n° {world.maths.id})"):
        assert eve.post("/gestion/requiredpiece/new/", {**data, "offering": typed}).status_code == 302
        row = db.session.scalars(select(RequiredPiece).order_by(RequiredPiece.id.desc())).first()
        assert row.offering_id == world.maths.id
    assert form_of(eve.get(edit(RequiredPiece, row)))["offering"] == [f"Licence Mathématiques (n° {world.maths.id})"]
    assert eve.post(edit(RequiredPiece, row), {**form_of(eve.get(edit(RequiredPiece, row))), "offering": ""}).status_code == 302
    assert fresh(row).offering_id is None


@pytest.mark.parametrize(("typed", "sentence"), [("licence", "Plusieurs répondent"), ("%", "Rien de ce nom"), ("(n° 99999)", "Rien de ce nom")])
def test_a_reference_that_names_none_or_several_is_told(typed, sentence, eve, world):
    data = {"campaign": world.campaign.id, "piece_type": world.cv.piece_type_id, "position": "5", "offering": typed}
    answer = eve.post("/gestion/requiredpiece/new/", data)
    assert answer.status_code == 422 and sentence in answer.text


# --- mails ---


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Hello {candidat.mot_de_passe}", "En anglais : La balise {candidat.mot_de_passe} n’existe pas"),
        ("[[si avis.motif]] no end", "vont par paires"),
        ("[[si avis.motif]] a [[si avis.motif]] b [[fin]] [[fin]]", "ne s’emboîtent pas"),
        ("{candidat.__class__}", "n’existe pas"),
        ("{" * 100_000, "20 000 caractères au plus"),
        ("[[" * 9_000, "vont par paires"),
        ("  ", "En anglais : écrivez l’objet et le texte dans cette langue aussi"),
    ],
)
def test_a_mail_that_could_not_be_sent_is_refused_when_saved(body, said, eve, world):
    typed = {"code": "m1", "subject": ["Objet", "Subject"], "body": ["Bonjour", body], "is_active": "y"}
    answer = eve.post("/gestion/mailtemplate/new/", typed)
    assert (answer.status_code, db.session.query(MailTemplate).count()) == (422, 0)
    assert said in html.unescape(answer.text) and "Bonjour" in answer.text


def test_a_mail_that_can_be_sent_is_kept(eve, world):
    body = "Bonjour {candidat.prenom}[[si avis.motif]] : {avis.motif}[[fin]]"
    answer = eve.post("/gestion/mailtemplate/new/", {"code": "m1", "subject": ["Objet", "Subject"], "body": [body, "Hello"], "is_active": "y"})
    assert answer.status_code == 302 and db.session.query(MailTemplate).one().body == {"fr": body, "en": "Hello"}
    assert clock.now() - db.session.query(AuditEntry).one().at < timedelta(minutes=1)


# --- what may be left empty ---


def test_nothing_is_chosen_in_anybodys_place(eve, world):
    """A new form asks; what may be empty says what empty means, and what may not is not called optional."""
    page = eve.get("/gestion/decisiontype/new/").text
    nature, centre = (re.search(rf'<select[^>]*id="{name}".*?</select>', page, re.DOTALL)[0] for name in ("outcome", "centre"))
    assert '<option selected value="">Choisir…</option>' in nature and '<option selected value="">— tout l’établissement —</option>' in centre
    assert "__None" not in page
    labels = dict(re.findall(r'<label for="(\w+)">([^<]+(?:<span class="optional">)?)', page))
    assert "optional" not in labels["outcome"] + labels["code"] and "optional" in labels["centre"] and "optional" in labels["mail_template"]
    data = {"code": "NEUF", "name": ["Neuf", ""], "outcome": "", "centre": ""}
    answer = eve.post("/gestion/decisiontype/new/", data)
    assert answer.status_code == 422 and "Choisissez dans la liste." in answer.text


def test_a_row_that_may_not_be_chosen_is_refused_and_none_is_kept(dora, world):
    data = {"code": "NEUF", "name": ["Neuf", ""], "centre": world.sciences.id}
    answer = dora.post("/gestion/piecetype/new/", data)
    assert answer.status_code == 422 and "Choisissez dans la liste." in answer.text
    assert db.session.query(PieceType).filter_by(code="NEUF").count() == 0


def test_optional_is_said_exactly_where_empty_is_accepted(eve, world, furnished):
    """What is not said optional is sent empty: each is refused on its field, never by the database."""
    for model in EDITED:
        row = db.session.scalars(select(model).limit(1)).one()
        page = eve.get(edit(model, row))
        data, found = form_of(page), dict(re.findall(r'class="field">\s+<label for="(\w+)">[^<]+(<span class="optional">)?', page.text))
        needed = [name for name, optional in found.items() if name in data and not optional]
        answer = eve.post(edit(model, row), {**data, **{name: [""] * len(data[name]) for name in needed}})
        assert answer.status_code == (422 if needed else 302), model.__name__
        assert [name for name in needed if f'href="#{name}"' not in answer.text] == [], model.__name__
