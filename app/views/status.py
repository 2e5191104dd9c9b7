"""Where a candidature stands, in plain words: who must act, what is expected, before when."""

from dataclasses import dataclass

from flask_babel import gettext as _

from app import deadlines
from app.enums import Answer, FileStatus, Outcome


@dataclass(frozen=True)
class Status:
    """What the page says first.

    Attributes:
        words: the state in a few words; tone: its colour.
        who: whose turn it is; todo: what is expected, in a sentence.
        until: exclusive instant before which, or None.
    """

    words: str
    tone: str
    who: str
    todo: str
    until: object = None


def of(candidature, now):
    """Return the `Status` of a candidature for its candidate; an unpublished decision changes nothing (domain D3)."""
    if candidature.cancelled_at is not None:
        return Status(_("Annulée"), "neutral", _("Terminé"), _("Vous avez annulé cette candidature."))
    if candidature.answer == Answer.WITHDRAWN:
        return Status(_("Désistement"), "neutral", _("Terminé"), _("Vous avez renoncé à cette candidature."))
    if candidature.outcome is not None:
        return _decided(candidature, now)
    return _in_progress(candidature, now)


def _in_progress(candidature, now):
    until = deadlines.return_by(candidature)
    if candidature.file_status == FileStatus.WAITING:
        if deadlines.is_past(until, now):
            return Status(
                _("Non transmise"),
                "danger",
                _("Délai passé"),
                _("Ce dossier n’a pas été transmis à temps : il ne sera pas examiné. Écrivez au service pour demander un délai."),
                until,
            )
        return Status(
            _("À transmettre"),
            "warning",
            _("À vous d’agir"),
            _("Complétez votre dossier, puis transmettez-le : un dossier non transmis n’est pas une candidature complète."),
            until,
        )
    if candidature.file_status == FileStatus.INCOMPLETE:
        return Status(_("Incomplet"), "danger", _("À vous d’agir"), _("Remplacez ce qui est demandé, puis transmettez de nouveau."), until)
    if candidature.file_status == FileStatus.COMPLETE:
        return Status(
            _("Complet"), "success", _("À la commission d’agir"), _("Votre dossier est complet : la commission va rendre son avis.")
        )
    return Status(
        _("Transmis"),
        "info",
        _("À la commission d’agir"),
        _("Votre dossier est reçu : la commission l’examine. Vous serez prévenu de chaque étape."),
    )


def _decided(candidature, now):
    words, tone = candidature.outcome.label, candidature.outcome.tone
    if candidature.outcome == Outcome.ADMITTED:
        until = deadlines.answer_by(candidature)
        if candidature.answer == Answer.CONFIRMED:
            return Status(
                _("Admis, confirmé"),
                "success",
                _("À vous de vous inscrire"),
                _("Vous avez confirmé. Suivez les instructions d’inscription administrative ci-dessous."),
            )
        if deadlines.is_past(until, now):
            return Status(
                words, tone, _("Délai passé"), _("Le délai de réponse est passé. Écrivez vite au service si vous souhaitez venir."), until
            )
        return Status(
            words,
            tone,
            _("À vous d’agir"),
            _("Confirmez ou désistez-vous : sans réponse, la place sera proposée à quelqu’un d’autre."),
            until,
        )
    sentences = {
        Outcome.REFUSED: (_("Terminé"), _("La commission a rendu un avis défavorable. Vos autres candidatures suivent leur cours.")),
        Outcome.WAITLISTED: (_("Patientez"), _("Si une place se libère et que votre tour vient, elle vous sera proposée par courriel.")),
        Outcome.ON_HOLD: (_("À la commission d’agir"), _("La commission rendra un autre avis plus tard.")),
        Outcome.SHORTLISTED: (_("À vous de venir"), _("Vous êtes présélectionné : voyez la date et le lieu ci-dessous.")),
    }
    return Status(words, tone, *sentences[candidature.outcome])
