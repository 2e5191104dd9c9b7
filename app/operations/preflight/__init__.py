"""A campaign looked at before it opens: every fault in plain words, and people of every kind played through it (domain D19)."""

from app.operations.preflight import asked, dates, decisions, offer, organisation, played, words  # noqa: F401 -- they register their checks
from app.operations.preflight.registry import BLOCKS, CHECKS, WARNS, Fault, Level, found_in
from app.operations.preflight.scene import of as scene_of

__all__ = ("BLOCKS", "CHECKS", "WARNS", "Fault", "Level", "counts", "faults_of", "looked_at")


def faults_of(campaign):
    """Return the `Fault`s of a campaign, what blocks first, in the language of the moment; nothing is written.

    The number of queries is the same whatever the number of offerings.
    """
    return found_in(scene_of(campaign))


def looked_at(campaign):
    """Return (faults, [`Played`]) of a campaign: its faults, and what each person of `personas` meets."""
    scene = scene_of(campaign)
    faults = found_in(scene)
    return faults, played.play(scene, faults)


def counts(faults):
    """Return (how many block, how many warn)."""
    blocking = sum(fault.level == BLOCKS for fault in faults)
    return blocking, len(faults) - blocking
