"""The direction of imports, the style, and where a transaction may end: checked with the tests, so that nobody forgets."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
EDGES = ("app/views/", "app/admin/", "app/cli.py", "app/tasks.py", "app/worker.py")
OWN_TRANSACTIONS = {
    "app/notifications/outbox.py": "claim, mark and outcome of a sending are each durable at once (trust R2)",
    "app/notifications/letter_pages.py": "the bytes of a letter are durable at once: it is issued once for everybody",
    "app/operations/checks.py": "the same for the check of a file",
    "app/operations/vitals.py": "that a worker lives",
    "app/operations/jobs.py": "a job commits line by line, and its lease before and after",
    "app/operations/batches.py": "a batch commits per chunk, and its run row first",
    "app/operations/demonstration/crowd.py": "bulk candidatures, per chunk",
}
REGISTRY = re.compile(r"https?://|--(?:extra-)?index-url|--find-links|--trusted-host|^-[if]\b", re.MULTILINE)


def said(*command):
    """Run a tool of the virtual environment; return what it said when it refused, else nothing."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode else ""


def commits(source):
    """Return the lines on which a transaction is committed."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [call.lineno for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"]


def test_imports_go_one_way():
    assert said(BIN / "lint-imports", "--no-cache") == ""


def test_the_style_holds():
    assert said(BIN / "ruff", "check", "--no-cache", ".") == ""


def test_transactions_end_at_the_edges():
    inside = {}
    for path in (ROOT / "app").rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(EDGES) and name not in OWN_TRANSACTIONS and (lines := commits(path.read_text(encoding="utf-8"))):
            inside[name] = lines
    assert inside == {}


def test_every_exception_is_still_one():
    for name in OWN_TRANSACTIONS:
        assert commits((ROOT / name).read_text(encoding="utf-8")), name


def test_a_commit_is_seen_when_there_is_one():
    assert commits("def f(session):\n    session.commit()\n") == [2]
    assert commits("def f(commit):\n    commit()\n") == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_pinned_with_hashes_and_name_no_host(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if entry and not entry.startswith("#")]
    assert len(entries) > 20
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []
    assert REGISTRY.findall(text) == []


def test_every_direct_dependency_is_pinned():
    for source in ("requirements", "requirements-dev"):
        wanted = re.findall(r"^([A-Za-z][\w.-]*)", (ROOT / f"{source}.in").read_text(encoding="utf-8"), re.MULTILINE)
        pinned = "".join((ROOT / f"{name}.txt").read_text(encoding="utf-8") for name in ("requirements", "requirements-dev"))
        for name in wanted:
            assert re.search(rf"^{re.escape(name.lower())}==", pinned, re.MULTILINE), name
