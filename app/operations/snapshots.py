"""What a transmission freezes of a profile and of the answers, as plain readable values (domain D5)."""

from app.enums import FieldKind
from app.operations import answers

IDENTITY = ("dossier_number", "last_name", "usual_name", "first_name", "other_names", "birth_town", "ine", "phone", "sis_number")


def of_profile(candidate):
    """Return the whole profile as JSON-ready values."""
    bac, address = candidate.baccalaureat, candidate.address
    return {
        **{name: getattr(candidate, name) for name in IDENTITY},
        "is_lifelong": candidate.is_lifelong or None,  # None, as in what was frozen before it was asked
        "civility": candidate.civility.value if candidate.civility else None,
        "birth_on": candidate.birth_on.isoformat() if candidate.birth_on else None,
        "birth_country": candidate.birth_country_code,
        "birth_commune": candidate.birth_commune_code,
        "nationality": candidate.nationality_code,
        "email": candidate.user.email if candidate.user else None,
        "address": _columns(address, "line1 line2 postal_code commune_code town country_code"),
        "baccalaureat": _columns(bac, "series_code year mention_code country_code department_code commune_code school"),
        "internal": [_columns(row, "year code label result mark") for row in candidate.internal_records],
        "external": [_columns(row, "year diploma institution country_code town obtained mention") for row in candidate.external_records],
        "internships": [_columns(row, "year organisation duration weekly_hours description") for row in candidate.internships],
        "work": [_columns(row, "year title organisation duration description") for row in candidate.work_experiences],
    }


def _columns(row, names):
    return None if row is None else {name: getattr(row, name) for name in names.split()}


def of_answers(candidature):
    """Return each form asked with its state and answers, question by question."""
    return {line.form.code: _form(line) for line in answers.lines(candidature)}


def _form(line):
    response = line.response
    asked = [field.key for field in answers.asked_in(line) if field.kind != FieldKind.SECTION] if response else []
    told = answers.told(response) if response else {}
    return {
        "name": line.form.name,
        "state": response.state.value if response else None,
        "version": response.form_version.number if response and response.form_version else None,
        "asked": asked,
        "answers": {key: told[key] for key in asked if key in told},
    }


def differences(before, after):
    """Return the names of the profile's parts that changed between two snapshots, for the manager (domain D11)."""
    return sorted(name for name in after if before.get(name) != after[name])
