"""The mailbox of an installation without mail server: the files that would have been sent (never in production)."""

import email
import re
from email.policy import default

from flask import Blueprint, Response, abort, current_app, render_template
from markupsafe import Markup, escape

blueprint = Blueprint("demonstration", __name__, url_prefix="/demonstration")
SHOWN = 100


def has_demonstration_mail():
    """Whether mails are files that may be shown here."""
    return current_app.config["SETTINGS"].has_demonstration_mail


def _folder():
    if not has_demonstration_mail():
        abort(404)
    return current_app.config["SETTINGS"].data_dir / "mails"


def _read(path):
    return email.message_from_bytes(path.read_bytes(), policy=default)


@blueprint.get("/courriels")
def mails():
    """List the last hundred mails, newest first."""
    paths = sorted(_folder().glob("[0-9]*.eml"), reverse=True)[:SHOWN] if _folder().exists() else []
    return render_template("demonstration/mails.html", mails=[(path.stem, _read(path)) for path in paths])


@blueprint.get("/courriels/<key>")
def mail(key):
    """Show one mail as text, its links alive, its attachments to download."""
    message = _read(_path(key))
    text = message.get_body(("plain",)).get_content()
    names = [part.get_filename() for part in message.iter_attachments()]
    return render_template("demonstration/mail.html", key=key, mail=message, text=_linked(text), attachments=names)


@blueprint.get("/courriels/<key>/<int:number>")
def attachment(key, number):
    """Give one attachment."""
    parts = list(_read(_path(key)).iter_attachments())
    if not 0 <= number < len(parts):
        abort(404)
    headers = {"Content-Disposition": f'attachment; filename="{parts[number].get_filename()}"'}
    return Response(parts[number].get_content(), mimetype=parts[number].get_content_type(), headers=headers)


def _path(key):
    path = _folder() / f"{key}.eml"
    if not re.fullmatch(r"[0-9]+-[0-9a-f]+", key) or not path.exists():
        abort(404)
    return path


def _linked(text):
    """Return a text with its web addresses as links; everything else is escaped."""
    parts = re.split(r"(https?://[^\s<>()]+)", text)
    return Markup("").join(
        Markup('<a href="{0}">{0}</a>').format(part) if number % 2 else escape(part) for number, part in enumerate(parts)
    )


@blueprint.app_context_processor
def _flags():
    return {"has_demonstration_mail": has_demonstration_mail}
