"""What a manager writes to a candidate: checked, filled, shown before it leaves, kept in the history."""

from dataclasses import dataclass

from flask_babel import force_locale
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app import access, journal, workflow
from app.enums import Functionality
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import MailTemplate
from app.notifications import announcements, catalogue, rendering
from app.notifications.placeholders import PLACEHOLDERS
from app.orm import text_in

KIND, FRAME = "message_free", "{message.texte}"
SHUT = ("compte.", "message.", "dossier.recu", "inscription.numero")  # what a free message has no value for
LONGEST_SUBJECT = 200  # characters


@dataclass(frozen=True)
class Letter:
    """A message as it will read: recipient, subject, text."""

    recipient: str
    subject: str
    text: str


def placeholders():
    """Return the placeholders that a free message may name."""
    return [placeholder for name, placeholder in PLACEHOLDERS.items() if not name.startswith(SHUT)]


def templates():
    """Return the models in service that are offered to write to candidates."""
    return db.session.scalars(select(MailTemplate).where(MailTemplate.is_active, MailTemplate.is_free).order_by(MailTemplate.code)).all()


def check(subject, text):
    """Refuse a message that could not be sent as it is.

    Args:
        subject, text: one text, or {language: text}.
    Raises:
        DomainError: empty, too long, or a placeholder unknown or without value here.
    """
    for language in catalogue.LANGUAGES:
        head, body = _in(subject, language).strip(), _in(text, language).strip()
        if not head or not body:
            raise DomainError(_("Écrivez l’objet et le texte du message."), field="text" if head else "subject")
        if len(head) > LONGEST_SUBJECT:
            raise DomainError(_("L’objet est trop long : 200 caractères au plus."), field="subject")
        rendering.check(head, body)
        named = {name for part in (head, body) for name in rendering.BRACES.findall(part) + rendering.OPTIONAL.findall(part) if name}
        shut = next((name for name in sorted(named) if name.startswith(SHUT)), None)
        if shut is not None:
            raise DomainError(_("La balise {%(name)s} n’a pas de valeur dans un message libre : retirez-la.", name=shut), field="text")


def preview(candidature, *, actor, subject, text):
    """Return the message as its candidate will read it; nothing is sent.

    Raises:
        NotAllowed, DomainError: as `send`.
    """
    user = _addressee(candidature, actor)
    check(subject, text)
    template = _template(user.language, subject, text)
    with force_locale(user.language):
        flat = rendering.flatten(announcements.of(candidature))
    return Letter(
        user.email,
        rendering.subject_of(template.subject[user.language], flat),
        rendering.text_of(template.body[user.language], flat),
    )


def send(candidature, *, actor, subject, text, command_key=None):
    """Write to the candidate of a candidature: one message in the outbox, one event in the history.

    Args:
        subject, text: one text, or {language: text} of which the candidate gets his own; placeholders allowed.
        command_key: the same key twice sends one message.
    Returns:
        The `OutboxMessage`.
    Raises:
        NotAllowed: without the right to write to candidates.
        DomainError: nobody to write to, empty, or a placeholder that has no value.
    """
    user = _addressee(candidature, actor)
    check(subject, text)
    now = workflow.lock(candidature)
    template = _template(user.language, subject, text)
    event = journal.already_done("message", candidature, command_key)
    if event is None:
        details = {"subject": _in(subject, user.language).strip()}
        event = journal.record("message", candidature, actor=actor, details=details, now=now, command_key=command_key)
    return announcements.to_candidate(KIND, candidature, event=event, template=template)


def _addressee(candidature, actor):
    if not access.can(actor, Functionality.MESSAGES, candidature, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit d’écrire à ce candidat."))
    user = candidature.candidate.user
    if user is None:
        raise DomainError(_("Ce candidat n’a pas de compte : écrivez-lui par la poste ou par téléphone."))
    return user


def _template(language, subject, text):
    """Return the typed words inside the university's frame, as a model that is never kept."""
    _subject, frame = catalogue.wording_of(KIND, language)
    body = _in(text, language).strip()
    whole = frame.replace(FRAME, body) if FRAME in frame else body
    names = {"fr", language}  # a translated text has its French version
    return MailTemplate(subject=dict.fromkeys(names, _in(subject, language).strip()), body=dict.fromkeys(names, whole))


def _in(words, language):
    return text_in(words, language) if isinstance(words, dict) else words or ""
