"""The student system as this application sees it: typed records behind a small interface."""

from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from app.sis.demo import DemoStudentSystem


@dataclass(frozen=True)
class InternalYear:
    """One year of the student's curriculum here."""

    year: int
    code: str
    label: str
    result: str | None = None
    mark: str | None = None


@dataclass(frozen=True)
class StudentRecord:
    """What the student system knows of a person; national codes stay inside the adapter."""

    number: str
    civility: str
    last_name: str
    first_name: str
    birth_on: date
    birth_country: str
    birth_town: str
    nationality: str
    email: str
    ine: str | None = None
    phone: str | None = None
    address_line: str | None = None
    postal_code: str | None = None
    commune: str | None = None
    bac_series: str | None = None
    bac_year: int | None = None
    bac_mention: str | None = None
    years: tuple = field(default=())


class StudentSystem(Protocol):
    """Reads students; `find` returns None for an unknown number."""

    def find(self, number: str) -> StudentRecord | None: ...


def student_system():
    """Return the adapter of this installation (the demonstration's until another is set)."""
    return DemoStudentSystem(StudentRecord, InternalYear)
