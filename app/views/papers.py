"""What a candidate takes home: his letter and his dossier, as PDF."""

import tempfile
from pathlib import Path

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import queries
from app.documents import dossier as paper
from app.errors import DomainError
from app.extensions import db, limiter
from app.models import Candidature
from app.notifications import letter_pages
from app.operations import documents_asked, dossiers, letters
from app.storage import vault
from app.views.guards import candidate_required, own_or_404
from app.web import pdf_of, writing

blueprint = Blueprint("papers", __name__, url_prefix="/candidatures")


def _own(public_id):
    return own_or_404(Candidature, public_id, select_from=queries.whole())


@blueprint.get("/<public_id>/lettre.pdf")
@candidate_required
def letter(public_id):
    """Give the letter of admission or refusal: issued once, the same bytes each time."""
    candidature, actor = _own(public_id), current_user._get_current_object()
    try:
        with writing():
            found = letters.obtain(candidature, request.args.get("langue"), actor=actor)
            db.session.commit()
            found = letter_pages.issue(found.id)
            return pdf_of(vault().open(found.storage_key).read(), letter_pages.file_name(found))
    except DomainError as error:
        db.session.rollback()
        flash(str(error), "error")
    except FileNotFoundError:
        flash(_("Cette lettre ne peut pas être lue pour le moment : écrivez-nous, rien n’est perdu."), "error")
    return redirect(url_for("candidatures.show", public_id=public_id))


@blueprint.get("/<public_id>/dossier.pdf")
@limiter.limit("20 per hour")
@candidate_required
def dossier(public_id):
    """Give the whole dossier: as it was last transmitted, or as it stands when asked or when it never was."""
    candidature, actor = _own(public_id), current_user._get_current_object()
    source = dossiers.PRESENT if request.args.get("etat") == "present" else dossiers.TRANSMITTED
    if candidature.cancelled_at is not None:
        abort(404)
    content, name = dossiers.of(candidature, actor=actor, source=source), f"{documents_asked.stem_of(candidature)}.pdf"
    with tempfile.TemporaryDirectory() as folder:
        built = paper.build(content, Path(folder) / "dossier.pdf", let_go=db.session.rollback)
        return pdf_of(built.path.read_bytes(), name)
