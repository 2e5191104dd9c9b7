"""Makes a text safe in a spreadsheet: nothing that candidates typed may run on a manager's machine (trust §2.9)."""

import re
import unicodedata

PLAIN = re.compile(r"[+-]?\d+([.,]\d+)?$|\+?[\d .()-]{6,20}$")
BLANKS = " \t\r\n\ufeff\u00a0"


def neutral(text):
    """Return a text that no spreadsheet takes for a formula; numbers and telephone numbers stay as they are."""
    inner = text.lstrip(BLANKS)
    if not inner or PLAIN.match(inner) and inner == text:
        return text
    first = unicodedata.normalize("NFKC", inner[0])[:1]
    return f"'{text}" if first in ("=", "+", "-", "@", "|") else text
