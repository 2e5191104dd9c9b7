"""What was typed when a session or a page's token had died: shown again and sent by its author, never lost."""

from flask import current_app, g, render_template, request
from flask_babel import gettext as _
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
    """Return this request's form as a text that only its author gets back, or an empty one when there is none.

    Args:
        user_id: its author; None when the browser has lost even the trace of its session: whoever signs in on this very page
            is asked whether it is theirs before it is sent, and only a page of ours can have it sealed.
    """
    typed = fields()
    if request.method != "POST" or not typed or (user_id is None and not is_from_here()):
        return ""
    return _signer().dumps({"user": user_id, "path": request.full_path.rstrip("?"), "fields": typed})


def opened(sealed, user):
    """Return the (path, fields) sealed for this user, or on a page that knew nobody; None otherwise."""
    found = _read(sealed)
    return (found["path"], found["fields"]) if found and found["user"] in (None, user.id) else None


def offered(sealed, user):
    """Return the page that offers to send again what was sealed for this user, or None; nobody's is said to be so."""
    left = opened(sealed, user)
    if left is None:
        return None
    is_known = _read(sealed)["user"] is not None
    sentence = (
        None if is_known else _("Votre navigateur avait perdu votre connexion. Renvoyez ceci seulement si c’est vous qui l’aviez saisi.")
    )
    return page(*left, sentence=sentence)


def _read(sealed):
    try:
        return _signer().loads(sealed or "", max_age=LIFE)
    except BadData:
        return None


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
