"""The national student number (INE): its four shapes and their keys (domain A6)."""

import re
from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from app.errors import DomainError

LENGTH = 11  # key included
BEA_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"  # no I, O, Q: they read as digits
BEA, NNE = re.compile(r"[0-9]{10}[A-Z]"), re.compile(r"[0-9A-Z]{10}[0-9]")
INES, APPRENTICE = re.compile(r"[0-9]{9}[A-Z]{2}"), re.compile(r"[0-9]{4}A[0-9]{5}[A-Z]")


@dataclass(frozen=True)
class Ine:
    """A number written in its normal form, and the shape it has: BEA, NNE, INES or APPRENTICE."""

    value: str
    kind: str


def parse(text):
    """Return the `Ine` written in a text; case and spaces do not matter.

    Args:
        text: what the person typed, of any length.

    Raises:
        DomainError: on the field `ine`, with the sentence of the fault found (domain A6).
    """
    value = _normal(text)
    kind = _shape(value)
    if kind in KEYS:
        _check_body(value[:10])
        if value[10] != KEYS[kind](value[:10]):
            _refuse(
                _(
                    "La clé de cet INE (son dernier caractère) ne correspond pas au reste : un caractère est sans doute faux, recopiez-le avec soin."
                )
            )
    return Ine(value, kind)


def _refuse(sentence):
    raise DomainError(sentence, field="ine")


def _normal(text):
    value = re.sub(r"\s", "", str(text))
    # before upper(), which turns some foreign letters into ASCII ones
    if not re.fullmatch(r"[0-9A-Za-z]*", value):
        _refuse(_("L’INE ne contient que des chiffres et des lettres sans accent : retirez les autres signes."))
    if len(value) != LENGTH:
        _refuse(_("L’INE compte 11 caractères, clé comprise : vérifiez-le sur votre relevé de notes ou votre carte d’étudiant."))
    return value.upper()


def _shape(value):
    shapes = (("BEA", BEA), ("NNE", NNE), ("INES", INES), ("APPRENTICE", APPRENTICE))
    kind = next((kind for kind, shape in shapes if shape.fullmatch(value)), None)
    if kind is None:
        _refuse(_("Ce n’est pas la forme d’un INE : vérifiez la place des lettres et des chiffres (0 et O, 1 et I se ressemblent)."))
    return kind


def _check_body(body):
    if body.isalpha() or body.isdigit() and len(set(body)) == 1:
        _refuse(_("Cet INE n’est pas un vrai numéro : recopiez celui de votre relevé de notes ou de votre carte d’étudiant."))


def _bea_key(body):
    return BEA_LETTERS[int(body) % len(BEA_LETTERS)]


def _nne_key(body):
    return str((6 * sum(int(c, 36) for c in body[:9]) + int(body[9], 36)) % 10)


KEYS = {"BEA": _bea_key, "NNE": _nne_key}  # the other two have a form only
