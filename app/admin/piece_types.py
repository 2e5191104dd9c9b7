"""The screen of a type of piece: what it is, why it is asked, and the model that candidates fill."""

from flask import abort, flash, redirect, request, send_file, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_login import current_user

from app.admin.base import ManagedView
from app.admin.carrying import carry_out
from app.errors import DomainError
from app.extensions import db
from app.operations import piece_models
from app.storage import vault
from app.web import private


class PieceTypeView(ManagedView):
    """A type of piece may give a PDF to fill."""

    details_template = "admin/gestion/piece_type.html"

    @expose("/<row_id>/modele", methods=["POST"])
    def put_model(self, row_id):
        """Keep the PDF sent as the model, checked and written anew by the confined child first."""
        self._changed(row_id)
        file, back = request.files.get("model"), url_for(".details_view", id=row_id) + "#modele"
        try:
            db.session.rollback()  # no transaction stays open while the child works
            if not file:
                raise DomainError(_("Choisissez d’abord un fichier PDF."))
            name = file.filename or ""
            key = piece_models.keep(file.stream, name)
        except DomainError as error:
            flash(str(error), "error")
            return redirect(back)
        row = self._changed(row_id)
        carry_out(
            lambda: piece_models.put(row, key, name, actor=current_user), _("Le modèle est enregistré : les candidats le voient désormais.")
        )
        return redirect(back)

    @expose("/<row_id>/modele/retirer", methods=["POST"])
    def remove_model(self, row_id):
        """Take the model away."""
        row = self._changed(row_id)
        carry_out(lambda: piece_models.put(row, None, None, actor=current_user), _("Ce type de pièce n’a plus de modèle."))
        return redirect(url_for(".details_view", id=row_id) + "#modele")

    @expose("/<row_id>/modele.pdf")
    def given(self, row_id):
        """Give the model as candidates receive it."""
        row = self.get_one(row_id)
        if row.template_key is None or not vault().exists(row.template_key):
            abort(404)
        return private(
            send_file(vault().open(row.template_key), mimetype="application/pdf", as_attachment=True, download_name=row.template_name)
        )

    def _changed(self, row_id):
        """Return the row of a number that the person may change."""
        row = self.get_one(row_id)
        return row if piece_models.may_put(row, current_user) else abort(403)

    def render(self, template, **kwargs):
        row = kwargs.get("model")
        return super().render(template, may_change=row is not None and piece_models.may_put(row, current_user), **kwargs)
