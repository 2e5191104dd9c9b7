"""Bulk acts through the pages: asked, looked at, confirmed once, taken back; foreign ids, too many, nothing: nothing half done."""

import json

import pytest
from sqlalchemy import event

from app import parameters
from app.enums import FileStatus, MessageState, Outcome
from app.extensions import db
from app.models import Candidature, Decision, DecisionType, Job, JobLine, MailTemplate, OutboxMessage
from app.operations import acts, candidatures, decisions, jobs
from app.operations.acts import ACTS

BULK = "/gestion/ensemble/"


@pytest.fixture
def two(world):
    return [world.transmitted(user, world.maths) for user in (world.alice, world.bob)]


def ticked(*rows, act="complete", **more):
    return {"act": act, "row": [row.public_id for row in rows], **more}


def last(kind):
    return db.session.scalar(db.select(Job).where(Job.kind == kind).order_by(Job.id.desc()).limit(1))


def work():
    for number in jobs.due():
        jobs.run(number)
    db.session.expire_all()


def test_ticked_rows_are_looked_at_confirmed_done_and_taken_back(charlie, two):
    answer = charlie.post(BULK, ticked(*two))
    assert answer.status_code == 303
    page = charlie.get(answer.location).text
    assert "Marquer « complet » : 2 dossiers" in page and "retenus 5 minutes" in page and "alice@exemple.fr" in page
    assert {row.file_status for row in db.session.scalars(db.select(Candidature))} == {FileStatus.RECEIVED}
    asked = charlie.post(answer.location + "/confirmer", {"reason": "Commission du 3 mai"})
    assert charlie.post(answer.location + "/confirmer", {}).location == asked.location, "sent twice, done once"
    assert "voir où en est ce travail" in charlie.get(answer.location).text
    work()
    page = charlie.get(asked.location).text
    assert "2 traités" in page and "Tout annuler" in page and "Commission du 3 mai" in page
    undo = charlie.post(f"{BULK}{last('act').public_id}/annuler", {})
    work()
    assert "2 traités" in charlie.get(undo.location).text
    assert {row.file_status for row in db.session.scalars(db.select(Candidature))} == {FileStatus.RECEIVED}
    recalled = db.session.scalars(db.select(OutboxMessage.state).where(OutboxMessage.kind == "candidature_complete")).all()
    assert recalled == [MessageState.RECALLED] * 2
    assert "Tout annuler" not in charlie.get(asked.location).text


def test_a_preview_names_each_refusal_with_its_reason(charlie, world, two):
    candidatures.set_status(two[1], FileStatus.COMPLETE, actor=world.charlie)
    db.session.commit()
    page = charlie.get(charlie.post(BULK, ticked(*two)).location).text
    assert "Marquer « complet » : 1 dossier" in page
    assert "ne se fait pas ici. Dossier : Complet." in page and "Bob" in page.split("Dossier par dossier")[1]


def test_the_whole_filter_is_taken_as_it_stands(charlie, two):
    answer = charlie.post(BULK, {"act": "complete", "whole": "1", "filter": json.dumps({"search": "", "tab": "", "where": {}})})
    assert db.session.get(Job, last("preview").id).total == 2
    assert "2 dossiers" in charlie.get(answer.location).text


def test_a_large_selection_is_looked_at_by_a_worker(charlie, two, monkeypatch):
    monkeypatch.setattr(acts, "AT_ONCE", 1)
    answer = charlie.post(BULK, ticked(*two))
    page = charlie.get(answer.location)
    assert "examinés un à un" in page.text and "Confirmer" not in page.text
    early = charlie.post(answer.location + "/confirmer", {})
    assert early.status_code == 422 and "attendez" in early.text
    work()
    assert "2 dossiers" in charlie.get(answer.location + "/avancement").text


@pytest.mark.parametrize("door", ["", "/avancement"])
def test_the_preview_of_another_is_absent(charlie, dora, eve, two, door):
    address = charlie.post(BULK, ticked(*two)).location
    assert charlie.get(address + door).status_code == 200
    assert dora.get(address + door).status_code == eve.get(address + door).status_code == 404
    assert dora.post(address + "/confirmer", {}).status_code == 404
    charlie.post(address + "/confirmer", {})
    assert eve.post(f"{BULK}{last('act').public_id}/annuler", {}).status_code == 404


def test_a_foreign_id_makes_the_whole_act_a_404_and_nothing_is_asked(charlie, world, two):
    foreign = world.apply(world.alice, world.history)
    for rows in ([two[0].public_id, foreign.public_id], [two[0].public_id, "absent"], [foreign.public_id]):
        assert charlie.post(BULK, {"act": "complete", "row": rows}).status_code == 404
    assert last("preview") is None


def test_what_cannot_be_understood_is_refused_in_words(charlie, two):
    assert charlie.post(BULK, ticked(*two, act="__init__")).status_code == 404
    for form in ({"act": "complete"}, {"act": "complete", "whole": "1", "filter": "{"}, {"act": "complete", "whole": "1", "filter": '{"where": {"password": {"in": ["x"]}}}'}):
        answer = charlie.post(BULK, form)
        assert answer.status_code == 303 and answer.location == "/gestion/candidature/"
    assert last("preview") is None


def test_too_many_at_once_is_refused_in_words(charlie, two, monkeypatch):
    monkeypatch.setattr(acts, "MOST", 1)
    answer = charlie.post(BULK, ticked(*two))
    assert answer.status_code == 303
    assert "de 1 à 1 candidatures" in charlie.get(answer.location).text


def test_a_reader_starts_no_act(frank, two):
    assert frank.post(BULK, ticked(two[0])).status_code == 403
    assert 'value="complete"' not in frank.get("/gestion/candidature/").text


@pytest.mark.parametrize("name", [name for name, act in ACTS.items() if act.fields])
def test_an_act_that_asks_something_shows_its_page_first(charlie, two, name):
    page = charlie.post(BULK, ticked(*two, act=name))
    assert page.status_code == 200 and "2 candidatures choisies" in page.text
    assert two[0].public_id in page.text and last("preview") is None


WRONG = [
    ("propose", {}, "Choisissez l’avis"),
    ("propose", {"decision_type": "999999"}, "Choisissez dans la liste"),
    ("propose", {"outcome": "REFUSED"}, "motif du refus"),
    ("propose", {"outcome": "WAITLISTED"}, "rang sur la liste"),
    ("propose", {"outcome": "WAITLISTED", "rank": "-1"}, "rang sur la liste"),
    ("dates", {}, "au moins une date"),
    ("dates", {"return_by": "31/02/2027"}, "Écrivez la date ainsi"),
    ("tags", {}, "au moins une étiquette"),
    ("tags", {"put": "abc"}, "Choisissez dans la liste"),
    ("message", {"subject": "", "text": ""}, "Écrivez l’objet"),
    ("message", {"subject": "x", "text": "{compte.lien}"}, "n’a pas de valeur"),
    ("note", {"note": "  "}, "Écrivez la note"),
    ("note", {"note": "x" * 5000}, "trop long"),
]


@pytest.mark.parametrize("name, typed, sentence", WRONG)
def test_what_is_lacking_is_told_beside_its_field_and_what_was_typed_is_kept(charlie, world, two, name, typed, sentence):
    typed = dict(typed)
    if "outcome" in typed:
        typed["decision_type"] = world.kinds[Outcome(typed.pop("outcome"))].id
    answer = charlie.post(BULK, ticked(*two, act=name, ready="1", **typed))
    assert answer.status_code == 422 and sentence in answer.text
    assert 'aria-invalid="true"' in answer.text or name == "tags"
    assert two[0].public_id in answer.text and last("preview") is None


def test_an_opinion_is_proposed_to_many_with_ranks_in_order(charlie, world, two):
    form = ticked(*two, act="propose", ready="1", decision_type=world.kinds[Outcome.WAITLISTED].id, rank="3", rank_mode="order", order="name", comment="Bien")
    address = charlie.post(BULK, form).location
    assert "à partir de 3, dans l’ordre" in charlie.get(address).text
    charlie.post(address + "/confirmer", {})
    work()
    assert [decisions.draft_of(row).rank for row in two] == [3, 4]


def test_types_and_reasons_of_another_centre_are_neither_offered_nor_accepted(charlie, world, two):
    kind = DecisionType(code="canari", name={"fr": "Canari"}, outcome=Outcome.ADMITTED, centre=world.letters)
    db.session.add(kind)
    db.session.commit()
    assert "Canari" not in charlie.post(BULK, ticked(*two, act="propose")).text
    assert charlie.post(BULK, ticked(*two, act="propose", ready="1", decision_type=kind.id)).status_code == 422
    assert db.session.scalar(db.select(db.func.count()).select_from(Decision)) == 0


def test_a_message_from_a_template_reaches_each_in_his_language(charlie, world, two):
    template = MailTemplate(code="LIBRE", subject={"fr": "Réunion", "en": "Meeting"}, body={"fr": "Venez.", "en": "Come."}, is_free=True)
    world.bob.language = "en"
    db.session.add(template)
    db.session.commit()
    address = charlie.post(BULK, ticked(*two, act="message", ready="1", template=template.id)).location
    assert "Réunion" in charlie.get(address).text
    charlie.post(address + "/confirmer", {})
    work()
    subjects = db.session.scalars(db.select(OutboxMessage.subject).where(OutboxMessage.kind == "message_free").order_by(OutboxMessage.candidature_id)).all()
    assert subjects == ["Réunion", "Meeting"]


def test_without_holding_the_page_says_that_messages_leave_at_once(charlie, two):
    parameters.change("HOLD_MINUTES", 0)
    db.session.commit()
    assert "partent aussitôt" in charlie.get(charlie.post(BULK, ticked(*two)).location).text


def test_previews_are_not_among_the_works(charlie, two):
    charlie.post(BULK, ticked(*two))
    assert "Rien pour l’instant" in charlie.get("/gestion/travaux/").text


def test_looking_costs_the_same_number_of_questions_for_one_and_for_twenty(world, two):
    def cost(numbers):
        job = acts.look(ACTS["publish"], numbers, {}, actor=world.charlie)
        db.session.commit()
        db.session.expire_all()
        seen = []

        def listener(_connection, _cursor, statement, *_rest):
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", listener)
        jobs.run(job.id)
        event.remove(db.engine, "before_cursor_execute", listener)
        return len(seen)

    few = cost([two[0].id])
    for number in range(20):
        world.apply(world.candidate(f"x{number}", "Xavier", f"Nom{number}"), world.maths)
    many = cost(db.session.scalars(db.select(Candidature.id)).all())
    assert many <= few + 2
    assert db.session.scalar(db.select(db.func.count()).select_from(JobLine)) == 23
