"""French typography of every sentence of the pages: no line begins with ":", ";", "?", "!" or "»", none ends with "«"."""

import re

from babel.support import NullTranslations
from flask import has_request_context
from flask_babel import Domain, get_locale

WIDE, NARROW = "\u00a0", "\u202f"  # the no-break spaces of French printing: the narrow one before ; ! ?
BEFORE = re.compile(r"(?<=\S) (?=([:;?!»])(?:\W|$))")
AFTER = re.compile(r"« (?=\S)")


def french(text):
    """Return a French sentence whose punctuation stays with its word.

    >>> french("Pourquoi ?")
    'Pourquoi\\u202f?'
    """
    glued = BEFORE.sub(lambda found: WIDE if found[1] in ":»" else NARROW, text)
    return AFTER.sub("«" + WIDE, glued)


class FrenchSentences(NullTranslations):
    """The French sentences are their own identifiers: typed with ordinary spaces, printed with those that do not break."""

    def ugettext(self, message):
        return french(message)

    def ungettext(self, singular, plural, number):
        return french(super().ungettext(singular, plural, number))


class Sentences(Domain):
    """The catalogue of the pages; workers and commands, whose texts go to files and logs, get the plain sentences."""

    french = FrenchSentences()

    def get_translations(self):
        locale = get_locale()
        if has_request_context() and locale is not None and locale.language == "fr":
            return self.french
        return super().get_translations()
