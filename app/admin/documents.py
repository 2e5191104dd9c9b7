"""The doors to documents: one dossier or letter at once, many as work in the background; each is kept in the audit."""

import re
import tempfile
from pathlib import Path

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user

from app import queries
from app.admin import acts
from app.admin.base import Protected
from app.documents import dossier
from app.enums import Functionality
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import Candidature
from app.notifications import letter_pages
from app.operations import audit, documents_asked, dossiers, letters, selections
from app.storage import vault
from app.web import pdf_of, writing

SOURCES = {
    dossiers.TRANSMITTED: lazy_gettext("Tel que transmis la dernière fois"),
    dossiers.PRESENT: lazy_gettext("Tel qu’il est à présent"),
}


class DocumentsView(Protected, BaseView):
    """Documents of the candidatures that a person reaches."""

    functionality = Functionality.DOCUMENTS

    @expose("/")
    def index(self):
        """Documents being made are watched with all other work."""
        return redirect(url_for("travaux.index"))

    # --- one candidature ---

    @expose("/dossier/<public_id>", methods=["GET", "POST"])
    def dossier(self, public_id):
        """Give a dossier at once when it is small; offer to have a worker make it when it is not."""
        candidature, source = self._own(public_id), _source(request.values)
        actor = current_user._get_current_object()
        if request.method == "POST":
            return self._ask("dossiers_pdf", [candidature.id], source=source)
        content = dossiers.of(candidature, actor=actor, source=source)
        if dossiers.weight(content) > dossiers.AT_ONCE:
            return render_template("admin/gestion/dossier_later.html", candidature=candidature, source=source, admin_view=self)
        name = f"{documents_asked.stem_of(candidature)}.pdf"
        with writing():
            audit.write("documents", "Candidature", str(candidature.id), actor=actor, changes={"source": [None, str(SOURCES[source])]})
            db.session.commit()
        with tempfile.TemporaryDirectory() as folder:
            built = dossier.build(content, Path(folder) / "dossier.pdf", let_go=db.session.rollback)
            return pdf_of(built.path.read_bytes(), name)

    @expose("/lettre/<public_id>")
    def letter(self, public_id):
        """Give the letter of the published opinion, issued now when it was not yet."""
        candidature, actor = self._own(public_id), current_user._get_current_object()
        number = candidature.id
        try:
            with writing():
                letter = letters.obtain(candidature, request.args.get("langue"), actor=actor)
                changes = {"language": [None, letter.language]}
                audit.write("documents", "Candidature", str(number), actor=actor, changes=changes)
                db.session.commit()
                letter = letter_pages.issue(letter.id)
                return pdf_of(vault().open(letter.storage_key).read(), letter_pages.file_name(letter))
        except NotAllowed:
            abort(403)
        except (DomainError, FileNotFoundError) as error:
            db.session.rollback()
            flash(
                str(error) if isinstance(error, DomainError) else _("Le fichier de cette lettre est introuvable : écrivez-nous."), "error"
            )
            return redirect(url_for("candidature.dossier", public_id=public_id))

    def _own(self, public_id):
        chosen = queries.whole().where(Candidature.public_id == public_id, dossiers.reachable(current_user))
        return db.session.scalar(chosen) or abort(404)

    # --- many ---

    @expose("/choisir", methods=["POST"])
    def choose(self):
        """Say what will be made of a selection, and ask the rest: which state, which piece, why."""
        form = _form(request.form.get("act"))
        return self._choice(form, acts.spec_of(request.form))

    def _choice(self, form, spec, error=None):
        try:
            ids = selections.ids(current_user, spec, right=Functionality.DOCUMENTS)
        except selections.Foreign:
            abort(404)
        except DomainError as refusal:
            flash(str(refusal), "error")
            return redirect(url_for("candidature.index_view"))
        chosen, error = documents_asked.FORMS[form], error or _too_many(form, ids)
        page = render_template(
            "admin/gestion/documents.html",
            form=form,
            chosen=chosen,
            count=len(ids),
            fields=acts.fields_of(spec),
            pieces=documents_asked.pieces_of(ids[: documents_asked.most_of(form)]) if form == "piece_zip" else None,
            sources=SOURCES if not form.startswith("letters") else None,
            typed=request.form,
            error=error,
            admin_view=self,
        )
        return page, 422 if error else 200

    @expose("/demander", methods=["POST"])
    def ask(self):
        """Ask a worker for the documents of a selection; its page shows how far it is."""
        form, spec = _form(request.form.get("act")), acts.spec_of(request.form)
        try:
            ids = selections.ids(current_user, spec, right=Functionality.DOCUMENTS)
            return self._ask(form, ids, source=_source(request.form), piece_type_id=_piece_type())
        except selections.Foreign:
            abort(404)
        except DomainError as error:
            db.session.rollback()
            return self._choice(form, spec, error)

    def _ask(self, form, ids, **more):
        actor = current_user._get_current_object()
        job = documents_asked.ask(form, ids, actor=actor, reason=request.form.get("reason"), **more)
        db.session.commit()
        return redirect(url_for("travaux.show", public_id=job.public_id))


def _form(name):
    return name if name in documents_asked.FORMS else abort(404)


def _too_many(form, ids):
    try:
        dossiers.check_size(ids, documents_asked.most_of(form))
    except DomainError as error:
        return error
    return None


def _piece_type():
    text = request.form.get("piece_type", "")
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) else None


def _source(values):
    return dossiers.PRESENT if values.get("source") == dossiers.PRESENT else dossiers.TRANSMITTED


for _order, (_name, _made) in enumerate(documents_asked.FORMS.items(), start=1):
    acts.register(
        acts.ListAct(_name, _made.words, "documents.choose", Functionality.DOCUMENTS, write=False, group="documents", order=_order * 10)
    )
