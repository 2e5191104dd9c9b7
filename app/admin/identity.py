"""The screen of the visual identity: the logo that letters, dossiers and their cover carry."""

import io

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_login import current_user

from app import access
from app.admin.base import Protected
from app.documents import pictures
from app.enums import Functionality
from app.errors import DomainError
from app.extensions import db
from app.operations import emblems
from app.storage import vault
from app.web import private


class IdentityView(Protected, BaseView):
    """One picture, with what it becomes on a letter."""

    functionality = Functionality.PARAMETERS

    @expose("/", methods=["GET"])
    def index(self):
        return self._page()

    def _page(self, error=None):
        may_write = access.can(current_user, self.functionality, write=True)
        page = render_template("admin/gestion/identity.html", key=pictures.logo_key(), error=error, may_write=may_write, admin_view=self)
        return page, 422 if error else 200

    @expose("/logo", methods=["POST"])
    def save(self):
        """Put, change or remove the logo."""
        if not access.can(current_user, self.functionality, write=True):
            abort(403)
        actor = current_user._get_current_object()
        try:
            file = request.files.get("logo")
            db.session.rollback()  # no transaction stays open while the picture is drawn
            removed = request.form.get("remove") == "1"
            key = None if removed else emblems.keep(file.stream if file else io.BytesIO(), field="logo")
            emblems.set_logo(key, actor=actor)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            return self._page(error)
        flash(_("Logo retiré.") if removed else _("Logo enregistré : les prochains documents le portent."), "success")
        return redirect(url_for(".index"))

    @expose("/logo.png")
    def logo(self):
        """Give the logo as it is kept."""
        key = pictures.logo_key()
        if key is None or not vault().exists(key):
            abort(404)
        return private(send_file(vault().open(key), mimetype="image/png"))
