"""A message to a candidate: what is shown before sending is what is sent, and what could not be said is refused."""

import pytest
from sqlalchemy import select

from app import clock
from app.enums import MessageState
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import CandidatureEvent, MailTemplate, OutboxMessage
from app.notifications import outbox
from app.operations import messages
from tests.world import both


@pytest.fixture
def dossier(world):
    return world.apply(world.alice, world.maths)


def sent(dossier):
    return db.session.scalars(select(OutboxMessage).where(OutboxMessage.candidature_id == dossier.id, OutboxMessage.kind == "message_free")).all()


def test_what_is_shown_before_is_what_is_sent_and_kept_in_the_history(dossier, world):
    words = {"subject": "Précision pour {candidat.prenom}", "text": "Bonjour,\n\nVotre dossier **{candidat.numero}** ?"}
    letter = messages.preview(dossier, actor=world.charlie, **words)
    assert sent(dossier) == []
    message = messages.send(dossier, actor=world.charlie, **words)
    assert (message.recipient, message.subject, message.text) == (letter.recipient, letter.subject, letter.text)
    assert message.subject == "Précision pour Alice" and f"Votre dossier {dossier.candidate.dossier_number} ?" in message.text
    assert "<strong>" in message.html and f"/candidatures/{dossier.public_id}" in message.text
    assert message.candidate_id == dossier.candidate_id, "it is among the candidate's own messages"
    event = db.session.scalars(select(CandidatureEvent).where(CandidatureEvent.action == "message")).one()
    assert event.details == {"subject": "Précision pour {candidat.prenom}"} and event.actor_id == world.charlie.id


def test_the_same_key_sends_one_message(dossier, world):
    for _time in range(2):
        messages.send(dossier, actor=world.charlie, subject="Une fois", text="Texte", command_key="k" * 16)
    assert len(sent(dossier)) == 1


@pytest.mark.parametrize(
    ("subject", "text", "sentence"),
    [
        ("", "Texte", "Écrivez l’objet"),
        ("Objet", "  ", "Écrivez l’objet"),
        ("x" * 201, "Texte", "trop long"),
        ("Objet", "x" * 20_001, "trop long"),
        ("Objet {inconnue}", "Texte", "n’existe pas"),
        ("Objet", "Bonjour {candidat.age}", "n’existe pas"),
        ("Objet", "{ perdue", "accolade"),
        ("Objet", "[[si avis.nom]] sans fin", "par paires"),
        ("Objet", "Cliquez {compte.lien}", "n’a pas de valeur"),
        ("Objet", "[[si message.texte]]x[[fin]]", "n’a pas de valeur"),
    ],
)
def test_what_could_not_be_said_is_refused_and_nothing_is_sent(subject, text, sentence, dossier, world):
    for call in (messages.preview, messages.send):
        with pytest.raises(DomainError, match=sentence):
            call(dossier, actor=world.charlie, subject=subject, text=text)
    assert sent(dossier) == []


def test_each_candidate_reads_his_own_language(dossier, world):
    world.alice.language = "en"
    message = messages.send(dossier, actor=world.charlie, subject={"fr": "Bonjour", "en": "Hello"}, text={"fr": "Texte", "en": "Words"})
    assert message.subject == "Hello" and message.text.startswith("Words") and "Open my application" in message.text


def test_a_markup_in_a_name_stays_words(dossier, world):
    dossier.candidate.first_name = "<img src=x onerror=alert(1)> [a](javascript:b)"
    message = messages.send(dossier, actor=world.charlie, subject="{candidat.prenom}", text="{candidat.prenom} <script>alert(1)</script>")
    assert "<img" not in message.html and "<script" not in message.html and 'href="javascript' not in message.html


def test_held_messages_can_be_recalled(dossier, world):
    with outbox.held(clock.now().replace(year=2100)):
        message = messages.send(dossier, actor=world.charlie, subject="Objet", text="Texte")
    assert outbox.recall([message.key]) and message.state == MessageState.RECALLED


def test_who_may_write(dossier, world):
    for stranger in (world.dora, world.frank, world.alice):
        with pytest.raises(NotAllowed):
            messages.send(dossier, actor=stranger, subject="Objet", text="Texte")


def test_only_models_marked_for_it_are_offered(app, world):
    for code, is_free, is_active in (("libre", True, True), ("rangee", True, False), ("propre", False, True)):
        db.session.add(MailTemplate(code=code, subject=both("Objet"), body=both("Texte"), is_free=is_free, is_active=is_active))
    assert [template.code for template in messages.templates()] == ["libre"]


def test_every_placeholder_offered_can_be_sent(dossier, world):
    for placeholder in messages.placeholders():
        messages.check("Objet", f"{{{placeholder.name}}}")
