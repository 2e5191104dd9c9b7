"""Formations read from an open-data file: each row created, updated or refused alone, and every refusal told."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import reference
from app.errors import DomainError
from app.extensions import db
from app.models import Campaign, Centre, Commission, DiplomaType, Formation, Offering
from app.operations import casing, offer_files
from app.search_text import normalised

# What each column may hold, in characters; the order is the file's. `domaine` is read and left: it is unreliable.
LIMITS = {
    "code": 50,
    "intitule": 500,
    "etablissement": 200,
    "ville": 100,
    "academie": 100,
    "type_diplome": 50,
    "domaine": 500,
    "modalite": 100,
    "niveau_entree": 9,
    "capacite": 9,
    "selectivite": 100,
    "url": 500,
}
OBLIGATORY = ("code", "intitule", "etablissement", "type_diplome")
HIGHEST_LEVEL = 8  # years after the baccalauréat
HIGHEST_CAPACITY = 100_000
FORMULA = ("=", "+", "@")  # what a spreadsheet would run; a minus is left to the check of numbers
CODE_LENGTH = 46  # characters kept of a name made into a code: a commission adds four


@dataclass
class Report:
    """What an import did: counts, (line, reason) of each row refused, and (line, code, [(column, before, after)]) of each changed."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list = field(default_factory=list)
    changes: list = field(default_factory=list)


def read(data):
    """Return the (line number, cells) of each row of a CSV or XLSX file given as bytes (see `offer_files.read`)."""
    return offer_files.read(data, list(LIMITS))


def campaign_of(code):
    """Return the campaign of a code.

    Raises:
        DomainError: there is none.
    """
    campaign = db.session.scalar(select(Campaign).where(Campaign.code == code))
    if campaign is None:
        raise DomainError(_("Aucune campagne ne porte ce code."))
    return campaign


def look(rows, campaign=None, *, establishment=None):
    """Return the `Report` of what `import_rows` would do; the session is taken back, whatever it held."""
    try:
        return import_rows(rows, campaign, establishment=establishment)
    finally:
        db.session.rollback()


def import_rows(rows, campaign=None, *, establishment=None):
    """Create or update formations by their code, and open them in a campaign; a faulty row is refused alone.

    A second import of the same file changes nothing. What a file does not say stays: dates, keywords, commission of a known formation.

    Args:
        rows: (line number, cells) pairs, as `read` returns them.
        campaign: where to open them, or None.
        establishment: keep only the rows whose establishment contains these words.
    Returns:
        A `Report`; the caller commits.
    """
    report, seen, known = Report(), {}, _Known(campaign)
    for line, cells in rows:
        if establishment and len(cells) == len(LIMITS) and normalised(establishment) not in normalised(cells[2]):
            continue
        try:
            values = _values(cells, known.communes)
            if values["code"] in seen:
                raise DomainError(_("Code déjà vu à la ligne %(line)s.", line=seen[values["code"]]))
            seen[values["code"]] = line
            _write(line, values, known, report)
        except DomainError as error:
            report.refused.append((line, str(error)))
    db.session.flush()
    return report


def _values(cells, communes):
    """Return what a row says, cleaned and cased.

    Raises:
        DomainError: the sentence names the column at fault.
    """
    if len(cells) != len(LIMITS):
        raise DomainError(_("%(found)s colonnes au lieu de %(wanted)s.", found=len(cells), wanted=len(LIMITS)))
    row = {name: unicodedata.normalize("NFC", cell).strip() for name, cell in zip(LIMITS, cells, strict=True)}
    for name, text in row.items():
        _check_text(name, text)
    return {
        "code": row["code"],
        "name": casing.title(row["intitule"]),
        "establishment": casing.proper(row["etablissement"]),
        "diploma_type": row["type_diplome"],
        "town": casing.town(row["ville"], communes)[:100] or None,
        "mode": row["modalite"] or None,
        "entry_level": _number(row["niveau_entree"], "niveau_entree", HIGHEST_LEVEL),
        "capacity": _number(row["capacite"], "capacite", HIGHEST_CAPACITY),
        "url": _url(row["url"]),
    }


def _check_text(name, text):
    if name in OBLIGATORY and not text:
        raise DomainError(_("La colonne %(name)s est vide.", name=name))
    if len(text) > LIMITS[name]:
        raise DomainError(_("La colonne %(name)s dépasse %(limit)s caractères.", name=name, limit=LIMITS[name]))
    if text.startswith(FORMULA):
        raise DomainError(_("La colonne %(name)s contient une formule : remplacez-la par sa valeur.", name=name))
    if any(unicodedata.category(char) == "Cc" for char in text):
        raise DomainError(_("La colonne %(name)s contient un retour à la ligne ou un signe invisible.", name=name))
    if name == "code" and not re.fullmatch(r"[\w.-]+", text):
        raise DomainError(_("Le code ne peut contenir que des lettres, des chiffres, un point ou un tiret."))
    if name in OBLIGATORY and not normalised(text):
        raise DomainError(_("La colonne %(name)s ne contient ni lettre ni chiffre.", name=name))


def _number(text, name, high):
    if not text:
        return None
    if not text.isdecimal() or int(text) > high:
        raise DomainError(_("La colonne %(name)s attend un nombre entre 0 et %(high)s.", name=name, high=high))
    return int(text)


def _url(text):
    if not text:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise DomainError(_("L’adresse web doit commencer par http:// ou https://."))
    return text


class _Known:
    """Centres, commissions, diploma types, formations and offerings that are there already, by code."""

    def __init__(self, campaign):
        self.campaign = campaign
        self.communes = {}
        for name in reference.commune_names():
            self.communes.setdefault(normalised(name), name)
        self.centres = {row.code: row for row in db.session.scalars(select(Centre))}
        newest_first = select(Commission).order_by(Commission.id.desc()).options(joinedload(Commission.centre))
        self.commissions = {row.centre.code: row for row in db.session.scalars(newest_first)}
        self.diplomas = {row.code: row for row in db.session.scalars(select(DiplomaType))}
        whole = select(Formation).options(joinedload(Formation.diploma_type), joinedload(Formation.commission))
        self.formations = {row.code: row for row in db.session.scalars(whole)}
        self.offerings = {}
        if campaign is not None:
            opened = select(Offering).where(Offering.campaign_id == campaign.id).options(joinedload(Offering.formation))
            self.offerings = {row.formation.code: row for row in db.session.scalars(opened)}

    def commission(self, name):
        """Return the default commission of an establishment's centre, both made at need."""
        code = _code(name)
        if code not in self.centres:
            self.centres[code] = Centre(code=code, name=name)
        if code not in self.commissions:
            self.commissions[code] = Commission(code=f"{code}-com", name=self.centres[code].name, centre=self.centres[code])
            db.session.add(self.commissions[code])
        return self.commissions[code]

    def diploma(self, name):
        code = _code(name)
        if code not in self.diplomas:
            self.diplomas[code] = DiplomaType(code=code, name={"fr": name, "en": name})
            db.session.add(self.diplomas[code])
        return self.diplomas[code]


def _code(name):
    """Return the code of a name; two long names that begin alike keep different ones."""
    code = normalised(name).replace(" ", "-")
    if len(code) <= CODE_LENGTH:
        return code
    return f"{code[: CODE_LENGTH - 9]}-{hashlib.sha256(code.encode()).hexdigest()[:8]}"


def _write(line, values, known, report):
    columns = {name: values[name] for name in ("name", "town", "mode", "entry_level", "url")}
    columns["diploma_type"] = known.diploma(values["diploma_type"])
    formation = known.formations.get(values["code"])
    is_new, changes = formation is None, []
    if is_new:
        formation = Formation(code=values["code"], commission=known.commission(values["establishment"]), **columns)
        db.session.add(formation)
        known.formations[values["code"]] = formation
    else:
        changes = _change(formation, columns)
    if known.campaign is not None:
        changes += _open(formation, values["capacity"], known)
    report.created += is_new
    report.updated += bool(changes) and not is_new
    report.unchanged += not changes and not is_new
    if changes and not is_new:
        report.changes.append((line, formation.code, changes))


def _change(row, columns):
    """Bring columns of a row up to date; return [(column, before, after)] in text."""
    changed = [(name, getattr(row, name), value) for name, value in columns.items() if getattr(row, name) != value]
    for name, _before, value in changed:
        setattr(row, name, value)
    return [(name, _said(before), _said(value)) for name, before, value in changed]


def _said(value):
    return "" if value is None else value.code if isinstance(value, DiplomaType) else str(value)


def _open(formation, capacity, known):
    """Open a formation in the campaign, or bring its capacity up to date when the file gives one; return what changed."""
    offering = known.offerings.get(formation.code)
    if offering is not None:
        return _change(offering, {"capacity": capacity}) if capacity is not None else []
    offering = Offering(formation=formation, campaign=known.campaign, commission=formation.commission, capacity=capacity)
    db.session.add(offering)
    known.offerings[formation.code] = offering
    return [("campaign", "", known.campaign.code)]
