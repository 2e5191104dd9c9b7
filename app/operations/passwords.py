"""What a password must be: long, not common, not about its owner; nothing about its composition (domain D20)."""

import re
import unicodedata
from functools import cache
from pathlib import Path

from flask_babel import lazy_gettext as _

from app import parameters
from app.errors import DomainError

MINIMUM, STAFF_MINIMUM, MAXIMUM = 12, 15, 128  # characters
LISTS = Path(__file__).parents[1] / "reference" / "passwords"
RUNS = ("abcdefghijklmnopqrstuvwxyz", "azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl", "zxcvbnm", "01234567890")
DISGUISES = str.maketrans("@4013$5", "aaoiess")


def normalised(password):
    """Return a password in the one form in which it is hashed, cut where nobody's password goes."""
    return unicodedata.normalize("NFKC", password or "")[: MAXIMUM + 1]


def check(password, *, about=(), field=None, is_staff=False):
    """Refuse a weak password.

    Args:
        about: names and addresses of its owner, that it must not be made of.
    Raises:
        DomainError: too short, too long, too common, or about its owner or this institution.
    """
    text = normalised(password)
    minimum = STAFF_MINIMUM if is_staff else MINIMUM
    if len(text) < minimum:
        raise DomainError(
            _("Choisissez un mot de passe d’au moins %(count)s caractères : plusieurs mots à la suite font très bien.", count=minimum),
            field=field,
        )
    if len(text) > MAXIMUM:
        raise DomainError(_("128 caractères au plus."), field=field)
    if "\x00" in text:
        raise DomainError(_("Ce mot de passe contient un caractère invisible : choisissez-en un autre."), field=field)
    if _is_weak(text.lower(), about):
        raise DomainError(
            _("Ce mot de passe est trop facile à deviner : ajoutez des mots qui n’ont rien à voir avec vous ni avec l’université."),
            field=field,
        )


def _is_weak(text, about):
    """Whether it is a known password, or little is left once common words, its owner, years and runs of keys are taken out."""
    if len(set(text)) < 5 or text in _words("long.txt"):
        return True
    personal = {
        part for value in (*about, parameters.get("INSTITUTION_NAME")) for part in re.split(r"\W+", (value or "").lower()) if len(part) > 2
    }
    words = sorted(personal | _words("words.txt"), key=len, reverse=True)
    bare = _runs().sub("", re.sub(r"(19|20)\d\d", "", text))
    return any(len(_remainder(variant, words)) < 4 for variant in (text, bare.translate(DISGUISES)))


def _remainder(text, words):
    """Return what no word, year, run of keys or punctuation explains."""
    for word in words:
        text = text.replace(word, "")
    return re.sub(r"(19|20)\d\d|[\W_]", "", _runs().sub("", text))


@cache
def _runs():
    """Return the pattern of three keys or more that follow each other, in either direction."""
    parts = {
        row[start:end] for line in RUNS for row in (line, line[::-1]) for start in range(len(row)) for end in range(start + 3, len(row) + 1)
    }
    return re.compile("|".join(sorted(parts, key=len, reverse=True)))


@cache
def _words(name):
    return frozenset((LISTS / name).read_text(encoding="utf-8").split())
