"""How a message leaves: through Flask-Mail behind a header guard and time-outs, or as a file of the embedded default."""

import contextlib
import email
import html
import os
import re
import smtplib
import socket
import ssl
import threading
import time
import unicodedata
from email.charset import QP, Charset
from email.mime.text import MIMEText
from email.policy import SMTP
from functools import cache
from urllib.parse import unquote, urlsplit

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_mail import Connection, Message

from app import documents
from app.extensions import db

STEP = 10  # seconds for each step of the conversation (trust R4)
BUDGET = 45  # seconds for the whole of it, below the lease of the row (trust R3, F9)
ATTACHMENT_TRIES = 3  # then the message leaves without it, and says so
NOT_US = (530, 534, 535, 538)  # replies about our login, at whatever step
EXPECTED = {"Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "Content-Transfer-Encoding"}
REQUIRED = EXPECTED - {"Content-Transfer-Encoding"}
BIDI = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Refused(Exception):
    """The server will never take this message for this recipient."""


class Paused(Exception):
    """No server takes us now (unreachable, login, policy, TLS): no message is at fault, none loses a try (trust F8, F11)."""


class Forbidden(ValueError):
    """A header would carry what it must not (trust M2)."""


class Breaker:
    """Stops trying for a minute after five failed connections in a row, or one refusal of us; then one probe a minute (trust R4)."""

    def __init__(self, threshold=5, pause=60):
        self.threshold, self.pause = threshold, pause
        self.failures, self.until = 0, 0.0

    def is_open(self):
        return time.monotonic() < self.until

    def failed(self):
        self.failures += 1
        if self.failures >= self.threshold:
            self.until = time.monotonic() + self.pause

    def trip(self):
        self.failures, self.until = self.threshold, time.monotonic() + self.pause

    def passed(self):
        self.failures, self.until = 0, 0.0


breaker = Breaker()


def guarded(value):
    """Return a value fit for a header.

    Raises:
        Forbidden: it holds a control, a line or paragraph separator, a bidi mark, or an encoded word.
    """
    if "=?" in value or any(unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") or c in BIDI for c in value):
        raise Forbidden("header value with a forbidden character")
    return value


class Letter(Message):
    """Flask-Mail's message, its texts in quoted-printable: no line passes 998 bytes and no server needs 8BITMIME."""

    def _mimetext(self, text, subtype="plain"):
        charset = Charset("utf-8")
        charset.body_encoding = QP
        return MIMEText(text, subtype, charset)

    def _message(self):
        message = super()._message()
        message.policy = SMTP.clone(refold_source="none")  # folding again cuts encoded words in two: unreadable subjects
        return message


def letter_of(row, mark):
    """Return the Flask-Mail message of an outbox row, live link put back, attachment joined.

    Raises:
        Refused: the address cannot be written to. Forbidden: see `guarded`.
        Exception: the attachment could not be made; after three tries the message does without.
    """
    settings = current_app.config["SETTINGS"]
    joined = _attachment_of(row)
    notice = _notice(row.language) if row.attachment and joined is None else ""
    live = row.secret_text or mark
    letter = Letter(
        subject=guarded(row.subject),
        recipients=[_envelope(guarded(row.recipient))],
        sender=guarded(settings.mail_sender),
        body=row.text.replace(mark, live) + (f"\n{notice}\n" if notice else ""),
        html=row.html.replace(mark, html.escape(live)).replace("</body>", f"<p>{html.escape(notice)}</p></body>") if row.html else None,
        extra_headers={"Auto-Submitted": "auto-generated"},
    )
    letter.msgId = guarded(row.message_id)
    if joined is not None:
        name, media_type, data = joined
        letter.attach(guarded(name), media_type, data)
    return letter


def _attachment_of(row):
    if not row.attachment:
        return None
    try:
        return documents.attachment(row.attachment, row.language, let_go=db.session.rollback)
    except Exception:
        if row.attempts < ATTACHMENT_TRIES:
            raise
        current_app.logger.exception("message %s leaves without its attachment", row.id)
        return None


def _notice(language):
    with force_locale(language):
        return _("La pièce jointe n’a pas pu être préparée : vous la trouverez sur la page de votre candidature.")


def _envelope(address):
    """Return an address as SMTP carries it, its domain in ASCII.

    Raises:
        Refused: what stands before the @ is not ASCII, or the domain is none (trust F29).
    """
    local, _at, domain = address.rpartition("@")
    try:
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise Refused("553 address with letters that mail cannot carry") from error


def serialised(letter):
    """Return the bytes of a letter once its headers, read again, are exactly the expected ones."""
    data = letter.as_bytes()
    names = [name for name, _value in email.message_from_bytes(data, policy=SMTP).items()]
    if not REQUIRED <= set(names) <= EXPECTED or len(names) != len(set(names)):
        raise Forbidden(f"unexpected headers: {sorted(set(names) ^ REQUIRED)}")
    return re.sub(rb"\r?\n", b"\r\n", data)


def send(letter, *, before_data, accepted):
    """Send a letter to its one recipient.

    Args:
        before_data: called just before the content leaves, to mark what may have been said.
        accepted: called with the server's words straight after its 250, before the good-bye (trust M3).
    Raises:
        Refused, Paused, Forbidden: see the classes.
        OSError, smtplib.SMTPException: worth another try.
    """
    data = serialised(letter)
    settings = current_app.config["SETTINGS"]
    if not settings.mail_url:
        before_data()
        accepted(_to_file(settings.data_dir / "mails", letter, data))
        return
    try:
        host = GuardedConnection(current_app.extensions["mail"]).configure_host()
    except (OSError, smtplib.SMTPException) as error:
        breaker.failed()
        raise Paused(f"{type(error).__name__}: {error}") from error
    try:
        _converse(host, letter, data, before_data, accepted)
    except Paused:
        breaker.trip()
        raise
    finally:
        _leave(host)


def _converse(host, letter, data, before_data, accepted):
    _step(host.mail(letter.sender), Paused)
    breaker.passed()
    _step(host.rcpt(letter.recipients[0]), Refused)
    before_data()
    try:
        answer = host.data(data)
    except smtplib.SMTPDataError as error:  # the word DATA itself was refused
        answer = (error.smtp_code, error.smtp_error)
    code, reply = _step(answer, Refused)
    accepted(f"{code} {reply}")


def _leave(host):
    try:
        host.quit()
    except (OSError, smtplib.SMTPException):
        host.close()  # what was accepted stays accepted (trust M3)


def _step(answer, forever):
    code, words = answer
    reply = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    if 200 <= code < 300:
        return code, reply
    if code in NOT_US:
        raise Paused(f"{code} {reply}")
    if code >= 500:
        raise forever(f"{code} {reply}")
    raise smtplib.SMTPResponseException(code, reply)


@cache
def verified_tls():
    """Return the TLS settings that check certificates, read once: reading the authorities takes longer than a mail."""
    return ssl.create_default_context()


class Conversation(smtplib.SMTP):
    """An SMTP conversation cut when its budget is spent, however slowly the server drips its words (trust F9)."""

    def __init__(self, host, port, *, name, context=None):
        self._context, self._line, self._alarm = context, None, None
        super().__init__(host, port, local_hostname=name, timeout=STEP)  # a name given: else smtplib asks the DNS for ours

    def _get_socket(self, host, port, timeout):
        started = time.monotonic()
        plain = super()._get_socket(host, port, timeout)
        self._line = plain.dup()  # the same connection, still ours once TLS has taken the socket
        self._alarm = threading.Timer(max(BUDGET - time.monotonic() + started, 0.1), self._cut)
        self._alarm.daemon = True
        self._alarm.start()
        try:
            return self._context.wrap_socket(plain, server_hostname=host) if self._context else plain
        except Exception:
            plain.close()
            self.close()
            raise

    def _cut(self):
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)

    def close(self):
        if self._alarm is not None:
            self._alarm.cancel()
            self._line.close()
        super().close()


class GuardedConnection(Connection):
    """Flask-Mail's connection with time-outs and verified TLS (trust M3)."""

    def configure_host(self):
        """Connect, secure and identify.

        Raises:
            smtplib.SMTPNotSupportedError: a distant server offers no TLS.
            OSError, smtplib.SMTPException: unreachable, certificate not verified, login refused.
        """
        settings = current_app.config["SETTINGS"]
        url, name = urlsplit(settings.mail_url), settings.mail_sender.rpartition("@")[2].rstrip("> ")
        if url.scheme == "smtps":
            host = Conversation(url.hostname, url.port or 465, name=name, context=verified_tls())
        else:
            host = Conversation(url.hostname, url.port or 587, name=name)
        try:
            self._secure(host, url)
        except Exception:
            host.close()
            raise
        return host

    @staticmethod
    def _secure(host, url):
        is_local = url.hostname in ("127.0.0.1", "localhost", "::1")
        host.ehlo_or_helo_if_needed()
        if url.scheme == "smtp" and (host.has_extn("starttls") or not is_local):
            host.starttls(context=verified_tls())
            host.ehlo_or_helo_if_needed()
        if url.username:
            host.login(unquote(url.username), unquote(url.password or ""))


def _to_file(folder, letter, data):
    """Write a letter as a .eml file, whole or not at all; its name sorts by time and carries the message's number."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{time.time_ns()}-{re.sub(r'[^0-9a-f]', '', letter.msgId.split('@')[0])[:16]}.eml"
    temporary = folder / f".{name}"
    with open(temporary, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(folder / name)
    return f"file {name}"
