"""Who a person is according to the university: one interface, one provider at a time."""

from dataclasses import dataclass
from typing import Protocol

from flask import current_app

from app import parameters
from app.identity.demo import DemoProvider


@dataclass(frozen=True)
class ExternalIdentity:
    """What a provider says of a person; the pair (provider, subject) is the identity, never the e-mail (trust T16)."""

    provider: str
    subject: str
    sis_number: str | None


class IdentityProvider(Protocol):
    """Sends people to sign in elsewhere and reads what they come back with."""

    def login_url(self, state: str) -> str: ...

    def identify(self, arguments, state: str) -> ExternalIdentity: ...


def provider():
    """Return the sign-on of this installation, or None: the demonstration's unless production, while its door is open."""
    settings = current_app.config["SETTINGS"]
    if settings.is_production or settings.cas_url or not parameters.get("UNIVERSITY_DOOR_OPEN"):
        return None
    return DemoProvider(current_app.config["SECRET_KEY"], settings.public_url, ExternalIdentity)
