"""What messages say: templates, header guard, catalogue, one row for each announcement."""

import contextlib
import email
import html
import time
from datetime import timedelta
from email.policy import default
from threading import Barrier, Thread

import pytest

from app import clock
from app.enums import MessageState, PieceStatus
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import MailTemplate, OutboxMessage, SubmittedPiece
from app.notifications import announcements, catalogue, outbox, rendering, transport
from app.notifications.placeholders import PLACEHOLDERS, SAMPLE


def post(**kwargs):
    given = {"kind": "account_exists", "recipient": "a@exemple.fr", "language": "fr", "key": "k", "context": SAMPLE, **kwargs}
    return outbox.post(given.pop("kind"), **given)


# --- templates ---

GOOD = [
    "Bonjour {candidat.prenom}",
    "[[si avis.motif]]Motif : {avis.motif}[[fin]]",
    "[[si avis.motif]]a[[fin]][[si avis.rang]]b[[fin]]",
    "[lien]({dossier.lien})",
    "",
]
BAD = [
    "{candidat.mot_de_passe}",
    "{Candidat.prenom}",
    "{candidat prenom}",
    "{candidat.prénom}",
    "{candidat.prenom!r}",
    "{candidat.prenom:>1000000}",
    "{candidat.__class__}",
    "{candidat.prenom.__class__.__mro__}",
    "{0}",
    "{}",
    "{{candidat.prenom}}",
    "{{ 7*7 }}",
    "{% for x in y %}",
    "${candidat.prenom}}",
    "{candidat.prenom",
    "candidat.prenom}",
    "{candidat.\nprenom}",
    "[[si avis.motif]]sans fin",
    "[[fin]]",
    "a[[fin]]b[[si avis.motif]]",
    "[[si avis.motif]][[si avis.rang]]x[[fin]][[fin]]",
    "[[si avis.inconnu]]x[[fin]]",
    "[[si ]]x[[fin]]",
    "[[sinon]]",
    "[[si avis.motif]x[[fin]]",
    "x]]",
    "x" * 20_001,
]


@pytest.mark.parametrize("template", GOOD)
def test_a_template_of_known_names_is_accepted(template):
    rendering.check("Objet", template)


@pytest.mark.parametrize("template", BAD, ids=range(len(BAD)))
def test_a_template_that_could_not_be_rendered_is_refused(app, template):
    with pytest.raises(DomainError) as refusal:
        rendering.check("Objet", template)
    assert len(str(refusal.value)) < 200
    with pytest.raises(DomainError):
        rendering.check(template, "Corps")


@pytest.mark.parametrize(
    "unit", ["{", "}", "[[", "]]", "{a", "[[si ", "[[si avis.motif]]", "[[fin]]", "{candidat.prenom}", "\\", "[", "*", "_a_", "> ", "`"]
)
@pytest.mark.parametrize("size", [20_000, 100_000])
def test_no_template_takes_long_to_judge(app, unit, size):
    template = (unit * size)[:size]
    started = time.process_time()
    with contextlib.suppress(DomainError):
        rendering.check("Objet", template)
    assert time.process_time() - started < 0.05


def test_an_optional_part_appears_with_its_value_only():
    template = "Avis.[[si avis.motif]] Motif : {avis.motif}.[[fin]] Fin"
    assert rendering.render(template, {"avis.motif": "Niveau"}) == "Avis. Motif : Niveau. Fin"
    assert rendering.render(template, {}) == "Avis. Fin"
    assert rendering.render(template, {"avis.motif": "", "avis.rang": "3"}) == "Avis. Fin"


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[cliquez](javascript:alert(1))",
    "[cliquez](https://evil.example)",
    "![](https://evil.example/pixel.png)",
    "<https://evil.example>",
    "**gras** _it_ `code`",
    "{candidat.nom}",
    "[[si avis.motif]]x[[fin]]",
    "# Titre",
    "| a | b |",
    "&lt;b&gt;",
    "a&copy;b",
    "\\*",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_text_and_nothing_else(value):
    page = rendering.html_of("Bonjour {candidat.prenom}, voilà.", {"candidat.prenom": value, "candidat.nom": "SECRET"})
    body = page.split("<body>")[1].split("</body>")[0]
    assert body.count("<") == 2  # the paragraph itself
    assert "SECRET" not in body
    assert html.unescape(body).strip() == f"<p>Bonjour {value}, voilà.</p>"
    assert value.replace("**", "") in rendering.text_of("Bonjour {candidat.prenom}", {"candidat.prenom": value}) or "](http" in value


def test_the_html_keeps_the_editors_marks_and_no_raw_html():
    page = rendering.html_of("**Fort** <b onclick=x>brut</b>\n\n[lien](https://a.example/x) [non](javascript:x)\n\n- un", {})
    assert "<strong>Fort</strong>" in page and "<li>un</li>" in page and 'href="https://a.example/x"' in page
    assert "<b " not in page and 'href="javascript' not in page


def test_the_text_shows_where_links_go():
    text = rendering.text_of("[Ouvrir]({dossier.lien}) **vite**", {"dossier.lien": "https://a.example/c/1"})
    assert text == "Ouvrir : https://a.example/c/1 vite\n"


@pytest.mark.parametrize(
    "mark", ["\r\n", "\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\x00", "\u202e", "\u2066", "\t"]
)
def test_a_subject_stays_on_one_line_whatever_a_value_holds(app, mark):
    subject = rendering.subject_of("Bonjour {candidat.prenom}", {"candidat.prenom": f"a{mark}Bcc: e@x.fr"})
    assert transport.guarded(subject) == subject
    assert len(subject.splitlines()) == 1
    assert transport.guarded(rendering.subject_of("{candidat.prenom}", {"candidat.prenom": "=?utf-8?q?=0ABcc=3A?="}))


# --- header guard ---

CONTROLS = [chr(n) for n in (*range(0x00, 0x20), *range(0x7F, 0xA0))]
FORBIDDEN = [
    *CONTROLS,
    "\u2028",
    "\u2029",
    "\u200e",
    "\u200f",
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
    "=?utf-8?q?=0A?=",
    "\ud800",
]
ALLOWED = ["D'Arc", "O’Neil", "Müller-Łukasz", "Nguyễn", "日本語", "ملف", "Licence « Éco »\u00a0: 1/2", "a=b?c", "? = !", "x" * 200]


@pytest.mark.parametrize("mark", FORBIDDEN, ids=[ascii(mark) for mark in FORBIDDEN])
def test_the_guard_refuses_what_could_end_a_header(mark):
    for value in (f"hi{mark}Bcc: e@x", mark, f"{mark}{mark}Bcc: e@x", f"hi{mark}"):
        with pytest.raises(transport.Forbidden):
            transport.guarded(value)


def letter_for(**kwargs):
    row = OutboxMessage(
        **{
            "kind": "x", "key": "x", "recipient": "a@exemple.fr", "language": "fr", "message_id": "<1@postulo.example>", "attempts": 1,
            "subject": "Objet", "text": "Texte\n", "html": "<p>Texte</p>", **kwargs,
        }
    )  # fmt: skip
    return transport.letter_of(row, outbox.LINK)


@pytest.mark.parametrize("subject", ALLOWED)
def test_a_subject_arrives_as_it_was_written(app, subject):
    letter = email.message_from_bytes(transport.serialised(letter_for(subject=subject)), policy=default)
    assert letter["Subject"] == subject
    assert set(letter.keys()) == transport.REQUIRED


@pytest.mark.parametrize("field", ["subject", "recipient", "message_id"])
def test_no_header_bound_value_escapes_the_guard(app, field):
    for mark in ("\x0b", "\x1e", "\n"):
        with pytest.raises(transport.Forbidden):
            letter_for(**{field: f"a{mark}Bcc: e@x.fr"})


def test_a_header_slipped_in_later_is_seen_when_read_again(app):
    letter = letter_for()
    letter.extra_headers = {"Auto-Submitted": "auto-generated", "Bcc": "e@x.fr"}
    with pytest.raises(transport.Forbidden):
        transport.serialised(letter)


def test_long_lines_and_accents_travel_through_any_server(app):
    text = "é" * 5000 + "\n.\n..\nFrom moi\n"
    data = transport.serialised(
        letter_for(text=text, html=f"<p>{'à' * 5000}</p>", subject="Accusé de réception : Économie et société " * 4)
    )
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")
    letter = email.message_from_bytes(data, policy=default)
    assert letter.get_body(("plain",)).get_content().replace("\r\n", "\n") == text
    assert letter["Subject"].strip() == ("Accusé de réception : Économie et société " * 4).strip()


@pytest.mark.parametrize(
    ("typed", "carried"),
    [("a@exemple.fr", "a@exemple.fr"), ("a+b@é.fr", "a+b@xn--9ca.fr"), ("zoé@x.fr", None), ("a@" + "x" * 64 + ".fr", None)],
)
def test_an_address_is_written_as_smtp_carries_it_or_refused_at_once(app, typed, carried):
    if carried is None:
        with pytest.raises(transport.Refused):
            letter_for(recipient=typed)
        return
    assert letter_for(recipient=typed).recipients == [carried]


# --- catalogue ---


@pytest.mark.parametrize("language", catalogue.LANGUAGES)
def test_every_kind_has_its_wording_and_only_known_names(app, language):
    wording = catalogue.shipped(language)
    assert set(wording) == set(catalogue.KINDS)
    for kind, (subject, body) in wording.items():
        rendering.check(subject, body)
        assert len(rendering.subject_of(subject, SAMPLE)) > 5, kind
        for context in (SAMPLE, {}):
            for shown in (rendering.text_of(body, context), rendering.html_of(body, context)):
                assert "[[" not in shown and "{" not in shown, kind


def test_both_languages_name_the_same_things():
    for kind in catalogue.KINDS:
        names = [set(rendering.NAME.findall("".join(catalogue.shipped(language)[kind]))) for language in catalogue.LANGUAGES]
        assert names[0] == names[1], kind


def test_every_message_to_a_candidate_says_where_to_go_and_whom_to_ask():
    for kind in catalogue.DOSSIER:
        for language in catalogue.LANGUAGES:
            body = catalogue.shipped(language)[kind][1]
            assert "{dossier.lien}" in body and "{contact.adresse}" in body and "{etablissement.nom}" in body, (kind, language)


def test_the_guides_own_subject():
    assert catalogue.shipped("fr")["candidature_incomplete"][0] == "Candidature - dossier incomplet"
    assert catalogue.shipped("en")["candidature_incomplete"][0] == "Application - incomplete file"


def test_placeholders_are_documented(app):
    for placeholder in PLACEHOLDERS.values():
        assert str(placeholder.meaning) and placeholder.example


def test_a_university_replaces_a_wording_and_cannot_save_an_unreadable_one(app):
    row = MailTemplate(code="account_exists", subject={"fr": "Déjà là"}, body={"fr": "Bonjour {candidat.prenom}"})
    db.session.add(row)
    db.session.commit()
    assert post().subject == "Déjà là"
    for change in ({"subject": {"fr": "{secret}"}}, {"body": {"fr": "ok", "en": "[[si avis.motif]]x"}}):
        db.session.add(MailTemplate(code="x", **{"subject": {"fr": "a"}, "body": {"fr": "b"}, **change}))
        with pytest.raises(DomainError):
            db.session.commit()
        db.session.rollback()
    row.body = {"fr": "{candidat.hash}"}
    with pytest.raises(DomainError):
        db.session.commit()
    db.session.rollback()
    row.is_active = False
    db.session.commit()
    assert post(key="k2").subject != "Déjà là"


# --- posting ---


def test_the_same_key_gives_the_first_row(app):
    first = post()
    assert post(recipient="b@exemple.fr") is first
    db.session.commit()
    assert post().id == first.id
    assert db.session.query(OutboxMessage).count() == 1


def test_two_transactions_with_one_key_make_one_message_and_keep_their_own_work(app):
    barrier, found = Barrier(2), []

    def announce(name):
        with app.app_context():
            post(key=f"own {name}")
            db.session.commit()
            barrier.wait(10)
            post(key=f"before {name}")
            found.append(post(key="shared").message_id)
            db.session.commit()

    threads = [Thread(target=announce, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(found) == 2 and found[0] == found[1]
    keys = set(db.session.scalars(db.select(OutboxMessage.key)))
    assert keys == {"own a", "own b", "before a", "before b", "shared"}


def test_the_bell_rings_after_commit_only_and_survives_a_savepoint_given_up(app, monkeypatch):
    rung = []
    monkeypatch.setattr(outbox, "ring", lambda task, *ids: rung.append((task, *ids)))
    post(key="lost")
    db.session.rollback()
    db.session.commit()
    assert rung == []
    kept = post(key="kept")
    savepoint = db.session.begin_nested()
    savepoint.rollback()
    assert rung == []
    db.session.commit()
    assert rung == [("app.tasks.deliver", kept.id)]
    post(key="held", not_before=clock.now() + timedelta(minutes=5))
    db.session.commit()
    assert len(rung) == 1


def test_a_held_message_waits_for_its_instant(app):
    held = post(not_before=clock.now() + timedelta(minutes=5))
    db.session.commit()
    assert outbox.sweep() == 0 and not outbox.deliver(held.id)
    held.not_before = clock.now()
    db.session.commit()
    assert outbox.sweep() == 1
    assert held.state == MessageState.SENT and held.accepted_at and held.data_at


def test_a_live_link_is_sent_but_never_kept(app):
    link = "https://postulo.example/compte/valider/SECRET"
    message = post(kind="validation_link", secret=link)
    db.session.commit()
    assert "SECRET" not in message.text + message.html + message.subject
    assert outbox.deliver(message.id)
    assert message.secret_text is None
    [path] = (app.config["SETTINGS"].data_dir / "mails").glob("*.eml")
    letter = email.message_from_bytes(path.read_bytes(), policy=default)
    assert link in letter.get_body(("plain",)).get_content()
    assert f'href="{link}"' in letter.get_body(("html",)).get_content()
    assert letter["Message-ID"] == message.message_id and letter["Auto-Submitted"] == "auto-generated"


def test_the_text_is_rendered_when_the_thing_happens_not_when_it_leaves(world):
    candidature = world.apply(world.alice, world.maths)
    message = db.session.scalar(db.select(OutboxMessage).where(OutboxMessage.kind == "candidature_created"))
    before = message.text
    world.maths.formation.name = "Autre nom"
    db.session.commit()
    outbox.sweep()
    assert message.text == before and "Licence Mathématiques" in before
    assert candidature.public_id in before


def test_a_message_is_written_in_the_readers_language(world):
    world.alice.language = "en"
    world.apply(world.alice, world.maths)
    message = db.session.scalar(db.select(OutboxMessage).where(OutboxMessage.kind == "candidature_created"))
    assert message.subject.startswith("Application created") and "Dear Alice" in message.text


def review(candidature, world, comment):
    piece = db.session.scalars(db.select(SubmittedPiece).where(SubmittedPiece.candidature_id == candidature.id)).first()
    piece.status, piece.comment = PieceStatus.REFUSED, comment
    return announcements.pieces_reviewed(candidature)


def test_small_news_are_gathered_in_one_message_until_it_leaves(world):
    candidature = world.transmitted(world.alice, world.maths)
    other = world.transmitted(world.bob, world.maths)
    first = review(candidature, world, "floue")
    leaves_at = first.not_before
    db.session.commit()
    again = review(candidature, world, "coupée")
    db.session.commit()
    assert again.id == first.id and "coupée" in again.text and "floue" not in again.text
    assert again.not_before == leaves_at  # news that keep coming do not put it off for ever
    assert review(other, world, "x").id != first.id
    first.not_before = clock.now()
    db.session.commit()
    assert outbox.deliver(first.id)
    assert review(candidature, world, "encore").id != first.id


def test_a_message_is_sent_again_as_a_new_row_to_the_present_address(world):
    world.apply(world.alice, world.maths)
    first = db.session.scalar(db.select(OutboxMessage).where(OutboxMessage.kind == "candidature_created"))
    world.alice.email = "nouvelle@exemple.fr"
    for stranger in (world.alice, world.bob, world.dora, world.frank):
        with pytest.raises(NotAllowed):
            outbox.resend(first, actor=stranger)
    again = outbox.resend(first, actor=world.charlie)
    db.session.commit()
    assert (again.text, again.html, again.subject) == (first.text, first.html, first.subject)
    assert again.recipient == "nouvelle@exemple.fr" and again.message_id != first.message_id and again.state == MessageState.PENDING


def test_a_message_with_a_dead_link_is_not_sent_again(world):
    first = post(kind="validation_link", secret="https://x.example/1", candidate=world.alice.candidate)
    with pytest.raises(DomainError):
        outbox.resend(first, actor=world.eve)
