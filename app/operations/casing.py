"""How open data, typed in every way, becomes titles and names written as French writes them."""

import re

from app.search_text import normalised


def _listed(text):
    return frozenset(text.split())


SMALL = _listed("à au aux avec dans de des en et ex la le les ou par pour sans site sous sur un une")
LINKS = SMALL | _listed("a d du l y")  # no capital inside a name
ARTICLE_IS_NAME = ("lycée", "mfr")  # « Lycée Le Castel »: the article belongs to the name
ACRONYMS = _listed("""acfa aes bcg bgc bpjeps bts cfpb ch cifte cmi cnam comue crous cucdb cupge cy daeu dsp dut eamea ecam ecg ecm edhec eei efec efhisi
    eivp emlv ens epe epmi esh esiee esj eseo espas espol esslil etsup fcil fle hgg iae icl icp ifepsa ifsi ii iii iv vi vii viii ileps
    immaef inalco insa inspe ipc ipgp isfates isit istc iut laterp lea llb llce llcer lsf mba meef mfr miage miashs midl mp2i mpci mpmei
    mpsi panist pareo pass pcsi pcstm pcsti pme pmi pppe sarads sprint ssh staps stee tsi uco ufr upec urca xi xii xiii""")
# Short words that are words, however loudly they were typed; a longer one that is no known acronym is one too.
WORDS = _listed("""agro annee arabe art arts caen calais conseil croate droit ecole etudes grand hors image images libre lille mer nancy non nord
    ouest omer paris russe saint sante serbe soins sport sud ville""")
LONGEST_ACRONYM = 5  # letters, of one that the list above does not know
SPECIAL = {"ucly": "UCLy", "unilasalle": "UniLaSalle", "d.e": "D.E.", "po": "Po", "cuffies": "Cuffies"}
BEFORE_SUBJECT = ("licence", "master", "parcours", "portail")  # what follows keeps its capital
ACCENTED = {
    normalised(word): word
    for word in _listed("""angoulême année archéologie chambéry débutant débutants école écoles écologie économie économique économiques édition
    éducateur éducation éducative électronique énergie énergies épinal établissement étienne étude études évaluation évreux évry
    expérimentales faculté géographie ingénierie littératures maîtrise mathématiques monténégrin néerlandais qualité réadaptation
    réseaux réunion théologie université valéry vélizy échanges""")
}
_SEPARATORS = re.compile(r"([\s’\-/(),:;]+)")


def title(text):
    """Return the title of a formation: a capital at its head, acronyms kept, nothing shouted; a second call changes nothing.

    "certificat de capacité d'orthoptiste" becomes « Certificat de capacité d’orthoptiste ».
    """
    return " - ".join(_head(_part(part, names=False)) for part in _parts(text))


def proper(text):
    """Return the name of an establishment or a place: a capital on every word but the small ones; mixed case is kept.

    "université paris 8" becomes « Université Paris 8 », "i.u.t de bourges" « IUT de Bourges ».
    """
    return " - ".join(_head(_part(part, names=part in (part.lower(), part.upper()), places=True)) for part in _parts(text))


def town(text, communes):
    """Return a town as the official list writes it: without CEDEX, with its hyphens and accents.

    Args:
        communes: {name in the form of `search_text.normalised`: official name}.
    """
    bare = re.sub(r"(?i)\s+cedex\b.*$", "", _clean(text))
    district = re.search(r"(?i)\s+(\d+)(er|e)\s+arrondissement$", bare)
    bare = bare[: district.start()] if district else bare
    words = [{"st": "saint", "ste": "sainte"}.get(word, word) for word in normalised(bare).split()]
    found = communes.get(" ".join(words)) or proper(bare.lower())
    return f"{_clean(found)} {district[1]}{district[2].lower()} arrondissement" if district else _clean(found)


def _clean(text):
    text = re.sub(r"\s+", " ", text.replace("'", "’")).strip().replace("’ ", "’")
    return re.sub(r"(?i)\bi\.u\.t\b\.?", lambda found: "IUT" if found[0][0] == "I" else "iut", text)


def _parts(text):
    """Return the members of a title, which open data separates by " - "; the empty ones are left out."""
    parts = (part.strip().strip("-").strip() for part in f"{_clean(text)} ".split(" - "))
    return [part for part in parts if part]


def _part(part, *, names, places=False):
    pieces = _SEPARATORS.split(part)
    before = ["", "", *pieces]
    for index in range(0, len(pieces), 2):
        is_bracketed = index > 0 and pieces[index - 1].endswith("(")
        pieces[index] = _word(pieces[index], before[index], names=names, places=places, is_bracketed=is_bracketed)
    return "".join(pieces)


def _word(word, before, *, names, places, is_bracketed):
    lower, before_lower = word.lower(), before.lower()
    if word in (lower, word.upper()) and lower in SPECIAL:
        return SPECIAL[lower]
    if word in (lower, word.upper()) and (lower in ACRONYMS or re.fullmatch(r"[a-z]\d", lower)):
        return word.upper()
    if len(word) == 1 and before_lower in ("option", "opt", "opt."):
        return word.upper()
    is_shouted = not (is_bracketed and not names) and _is_shouted(word, before)
    plain = ACCENTED.get(lower, lower if is_shouted else word)
    if word[:1].isupper() and lower in ACCENTED and not is_shouted:
        plain = _head(plain)
    is_name = (names or (places and is_shouted)) and (lower not in LINKS or before_lower in ARTICLE_IS_NAME)
    return _head(plain) if is_name or (is_shouted and before_lower in BEFORE_SUBJECT) else plain


def _is_shouted(word, before):
    """Whether a word in capitals is a word: too long for an unknown acronym, or well known; DU is a diploma but after a shouted word."""
    if not (word.isupper() and word.isalpha()):
        return False
    if word == "DU":
        return before.isupper() and len(before) > LONGEST_ACRONYM
    return len(word) > LONGEST_ACRONYM or word.lower() in WORDS | SMALL


def _head(text):
    return text[:1].upper() + text[1:]
