"""The generated screens of the words of the public pages: seen in both languages before they are kept, given up at one press."""

from flask import flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_login import current_user

from app.admin.converter import TranslatedField
from app.admin.previews import PreviewedView
from app.enums import TextPlace
from app.extensions import db
from app.models import PublicText
from app.operations import public_texts

PAGES = {  # where a place is seen; the instructions after confirmation are seen by those who confirmed
    TextPlace.HOME: "pages.home",
    TextPlace.CLOSED: "pages.home",
    TextPlace.MAINTENANCE: "pages.home",
    TextPlace.OFFER: "offer.tree",
    TextPlace.HELP: "pages.help",
    TextPlace.CONTACT: "pages.contact",
    TextPlace.LEGAL: "pages.legal",
    TextPlace.PRIVACY: "pages.privacy",
    TextPlace.ACCESSIBILITY: "pages.accessibility",
}


class WordsView(PreviewedView):
    """Words that the public reads: French is obligatory, English wanted, both are shown as pages will show them."""

    edit_template = create_template = "admin/gestion/words.html"
    read = ()  # the columns that people read, the Markdown one last

    def preview_of(self, values, model=None):
        *titles, body = (values[name] or {} for name in self.read)
        shown = []
        for code, language in TranslatedField.languages:
            title = " ".join(text.get(code, "") for text in titles)
            shown.append((code, language, title, public_texts.written(body[code]) if body.get(code) else None))
        return shown

    def on_model_change(self, form, model, is_created):
        texts = [getattr(model, name) for name in self.read]
        public_texts.check(*texts)
        super().on_model_change(form, model, is_created)
        if public_texts.languages_missing(*texts):
            flash(_("Il manque le texte anglais : les pages en anglais montreront le français."), "warning")


class PublicTextView(WordsView):
    """One text for each place, or the shipped one."""

    read = ("body",)
    list_template = "admin/gestion/public_texts.html"

    def create_form(self, obj=None):
        form, asked = super().create_form(obj), request.args.get("place")
        if request.method == "GET" and asked in TextPlace.__members__:
            form.place.data = TextPlace(asked)
        return form

    def list_context(self, rows):
        used = set(db.session.scalars(db.select(PublicText.place)))
        free = [place for place in TextPlace if place not in used]
        return {**super().list_context(rows), "free": free, "address_of": seen_at}

    def render(self, template, **kwargs):
        model = kwargs.get("model")
        return super().render(template, seen_at=seen_at(model.place) if model else None, **kwargs)

    @expose("/<row_id>/livre", methods=["POST"])
    def give_up(self, row_id):
        """Show the shipped text again; this one is kept, out of service."""
        row = self.get_one(row_id)
        public_texts.give_up(row, actor=current_user)
        db.session.commit()
        flash(_("Le texte livré est de nouveau affiché ; le vôtre est gardé, hors service."), "success")
        return redirect(url_for(".edit_view", id=row.id))


class FaqEntryView(WordsView):
    """Questions in the order of the help page."""

    read = ("question", "answer")

    def __init__(self, *args, **kwargs):
        self.column_default_sort = "position"
        super().__init__(*args, **kwargs)


def seen_at(place):
    """Return the address of the public page that shows a place, or None."""
    return url_for(PAGES[place]) if place in PAGES else None
