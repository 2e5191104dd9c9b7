"""LimeSurvey by its RemoteControl API (JSON-RPC), versions 3 to 6: a session for each reading, always given back."""

import base64
import binascii
import json
from contextlib import contextmanager
from datetime import UTC, datetime
from html import unescape
from urllib.parse import unquote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

import nh3
import requests

from app.errors import ServiceDown

PATIENCE = (5, 60)  # seconds to connect, then between two packets of an answer
LARGEST = 50 * 1024 * 1024  # bytes of one answer: some 100,000 answers to a form of ten questions
PIECE = 65_536  # bytes read at once
OWN = {"id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate", "datestamp", "ipaddr", "refurl"}
DOSSIER, CANDIDATURE = ("numdossier", "dossier"), ("idcandidature", "candidature")  # hidden questions, whatever their case


class RemoteControl:
    """Reads the surveys of one server.

    Args:
        url: address of `admin/remotecontrol` with the account in it: https://name:password@host/index.php/admin/remotecontrol.
        answer: the record that `answers` gives.
    """

    def __init__(self, url, answer):
        parts = urlsplit(url)
        self.name, self.password, self.answer = unquote(parts.username or ""), unquote(parts.password or ""), answer
        host = parts.hostname + (f":{parts.port}" if parts.port else "")
        self.url = urlunsplit((parts.scheme, host, parts.path, "", ""))

    def questions(self, survey):
        """Return {code: question as text} of a survey; raise `ServiceDown`."""
        with self._session() as key:
            rows = self._call("list_questions", key, survey)
        if not isinstance(rows, list):
            return {}
        return {str(row["title"]): plain(row.get("question", "")) for row in rows if isinstance(row, dict) and row.get("title")}

    def answers(self, survey):
        """Return the completed answers of a survey; raise `ServiceDown`."""
        with self._session() as key:
            found = self._call("export_responses", key, survey, "json", None, "complete", "code", "short")
        if isinstance(found, dict):
            if "no data" in str(found.get("status", "")).lower():
                return []
            raise ServiceDown(f"LimeSurvey: {str(found.get('status'))[:100]}")
        try:
            rows = json.loads(base64.b64decode(found, validate=True))["responses"]
        except (binascii.Error, ValueError, KeyError, TypeError) as error:
            raise ServiceDown("LimeSurvey: an export that cannot be read") from error
        return [read for row in rows if (read := self._read(row))]

    def _read(self, row):
        if not isinstance(row, dict):
            return None
        if len(row) == 1 and isinstance(next(iter(row.values())), dict):  # version 3: {"7": {…}}
            (row,) = row.values()
        submitted = instant_of(row.get("submitdate"))
        if submitted is None:
            return None
        values = {code: str(value) for code, value in row.items() if value not in (None, "")}
        given = {code.lower(): value for code, value in values.items()}
        kept = {code: value for code, value in values.items() if code.lower() not in {*OWN, *DOSSIER, *CANDIDATURE}}
        return self.answer(first_of(given, DOSSIER), first_of(given, CANDIDATURE), submitted, kept)

    @contextmanager
    def _session(self):
        key = self._call("get_session_key", self.name, self.password)
        if not isinstance(key, str):
            raise ServiceDown("LimeSurvey refuses the account of LIMESURVEY_URL")
        try:
            yield key
        finally:
            self._call("release_session_key", key)

    def _call(self, method, *parameters):
        asked = {"method": method, "params": list(parameters), "id": 1}
        try:
            with requests.post(self.url, json=asked, timeout=PATIENCE, allow_redirects=False, stream=True) as reply:
                if reply.status_code != requests.codes.ok:
                    raise ServiceDown(f"LimeSurvey: status {reply.status_code}")
                body = bytearray()
                for part in reply.iter_content(PIECE):
                    body += part
                    if len(body) > LARGEST:
                        raise ServiceDown("LimeSurvey: an answer larger than 50 MB")
            answer = json.loads(body)
            if answer.get("error"):
                raise ServiceDown(f"LimeSurvey: {str(answer['error'])[:100]}")
            return answer["result"]
        except (requests.RequestException, ValueError, KeyError, AttributeError) as error:
            raise ServiceDown(f"LimeSurvey: {type(error).__name__}") from error


def first_of(values, names):
    """Return the first value that is there, without spaces around."""
    return next((values[name].strip() for name in names if name in values), None)


def instant_of(text):
    """Return the instant of a date of LimeSurvey, which writes the wall clock of its server (Paris here); None when it is none."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZoneInfo("Europe/Paris")).astimezone(UTC)
    except ValueError:
        return None


def plain(html):
    """Return a question without its tags."""
    return " ".join(unescape(nh3.clean(str(html), tags=set())).split())
