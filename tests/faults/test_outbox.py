"""One sender against mail servers that fail in every way: nothing lost, nothing doubled, nobody waits (trust F8-F14, F28, F29)."""

import dataclasses
import ssl
import subprocess
import threading
import time
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import create_engine, text

from app import clock, documents
from app.enums import MessageState
from app.extensions import db
from app.models import OutboxMessage
from app.notifications import outbox, transport
from app.notifications.placeholders import SAMPLE
from tests.faults import smtp

pytestmark = pytest.mark.faults


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Seconds scaled down, a breaker of its own, no certificate remembered."""
    transport.verified_tls.cache_clear()
    monkeypatch.setattr(transport, "breaker", transport.Breaker(threshold=5, pause=0.3))
    monkeypatch.setattr(transport, "STEP", 2)


@pytest.fixture
def mail_to(app, monkeypatch):
    """Give a function that points the application at a mail server."""

    def point(port, *, scheme="smtp+plain", host="127.0.0.1", login=""):
        settings = dataclasses.replace(app.config["SETTINGS"], mail_url=f"{scheme}://{login}{host}:{port}")
        monkeypatch.setitem(app.config, "SETTINGS", settings)

    return point


def post(key="k", **kwargs):
    given = {"recipient": f"{key}@exemple.fr", "language": "fr", "key": key, "context": SAMPLE, **kwargs}
    message = outbox.post("account_exists", **given)
    db.session.commit()
    return message


def make_due():
    db.session.execute(db.update(OutboxMessage).values(not_before=clock.now()))
    db.session.commit()


def test_a_message_leaves_once_with_its_own_number(app, mail_to):
    sink = smtp.Sink()
    message = post()
    with smtp.running(sink) as port:
        mail_to(port)
        assert outbox.deliver(message.id) is True
        assert outbox.deliver(message.id) is False and outbox.sweep() == 0
    assert sink.message_ids == [message.message_id]
    assert message.state == MessageState.SENT and message.smtp_reply.startswith("250") and message.attempts == 1
    letter = message_from_bytes(sink.accepted[0][2], policy=default)
    assert letter["Subject"] == message.subject and letter["To"] == "k@exemple.fr"
    assert letter.get_body(("plain",)).get_content().replace("\r\n", "\n").strip() == message.text.strip()


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("code", [421, 450, 451, 452])
def test_a_passing_refusal_is_tried_again_on_the_same_row(app, mail_to, step, code):
    sink = smtp.Sink({step: [f"{code} later"]})
    message = post()
    with smtp.running(sink) as port:
        mail_to(port)
        started = clock.now()
        assert not outbox.deliver(message.id)
        assert message.state == MessageState.PENDING and str(code) in message.smtp_reply and message.attempts == 1
        assert timedelta(seconds=11) < message.not_before - started < timedelta(seconds=20)
        assert message.data_at is None
        assert outbox.sweep() == 0  # not before its instant
        make_due()
        assert outbox.sweep() == 1
    assert sink.message_ids == [message.message_id] and not message.is_possibly_twice


def test_each_failure_waits_longer_then_the_message_is_given_up_after_two_days(app, mail_to):
    message = post(secret="https://x.example/vivant")
    with smtp.running(smtp.Sink(chance=lambda step: "451 later")) as port:
        mail_to(port)
        waits = []
        for _turn in range(8):
            make_due()
            outbox.deliver(message.id)
            waits.append((message.not_before - clock.now()).total_seconds())
        for wait, ideal in zip(waits, (15, 60, 300, 900, 1800, 3600, 3600, 3600), strict=True):
            assert 0.79 * ideal - 1 < wait < 1.21 * ideal
        message.created_at = clock.now() - timedelta(hours=49)
        make_due()
        outbox.deliver(message.id)
    assert message.state == MessageState.DEAD and message.secret_text is None


@pytest.mark.parametrize(("step", "reply"), [("RCPT", "550 unknown"), ("DATA", "552 too big"), ("DATA", "554 policy")])
def test_a_refused_recipient_is_said_at_once_and_stops_nobody(app, mail_to, step, reply):
    sink = smtp.Sink({step: [reply]})
    refused, other = post("a", secret="https://x.example/vivant"), post("b")
    with smtp.running(sink) as port:
        mail_to(port)
        assert outbox.sweep() == 1
    assert refused.state == MessageState.FAILED and refused.smtp_reply == reply and refused.secret_text is None
    assert other.state == MessageState.SENT


@pytest.mark.parametrize("reply", ["530 TLS first", "550 sender not allowed", "553 no"])
def test_a_refused_sender_pauses_the_whole_queue_without_burning_a_try(app, mail_to, reply):
    sink = smtp.Sink(chance=lambda step: reply if step == "MAIL" else None)
    rows = [post(f"k{n}") for n in range(10)]
    with smtp.running(sink) as port:
        mail_to(port)
        assert outbox.sweep() == 0 and outbox.sweep() == 0
        assert sink.visits == ["MAIL"]  # one question, not ten
        assert {row.state for row in rows} == {MessageState.PENDING} and {row.attempts for row in rows} == {0}
        time.sleep(0.35)
        sink.chance = None
        make_due()
        assert outbox.sweep() == 10
    assert sorted(sink.message_ids) == sorted(row.message_id for row in rows)


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_login_wanted_in_the_middle_is_no_fault_of_the_recipient(app, mail_to, step):
    message = post()
    with smtp.running(smtp.Sink({step: ["530 authentication required"]})) as port:
        mail_to(port)
        assert not outbox.deliver(message.id)
    assert message.state == MessageState.PENDING and message.attempts == 0 and transport.breaker.is_open()


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_wrong_password_keeps_the_rows_and_a_right_one_sends_them(app, mail_to):
    sink = smtp.Sink()
    message = post()
    with smtp.running(sink, password="juste") as port:
        mail_to(port, login="postulo:faux@")
        assert not outbox.deliver(message.id)
        assert message.state == MessageState.PENDING and message.attempts == 0 and "535" in message.smtp_reply
        assert "faux" not in message.smtp_reply
        time.sleep(0.35)
        make_due()
        mail_to(port, login="postulo:juste@")
        transport.breaker.passed()
        assert outbox.deliver(message.id)
    assert len(sink.accepted) == 1


def test_a_server_that_is_down_costs_five_questions_then_one_a_pause(app, mail_to):
    port = smtp.free_port()
    mail_to(port)
    rows = [post(f"k{n}") for n in range(12)]
    outbox.sweep()
    asked = [row for row in rows if row.smtp_reply]
    assert len(asked) == 5 and {row.attempts for row in rows} == {0} and transport.breaker.is_open()
    time.sleep(0.35)
    outbox.sweep()
    assert len([row for row in rows if row.smtp_reply]) == 6  # the probe
    time.sleep(0.35)
    make_due()
    sink = smtp.Sink()
    with smtp.running(sink, port=port):
        assert outbox.sweep() == 12
    assert len(set(sink.message_ids)) == 12 == len(sink.accepted)


def test_a_line_cut_after_250_counts_as_sent(app, mail_to):
    sink = smtp.Sink({"DATA": ["250+CUT"]})
    message = post()
    with smtp.running(sink) as port:
        mail_to(port)
        assert outbox.deliver(message.id)
        assert outbox.sweep() == 0
    assert len(sink.accepted) == 1 and message.state == MessageState.SENT


@pytest.mark.parametrize("step", ["MAIL", "RCPT"])
def test_a_line_cut_before_the_content_is_no_second_copy(app, mail_to, step):
    sink = smtp.Sink({step: ["CUT"]})
    message = post()
    with smtp.running(sink) as port:
        mail_to(port)
        assert not outbox.deliver(message.id)
        make_due()
        assert outbox.deliver(message.id)
    assert len(sink.accepted) == 1 and not message.is_possibly_twice


def test_a_line_cut_at_the_final_dot_is_sent_again_and_marked(app, mail_to):
    sink = smtp.Sink({"DATA": ["CUT"]})
    message = post()
    with smtp.running(sink) as port:
        mail_to(port)
        assert not outbox.deliver(message.id)
        assert message.data_at is not None  # the server may have kept it
        make_due()
        assert outbox.deliver(message.id)
    assert message.is_possibly_twice and sink.message_ids == [message.message_id]


@pytest.mark.parametrize("words", [b"", b"220 hello there and welcome to this very slow server\r\n" * 5], ids=["silent", "drip"])
def test_a_slow_server_never_holds_a_worker_past_its_budget(app, mail_to, monkeypatch, words):
    monkeypatch.setattr(transport, "STEP", 0.6)
    monkeypatch.setattr(transport, "BUDGET", 1)
    message = post()
    with smtp.slow(words, pause=0.1) as port:
        mail_to(port)
        started = time.monotonic()
        assert not outbox.deliver(message.id)
        assert time.monotonic() - started < 2
    assert message.state == MessageState.PENDING and message.attempts == 0


def test_the_watch_is_called_off_when_a_conversation_ends(app, mail_to):
    before = threading.active_count()
    with smtp.running(smtp.Sink()) as port:
        mail_to(port)
        for n in range(5):
            assert outbox.deliver(post(f"k{n}").id)
        alarms = [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]
        assert smtp.wait_until(lambda: not any(alarm.is_alive() for alarm in alarms), seconds=2)
    assert threading.active_count() <= before + 1


# --- what is durable, and when ---


def state_elsewhere(app):
    """Read the only row through a connection of its own, as another process would."""
    engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"])
    with engine.connect() as link:
        found = link.execute(text("SELECT state, data_at FROM outbox_message")).one()
    engine.dispose()
    return found


def test_the_mark_is_durable_before_the_content_and_sent_before_the_good_bye(app, mail_to):
    seen = {}
    sink = smtp.Sink({"RCPT": [lambda: seen.update(rcpt=state_elsewhere(app))], "DATA": [lambda: seen.update(data=state_elsewhere(app))]})
    sink.at_quit = lambda: seen.update(quit=state_elsewhere(app))
    message = post()
    with smtp.running(sink) as port:
        mail_to(port)
        assert outbox.deliver(message.id)
    assert seen["rcpt"].state == "SENDING" and seen["rcpt"].data_at is None
    assert seen["data"].state == "SENDING" and seen["data"].data_at is not None
    assert seen["quit"].state == "SENT"


def test_nobody_waits_for_the_database_while_the_server_talks(app, mail_to):
    def write():
        engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"])
        if engine.dialect.name == "sqlite":
            with engine.connect() as link:
                link.exec_driver_sql("PRAGMA busy_timeout=0")
        with engine.begin() as link:
            link.execute(text("UPDATE outbox_message SET language = 'en'"))
        engine.dispose()
        written.append(True)

    written = []
    message = post()
    with smtp.running(smtp.Sink({"MAIL": [write], "RCPT": [write], "DATA": [write]})) as port:
        mail_to(port)
        assert outbox.deliver(message.id)
    assert written == [True] * 3


def test_a_sender_who_lost_his_hold_says_nothing(app, mail_to):
    message = post()

    def robbed():
        with app.app_context():
            db.session.execute(db.update(OutboxMessage).values(owner="another"))
            db.session.commit()

    sink = smtp.Sink({"RCPT": [robbed]})
    with smtp.running(sink) as port:
        mail_to(port)
        assert not outbox.deliver(message.id)
    assert sink.accepted == [] and "DATA" not in sink.visits
    assert message.owner == "another" and message.state == MessageState.SENDING


def test_one_row_rung_fifty_times_by_four_senders_is_one_mail(app, mail_to):
    sink = smtp.Sink()
    message_id = post().id
    db.session.rollback()

    def ring():
        for _turn in range(13):
            with app.app_context():
                outbox.deliver(message_id)

    with smtp.running(sink) as port:
        mail_to(port)
        threads = [threading.Thread(target=ring) for _sender in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert len(sink.accepted) == 1


def test_a_dead_senders_row_is_taken_over_when_its_lease_ends(app, mail_to):
    message = post()
    assert outbox._claim(message.id, "dead") is not None
    with smtp.running(smtp.Sink()) as port:
        mail_to(port)
        assert outbox.sweep() == 0
        message.lease_until = clock.now() - timedelta(seconds=1)
        db.session.commit()
        assert outbox.sweep() == 1
    assert message.attempts == 2 and not message.is_possibly_twice


# --- poison ---


def die(message):
    outbox._claim(message.id, "dead")
    message.lease_until = clock.now() - timedelta(seconds=1)
    db.session.commit()


def test_a_row_that_kills_its_senders_is_dead_after_five(app, mail_to):
    poison, other = post("a", secret="https://x.example/vivant"), post("b")
    for _turn in range(5):
        die(poison)
    with smtp.running(smtp.Sink()) as port:
        mail_to(port)
        assert outbox.sweep() == 1
    assert poison.state == MessageState.DEAD and poison.secret_text is None and other.state == MessageState.SENT


def test_refusals_before_a_crash_do_not_count_as_crashes(app, mail_to):
    message = post()
    sink = smtp.Sink({"RCPT": ["451 later"] * 8})
    with smtp.running(sink) as port:
        mail_to(port)
        for _turn in range(8):
            make_due()
            outbox.deliver(message.id)
        make_due()
        die(message)
        assert outbox.deliver(message.id)
    assert message.state == MessageState.SENT


def test_deaths_count_even_after_a_servers_answer(app, mail_to):
    message = post()
    with smtp.running(smtp.Sink({"RCPT": ["451 later"]})) as port:
        mail_to(port)
        outbox.deliver(message.id)
        make_due()
        for _turn in range(6):
            die(message)
        outbox.deliver(message.id)
    assert message.state == MessageState.DEAD


def test_a_row_that_always_fails_by_its_own_fault_is_dead_after_five_tries(app, mail_to, monkeypatch):
    poison, other = post("a"), post("b")
    real = transport.letter_of

    def broken(row, mark):
        if row.key == "a":
            raise RuntimeError("template error")
        return real(row, mark)

    monkeypatch.setattr(transport, "letter_of", broken)
    with smtp.running(smtp.Sink()) as port:
        mail_to(port)
        for _turn in range(7):
            make_due()
            outbox.sweep()
    assert poison.state == MessageState.DEAD and poison.attempts == 5 and other.state == MessageState.SENT


@pytest.mark.parametrize(("recipient", "state"), [("zoé@exemple.fr", MessageState.FAILED), ("a\x0bBcc: e@x.fr", MessageState.DEAD)])
def test_an_impossible_address_ends_at_once_without_a_connection(app, mail_to, recipient, state):
    mail_to(smtp.free_port())
    message = post(recipient=recipient)
    assert not outbox.deliver(message.id)
    assert message.state == state and transport.breaker.failures == 0


# --- attachments ---


def test_a_receipt_travels_with_its_message(world, mail_to):
    sink = smtp.Sink()
    world.transmitted(world.alice, world.maths)
    with smtp.running(sink) as port:
        mail_to(port)
        outbox.sweep()
    [letter] = [message_from_bytes(content, policy=default) for _to, _id, content in sink.accepted if b"application/pdf" in content]
    [part] = letter.iter_attachments()
    assert part.get_filename().endswith(".pdf") and part.get_content().startswith(b"%PDF")
    assert set(letter.keys()) == transport.REQUIRED


def test_an_attachment_that_cannot_be_made_does_not_lose_the_message(app, mail_to, monkeypatch):
    def broken(spec, language):
        raise OSError("cannot load library")

    monkeypatch.setattr(documents, "attachment", broken)
    sink = smtp.Sink()
    message = post(attachment="receipt:1")
    with smtp.running(sink) as port:
        mail_to(port)
        for _turn in range(2):
            assert not outbox.deliver(message.id)
            make_due()
        assert sink.accepted == []
        assert outbox.deliver(message.id)
    letter = message_from_bytes(sink.accepted[0][2], policy=default)
    for kind in ("plain", "html"):
        assert "La pièce jointe n’a pas pu être préparée" in letter.get_body((kind,)).get_content()


# --- TLS ---


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    key, crt = folder / "key.pem", folder / "crt.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key), "-out", str(crt), *subject]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(crt, key)
    return context, crt


@pytest.mark.parametrize(("scheme", "name"), [("smtp", "tls_context"), ("smtps", "ssl_context")])
def test_an_unverified_certificate_gets_no_byte_of_content(app, mail_to, certificate, scheme, name):
    sink = smtp.Sink()
    message = post()
    with smtp.running(sink, **{name: certificate[0]}) if name == "tls_context" else _wrapped(sink, certificate[0]) as port:
        mail_to(port, scheme=scheme)
        assert not outbox.deliver(message.id)
    assert sink.visits == [] and message.state == MessageState.PENDING and message.attempts == 0
    assert "CERTIFICATE_VERIFY_FAILED" in message.smtp_reply


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_a_verified_certificate_is_accepted(app, mail_to, certificate, monkeypatch, scheme):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    sink = smtp.Sink()
    message = post()
    with smtp.running(sink, tls_context=certificate[0]) if scheme == "smtp" else _wrapped(sink, certificate[0]) as port:
        mail_to(port, scheme=scheme, host="localhost")
        assert outbox.deliver(message.id)
    assert len(sink.accepted) == 1


def test_a_distant_server_without_tls_is_refused_unless_the_setting_says_plain(app, mail_to):
    sink = smtp.Sink()
    message = post()
    with smtp.running(sink) as port:
        mail_to(port, scheme="smtp", host="127.1")  # not one of the names of this machine
        assert not outbox.deliver(message.id)
        assert sink.visits == [] and message.state == MessageState.PENDING
        make_due()
        mail_to(port, scheme="smtp+plain", host="127.1")
        assert outbox.deliver(message.id)


def _wrapped(sink, context):
    """Run a sink that speaks TLS from the first byte."""
    from contextlib import contextmanager

    from aiosmtpd.controller import Controller

    class Wrapped(Controller):
        def _trigger_server(self):  # aiosmtpd's own probe speaks to the port once
            client = ssl._create_unverified_context()
            with smtp.socket.create_connection((self.hostname, self.port), 5) as plain, client.wrap_socket(plain) as line:
                line.recv(100)

    @contextmanager
    def run():
        controller = Wrapped(sink, hostname="127.0.0.1", port=smtp.free_port(), ssl_context=context, ready_timeout=20)
        controller.start()
        try:
            yield controller.port
        finally:
            controller.stop()

    return run()
