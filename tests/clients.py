"""A client that behaves as a browser without JavaScript: it reads the page's token, then posts its form."""

import re

from flask import Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.extensions import db


class Read(TestResponse, Response):
    """An answer as people read it: no-break spaces are spaces (tests/unit/test_typography.py looks at them)."""

    @property
    def text(self):
        return super().text.replace("\u00a0", " ").replace("\u202f", " ")


class PageClient:
    """Wraps Flask's test client; each request has an application context of its own, as in production."""

    def __init__(self, app):
        self.app, self.http = app, FlaskClient(app, Read)

    def get(self, url, **kwargs):
        return self._fresh(lambda: self.http.get(url, **kwargs))

    def post(self, url, data=None, *, page="/aide", **kwargs):
        """Post a form with the token of a page (any page of the session gives a good one)."""
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(page).text).group(1)
        return self._fresh(lambda: self.http.post(url, data={"csrf_token": token, **(data or {})}, **kwargs))

    def post_bare(self, url, data=None, **kwargs):
        """Post without any token."""
        return self._fresh(lambda: self.http.post(url, data=data or {}, **kwargs))

    def sign_in(self, identifier, password):
        """Sign in through the real page."""
        return self.post("/connexion", {"identifier": identifier, "password": password}, page="/connexion")

    def _fresh(self, call):
        """Serve the request in a context and a database session of its own; the test's own session lets go first."""
        db.session.commit()
        with self.app.app_context():
            return call()
