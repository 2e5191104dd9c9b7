"""Letters: issued once, the same bytes for all, verified by anybody, revoked with their opinion; templates refused at save."""

import hashlib
import io
import itertools
from datetime import timedelta

import pikepdf
import pypdfium2
import pytest

from app import clock, parameters, tasks
from app.documents import pictures, qr
from app.enums import Answer, LetterKind, MessageState, Outcome
from app.errors import DomainError
from app.extensions import db
from app.models import Letter, LetterTemplate, OutboxMessage
from app.notifications import letter_pages, letter_wording, letters, outbox
from app.operations import candidatures, decisions
from app.operations import letters as taking
from app.storage import vault
from tests.world import both

BODY = {"fr": "<p>Bonjour {candidat.prenom}</p>"}


def decided(world, candidature, outcome=Outcome.ADMITTED, **details):
    """Propose, validate and publish an opinion."""
    if outcome == Outcome.REFUSED:
        details.setdefault("reason", world.refusal)
    decisions.propose(candidature, world.kinds[outcome], actor=world.charlie, **details)
    decisions.validate(candidature, actor=world.charlie)
    decisions.publish(candidature, actor=world.charlie)
    db.session.commit()
    return candidature


def issued(candidature, language="fr"):
    letter = letters.reserve(candidature, language)
    db.session.commit()
    return letter_pages.issue(letter.id)


def content(letter):
    with vault().open(letter.storage_key) as file:
        return file.read()


def said(data):
    document = pypdfium2.PdfDocument(io.BytesIO(data))
    return " ".join("\n".join(page.get_textpage().get_text_range() for page in document).split())


def template(kind=LetterKind.ADMISSION, code="lettre", **more):
    row = LetterTemplate(code=code, kind=kind, title=more.pop("title", both("Objet")), body=more.pop("body", BODY), **more)
    db.session.add(row)
    db.session.flush()
    return row


# --- which letter, and when ---


def test_an_opinion_published_gives_a_letter_that_a_worker_makes_once(world):
    candidature = decided(world, world.transmitted(world.alice, world.maths))
    letter = db.session.scalar(db.select(Letter))
    assert (letter.kind, letter.language, letter.storage_key) == (LetterKind.ADMISSION, "fr", None)
    tasks.issue_letter(letter.id)
    db.session.refresh(letter)
    first = content(letter)
    assert letter.sha256 == hashlib.sha256(first).hexdigest() and letter.size == len(first)
    world.alice.candidate.last_name = "Autre"
    db.session.commit()
    tasks.issue_letter(letter.id)
    assert issued(candidature).sha256 == letter.sha256 and content(letter) == first


def test_the_sweep_makes_what_no_bell_announced(world):
    decided(world, world.transmitted(world.alice, world.maths))
    decided(world, world.transmitted(world.bob, world.maths), Outcome.REFUSED)
    parameters.change("LETTERS_BLOCKED", True)
    letter_pages.sweep()
    assert db.session.scalars(db.select(Letter.storage_key)).all() == [None, None]
    parameters.change("LETTERS_BLOCKED", False)
    letter_pages.sweep()
    assert all(db.session.scalars(db.select(Letter.storage_key)))
    assert db.session.scalars(db.select(Letter.kind).order_by(Letter.id)).all() == [LetterKind.ADMISSION, LetterKind.REFUSAL]


def test_two_workers_at_once_keep_one_letter(world, monkeypatch):
    candidature = decided(world, world.transmitted(world.alice, world.maths))
    letter = letters.reserve(candidature, "fr")
    number, drawn = letter.id, letter_pages.documents.pdf_of
    before = sum(1 for _key in vault().keys())  # noqa: SIM118 -- no mapping

    def slow(html):
        monkeypatch.setattr(letter_pages.documents, "pdf_of", drawn)
        letter_pages.issue(number)  # the other worker, meanwhile
        return drawn(html)

    monkeypatch.setattr(letter_pages.documents, "pdf_of", slow)
    found = letter_pages.issue(number)
    assert hashlib.sha256(content(found)).hexdigest() == found.sha256
    assert sum(1 for _key in vault().keys()) == before + 1, "the bytes of the slower one are not kept"  # noqa: SIM118 -- no mapping


@pytest.mark.parametrize("outcome", [Outcome.WAITLISTED, Outcome.ON_HOLD])
def test_an_opinion_of_another_nature_has_a_letter_only_when_its_type_brings_one(world, outcome):
    candidature = decided(world, world.transmitted(world.alice, world.maths), outcome, rank=3)
    assert letters.kind_of(candidature) is None
    with pytest.raises(DomainError, match="Aucune lettre"):
        letters.reserve(candidature, "fr")
    world.kinds[outcome].letter_template = template(LetterKind.OTHER, body={"fr": "<p>Lettre propre</p>"})
    db.session.flush()
    assert letters.kind_of(candidature) == LetterKind.OTHER
    assert "Lettre propre" in said(content(issued(candidature)))


def test_an_admission_given_up_has_no_letter_any_more(world):
    candidature = decided(world, world.transmitted(world.alice, world.maths))
    letter = issued(candidature)
    assert letters.stands(letter)
    candidatures.withdraw(candidature, actor=world.alice, reason_id=world.elsewhere.id)
    assert not letters.is_ready(candidature) and not letters.stands(letter)


def test_the_mail_of_an_offer_given_up_before_it_left_still_carries_its_letter(world):
    world.maths.commission.mails_letters = True
    candidature = decided(world, world.transmitted(world.alice, world.maths))
    candidatures.withdraw(candidature, actor=world.alice, reason_id=world.elsewhere.id)
    db.session.commit()
    [message] = messages("decision_admitted")
    assert outbox.deliver(message.id)
    assert db.session.scalar(db.select(Letter)).storage_key is not None


def test_letters_are_stopped_by_the_university_and_by_the_commission(world):
    candidature = decided(world, world.transmitted(world.alice, world.maths))
    assert letters.is_given(candidature)
    candidature.offering.commission.has_letters = False
    assert letters.is_ready(candidature) and not letters.is_given(candidature)
    parameters.change("LETTERS_BLOCKED", True)
    assert not letters.is_ready(candidature)


def test_the_letter_may_wait_for_the_confirmation(world):
    parameters.change("LETTER_AFTER_CONFIRMATION", True)
    world.maths.commission.mails_letters = True
    candidature = decided(world, world.transmitted(world.alice, world.maths))
    refused = decided(world, world.transmitted(world.bob, world.maths), Outcome.REFUSED)
    assert not letters.is_given(candidature) and letters.is_given(refused)
    assert [row.attachment for row in messages("decision_admitted")] == [None]
    candidatures.confirm(candidature, actor=world.alice)
    assert candidature.answer == Answer.CONFIRMED and letters.is_given(candidature)
    [message] = messages("answer_confirmed")
    assert message.attachment == f"letter:{letters.reserve(candidature, 'fr').id}"
    assert "Pour garder votre place" not in said(content(issued(candidature)))


# --- with the mail ---


def messages(kind):
    return db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.kind == kind)).all()


def test_the_mail_of_the_opinion_carries_the_letter_even_when_it_was_held(app, world):
    world.maths.commission.mails_letters = True
    with outbox.held(clock.now() + timedelta(minutes=5)):
        decided(world, world.transmitted(world.alice, world.maths))
    [message] = messages("decision_admitted")
    letter = db.session.scalar(db.select(Letter))
    assert message.attachment == f"letter:{letter.id}"
    message.not_before = clock.now()
    db.session.commit()
    assert outbox.deliver(message.id)
    db.session.refresh(letter)
    import email
    from email.policy import default

    mails = [email.message_from_bytes(path.read_bytes(), policy=default) for path in app.config["SETTINGS"].data_dir.glob("mails/*.eml")]
    [joined] = [part.get_content() for mail in mails for part in mail.iter_attachments() if part.get_filename().startswith("lettre")]
    assert hashlib.sha256(joined).hexdigest() == letter.sha256


def test_a_commission_that_does_not_mail_letters_sends_none(world):
    decided(world, world.transmitted(world.alice, world.maths))
    assert [row.attachment for row in messages("decision_admitted")] == [None]


def test_a_mail_whose_letter_no_longer_holds_leaves_without_it(world):
    world.maths.commission.mails_letters = True
    candidature = decided(world, world.transmitted(world.alice, world.maths))
    decided(world, candidature, Outcome.REFUSED)
    [message] = messages("decision_admitted")
    message.attempts = 2
    db.session.commit()
    assert outbox.deliver(message.id)
    db.session.refresh(message)
    assert message.state == MessageState.SENT


# --- what it says ---


def test_each_language_has_its_letter(world):
    candidature = decided(world, world.transmitted(world.alice, world.maths), comment="Très bien.")
    french, english = issued(candidature), issued(candidature, "en")
    assert french.public_id != english.public_id
    assert "avis favorable" in said(content(french)) and "favourable decision" in said(content(english))
    assert "Très bien." in said(content(french))


def test_a_letter_carries_its_address_signatory_and_code(world):
    person, commission = world.alice.candidate, world.maths.commission
    person.last_name, person.first_name = "Müller-Łukasz", "Nguyễn ıİ"
    commission.signatory_name, commission.signatory_title = "Marie Perrin", "La présidente"
    commission.postal_address = "24 avenue des Landais\n63170 Aubière"
    letter = issued(decided(world, world.transmitted(world.alice, world.maths)))
    words = said(content(letter))
    for expected in ("Madame Nguyễn ıİ Müller-Łukasz", "1 rue Haute", "Marie Perrin", "La présidente", "63170 Aubière", f"/verification/{letter.public_id}"):
        assert expected in words
    with pikepdf.open(io.BytesIO(content(letter))) as read:
        assert read.Root.Lang is not None and "/StructTreeRoot" in read.Root


def test_the_code_is_a_picture_that_fetches_nothing():
    address = "https://postulo.example/verification/" + "x" * 22
    assert qr.uri(address).startswith("data:image/svg+xml;base64,")
    assert qr.uri(address) != qr.uri(address + "y")


def test_the_most_precise_template_is_used(world):
    candidature = decided(world, world.transmitted(world.alice, world.maths))
    page = lambda: letter_pages.page_of(letters.reserve(candidature, "fr")).body
    assert "Bonjour" not in page()
    template(code="tous", body={"fr": "<p>Pour tous</p>"})
    assert "Pour tous" in page()
    template(code="ailleurs", body={"fr": "<p>Ailleurs</p>"}, centre=world.letters)
    assert "Pour tous" in page()
    template(code="ici", body={"fr": "<p>Ici</p>"}, centre=world.sciences)
    assert "Ici" in page()
    own = world.kinds[Outcome.ADMITTED].letter_template = template(code="propre", body={"fr": "<p>Propre</p>"})
    db.session.flush()
    assert "Propre" in page()
    own.is_active = False
    assert "Ici" in page()


def test_the_shipped_letters_can_all_be_filled(app):
    for language, kind in itertools.product(("fr", "en"), LetterKind):
        title, body = letter_wording.shipped(language)[kind.value]
        assert letter_pages.preview(title, body, language).startswith(b"%PDF-")


# --- revoked ---


def test_a_letter_falls_with_its_opinion(world):
    candidature = decided(world, world.transmitted(world.alice, world.maths))
    first = issued(candidature)
    decided(world, candidature, Outcome.REFUSED)
    db.session.refresh(first)
    second = issued(candidature)
    assert not letters.stands(first) and letters.stands(second)
    assert (first.kind, second.kind) == (LetterKind.ADMISSION, LetterKind.REFUSAL)


def test_the_same_opinion_published_again_after_a_recall_gets_a_new_letter(world):
    candidature = decided(world, world.transmitted(world.alice, world.maths))
    first = issued(candidature)
    decision = candidature.published_decision
    decision.published_at = clock.now() + timedelta(seconds=1)
    db.session.commit()
    assert not letters.stands(first)
    unmade = Letter(candidature=candidature, decision=decision, kind=first.kind, language="en", issued_at=first.issued_at)
    db.session.add(unmade)
    db.session.commit()
    with pytest.raises(DomainError, match="rappelé"):
        letter_pages.attachment(unmade.id, "fr", lambda: None)
    decision.published_at = clock.now()
    second = letters.reserve(candidature, "fr")
    db.session.commit()
    assert second.id != first.id and first.revoked_at is not None
    assert letters.stands(second) and not letters.stands(first)


# --- who takes it ---


def test_a_letter_is_taken_by_its_person_and_by_who_may_take_documents_there(world):
    candidature = decided(world, world.transmitted(world.alice, world.maths))
    for actor in (world.alice, world.charlie, world.eve):
        assert taking.obtain(candidature, "xx", actor=actor).language == "fr"
    assert taking.obtain(candidature, "en", actor=world.alice).language == "en"
    for stranger in (world.bob, world.dora, world.frank):
        with pytest.raises(DomainError):
            taking.obtain(candidature, "fr", actor=stranger)


# --- templates ---


REFUSED = {
    "<script>alert(1)</script>": "Ligne 1",
    "<p>a</p>\n<p>b</p>\n<img src=x onerror=alert(1)>": "Ligne 3",
    "<p onclick='x()'>a</p>": "onclick",
    "<p style='background:url(file:///etc/passwd)'>a</p>": "style",
    "<a href='javascript:alert(1)'>a</a>": "<a>",
    "<a rel=attachment href='file:///etc/passwd'>a</a>": "<a>",
    "<link rel=attachment href='file:///etc/passwd'>": "<link>",
    "<iframe src='http://127.0.0.1'></iframe>": "<iframe>",
    "<svg><script/></svg>": "<svg>",
    "<style>@import 'file:///x'</style>": "<style>",
    "<!-- {candidat.prenom} -->": "commentaires",
    "<!DOCTYPE html><p>a</p>": "commentaires",
    "<?php echo 1 ?>": "commentaires",
    "<p>a": "n’est pas fermée",
    "<p><strong>a</p></strong>": "ne ferme pas",
    "</p>": "ne ferme pas",
    "<p>\n{candidat.motdepasse}</p>": "Ligne 2",
    "<p>{candidat.__class__}</p>": "n’existe pas",
    "<p>a</p>\n<p>[[si compte.lien]]{compte.lien}[[fin]]</p>": "Ligne 2",
    "<p>[[si avis.motif]]a</p>": "[[si",
    "<p>{candidat.prenom</p>": "accolade",
    "<blockquote>" * 9 + "</blockquote>" * 9: "les unes dans les autres",
    "<p>" + "{avis.commentaire}" * 61 + "</p>": "trop de balises",
    "<p>" + "a" * 20_001 + "</p>": "trop long",
}


@pytest.mark.parametrize("body", REFUSED, ids=[str(number) for number in range(len(REFUSED))])
def test_a_letter_that_could_not_be_filled_is_refused_at_save(app, body):
    with pytest.raises(DomainError) as refused:
        letter_wording.check("Objet", body)
    assert REFUSED[body] in str(refused.value)
    with pytest.raises(DomainError):
        template(body={"fr": body})
    db.session.rollback()


@pytest.mark.parametrize("value", ["<script>alert(1)</script>", "<a rel=attachment href='file:///etc/passwd'>x</a>", "{candidat.nom}", "[[fin]]", "&lt;b&gt;", "a\nb"])
def test_a_value_is_text_and_nothing_more(app, value):
    made = letter_wording.html_of("<p>{avis.commentaire}</p>", {"avis.commentaire": value, "candidat.nom": "NON"})
    assert made == f"<p>{str(letter_wording.escape(value)).replace(chr(39), '&#39;').replace(chr(10), '<br>')}</p>".replace("&#39;", "'").replace("&#34;", '"')


@pytest.mark.parametrize("body", [body for body in REFUSED if body.startswith("<") and "script" in body or "href" in body or "on" in body])
def test_a_template_that_came_in_by_another_door_is_cleaned(app, body):
    made = letter_wording.html_of(body, {})
    for bad in ("script", "href", "src=", "onclick", "onerror", "style", "file:"):
        assert bad not in made.lower()


def test_a_bomb_of_long_values_stays_a_letter(app):
    made = letter_wording.html_of("<p>" + "{avis.commentaire}" * 60 + "</p>", {"avis.commentaire": "x" * 1_000_000})
    assert len(made) < 130_000


def test_a_file_is_never_put_in_a_letter(app, tmp_path, monkeypatch):
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP-SECRET")
    monkeypatch.setattr(letter_wording, "html_of", lambda body, context: letter_wording.Markup(body))
    monkeypatch.setattr(letter_wording, "check", lambda title, body: None)
    hostile = f'<p>a</p><a rel="attachment" href="file://{secret}">x</a><img src="file://{secret}"><object data="file://{secret}"></object>'
    data = letter_pages.preview("Objet", hostile, "fr")
    with pikepdf.open(io.BytesIO(data)) as read:
        assert len(read.attachments) == 0
        assert all(b"TOP-SECRET" not in stream.read_bytes() for stream in read.objects if isinstance(stream, pikepdf.Stream) and "/Width" not in stream)


def test_a_picture_that_is_gone_leaves_the_letter_standing(world):
    world.maths.commission.signature_key = "0" * 32
    assert pictures.uri("0" * 32) == ""
    assert content(issued(decided(world, world.transmitted(world.alice, world.maths)))).startswith(b"%PDF-")
