"""The pieces of a candidature on screen: deposit, replace, remove, look at, and several photographs made into one."""

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import queries, web
from app.enums import CheckState
from app.errors import DomainError
from app.extensions import db, limiter
from app.models import Candidature, PieceType
from app.operations import photographs as pictures
from app.operations import pieces
from app.storage import vault
from app.views.candidatures import page
from app.views.guards import candidate_required, own_or_404

blueprint = Blueprint("pieces", __name__, url_prefix="/candidatures/<public_id>/pieces")
PHOTOGRAPH_REQUEST = pictures.LIMIT + 64 * 1024  # bytes: the picture and its form


def _person():
    """Count by person: a whole school may stand behind one address."""
    return f"candidate {current_user.candidate_id}"


def _line(public_id, required_id):
    candidature = own_or_404(Candidature, public_id, select_from=queries.whole())
    line = pieces.line_of(candidature, required_id)
    if line is None:
        abort(404)
    return candidature, line


def _back(public_id, required_id):
    if _form_asking():
        return redirect(url_for("answers.fill", public_id=public_id, form_id=_form_asking()))
    return redirect(url_for("candidatures.show", public_id=public_id) + f"#piece-{required_id}")


def _form_asking():
    """Return the number of the form from which a file was sent, which is shown again; 0 when it is the dossier."""
    number = request.form.get("form", "")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0


def _refused(public_id, required_id, error):
    """Show the dossier again, with the sentence beside the piece and in the summary."""
    db.session.rollback()
    if _form_asking():
        flash(str(error), "error")
        return _back(public_id, required_id)
    candidature, _line_ = _line(public_id, required_id)
    return page(candidature, error, 422, refused_piece=required_id)


@blueprint.post("/<int:required_id>")
@candidate_required
@limiter.limit("60 per 5 minutes", key_func=_person)
def deposit(public_id, required_id):
    """Deposit or replace a piece."""
    candidature, line = _line(public_id, required_id)
    files = request.files.getlist("file")
    if len(files) != 1 or not files[0].filename:
        return _refused(public_id, required_id, DomainError(_("Choisissez un fichier.")))
    stream, name = files[0].stream, files[0].filename
    return _act(public_id, required_id, lambda: pieces.deposit(candidature, line.required, stream, name, actor=current_user))


@blueprint.post("/<int:required_id>/supprimer")
@candidate_required
def remove(public_id, required_id):
    """Take a piece out of this candidature."""
    candidature, line = _line(public_id, required_id)
    return _act(public_id, required_id, lambda: pieces.remove(candidature, line.required, actor=current_user))


@blueprint.post("/<int:required_id>/non-concerne")
@candidate_required
def not_concerned(public_id, required_id):
    """Say that a conditional piece does not concern one, or that it does."""
    candidature, line = _line(public_id, required_id)
    wanted = request.form.get("value") == "yes"
    return _act(public_id, required_id, lambda: pieces.set_not_concerned(candidature, line.required, wanted, actor=current_user))


def _act(public_id, required_id, call):
    try:
        call()
        db.session.commit()
    except DomainError as error:
        return _refused(public_id, required_id, error)
    if _form_asking():
        flash(_("Fichier reçu."), "success")
    return _back(public_id, required_id)


@blueprint.get("/<int:required_id>")
@candidate_required
def view(public_id, required_id):
    """Show every page of a piece on screen."""
    candidature, line = _line(public_id, required_id)
    if line.version is None:
        abort(404)
    return render_template("candidatures/piece.html", candidature=candidature, line=line)


@blueprint.get("/<int:required_id>/etat")
@candidate_required
def state(public_id, required_id):
    """Give the piece's line again while its check goes on (refreshed by the page)."""
    candidature, line = _line(public_id, required_id)
    return render_template("candidatures/_piece_state.html", candidature=candidature, line=line)


def _safe_version(public_id, required_id):
    _candidature, line = _line(public_id, required_id)
    if line.version is None or line.version.check_state != CheckState.SAFE:
        abort(404)
    return line.version


@blueprint.get("/<int:required_id>/page/<int:number>.png")
@candidate_required
def page_image(public_id, required_id, number):
    """Give one page as a picture."""
    return web.page_of(_safe_version(public_id, required_id), number)


@blueprint.get("/<int:required_id>/apercu.png")
@candidate_required
def preview(public_id, required_id):
    """Give the first page as a small picture."""
    return web.preview_of(_safe_version(public_id, required_id))


@blueprint.get("/<int:required_id>/telecharger")
@candidate_required
def download(public_id, required_id):
    """Give the rebuilt file, never to be opened in the page."""
    return web.file_of(_safe_version(public_id, required_id))


@blueprint.get("/<int:required_id>/modele")
@candidate_required
def template_file(public_id, required_id):
    """Give the model to fill; it opens in the browser unless a download is asked."""
    _candidature, line = _line(public_id, required_id)
    return model_of(line.required.piece_type)


def model_of(piece_type: PieceType):
    """Answer with the model of a piece type (a PDF put there by the university)."""
    if piece_type.template_key is None:
        abort(404)
    response = send_file(
        vault().open(piece_type.template_key),
        mimetype="application/pdf",
        as_attachment="download" in request.args,
        download_name=piece_type.template_name,
    )
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; plugin-types application/pdf"
    )
    return web.private(response)


@blueprint.route("/<int:required_id>/photos", methods=["GET", "POST"])
@candidate_required
def photographs(public_id, required_id):
    """Gather photographs one by one, then make them one PDF."""
    request.max_content_length = PHOTOGRAPH_REQUEST
    candidature, line = _line(public_id, required_id)
    error = None
    if request.method == "POST":
        try:
            if _gather(candidature, line):
                return _back(public_id, required_id)
            return redirect(url_for("pieces.photographs", public_id=public_id, required_id=required_id))
        except DomainError as refusal:
            db.session.rollback()
            error = refusal
            candidature, line = _line(public_id, required_id)
    waiting = pictures.waiting(candidature, line.required)
    context = {"photographs": waiting, "error": error, "most": pictures.MOST, "limit": pictures.LIMIT}
    body = render_template("candidatures/photographs.html", candidature=candidature, line=line, **context)
    return body, 422 if error else 200


def _gather(candidature, line):
    """Add, remove or assemble; return whether the piece is made."""
    if request.form.get("act") == "assemble":
        pictures.assemble(candidature, line.required, actor=current_user, let_go=db.session.rollback)
        db.session.commit()
        return True
    if request.form.get("act") == "remove":
        pictures.remove(candidature, line.required, request.form.get("photograph", ""))
    else:
        file = request.files.get("photograph")
        if file is None or not file.filename:
            raise DomainError(_("Choisissez une photo."), field="photograph")
        pictures.add(candidature, line.required, file.stream, actor=current_user, let_go=db.session.rollback)
    db.session.commit()
    return False


@blueprint.get("/<int:required_id>/photos/<photograph_id>.jpg")
@candidate_required
def photograph(public_id, required_id, photograph_id):
    """Give one waiting photograph (already reduced and cleaned)."""
    candidature, line = _line(public_id, required_id)
    found = next((row for row in pictures.waiting(candidature, line.required) if row.public_id == photograph_id), None)
    if found is None:
        abort(404)
    return web.private(send_file(vault().open(found.storage_key), mimetype="image/jpeg"))
