"""Measures the checker on every file of the corpus: time, CPU and memory of the child, verdict (never part of the tests)."""

import os
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.storage import checker  # noqa: E402
from tests.corpus import build  # noqa: E402, F401 -- fills the list
from tests.corpus.samples import SAMPLES  # noqa: E402

ROW = "{:<52} {:>9} {:>7} {:>7} {:>7}  {}"


def measured(path, extension, folder):
    """Return (verdict, seconds, seconds of CPU, mebibytes) of one check, asked from a process of its own.

    The memory is never told lower than that of this process (some 100 MiB), which its child starts from.
    """
    reader, writer = os.pipe()
    if pid := os.fork():
        os.close(writer)
        with os.fdopen(reader) as answer:
            text = answer.read()
        os.waitpid(pid, 0)
        verdict, *figures = text.rsplit(" ", 3)
        return verdict, *map(float, figures)
    start = time.perf_counter()
    verdict = checker.check(path, extension=extension, folder=folder)
    elapsed, usage = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    said = "safe " + ",".join(verdict.warnings) if verdict.is_safe else verdict.code
    os.write(writer, f"{said} {elapsed} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss / 1024}".encode())
    os._exit(0)


def main():
    """Print one line for each file."""
    print(ROW.format("file", "bytes", "s", "CPU s", "MiB", "verdict"))
    worst = [0.0, 0.0, 0.0]
    for sample in SAMPLES:
        with tempfile.TemporaryDirectory() as place:
            path, folder = sample.build(place), Path(place) / "child"
            folder.mkdir()
            verdict, *figures = measured(path, sample.extension, folder)
            worst = [max(pair) for pair in zip(worst, figures, strict=True)]
            print(ROW.format(sample.row[:52], path.stat().st_size, *(f"{figure:.2f}" for figure in figures), verdict), flush=True)
    print(ROW.format("worst", "", *(f"{figure:.2f}" for figure in worst), ""))


if __name__ == "__main__":
    main()
