"""The people of every kind who are played through a campaign: plain records, that a university may add to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Persona:
    """Somebody typical.

    Attributes:
        name: in each language.
        nationality: code of a country.
        studies: of "baccalaureat", "equivalent", "higher".
        age: in years.
        is_own: a student of this university. is_lifelong: back to studies.
        centres: in how many centres he applies.
    """

    code: str
    name: dict
    nationality: str
    studies: tuple
    age: int = 20
    is_own: bool = False
    is_lifelong: bool = False
    centres: int = 1


PERSONAS = (
    Persona("bachelor", {"fr": "Bachelier français", "en": "French school-leaver"}, "FR", ("baccalaureat",), 18),
    Persona("minor", {"fr": "Bachelier mineur", "en": "School-leaver under 18"}, "FR", ("baccalaureat",), 17),
    Persona(
        "own", {"fr": "Étudiant de l’établissement", "en": "Student of this university"}, "FR", ("baccalaureat", "higher"), is_own=True
    ),
    Persona("graduate", {"fr": "Diplômé d’un autre établissement", "en": "Graduate from elsewhere"}, "FR", ("baccalaureat", "higher"), 22),
    Persona("european", {"fr": "Étudiant européen", "en": "European student"}, "BE", ("equivalent", "higher")),
    Persona("foreign", {"fr": "Étudiant étranger hors d’Europe", "en": "Student from outside Europe"}, "SN", ("equivalent", "higher"), 21),
    Persona(
        "foreign_bachelor",
        {"fr": "Bachelier français de nationalité étrangère", "en": "Foreign national with a French baccalaureate"},
        "MA",
        ("baccalaureat",),
        18,
    ),
    Persona(
        "foreign_own",
        {"fr": "Étudiant étranger de l’établissement", "en": "Foreign student of this university"},
        "CN",
        ("equivalent", "higher"),
        22,
        is_own=True,
    ),
    Persona(
        "lifelong",
        {"fr": "Adulte en reprise d’études", "en": "Adult back to studies"},
        "FR",
        ("baccalaureat", "higher"),
        41,
        is_lifelong=True,
    ),
    Persona("two_centres", {"fr": "Candidat dans deux centres", "en": "Applicant in two centres"}, "FR", ("baccalaureat",), 19, centres=2),
)
