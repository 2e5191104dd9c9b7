"""The demonstration's identity provider: a page that lists invented students and signs a ticket for the one chosen."""

import secrets
from urllib.parse import urlencode

from flask_babel import lazy_gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer

from app.errors import DomainError

TICKET_LIFE = 60  # seconds
_used = set()


class DemoProvider:
    """Tickets are signed, single use, alive one minute, and bound to the state of the browser that asked."""

    name = "demo"

    def __init__(self, secret, public_url, record):
        self.signer, self.public_url, self.record = URLSafeTimedSerializer(secret, salt="demo-identity"), public_url, record

    def login_url(self, state):
        """Return where to send the person."""
        return f"{self.public_url}/demonstration/identite?{urlencode({'state': state})}"

    def ticket(self, number, state):
        """Return a ticket for a student number."""
        return self.signer.dumps({"number": number, "state": state, "id": secrets.token_hex(8)})

    def identify(self, arguments, state):
        """Return the identity of a ticket.

        Raises:
            DomainError: forged, expired, already used, or made for another browser.
        """
        try:
            ticket = self.signer.loads(arguments.get("ticket", ""), max_age=TICKET_LIFE)
        except BadData as error:
            raise DomainError(_("La connexion universitaire a expiré : recommencez.")) from error
        if ticket["state"] != state or ticket["id"] in _used:
            raise DomainError(_("Cette connexion a déjà servi ou vient d’un autre navigateur : recommencez."))
        _used.add(ticket["id"])
        return self.record(provider=self.name, subject=ticket["number"], sis_number=ticket["number"])
