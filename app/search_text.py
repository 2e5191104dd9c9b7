"""How texts are compared when people search: without case, accents or punctuation, words in any order."""

import re
import unicodedata

MAX_WORDS = 8
MAX_LENGTH = 200  # characters of a filter that are read
_DOTTED = re.compile(r"\b[^\W\d_](?:\.[^\W\d_])+\b\.?")


def normalised(text):
    """Return a text in lower case, without accents, its words separated by one space; "I.U.T." is one word, "iut"."""
    folded = _bare(_bare(text or "").casefold()).replace("œ", "oe").replace("æ", "ae")
    joined = _DOTTED.sub(lambda found: found[0].replace(".", "") + " ", folded)
    return " ".join(re.findall(r"[^\W_]+", joined))


def _bare(text):
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def words(text):
    """Return the words to look for: at most eight, longest kept first so that the rarest decide."""
    found = normalised((text or "")[:MAX_LENGTH]).split()
    return sorted(set(found), key=lambda word: (-len(word), word))[:MAX_WORDS]
