"""The demonstration's student system: three invented students in a file."""

import json
from datetime import date
from pathlib import Path

STUDENTS = Path(__file__).parent / "students.json"


class DemoStudentSystem:
    """Reads the invented students."""

    def __init__(self, record, year):
        self.record, self.year = record, year

    def find(self, number):
        """Return the record of a student number, or None."""
        row = next((row for row in self.all() if row["number"] == number), None)
        if row is None:
            return None
        years = tuple(self.year(**values) for values in row["years"])
        return self.record(**{**row, "birth_on": date.fromisoformat(row["birth_on"]), "years": years})

    def all(self):
        """Return every student as read."""
        return json.loads(STUDENTS.read_text(encoding="utf-8"))
