"""The builder of forms: a draft is made of what is published, its questions are put in order, looked at in both languages, then published."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user

from app import access
from app.admin.base import ManagedView
from app.admin.carrying import carried_out, carry_out
from app.admin.ordered import BESIDE
from app.enums import FieldKind, Functionality
from app.errors import DomainError
from app.extensions import db
from app.forms.question import PROFILES, TypedQuestion
from app.models import FormField, FormVersion, PieceType
from app.operations import answers, conditions, form_questions, form_versions

LANGUAGES = ("fr", "en")


class FormView(ManagedView):
    """A form is born with its first version; its questions are changed in a draft, by its builder."""

    details_template = "admin/gestion/questionnaire.html"

    def on_model_change(self, form, model, is_created):
        if is_created:
            model.versions = [FormVersion(number=1)]
        super().on_model_change(form, model, is_created)

    @expose("/<int:row_id>/construire", methods=["GET", "POST"])
    def build(self, row_id):
        """Show the draft of a form with its questions; make it when it is asked."""
        form = self._writable(row_id)
        if request.method == "POST":
            carry_out(
                lambda: form_versions.begin(form, actor=current_user), _("Brouillon commencé : personne ne le voit avant sa publication.")
            )
            return redirect(url_for(".build", row_id=row_id), 303)
        draft, published = form_versions.draft_of(form), answers.current_version(form)
        version = draft or published
        fields = conditions.in_order(version.fields) if version is not None else []
        return render_template(
            "admin/gestion/form_builder.html",
            form=form,
            draft=draft,
            published=published,
            fields=fields,
            fault=_fault(fields) if draft is not None else None,
            hints=conditions.hints(fields),
            counts=form_versions.counts(form) if draft is not None else None,
            previews=_previews(fields),
            admin_view=self,
        )

    @expose("/<int:row_id>/construire/<verb>", methods=["POST"])
    def settle(self, row_id, verb):
        """Publish the draft, or drop it."""
        form = self._writable(row_id)
        if verb == "abandonner":
            carry_out(lambda: form_versions.drop(form, actor=current_user), _("Brouillon abandonné : ce qui est publié ne change pas."))
        elif verb == "publier":
            self._publish(form)
        else:
            abort(404)
        return redirect(url_for(".build", row_id=row_id), 303)

    def _publish(self, form):
        try:
            with carried_out():
                moved = form_versions.publish(form, actor=current_user)
            flash(
                ngettext(
                    "Version publiée. %(num)d réponse commencée y passe.", "Version publiée. %(num)d réponses commencées y passent.", moved
                ),
                "success",
            )
        except DomainError as refused:
            flash(str(refused), "error")

    @expose("/<int:row_id>/construire/question", methods=["GET", "POST"])
    @expose("/<int:row_id>/construire/question/<int:number>", methods=["GET", "POST"])
    def question(self, row_id, number=None):
        """Add a question to the draft, or change one; "look" and "more" show the page again and keep nothing."""
        draft = self._draft(row_id)
        field = self._question(draft, number) if number is not None else None
        typed, error = _typed(field), None
        if request.method == "POST" and not {"look", "more"} & set(request.form):
            try:
                with carried_out():
                    field = _keep(draft, field, typed)
                flash(_("Question enregistrée dans le brouillon."), "success")
                return redirect(url_for(".build", row_id=row_id, _anchor=f"ordre-{field.id}"), 303)
            except DomainError as refused:
                error, draft = refused, self._draft(row_id)
                field = self._question(draft, number) if number is not None else None
        page = render_template(
            "admin/gestion/form_question.html",
            form=draft.form,
            question=field,
            typed=typed,
            rows=typed.rows(more=5 if "more" in request.form else 0),
            error=error,
            kinds=FieldKind,
            piece_types=_piece_types(),
            profiles=[(name, getattr(FormField, name).info["label"], groups) for name, groups in PROFILES.items()],
            sources=[(source, conditions.values_of(source)) for source in form_questions.sources(draft, field)],
            previews=_previews_of(draft, field, typed),
            admin_view=self,
        )
        return page, 422 if error else 200

    @expose("/<int:row_id>/construire/apercu", methods=["POST"])
    def preview(self, row_id):
        """Answer with the question being typed, in both languages; nothing is kept."""
        draft = self._draft(row_id)
        number = request.form.get("number", "")
        field = self._question(draft, int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
        return render_template("admin/gestion/_form_previews.html", previews=_previews_of(draft, field, _typed(field)))

    @expose("/<int:row_id>/construire/question/<int:number>/ordre", methods=["POST"])
    def move(self, row_id, number):
        """Put a question before or after another of the draft."""
        question = self._question(self._draft(row_id), number)
        beside = BESIDE.fullmatch(request.form.get("beside", "")) or abort(400)
        seen, is_after = _seen(), beside[1] == "after"
        carry_out(
            lambda: form_questions.move(question, int(beside[2]), is_after=is_after, actor=current_user, seen_version=seen),
            _("L’ordre est enregistré."),
        )
        return redirect(url_for(".build", row_id=row_id, _anchor=f"ordre-{number}"), 303)

    @expose("/<int:row_id>/construire/question/<int:number>/retirer", methods=["POST"])
    def remove(self, row_id, number):
        """Take a question out of the draft."""
        question, seen = self._question(self._draft(row_id), number), _seen()
        carry_out(lambda: form_questions.remove(question, actor=current_user, seen_version=seen), _("Question retirée du brouillon."))
        return redirect(url_for(".build", row_id=row_id, _anchor="questions"), 303)

    # --- what is reached ---

    def _writable(self, row_id):
        """Return a form whose questions are asked here and that the person may change; any other is a 404."""
        if not self._may_write():
            abort(403)
        chosen = db.select(self.model).where(self.model.id == row_id, self.scope(write=True), self.model.url.is_(None))
        return db.session.scalar(chosen) or abort(404)

    def _draft(self, row_id):
        return form_versions.draft_of(self._writable(row_id)) or abort(404)

    def _question(self, draft, number):
        return next((field for field in draft.fields if field.id == number), None) or abort(404)


def _piece_types():
    """Return {number: type of piece} of those in service that a file may deposit."""
    chosen = (
        db.select(PieceType)
        .where(access.scope_for(PieceType, current_user, right=Functionality.FORMS), PieceType.is_active)
        .order_by(PieceType.id)
    )
    return {kind.id: kind for kind in db.session.scalars(chosen)}


def _typed(field):
    if request.method == "POST":
        return TypedQuestion.sent(request.form)
    return TypedQuestion.of(field) if field is not None else TypedQuestion({}, [], True)


def _seen():
    return TypedQuestion.sent(request.form).seen


def _keep(draft, field, typed):
    """Keep a question as typed; return it."""
    values = typed.values(_piece_types())
    if field is None:
        return form_questions.add(draft, values, actor=current_user)
    form_questions.change(field, values, actor=current_user, seen_version=typed.seen)
    return field


def _fault(fields):
    """Return why a draft could not be published, or None."""
    try:
        conditions.check(fields)
    except DomainError as error:
        return error
    return None


def _previews_of(draft, question, typed):
    """Return the previews of the question being typed alone, its condition in words; none as long as it cannot be read."""
    try:
        shown = FormField(key=question.key if question is not None else "apercu", position=0, **typed.values(_piece_types()))
    except DomainError:
        return _previews([])
    return _previews([shown], others=draft.fields, is_alone=True)


def _previews(fields, *, others=(), is_alone=False):
    """Return [(language, HTML)] of questions as a candidate reached by every condition on profiles would see them.

    Args:
        others: questions on which they may depend, besides themselves.
        is_alone: whether they are shown whatever their conditions.
    """
    asked, made = {field.key for field in fields} if is_alone else conditions.asked(fields, {}), []
    for language in LANGUAGES:
        with force_locale(language):
            shown = {"hints": conditions.hints([*others, *fields]), "asked": asked, "is_alone": is_alone, "language": language}
            made.append((language, render_template("admin/gestion/_form_preview.html", fields=fields, **shown)))
    return made
