"""The generated screen of letters: refused at save when they could not be filled, and seen before they are used."""

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app import queries
from app.admin.base import ManagedView
from app.enums import LetterKind
from app.errors import DomainError
from app.extensions import db
from app.models import Candidate, Candidature
from app.notifications import catalogue, letter_pages, letter_wording
from app.notifications.catalogue import LANGUAGES
from app.operations import dossiers
from app.orm import text_in
from app.web import pdf_of


class LetterTemplateView(ManagedView):
    """A letter names only what exists, in the few tags that paper needs."""

    edit_template = create_template = "admin/gestion/letter_template.html"
    list_template = "admin/gestion/letter_templates.html"

    def on_model_change(self, form, model, is_created):
        catalogue.check_languages(model.title, model.body, letter_wording.check)
        super().on_model_change(form, model, is_created)

    def render(self, template, **kwargs):
        tags = ", ".join(f"<{tag}>" for tag in sorted(letter_wording.TAGS))
        return super().render(template, placeholders=letter_wording.NAMES.values(), tags=tags, kinds=tuple(LetterKind), **kwargs)

    @expose("/apercu/<row_id>", methods=["GET"])
    def preview(self, row_id):
        """Draw a letter on an invented person, or on a real dossier that one may take documents of."""
        row = self.get_one(row_id)
        language = request.args.get("langue") if request.args.get("langue") in LANGUAGES else "fr"
        return self._drawn(text_in(row.title, language), text_in(row.body, language), language, back=url_for(".edit_view", id=row_id))

    @expose("/livree/<code>", methods=["GET"])
    def shipped(self, code):
        """Draw a letter as shipped: what is sent while no template replaces it."""
        language = request.args.get("langue") if request.args.get("langue") in LANGUAGES else "fr"
        title, body = letter_wording.shipped(language).get(code) or abort(404)
        return self._drawn(title, body, language, back=url_for(".index_view"))

    def _drawn(self, title, body, language, *, back):
        number = request.args.get("dossier", "").strip().upper()[:8]
        candidature = _of(number) if number else None
        if number and candidature is None:
            flash(_("Aucune candidature de ce numéro de dossier n’est dans ce que vous gérez."), "error")
            return redirect(back)
        try:
            return pdf_of(letter_pages.preview(title, body, language, candidature=candidature), f"apercu-{language}.pdf")
        except DomainError as error:
            flash(str(error), "error")
            return redirect(back)


def _of(number):
    """Return the last candidature of a dossier number whose documents the person may take, or None."""
    own = select(Candidate.id).where(Candidate.dossier_number == number)
    chosen = queries.whole().where(Candidature.candidate_id.in_(own), dossiers.reachable(current_user))
    return db.session.scalars(chosen.order_by(Candidature.outcome.is_(None), Candidature.id.desc()).limit(1)).first()
