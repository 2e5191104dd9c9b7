"""The refusals of the domain, each carrying a sentence that a person can act on."""


class DomainError(Exception):
    """A rule refused what was asked; `str(error)` is the sentence to show, already saying what to do next.

    Args:
        sentence: text for the person (a lazy translation is rendered when shown).
        field: name of the form field concerned, when there is one.
    """

    def __init__(self, sentence, *, field=None):
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field

    def __str__(self):
        return str(self.sentence)


class NotAllowed(DomainError):
    """The actor lacks the right; shown as 403 to staff, as 404 to candidates (trust T1)."""


class Conflict(DomainError):
    """Somebody else changed the object meanwhile; shown as 409 with both texts (domain D8)."""


class ServiceDown(Exception):
    """Another system did not answer, or answered something else; `str(error)` is for the log, never for a page."""


class Missing(DomainError):
    """Something must be completed first; `missing` lists what, with the place where it is done."""

    def __init__(self, sentence, *, missing=()):
        super().__init__(sentence)
        self.missing = tuple(missing)
