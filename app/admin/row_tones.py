"""The colour of a line of the list: each source says, for the lines of one page, which of them it marks and why."""

SOURCES = []


def register(source):
    """Add a source of colours; return it.

    Args:
        source: called as (ids of the candidatures of a page, actor) → {id: (`Colour`, words)}; one statement at most.
    """
    SOURCES.append(source)
    return source


def row_tones(ids, actor):
    """Return {candidature id: (colour, words)} of the marked lines; the first source that marks a line decides."""
    found = {}
    for source in SOURCES:
        found = {**source(ids, actor), **found}
    return found
