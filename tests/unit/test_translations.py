"""Every sentence of the code and of the templates has its English, with the same placeholders."""

import re
import subprocess
from pathlib import Path

from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "app" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")


def forms(text):
    return text if isinstance(text, tuple | list) else (text,)


def extracted(folder):
    """Return the sentences of the code as it is now."""
    template = folder / "messages.pot"
    options = ["-F", "babel.cfg", "-k", "lazy_gettext", "-k", "_", "-k", "ngettext:1,2", "--no-location", "-o", str(template), "."]
    subprocess.run([str(ROOT / ".venv/bin/pybabel"), "-q", "extract", *options], cwd=ROOT, check=True)
    with open(template, "rb") as file:
        return [message.id for message in read_po(file) if message.id]


def test_the_english_catalogue_is_complete_and_true(tmp_path):
    with open(CATALOGUE, "rb") as file:
        catalogue = read_po(file, locale="en")
    assert not catalogue.fuzzy  # a fuzzy catalogue is never compiled
    known = {forms(message.id)[0]: message for message in catalogue if message.id}
    sentences = extracted(tmp_path)
    assert len(sentences) > 900
    missing = [forms(text)[0] for text in sentences if forms(text)[0] not in known or not all(forms(known[forms(text)[0]].string))]
    assert missing == []
    for text in sentences:
        message = known[forms(text)[0]]
        assert not message.fuzzy
        for translation in forms(message.string):
            assert sorted(PLACEHOLDER.findall(translation)) == sorted(PLACEHOLDER.findall(forms(text)[-1])), text


def test_a_commission_has_one_name_in_english():
    """The glossary says which (docs/glossary.md)."""
    with open(CATALOGUE, "rb") as file:
        catalogue = read_po(file, locale="en")
    strays = re.compile(r"\b(panel|jury|board|commission)s?\b", re.IGNORECASE)
    about = [message for message in catalogue if re.search("commission|jury", " ".join(forms(message.id)), re.IGNORECASE)]
    assert about and [text for message in about for text in forms(message.string) if strays.search(text)] == []
