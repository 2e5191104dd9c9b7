"""What one file of the corpus is, and the list that the other modules add theirs to (trust §5)."""

from dataclasses import dataclass
from pathlib import Path

MEBI = 1024 * 1024
LIMIT = 5 * MEBI  # bytes: the largest piece


@dataclass(frozen=True)
class Sample:
    """One input and the verdict expected of it.

    Attributes:
        row: its row in the table of bad inputs, and a word that tells it from its neighbours.
        extension: what the checker is told that the name claims: "pdf" or "jpeg".
        codes: codes of refusal that are right for it; empty when it must be accepted.
        warnings: warnings that an acceptance must carry.
        make: writes the file at the path it is given.
    """

    row: str
    extension: str
    codes: tuple
    warnings: tuple
    make: object

    @property
    def is_accepted(self):
        return not self.codes

    def build(self, folder):
        """Write the file into a folder and return its path."""
        path = Path(folder) / self.row.replace(" ", "-")
        content = self.make(path)
        if content is not None:
            path.write_bytes(content)
        return path


SAMPLES: list[Sample] = []


def sample(row, extension, *codes, warnings=()):
    """Enter a maker of a file in the corpus; with codes it must be refused by one of them."""

    def enter(make):
        SAMPLES.append(Sample(row, extension, codes, tuple(warnings), make))
        return make

    return enter
