"""What was typed when a session or a page's token had died: shown again and sent by its author, never lost."""

from flask import current_app, g, render_template, request
from itsdangerous import BadData, URLSafeTimedSerializer

LIFE = 12 * 3600  # seconds
LARGEST = 100_000  # characters
NEVER = frozenset(("csrf_token", "kept", "password", "current"))


def fields():
    """Return what this request's form holds, as pairs, without passwords and tokens; empty when it is too much."""
    pairs = [(name, value) for name, value in request.form.items(multi=True) if name not in NEVER]
    return pairs if sum(len(name) + len(value) for name, value in pairs) <= LARGEST else []


def is_from_here():
    """Whether the browser says that one of our own pages sent this request."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    return site == "same-origin" or (site is None and origin == request.host_url.rstrip("/"))


def seal(user_id):
    """Return this request's form as a text that only its author gets back, or an empty one when there is none."""
    typed = fields()
    if request.method != "POST" or user_id is None or not typed:
        return ""
    return _signer().dumps({"user": user_id, "path": request.full_path.rstrip("?"), "fields": typed})


def opened(sealed, user):
    """Return the (path, fields) sealed for this user, or None."""
    try:
        found = _signer().loads(sealed or "", max_age=LIFE)
    except BadData:
        return None
    return (found["path"], found["fields"]) if found["user"] == user.id else None


def page(path, typed, *, files=False, title=None, sentence=None, came_from=None):
    """Render the page that offers to send again what was typed.

    Args:
        files: whether files were sent with it, which are not kept.
        title, sentence: what happened; the page waited too long when they are None.
        came_from: path of the page that holds the form, to go back to.
    """
    words = {"title": title, "sentence": sentence, "came_from": came_from, "reference": g.get("reference")}
    return render_template("accounts/kept.html", path=path, typed=typed, has_files=files, **words)


def _signer():
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="kept-form")
