"""Parses uploaded files in a confined child process, never in this one (trust M1, T8)."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

from app.storage.confinement import FILE_SIZE

WALL = 20  # seconds: a machine busy elsewhere delays a child that its own walls stop after eight of CPU
ANSWER_SIZE = 20_000  # bytes
BUSY = "busy"  # code of a check that this machine could not carry out: no fault of the file, another try may pass
FOLDER = Path(__file__).resolve().parent
BOOT = "import sys; sys.path.append(sys.argv[1]); from checker_child import main; main(sys.argv[2:])"

# The child never kills itself so: the machine short of memory, or a person, did. Its walls end it by SIGXCPU or an answer.
STOPPED = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)

_one_at_a_time = threading.Semaphore(max(1, (os.cpu_count() or 1)))


@dataclass(frozen=True)
class Verdict:
    """What the child found.

    Attributes:
        is_safe: whether `served` may be opened by people.
        code: reason of a refusal, a key of `verdicts.SENTENCES`.
        served, preview: files in the caller's folder (None when refused, or when no picture could be made).
        warnings: keys of `verdicts.SENTENCES` to tell the candidate.
    """

    is_safe: bool
    code: str | None = None
    media_type: str | None = None
    page_count: int | None = None
    served: Path | None = None
    preview: Path | None = None
    warnings: list = field(default_factory=list)


def check(path, *, extension, folder):
    """Return the verdict on an uploaded file; a child that dies or overflows is a refusal, never an exception.

    Only the child's own walls condemn a file: one that somebody else stopped, or that had no time, gives `BUSY`.

    Args:
        path: the file as sent.
        extension: what its name claims ("pdf", "jpg").
        folder: empty private folder that receives the rebuilt copy and the preview.
    """
    answer = _ask(folder, "check", str(path), extension)
    if answer is None or not answer.get("safe"):
        return Verdict(False, code=(answer or {}).get("code", "too_complex"))
    preview = folder / "preview.png"
    return Verdict(
        True,
        media_type=answer["media_type"],
        page_count=answer["page_count"],
        served=folder / "served",
        preview=preview if preview.exists() else None,
        warnings=answer["warnings"],
    )


def missing_walls():
    """Return the names of the child's walls that do not hold on this machine, or None when it could not be asked."""
    with tempfile.TemporaryDirectory() as folder:
        answer = _ask(Path(folder), "walls") or {}
    if not answer.get("safe"):
        return None
    return sorted(name for name, holds in answer.items() if not holds)


def render_page(path, media_type, number, folder, width=1100):
    """Return the PNG file of one page (from 1) of a rebuilt file, or None when it cannot be drawn.

    Args:
        width: pixels.
    """
    answer = _ask(folder, "render", str(path), media_type, str(number), str(width))
    picture = folder / "page.png"
    return picture if answer and answer.get("safe") and picture.exists() else None


def reduce_photograph(path, folder):
    """Return (JPEG fit for an A4 page at 200 dpi, None), or (None, code of the refusal)."""
    answer = _ask(folder, "reduce", str(path))
    if answer and answer.get("safe"):
        return folder / "reduced.jpg", None
    return None, (answer or {}).get("code", "too_complex")


def emblem(path, folder):
    """Return (PNG of a logo or a signature, fit for a letter, None), or (None, code of the refusal)."""
    answer = _ask(folder, "emblem", str(path))
    if answer and answer.get("safe"):
        return folder / "emblem.png", None
    return None, (answer or {}).get("code", "too_complex")


def assemble(paths, folder, *, limit=FILE_SIZE):
    """Return one PDF made of several JPEG pages, or None.

    Args:
        limit: bytes that it should not exceed; pages are made lighter, as far as they stay readable, to fit.
    """
    answer = _ask(folder, "assemble", str(limit), *(str(path) for path in paths))
    return folder / "assembled.pdf" if answer and answer.get("safe") else None


def _ask(folder, *arguments):
    """Return the child's answer; `BUSY` when the machine let it no time; None when it died or said nothing that can be read."""
    with _one_at_a_time, tempfile.TemporaryFile(dir=folder) as output:
        child = subprocess.Popen(  # noqa: S603 -- fixed program, no shell, paths of ours
            [sys.executable, "-I", "-c", BOOT, str(FOLDER), str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.DEVNULL,
            env={"HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8"},
            cwd=folder,
            close_fds=True,
            start_new_session=True,
        )
        try:
            child.wait(timeout=WALL)
        except subprocess.TimeoutExpired:
            return {"safe": False, "code": BUSY}
        finally:
            _end(child)
        if child.returncode in STOPPED:
            return {"safe": False, "code": BUSY}
        if child.returncode:
            return None
        output.seek(0)
        return _answer(output.read(ANSWER_SIZE))


def _end(child):
    """Kill the child and whatever it started, if it still runs (also when this thread is interrupted)."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _answer(text):
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
