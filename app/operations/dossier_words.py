"""A frozen profile and frozen answers, put back into the words that people read on paper."""

from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app import formats
from app.enums import Civility, FieldKind, Obtained, ResponseState
from app.extensions import db
from app.models import Address, Baccalaureat, BacMention, BacSeries, Candidate, Commune, Country, Department, Form, FormField, FormVersion

IDENTITY = ("last_name", "usual_name", "first_name", "other_names")


def profile(values):
    """Return a frozen profile (`snapshots.of_profile`) as sections: [{"title", "rows": [(label, value)], "tables"}]."""
    sections = [
        {"title": _("Identité"), "rows": _identity(values), "tables": []},
        {"title": _("Coordonnées"), "rows": _contact(values), "tables": []},
        {"title": _("Baccalauréat ou équivalent"), "rows": _baccalaureat(values.get("baccalaureat")), "tables": []},
        {"title": _("Parcours"), "rows": [], "tables": _path(values)},
    ]
    return [section for section in sections if section["rows"] or section["tables"]]


def _filled(rows):
    return [(label, str(value)) for label, value in rows if value not in (None, "")]


def _label(column):
    return column.info["label"]


def _identity(values):
    born_in = ", ".join(
        part
        for part in (_named(Commune, values.get("birth_commune")) or values.get("birth_town"), _country(values.get("birth_country")))
        if part
    )
    return _filled(
        [
            (_("Civilité"), Civility(values["civility"]).label if values.get("civility") else None),
            *((_label(getattr(Candidate, name)), values.get(name)) for name in IDENTITY),
            (_label(Candidate.birth_on), _day(values.get("birth_on"))),
            (_("Lieu de naissance"), born_in),
            (_label(Candidate.nationality_code), _country(values.get("nationality"), "nationality")),
            (_label(Candidate.ine), values.get("ine")),
            (_label(Candidate.sis_number), values.get("sis_number")),
            (_label(Candidate.is_lifelong), _("oui") if values.get("is_lifelong") else None),
        ]
    )


def _contact(values):
    address = values.get("address") or {}
    town = _named(Commune, address.get("commune_code")) or address.get("town")
    lines = [address.get("line1"), address.get("line2"), " ".join(part for part in (address.get("postal_code"), town) if part)]
    return _filled(
        [
            (_label(Address.line1), ", ".join(line for line in (*lines, _country(address.get("country_code"))) if line)),
            (_("Courriel"), values.get("email")),
            (_label(Candidate.phone), values.get("phone")),
        ]
    )


def _baccalaureat(values):
    values = values or {}
    place = (
        _named(Commune, values.get("commune_code")),
        _named(Department, values.get("department_code")),
        _country(values.get("country_code")),
    )
    return _filled(
        [
            (_("Série"), _named(BacSeries, values.get("series_code"), "label")),
            (_label(Baccalaureat.year), values.get("year")),
            (_("Mention"), _named(BacMention, values.get("mention_code"), "label")),
            (_label(Baccalaureat.school), values.get("school")),
            (_("Lieu"), ", ".join(part for part in place if part)),
        ]
    )


def _path(values):
    """Return the tables of the path: (title, headers, rows)."""
    tables = (_internal(values), _external(values), _internships(values), _work(values))
    return [
        (title, headers, [["" if cell is None else str(cell) for cell in row] for row in rows]) for title, headers, rows in tables if rows
    ]


def _internal(values):
    rows = [(row["year"], row["label"], row["result"], row["mark"]) for row in values.get("internal", ())]
    return _("Études dans l’établissement"), (_("Année"), _("Formation"), _("Résultat"), _("Note")), rows


def _external(values):
    rows = [
        (row["year"], row["diploma"], _institution(row), Obtained(row["obtained"]).label, row["mention"])
        for row in values.get("external", ())
    ]
    return _("Études ailleurs"), (_("Année"), _("Diplôme"), _("Établissement"), _("Obtenu"), _("Mention")), rows


def _institution(row):
    where = ", ".join(part for part in (row.get("town"), _country(row.get("country_code"))) if part)
    return " · ".join(part for part in (row["institution"], where) if part)


def _internships(values):
    rows = [(row["year"], row["organisation"], row["duration"], row["description"]) for row in values.get("internships", ())]
    return _("Stages"), (_("Année"), _("Organisme"), _("Durée"), _("Description")), rows


def _work(values):
    rows = [(row["year"], row["title"], row["organisation"], row["duration"], row["description"]) for row in values.get("work", ())]
    return _("Expériences professionnelles"), (_("Année"), _("Emploi"), _("Organisme"), _("Durée"), _("Description")), rows


def _named(model, code, attribute="name"):
    """Return the words of a nomenclature's code, the code itself when it is gone, '' for none."""
    if not code:
        return ""
    row = db.session.get(model, code)
    value = getattr(row, attribute) if row is not None else code
    return formats.translated(value) if isinstance(value, dict) else value


def _country(code, attribute="name"):
    return _named(Country, code, attribute)


def _day(text):
    return formats.day(date.fromisoformat(text)) if text else ""


def forms(frozen):
    """Return frozen answers (`snapshots.of_answers`) as sections, question by question, in the order of the form."""
    fields = _fields(frozen)
    return [_form(code, form, fields) for code, form in frozen.items()]


def _fields(frozen):
    """Return {(form code, version): [question]} of the versions answered."""
    found = {}
    chosen = select(FormField).join(FormField.form_version).join(FormVersion.form).where(Form.code.in_(list(frozen)))
    chosen = chosen.options(contains_eager(FormField.form_version).contains_eager(FormVersion.form))
    for question in db.session.scalars(chosen.order_by(FormField.position, FormField.id)):
        found.setdefault((question.form_version.form.code, question.form_version.number), []).append(question)
    return found


def _form(code, form, fields):
    state = ResponseState(form["state"]).label if form["state"] else _("Pas rempli")
    answers, asked = form["answers"], form.get("asked")  # what was frozen before questions had conditions asked them all
    questions = [question for question in fields.get((code, form["version"]), ()) if _is_asked(question, asked)]
    rows = [(formats.translated(question.label), _answer(question, answers.get(question.key))) for question in questions]
    return {"title": formats.translated(form["name"]), "state": str(state), "rows": rows if answers else [], "tables": []}


def _is_asked(question, asked):
    return question.kind != FieldKind.SECTION and (asked is None or question.key in asked)


def _answer(question, value):
    if value in (None, "", []):
        return "—"
    if question.kind == FieldKind.MULTIPLE:
        return " ; ".join(formats.translated((question.choices or {}).get(key)) or str(key) for key in value)
    if question.kind == FieldKind.CHOICE:
        return formats.translated((question.choices or {}).get(value)) or str(value)
    if question.kind == FieldKind.YES_NO:
        return _("oui") if value else _("non")
    if question.kind == FieldKind.DATE:
        return _day(value)
    if question.kind == FieldKind.NUMBER and "." in value:
        return value.rstrip("0").rstrip(".")
    return str(value)
