"""What a file is called on screen: the sender's own words, made harmless."""

import re
import unicodedata

MAXIMUM = 100  # characters
INVISIBLE = frozenset(["Cc", "Cf", "Cs", "Zl", "Zp", "Cn"])  # controls, bidi and joining marks, what is no character
RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)$")


def clean(name, *, default="piece.pdf"):
    """Return a display name: NFC, no path, no control or bidi mark, at most 100 characters, extension kept.

    Args:
        name: what the sender calls the file.
        default: the name of what has none worth showing (trust N05: nothing before the dot, or a dot or space at the end).
    """
    kept = (" " if unicodedata.category(c) == "Zs" else c for c in name or "" if unicodedata.category(c) not in INVISIBLE)
    name = unicodedata.normalize("NFC", "".join(kept)).replace("\\", "/").rsplit("/", 1)[-1]
    stem, dot, extension = name.rpartition(".") if "." in name else (name, "", "")
    if not stem.strip(" .") or name.endswith((".", " ")):
        return default
    if RESERVED.match(stem.strip()):
        stem = default.rpartition(".")[0]
    ending = f"{dot}{extension.strip().lower()[:10].strip()}"
    return f"{stem.strip()[: MAXIMUM - len(ending)].rstrip()}{ending}"


def extension_of(name):
    """Return "pdf", "jpeg" (for jpg and jpeg) or "" for anything else."""
    extension = (name or "").rpartition(".")[2].strip().lower() if "." in (name or "") else ""
    return {"pdf": "pdf", "jpg": "jpeg", "jpeg": "jpeg"}.get(extension, "")
