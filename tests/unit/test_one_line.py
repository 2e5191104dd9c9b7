"""One line, one field: a column added to a model appears by itself wherever people look for it (feature E15, docs/one-line.md)."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_column_of_one_line_appears_everywhere(tmp_path):
    command = [sys.executable, "-m", "tests.one_line", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found.pop("migration") == ["tag.usage"]
    assert found.pop("value") == "Dossiers à voir d’abord"
    assert found == dict.fromkeys(["form", "list", "filter", "search", "csv", "xlsx", "audit", "dictionary"], True)
