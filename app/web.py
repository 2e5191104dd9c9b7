"""What both interfaces answer with: the nonce of a page, the pictures and the files of pieces."""

import contextlib
import io
import secrets
import tempfile
from pathlib import Path

from flask import Response, abort, g, send_file

from app.extensions import db
from app.orm import write_intent
from app.storage import checker, vault


def csp_nonce():
    """Return the nonce of this page, made at first use (one for each answer)."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


def page_of(version, number):
    """Answer with the picture of a page of a safe version, drawn once and kept (404 past the last page)."""
    if not 1 <= number <= version.page_count:
        abort(404)
    path, media_type = vault().path(version.served_key), version.media_type
    db.session.rollback()  # no transaction stays open while a page is drawn: on SQLite a reader stops every writer
    with tempfile.TemporaryDirectory() as folder:
        picture = checker.render_page(path, media_type, number, Path(folder))
        if picture is None:
            abort(404)
        return private(Response(picture.read_bytes(), mimetype="image/png"))


def preview_of(version):
    """Answer with the small first page of a safe version."""
    if version.preview_key is None:
        abort(404)
    return private(send_file(vault().open(version.preview_key), mimetype="image/png"))


def file_of(version):
    """Answer with the rebuilt file as a download."""
    ending = "pdf" if version.media_type == "application/pdf" else "jpg"
    name = version.original_name.rsplit(".", 1)[0] + f".{ending}"
    response = send_file(vault().open(version.served_key), mimetype=version.media_type, as_attachment=True, download_name=name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return private(response)


@contextlib.contextmanager
def writing():
    """Let a request that reads write a little: on SQLite its transaction then begins as a writer's does."""
    db.session.rollback()
    intent = write_intent.set(True)
    try:
        yield
    finally:
        write_intent.reset(intent)


def pdf_of(data, name):
    """Answer with a PDF made here, as a download."""
    response = send_file(io.BytesIO(data), mimetype="application/pdf", as_attachment=True, download_name=name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return private(response)


def private(response):
    """Keep an answer out of every shared cache."""
    response.headers["Cache-Control"] = "private, no-store"
    return response
