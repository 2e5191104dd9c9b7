"""The server of surveys as this application sees it: what was answered, by whom, behind a small interface."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flask import current_app

from app.surveys.limesurvey import RemoteControl


@dataclass(frozen=True)
class SurveyAnswer:
    """One completed answer to a survey.

    Attributes:
        dossier, candidature: what the address of the survey carried: the number of a dossier, the public name of a candidature.
        submitted_at: instant in UTC.
        values: {code of a question: answer as text}.
    """

    dossier: str | None
    candidature: str | None
    submitted_at: datetime
    values: dict


class SurveyServer(Protocol):
    """Reads surveys.

    Every method raises `app.errors.ServiceDown` when the server does not answer, or answers something else.
    """

    def questions(self, survey: int) -> dict:
        """Return {code: question as text} of a survey."""

    def answers(self, survey: int) -> list[SurveyAnswer]:
        """Return the completed answers of a survey."""


def survey_server():
    """Return the adapter of this installation, or None when no server is set (LIMESURVEY_URL)."""
    url = current_app.config["SETTINGS"].limesurvey_url
    return RemoteControl(url, SurveyAnswer) if url else None
