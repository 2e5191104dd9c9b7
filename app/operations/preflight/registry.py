"""What a check of the pre-flight is: a code, a level, and a function that says in words what stands in the way."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from app.enums import Labelled


class Level(Labelled):
    """What a fault does to the opening of a campaign."""

    BLOCKS = "BLOCKS", _("Bloquant"), "danger"
    WARNS = "WARNS", _("Avertissement"), "warning"


BLOCKS, WARNS = Level


@dataclass(frozen=True)
class Fault:
    """One fault of a campaign.

    Attributes:
        code: of the check that found it.
        sentence: what is wrong, about what, and what to do next, in the language of the moment.
        subject: the row to mend; a model when a row lacks or many are meant; None when no screen mends it.
    """

    code: str
    level: Level
    sentence: str
    subject: Any = None


CHECKS: dict = {}  # code: (level, function), in the order in which faults are told


def check(code, level):
    """Register a check: a function of a `Scene` that yields (sentence, subject).

    Raises:
        ValueError: two checks have the same code.
    """
    if code in CHECKS:
        raise ValueError(code)

    def kept(function):
        CHECKS[code] = (level, function)
        return function

    return kept


def found_in(scene):
    """Return the faults of a scene: what blocks first, then in the order of the checks."""
    faults = [
        Fault(code, level, str(sentence), subject) for code, (level, function) in CHECKS.items() for sentence, subject in function(scene)
    ]
    return sorted(faults, key=lambda fault: fault.level != BLOCKS)
