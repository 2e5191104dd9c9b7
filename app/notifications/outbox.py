"""Messages as rows: written in the transaction that decides, delivered afterwards, never lost, never doubled (trust R1-R4)."""

import contextlib
import random
import secrets
import smtplib
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app import access, clock
from app.enums import Functionality, MessageState
from app.errors import DomainError, NotAllowed
from app.extensions import db, ring
from app.models import OutboxMessage
from app.notifications import catalogue, rendering, transport
from app.orm import after_commit

_held: ContextVar[tuple | None] = ContextVar("held", default=None)  # until when, and the keys of what was written
LINK = "https://lien.invalid/"  # stands for a live secret link in what is kept and shown
LEASE = timedelta(seconds=60)
BACK_OFF = (15, 60, 300, 900, 1800)  # seconds, then every hour
GIVE_UP_AFTER = timedelta(hours=48)
PAUSE = timedelta(seconds=60)  # before another try when no server takes us
MAX_CRASHES = 5


@contextlib.contextmanager
def held(until):
    """Hold back until an instant (UTC) every message written meanwhile: bulk acts and releases can then be undone (domain D23).

    Yields:
        The list of the keys of these messages, as they are written.
    """
    keys = []
    token = _held.set((until, keys))
    try:
        yield keys
    finally:
        _held.reset(token)


def recall(prefixes):
    """Take back the held messages of an event that is undone; return False when one has left or is leaving.

    Args:
        prefixes: keys of the messages (`kind:candidature:sequence`).
    """
    rows = db.session.scalars(select(OutboxMessage).where(OutboxMessage.key.in_(prefixes)).with_for_update()).all()
    if any(row.state != MessageState.PENDING or row.attempts for row in rows):
        return False
    for row in rows:
        row.state = MessageState.RECALLED
    return True


def post(
    kind,
    *,
    recipient,
    language,
    key,
    context,
    candidate=None,
    candidature=None,
    attachment=None,
    template=None,
    not_before=None,
    secret=None,
):
    """Write a message as it will be said and ring the worker after commit; the same key twice gives the first row.

    Args:
        kind: a name of the catalogue.
        key: unique name of what is announced and to whom.
        context: nested placeholders.
        attachment: what the worker joins when it sends ("receipt:12").
        template: the `MailTemplate` of a decision type.
        not_before: instant (UTC) until which the message is held.
        secret: a live link, kept apart from the text that people read and erased once sent.
    """
    existing = _of_key(key)
    if existing is not None:
        return existing
    not_before = _held_until(key, not_before)
    message = OutboxMessage(
        kind=kind,
        key=key,
        recipient=recipient,
        language=language,
        candidate_id=candidate.id if candidate else None,
        candidature_id=candidature.id if candidature else None,
        attachment=attachment,
        secret_text=secret,
        message_id=_message_id(),
        not_before=not_before or clock.now(),
    )
    _write(message, context, template)
    written = _insert(message, key)
    if written is message and not_before is None:
        _ring_after_commit(message.id)
    return written


def _of_key(key):
    return db.session.scalar(select(OutboxMessage).where(OutboxMessage.key == key))


def _held_until(key, not_before):
    """Return until when a new message waits, None when it leaves at once; a message held back is noted for who holds."""
    if _held.get() is None:
        return not_before
    until, keys = _held.get()
    keys.append(key)
    return not_before or until


def _insert(message, key):
    """Add a message; return it, or the row of the same key that another transaction wrote in the same instant."""
    try:
        with db.session.begin_nested():
            db.session.add(message)
    except IntegrityError:
        existing = _of_key(key)
        if existing is None:
            raise
        return existing
    return message


def _ring_after_commit(number):
    after_commit(db.session, lambda: ring("app.tasks.deliver", number))


def gather(kind, *, recipient, language, context, candidate, candidature, not_before):
    """Write or rewrite the one pending message of a kind for a candidature; it leaves when its delay has passed."""
    message = db.session.scalar(
        select(OutboxMessage)
        .where(
            OutboxMessage.kind == kind,
            OutboxMessage.candidature_id == candidature.id,
            OutboxMessage.state == MessageState.PENDING,
            OutboxMessage.attempts == 0,
        )
        .with_for_update()
    )
    if message is None:
        key = f"{kind}:{candidature.id}:{secrets.token_hex(8)}"
        return post(
            kind,
            recipient=recipient,
            language=language,
            key=key,
            context=context,
            candidate=candidate,
            candidature=candidature,
            not_before=not_before,
        )
    _write(message, context, None)
    return message


def resend(message, *, actor):
    """Send a message again, as a new row with the same words.

    Raises:
        NotAllowed: the actor may not. DomainError: it carried a link that is no longer alive.
    """
    if not access.can(actor, Functionality.MESSAGES, message.candidature, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit de renvoyer ce message."))
    if message.state == MessageState.RECALLED or (message.state == MessageState.PENDING and message.not_before > clock.now()):
        raise DomainError(_("Ce message a été rappelé, ou il est encore retenu : il ne se renvoie pas."))
    if LINK in message.text:
        raise DomainError(_("Ce message portait un lien à usage unique : demandez au candidat d’en obtenir un autre."))
    again = OutboxMessage(
        **{
            name: getattr(message, name)
            for name in ("kind", "recipient", "language", "subject", "text", "html", "attachment", "candidate_id", "candidature_id")
        },
        key=f"resend:{message.id}:{secrets.token_hex(8)}",
        message_id=_message_id(),
    )
    if message.candidate is not None and message.candidate.user is not None:
        again.recipient = message.candidate.user.email
    db.session.add(again)
    db.session.flush()
    _ring_after_commit(again.id)
    return again


def _message_id():
    return f"<{secrets.token_hex(16)}@{current_app.config['SETTINGS'].host}>"


def _write(message, context, template):
    """Render subject and bodies now: what was decided is what is sent."""
    flat = rendering.flatten(context)
    subject, body = catalogue.wording_of(message.kind, message.language, template=template)
    if message.secret_text:
        flat["compte.lien"] = LINK
    message.subject = rendering.subject_of(subject, flat)
    message.text, message.html = rendering.text_of(body, flat), rendering.html_of(body, flat)


# --- delivery: short transactions of its own, no lock held while SMTP talks ---


def due(limit=100):
    """Return the numbers of messages to send now, oldest first: the pending ones, and those whose sender died."""
    now = clock.now()
    return db.session.scalars(
        select(OutboxMessage.id).where(_is_due(now)).order_by(OutboxMessage.not_before, OutboxMessage.id).limit(limit)
    ).all()


def _is_due(now):
    return or_(
        (OutboxMessage.state == MessageState.PENDING) & (OutboxMessage.not_before <= now),
        (OutboxMessage.state == MessageState.SENDING) & (OutboxMessage.lease_until < now),
    )


@dataclass(frozen=True)
class Claim:
    """One sender's hold on a row; every later word about the row says it is still his (trust R3)."""

    message_id: int
    owner: str
    attempts: int
    created_at: datetime

    def settle(self, **values):
        """Write and commit what became of the message; return whether the hold was still ours."""
        found = db.session.execute(
            db.update(OutboxMessage)
            .where(OutboxMessage.id == self.message_id, OutboxMessage.owner == self.owner, OutboxMessage.state == MessageState.SENDING)
            .values(**values)
        )
        db.session.commit()
        return found.rowcount == 1

    def mark(self):
        """Note, before the content leaves, that it may have been said.

        Raises:
            HoldLost: the lease ran out and somebody else is sending.
        """
        if not self.settle(data_at=clock.now()):
            raise HoldLost(f"message {self.message_id}")

    def accepted(self, reply):
        """Note that the server has taken the message; the live link is forgotten."""
        self.settle(state=MessageState.SENT, accepted_at=clock.now(), smtp_reply=reply, lease_until=None, secret_text=None)


class HoldLost(Exception):
    """Another sender holds the row now."""


PASSING = (OSError, smtplib.SMTPException, SQLAlchemyError, HoldLost)  # anything else is the row's own fault


def deliver(message_id):
    """Send one message if it is due and nobody else is at it; return whether it left.

    Commits on its own: the claim, the mark before the content, and the outcome are each durable at once.
    """
    if transport.breaker.is_open():
        return False
    claim = _claim(message_id, secrets.token_hex(8))
    if claim is None:
        return False
    try:
        letter = transport.letter_of(db.session.get(OutboxMessage, message_id), LINK)
        db.session.rollback()  # no transaction stays open while the server talks: on SQLite it would stop every writer
        transport.send(letter, before_data=claim.mark, accepted=claim.accepted)
    except Exception as error:  # noqa: BLE001 -- whatever happens to one message must not stop the others
        db.session.rollback()
        current_app.logger.warning("message %s not sent: %s", message_id, type(error).__name__)
        claim.settle(smtp_reply=_words(error), lease_until=None, **_consequence(claim, error))
        return False
    return True


def _claim(message_id, owner):
    now = clock.now()
    message = db.session.scalar(
        select(OutboxMessage).where(OutboxMessage.id == message_id, _is_due(now)).with_for_update(skip_locked=True, of=OutboxMessage)
    )
    if message is None:
        db.session.rollback()
        return None
    if message.state == MessageState.SENDING and message.smtp_reply is not None:
        message.smtp_reply, message.attempts = None, 1  # its sender died since the last answer: count the deaths from here
    message.is_possibly_twice = message.is_possibly_twice or message.data_at is not None
    message.state, message.owner, message.lease_until = MessageState.SENDING, owner, now + LEASE
    message.attempts += 1
    claim = Claim(message.id, owner, message.attempts, message.created_at)
    is_poison = message.attempts > MAX_CRASHES and message.smtp_reply is None  # five senders died on it (trust F29)
    if is_poison:
        message.state, message.lease_until, message.secret_text = MessageState.DEAD, None, None
    db.session.commit()
    return None if is_poison else claim


def _words(error):
    """Return what staff may read of a failure: the server's words, else the name of the error alone (no SQL, no values)."""
    if isinstance(error, transport.Refused | transport.Paused):
        return str(error)[:500]
    is_mails = isinstance(error, OSError | smtplib.SMTPException | transport.Forbidden)
    return f"{type(error).__name__}: {error}"[:500] if is_mails else type(error).__name__


def _consequence(claim, error):
    """Return what a failure makes of a row."""
    now = clock.now()
    if isinstance(error, transport.Refused):
        return {"state": MessageState.FAILED, "secret_text": None}
    if isinstance(error, transport.Paused):
        return {"state": MessageState.PENDING, "attempts": claim.attempts - 1, "not_before": now + _around(PAUSE.total_seconds())}
    is_own_fault = isinstance(error, transport.Forbidden) or (not isinstance(error, PASSING) and claim.attempts >= MAX_CRASHES)
    if is_own_fault or now - claim.created_at > GIVE_UP_AFTER:
        return {"state": MessageState.DEAD, "secret_text": None}
    delay = BACK_OFF[claim.attempts - 1] if claim.attempts <= len(BACK_OFF) else 3600
    later = {"state": MessageState.PENDING, "not_before": now + _around(delay)}
    if isinstance(error, smtplib.SMTPResponseException):
        later["data_at"] = None  # the server said that it did not take it: another try is no second copy
    return later


def _around(seconds):
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 -- jitter, not a secret


def sweep(limit=200, *, is_stopping=lambda: False):
    """Send everything due that the bell missed; return how many left.

    Args:
        is_stopping: asked between two messages; true ends the sweep early.
    """
    numbers = due(limit)
    db.session.rollback()
    left = 0
    for message_id in numbers:
        if is_stopping() or transport.breaker.is_open():
            break
        left += deliver(message_id)
    return left
