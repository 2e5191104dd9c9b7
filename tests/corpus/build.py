"""Writes the corpus of files to try: `python -m tests.corpus.build FOLDER` (nothing binary is kept with the code)."""

import sys
from pathlib import Path

from tests.corpus import bombs, documents, pictures, producers  # noqa: F401 -- each enters its samples
from tests.corpus.samples import SAMPLES


def main(folder):
    """Write every sample into a folder."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for sample in SAMPLES:
        path = sample.build(folder)
        sys.stdout.write(f"{path.stat().st_size:>10}  {path.name}\n")


if __name__ == "__main__":
    main(sys.argv[1])
