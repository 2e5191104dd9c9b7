"""Every message that the application sends: its kind, its reader, and its wording in each language."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask_babel import lazy_gettext as _
from sqlalchemy import event, select

from app.errors import DomainError
from app.extensions import db
from app.models import MailTemplate
from app.notifications import rendering
from app.orm import text_in

WORDING = Path(__file__).parent / "wording"
LANGUAGES = ("fr", "en")
NAMES = {"fr": _("En français"), "en": _("En anglais")}


@dataclass(frozen=True)
class Kind:
    """A kind of message; `is_minor` ones are gathered, `is_alert` ones go to a commission."""

    name: str
    is_account: bool = False
    is_alert: bool = False


ACCOUNT = (
    "account_created",
    "account_opened",
    "account_exists",
    "validation_link",
    "lost_identifiers",
    "lost_identifiers_signon",
    "email_change",
    "email_changed_notice",
    "password_changed",
    "staff_invited",
    "staff_password_link",
)
DOSSIER = (
    "candidature_created",
    "candidature_transmitted",
    "candidature_received",
    "candidature_complete",
    "candidature_incomplete",
    "candidature_waiting",
    "candidature_cancelled",
    "pieces_reviewed",
    "acted_for_you",
    "deadline_changed",
    "decision_admitted",
    "decision_refused",
    "decision_waitlisted",
    "decision_on_hold",
    "decision_shortlisted",
    "answer_confirmed",
    "answer_withdrawn",
    "answer_withdrawn_automatically",
    "return_reminder",
    "piece_reminder",
    "form_reminder",
    "answer_reminder",
    "message_free",
)
ALERTS = (
    "commission_alert_transmission",
    "commission_alert_withdrawal",
    "commission_alert_cancellation",
    "commission_alert_promotion",
    "commission_alert_proposal",
)

STAFF = ("staff_digest",)

KINDS = {
    **{name: Kind(name, is_account=True) for name in ACCOUNT},
    **{name: Kind(name) for name in DOSSIER},
    **{name: Kind(name, is_alert=True) for name in ALERTS},
    **{name: Kind(name) for name in STAFF},
}


@cache
def shipped(language):
    """Return {kind: (subject, body)} as shipped for a language: one `# kind` part each, its first line the subject."""
    wording = {}
    for part in (WORDING / f"{language}.md").read_text(encoding="utf-8").split("\n# ")[1:]:
        name, subject, body = part.split("\n", 2)
        wording[name.strip()] = (subject.strip(), body.strip() + "\n")
    return wording


def wording_of(kind, language, *, template=None):
    """Return (subject, body) of a kind: a decision type's own template, the university's wording, else the shipped one."""
    row = template or db.session.scalar(select(MailTemplate).where(MailTemplate.code == kind, MailTemplate.is_active))
    if row is not None:
        return text_in(row.subject, language), text_in(row.body, language)
    return shipped(language if language in LANGUAGES else "fr")[kind]


def check_languages(subject, body, check):
    """Refuse a wording that lacks one of its languages, or that could not be filled in one of them; the language is told.

    Args:
        subject, body: translated texts.
        check: called with the subject and the body in a language, raises `DomainError`.
    """
    for language, name in NAMES.items():
        texts = [(text or {}).get(language, "") for text in (subject, body)]
        try:
            if not all(text.strip() for text in texts):
                raise DomainError(_("écrivez l’objet et le texte dans cette langue aussi, car des candidats la lisent."))
            check(*texts)
        except DomainError as error:
            raise DomainError(_("%(language)s : %(sentence)s", language=name, sentence=error)) from error


@event.listens_for(MailTemplate, "before_insert")
@event.listens_for(MailTemplate, "before_update")
def _refuse_unreadable(mapper, connection, row):
    """Refuse, whoever saves it, a wording that could not be rendered (see `rendering.check`)."""
    for language in {*(row.subject or {}), *(row.body or {})}:
        rendering.check(text_in(row.subject, language), text_in(row.body, language))
