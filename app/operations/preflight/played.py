"""People of every kind played through a campaign by the real rules: what each may choose and is asked; nothing is written."""

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import lazy_gettext as _

from app import audiences, clock, formats, parameters
from app.models import Baccalaureat, BacSeries, Candidate, Centre, ExternalRecord, Offering
from app.operations.preflight.personas import PERSONAS
from app.operations.preflight.registry import BLOCKS, WARNS, check

YEAR = 365.25  # days


@dataclass
class Played:
    """What a persona meets.

    Attributes:
        offerings: that he may choose between now and the end of the campaign.
        pieces, forms: names of what is asked of him, of every candidature.
        some_pieces, some_forms: names of what is asked of him in some centres or formations only.
        stops: the faults that block him on the way.
    """

    persona: object
    offerings: list
    pieces: list
    forms: list
    some_pieces: list
    some_forms: list
    stops: list


def candidate_of(persona):
    """Return a persona as a candidate whom no session knows: the rules read him as any other."""
    birth = clock.local_day(clock.now()) - timedelta(days=int((persona.age + 0.5) * YEAR))
    person = Candidate(nationality_code=persona.nationality, birth_on=birth, is_lifelong=persona.is_lifelong)
    person.sis_number = "0" if persona.is_own else None
    person.external_records = [ExternalRecord()] if "higher" in persona.studies else []
    kinds = [name == "baccalaureat" for name in persona.studies if name != "higher"]
    person.baccalaureat = Baccalaureat(series=BacSeries(is_baccalaureat=kinds[0])) if kinds else None
    return person


def everybody():
    """Return every persona as a candidate."""
    return [candidate_of(persona) for persona in PERSONAS]


reaches = audiences.reaches


def can_choose(offering, scene):
    """Whether there is an instant to come at which a candidature may be created (what `queries.is_open` asks at one instant)."""
    opens, closes = offering.opening, offering.closing
    if not (offering.is_published and offering.formation.is_active) or opens is None or closes is None:
        return False
    return max(scene.starts_at, opens) < min(closes, scene.ends_at)


def asked_of(person, offering, rows):
    """Return what is asked of a person for an offering, in order (the twin in Python of `queries.required_pieces` and `required_forms`)."""
    track, centre_id = offering.formation.initial_track, offering.commission.centre_id
    found = [
        row
        for row in rows
        if (row.offering_id in (None, offering.id) and row.centre_id in (None, centre_id))
        and (row.piece_type if hasattr(row, "piece_type") else row.form).is_active
        and getattr(row, "access_track", None) in (None, track)
        and reaches(row, person)
    ]
    return sorted(found, key=lambda row: (row.position, row.id))


def play(scene, faults):
    """Return what each persona meets, the faults found before among what he meets."""
    choosable = [row for row in scene.offerings if can_choose(row, scene)]
    blocking = [fault for fault in faults if fault.level == BLOCKS]
    return [_play(persona, scene, choosable, blocking) for persona in PERSONAS]


def _play(persona, scene, choosable, blocking):
    person = candidate_of(persona)
    chosen, centres = {row.id for row in choosable}, {row.commission.centre_id for row in choosable}
    pieces, forms = (_met(rows, person, chosen, centres) for rows in (scene.pieces, scene.forms))
    subjects = {*pieces, *forms, *(row.piece_type for row in pieces), *(row.form for row in forms)}
    return Played(
        persona,
        choosable,
        *(_names(row for row in rows if not _is_narrow(row)) for rows in (pieces, forms)),
        *(_names(row for row in rows if _is_narrow(row)) for rows in (pieces, forms)),
        [fault for fault in blocking if isinstance(fault.subject, tuple(map(type, subjects))) and fault.subject in subjects],
    )


def _met(rows, person, offerings, centres):
    """Return what a person meets somewhere among the offerings that he may choose."""
    return [
        row
        for row in rows
        if (row.piece_type if hasattr(row, "piece_type") else row.form).is_active
        and (row.offering_id is None or row.offering_id in offerings)
        and (row.centre_id is None or row.centre_id in centres)
        and reaches(row, person)
    ]


def _is_narrow(row):
    return bool(row.centre_id or row.offering_id or getattr(row, "access_track", None))


def _names(rows):
    return list(dict.fromkeys(formats.translated(row.piece_type.name if hasattr(row, "piece_type") else row.form.name) for row in rows))


@check("persona_nowhere", BLOCKS)
def persona_nowhere(scene):
    if scene.published and not any(can_choose(row, scene) for row in scene.offerings):
        yield _("Aucune personne type ne peut candidater où que ce soit d’ici la fin de la campagne : vérifiez les dates."), Offering


@check("persona_two_centres", WARNS)
def persona_two_centres(scene):
    if len(scene.centres) > 1 and parameters.get("MAX_CANDIDATURES") == 1:
        yield (
            _(
                "Un candidat ne peut candidater dans deux centres : la limite de l’établissement est d’une candidature. Changez-la, ou dites-le."
            ),
            None,
        )
    for centre in scene.centres:
        if centre.max_candidatures == 0:
            yield _("Le centre %(name)s n’accepte aucune candidature : changez sa limite.", name=centre.name), Centre
