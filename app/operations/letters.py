"""Who may take a letter, and in which language: its candidate when it is given to him, managers within their scope."""

from flask_babel import lazy_gettext as _

from app import access
from app.enums import Functionality
from app.errors import DomainError, NotAllowed
from app.notifications import letters
from app.notifications.catalogue import LANGUAGES


def obtain(candidature, language, *, actor):
    """Return the `Letter` of a candidature in a language, its row written when there is none; the caller commits and issues it.

    Args:
        language: "fr" or "en"; anything else is the candidate's own.
    Raises:
        NotAllowed: the actor may not take documents here. DomainError: no letter is given (yet, or any more).
    """
    if access.owns(actor, candidature):
        if not letters.is_given(candidature):
            raise DomainError(_("Aucune lettre n’est disponible pour cette candidature."))
    elif not access.can(actor, Functionality.DOCUMENTS, candidature):
        raise NotAllowed(_("Vous n’avez pas le droit de prendre des documents ici."))
    user = candidature.candidate.user
    own = user.language if user is not None else "fr"
    return letters.reserve(candidature, language if language in LANGUAGES else own)
