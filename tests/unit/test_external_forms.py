"""External forms: a signed return says that one is filled, and LimeSurvey's answers become answers like any other."""

import dataclasses
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from sqlalchemy import select

from app import clock
from app.enums import ResponseState
from app.errors import DomainError
from app.extensions import db
from app.models import BatchRun, Form, FormResponse, RequiredForm
from app.operations import answers, batches, candidatures, external_forms
from tests import survey_stand_in
from tests.world import SECRET, both


@pytest.fixture
def outside(world):
    """An external form asked of everybody."""
    form = Form(code="ENQUETE", name=both("Enquête"), url="https://enquete.exemple.fr/7?d={candidat.numero}&r={retour}")
    db.session.add_all([form, RequiredForm(campaign=world.campaign, form=form, position=200)])
    db.session.commit()
    return form


@pytest.fixture
def survey(app, monkeypatch):
    with survey_stand_in.running() as (server, url):
        monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], limesurvey_url=url))
        yield server


def ticket_of(form, candidature):
    back = parse_qs(urlsplit(external_forms.address(form, candidature)).query)["r"][0]
    assert back.startswith("http://localhost/formulaires/retour/")
    return back.rpartition("/")[2]


def hand_over(world, candidature, form):
    form.is_blocking = False
    world.complete(candidature, world.alice)
    candidatures.transmit(candidature, actor=world.alice)
    db.session.commit()


def response_of(candidature, form):
    db.session.expire_all()
    return answers.line_of(candidature, form.id).response


def test_the_signed_return_fills_the_form_once_whoever_opens_it(client, world, outside):
    candidature = world.apply(world.alice, world.maths)
    ticket = ticket_of(outside, candidature)
    for _twice in range(2):
        page = client.get(f"/formulaires/retour/{ticket}")
        assert page.status_code == 200 and "« Enquête » est rempli" in page.text
        assert "Alpha" not in page.text and "Alice" not in page.text
    assert response_of(candidature, outside).state == ResponseState.COMPLETED
    assert len([event for event in candidature.events if event.action == "form"]) == 1
    assert response_of(world.apply(world.bob, world.maths), outside) is None


@pytest.mark.parametrize("spoil", [lambda t: t[:-2], lambda t: "x" * 400, lambda t: t[1:], lambda t: t.replace(".", "%00")])
def test_a_return_that_was_not_signed_here_fills_nothing(client, world, outside, spoil):
    candidature = world.apply(world.alice, world.maths)
    answer = client.get(f"/formulaires/retour/{spoil(ticket_of(outside, candidature))}")
    assert answer.status_code == 404 and "rouvrez le formulaire depuis votre dossier" in answer.text
    assert response_of(candidature, outside) is None


def test_a_return_is_refused_when_too_old_no_longer_asked_or_handed_over(world, outside):
    candidature = world.apply(world.alice, world.maths)
    ticket = ticket_of(outside, candidature)
    with time_machine.travel(clock.now() + timedelta(days=181)), pytest.raises(DomainError, match="n’est plus bon"):
        external_forms.returned(ticket)
    hand_over(world, candidature, outside)
    with pytest.raises(DomainError, match="commission"):
        external_forms.returned(ticket)
    db.session.rollback()
    outside.url = "https://enquete.exemple.fr/7"
    db.session.commit()
    with pytest.raises(DomainError, match="plus demandé"):
        external_forms.returned(ticket)


def test_what_a_site_says_by_itself_is_not_declared(client, world, outside):
    candidature = world.apply(world.alice, world.maths)
    client.sign_in("alice@exemple.fr", SECRET)
    page = client.get(f"/candidatures/{candidature.public_id}/formulaires/{outside.id}")
    assert "J’ai rempli ce formulaire" not in page.text and "lui-même" in page.text
    assert re.search(r"formulaires%2Fretour%2F", page.text)
    client.post(f"/candidatures/{candidature.public_id}/formulaires/{outside.id}/etat", {"state": "COMPLETED"})
    assert response_of(candidature, outside) is None


def run_fetch():
    batches.run("surveys")
    return db.session.scalars(select(BatchRun).where(BatchRun.name == "surveys").order_by(BatchRun.id.desc())).first()


def row(candidature, at="2026-11-20 10:00:00", **values):
    return {"id": 1, "submitdate": at, "lastpage": 1, "startlanguage": "fr", "idCandidature": candidature.public_id, **values}


@pytest.mark.parametrize("is_old", [False, True])
def test_answers_of_limesurvey_become_answers_of_the_dossier(world, outside, survey, is_old):
    outside.survey_number, survey.is_old = 7, is_old
    mine, other = world.apply(world.alice, world.maths), world.apply(world.bob, world.maths)
    survey.questions = [{"title": "Q1", "question": "<p>Pourquoi&nbsp;<b>ici</b> ?</p>"}]
    survey.rows = [row(mine, Q1="Parce que <b>.", **{"Q2[SQ001]": "Y"}), {**row(mine, Q1="x"), "idCandidature": "nobody"}, {**row(other), "submitdate": None}]
    run = run_fetch()
    assert run.done_count == 1 and survey.open == set()
    response = response_of(mine, outside)
    assert response.state == ResponseState.COMPLETED and response.completed_at.hour == 9  # ten o'clock in Paris
    assert {answer.form_field.key: answer.value_text for answer in response.answers} == {"Q1": "Parce que <b>.", "Q2_SQ001": "Y"}
    assert {answer.form_field.label["fr"] for answer in response.answers} == {"Pourquoi ici ?", "Q2[SQ001]"}
    assert response_of(other, outside) is None
    survey.rows = [row(mine, "2026-11-19 10:00:00", Q1="ancienne")]
    assert run_fetch().done_count == 0
    survey.rows = [row(mine, "2026-11-21 10:00:00", Q1="nouvelle")]
    assert run_fetch().done_count == 1
    assert {answer.form_field.key: answer.value_text for answer in response_of(mine, outside).answers} == {"Q1": "nouvelle", "Q2_SQ001": None}


def test_an_answer_of_the_person_serves_all_the_candidatures(world, outside, survey):
    outside.survey_number, outside.is_shared = 7, True
    mine = world.apply(world.alice, world.maths)
    survey.rows = [{"id": 3, "submitdate": "2026-11-20 10:00:00", "numDossier": f" {world.alice.candidate.dossier_number.lower()} ", "Q1": "oui"}]
    assert run_fetch().done_count == 1
    assert response_of(mine, outside).state == ResponseState.COMPLETED
    assert db.session.scalars(select(FormResponse.candidature_id)).all() == [None]


def test_an_answer_kept_is_not_replaced_once_the_dossier_is_handed_over(world, outside, survey):
    outside.survey_number = 7
    mine = world.apply(world.alice, world.maths)
    survey.rows = [row(mine, Q1="première")]
    run_fetch()
    hand_over(world, mine, outside)
    survey.rows = [row(mine, "2026-11-21 10:00:00", Q1="après coup")]
    assert run_fetch().done_count == 0
    assert [answer.value_text for answer in response_of(mine, outside).answers] == ["première"]


@pytest.mark.parametrize("body", [b"<html>502</html>", b"{}", b"[]", b'{"result": null, "error": "boom", "id": 1}', b'{"result": {"status": "Invalid"}, "error": null}'])
def test_a_server_that_answers_nonsense_is_said_and_changes_nothing(world, outside, survey, body):
    outside.survey_number = 7
    mine = world.apply(world.alice, world.maths)
    survey.body = body
    assert "n’ont pas pu être lues : 1" in run_fetch().detail
    assert response_of(mine, outside) is None


def test_no_server_and_a_wrong_account_are_said(app, world, outside, survey, monkeypatch):
    outside.survey_number = 7
    db.session.commit()
    settings = app.config["SETTINGS"]
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(settings, limesurvey_url=settings.limesurvey_url.replace("cle-de-test", "autre")))
    assert "n’ont pas pu être lues : 1" in run_fetch().detail
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(settings, limesurvey_url=""))
    assert "LIMESURVEY_URL" in run_fetch().detail
