"""The preferences of a member of staff: the language of his screens and mails, and the daily summary."""

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_babel import refresh
from flask_login import current_user

from app import formats
from app.admin.base import Protected
from app.extensions import db

LANGUAGES = {"fr": "Français", "en": "English"}


class PreferencesView(Protected, BaseView):
    """One small form, about oneself only."""

    @expose("/", methods=["GET"])
    def index(self):
        page = {"languages": LANGUAGES, "language": formats.current_language(), "has_digest": current_user.staff_member.has_digest}
        return render_template("admin/gestion/preferences.html", admin_view=self, **page)

    @expose("/", methods=["POST"])
    def save(self):
        """Keep the choices of the person signed in."""
        language = request.form.get("language")
        if language not in LANGUAGES:
            abort(404)
        current_user.language = session["language"] = language
        current_user.staff_member.has_digest = request.form.get("has_digest") == "1"
        db.session.commit()
        refresh()
        flash(_("Préférences enregistrées."), "success")
        return redirect(url_for(".index"))
