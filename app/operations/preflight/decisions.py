"""Checks of decisions: each outcome has its type, its reason, its mail and its letter, in both languages."""

from flask_babel import lazy_gettext as _

from app import formats
from app.enums import Outcome, ReasonKind, ReminderEvent
from app.errors import DomainError
from app.models import DecisionReason, DecisionType
from app.notifications import catalogue, letter_wording, rendering
from app.operations.preflight.registry import BLOCKS, WARNS, check
from app.orm import text_in

ESSENTIAL = (Outcome.ADMITTED, Outcome.REFUSED)
FOREIGN = ("compte.", "resume.", "agent.", "rappel.")  # what the mail of a decision cannot know


@check("decision_missing", BLOCKS)
def decision_missing(scene):
    words = _("Aucun type d’avis en service n’est « %(outcome)s » pour le centre %(name)s : créez-en un.")
    for centre, outcome in _lacking(scene, ESSENTIAL):
        yield str(words) % {"outcome": outcome.label, "name": centre.name}, DecisionType


@check("decision_rare_missing", WARNS)
def decision_rare_missing(scene):
    words = _("Aucun type d’avis en service n’est « %(outcome)s » pour le centre %(name)s : créez-en un, si vos commissions en rendent.")
    for centre, outcome in _lacking(scene, [outcome for outcome in Outcome if outcome not in (*ESSENTIAL, Outcome.WAITLISTED)]):
        yield str(words) % {"outcome": outcome.label, "name": centre.name}, DecisionType


def _lacking(scene, outcomes):
    return [(centre, outcome) for outcome in outcomes for centre in scene.centres if not scene.types_for(centre.id, outcome)]


@check("refusal_reason_missing", BLOCKS)
def refusal_reason_missing(scene):
    words = _("Aucun motif de refus n’est en service pour le centre %(name)s, et un refus en demande un : ajoutez-en un.")
    for centre in scene.centres:
        if not _reasons(scene, ReasonKind.REFUSAL, centre):
            yield str(words) % {"name": centre.name}, DecisionReason


@check("withdrawal_reason_missing", WARNS)
def withdrawal_reason_missing(scene):
    words = _("Aucun motif de désistement n’est en service pour le centre %(name)s : ajoutez-en un.")
    for centre in scene.centres:
        if not _reasons(scene, ReasonKind.WITHDRAWAL, centre):
            yield str(words) % {"name": centre.name}, DecisionReason


def _reasons(scene, kind, centre):
    return [row for row in scene.reasons if row.kind == kind and row.centre_id in (None, centre.id)]


def in_service(scene):
    """Return the decision types in service."""
    return [kind for kind in scene.decision_types if kind.is_active]


@check("decision_mail_off", WARNS)
def decision_mail_off(scene):
    words = _("L’avis « %(name)s » a un courriel propre (%(code)s) hors service : remettez-le en service, ou choisissez-en un autre.")
    for kind in in_service(scene):
        if kind.mail_template is not None and not kind.mail_template.is_active:
            yield str(words) % {"name": formats.translated(kind.name), "code": kind.mail_template.code}, kind


@check("decision_letter_off", WARNS)
def decision_letter_off(scene):
    words = _("L’avis « %(name)s » a une lettre propre (%(code)s) hors service : la lettre ordinaire sera donnée. Choisissez-en une autre.")
    for kind in in_service(scene):
        if kind.letter_template is not None and not kind.letter_template.is_active:
            yield str(words) % {"name": formats.translated(kind.name), "code": kind.letter_template.code}, kind


def mails_of(scene):
    """Return the mail templates that may be sent, those of a decision out of service included: they still are."""
    own = [row.mail_template for row in (*in_service(scene), *scene.reminders) if row.mail_template is not None]
    return list({row.id: row for row in (*scene.mails, *own)}.values())


@check("mail_unfillable", BLOCKS)
def mail_unfillable(scene):
    words = _("Le courriel « %(code)s » ne peut être écrit (%(language)s) : %(fault)s")
    for row in mails_of(scene):
        for language, fault in _faulty(row.subject, row.body, rendering.check):
            yield str(words) % {"code": row.code, "language": language, "fault": fault}, row


@check("letter_unfillable", BLOCKS)
def letter_unfillable(scene):
    words = _("La lettre « %(code)s » ne peut être faite (%(language)s) : %(fault)s")
    for row in scene.letters:
        for language, fault in _faulty(row.title, row.body, letter_wording.check):
            yield str(words) % {"code": row.code, "language": language, "fault": fault}, row


def _faulty(first, second, rule):
    """Return [(language, refusal)] of a text in each language, the empty one refused too."""
    found = []
    for language in catalogue.LANGUAGES:
        texts = [text_in(text, language) for text in (first, second)]
        try:
            rule(*texts)
        except DomainError as refused:
            found.append((language, str(refused)))
            continue
        if not all(text.strip() for text in texts):
            found.append((language, str(_("le texte est vide. Écrivez-le."))))
    return found


@check("mail_wrong_names", WARNS)
def mail_wrong_names(scene):
    words = _("Le courriel « %(code)s » d’un avis nomme {%(name)s}, que cet avis ne connaît pas : retirez cette balise.")
    own = {kind.mail_template_id for kind in in_service(scene)}
    for row in mails_of(scene):
        if row.id not in own and not row.code.startswith("decision_"):
            continue
        texts = " ".join(text for part in (row.subject, row.body) for text in (part or {}).values())
        for name in dict.fromkeys(rendering.NAME.findall(texts)):
            if name.startswith(FOREIGN):
                yield str(words) % {"code": row.code, "name": name}, row


@check("reminder_mail_off", WARNS)
def reminder_mail_off(scene):
    words = _("Le rappel « %(code)s » a un courriel propre (%(mail)s) hors service : remettez-le en service, ou choisissez-en un autre.")
    for rule in scene.reminders:
        if rule.mail_template is not None and not rule.mail_template.is_active:
            yield str(words) % {"code": rule.code, "mail": rule.mail_template.code}, rule


@check("reminder_early", WARNS)
def reminder_early(scene):
    words = _(
        "Le rappel « %(code)s » part %(days)s jours avant la date limite, plus tôt que l’ouverture des candidatures de %(name)s : baissez ce nombre."
    )
    for rule in scene.reminders:
        if rule.event == ReminderEvent.OFFER_UNANSWERED:
            continue
        rows = [row for row in scene.published if rule.centre_id in (None, row.commission.centre_id) and row.opening and row.closing]
        short = next((row for row in rows if ((row.return_deadline or row.closing) - row.opening).days < rule.days), None)
        if short is not None:
            yield str(words) % {"code": rule.code, "days": rule.days, "name": short.formation.name}, rule


@check("reminder_unreachable", WARNS)
def reminder_unreachable(scene):
    words = _("Le rappel « %(code)s » est celui d’un centre (%(name)s) qui n’ouvre rien dans cette campagne : il n’écrira à personne.")
    for rule in scene.reminders:
        if rule.centre is not None and scene.published and rule.centre_id not in {centre.id for centre in scene.centres}:
            yield str(words) % {"code": rule.code, "name": rule.centre.name}, rule
