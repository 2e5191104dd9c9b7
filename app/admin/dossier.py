"""The dossier page: one candidature on one screen, whose sections are renewed one by one, or the whole page without JavaScript."""

from secrets import token_urlsafe

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import or_, select

from app import queries, workflow
from app.admin import instants
from app.admin.desk import Desk, mark_of
from app.admin.dossier_acts import ACTS, Draft, stale
from app.enums import CheckState
from app.errors import Conflict, DomainError, NotAllowed
from app.extensions import db
from app.models import Candidature, FileVersion, SubmittedPiece, Transmission, TransmittedPiece
from app.notifications.outbox import LINK
from app.web import file_of, page_of, preview_of

SECTIONS = (
    *("head", "pieces", "changes", "profile", "answers", "file", "decision", "opinions", "seats"),
    *("dates", "tags", "notes", "messages", "history"),
)
OWN_ARGUMENTS = ("endpoint", "public_id", "verb", "piece", "page", "de", "a")  # the others belong to the list that one came from


class DossierPages:
    """The pages and acts of one dossier, for the view of candidatures; every change is an act of the workflow or of an operation."""

    def neighbours(self, candidature):
        """Return the addresses of the dossiers before and after this one in the list that one came from, None where there is none."""
        return None, None

    @expose("/dossier/<public_id>", methods=["GET"])
    def dossier(self, public_id):
        """Show everything about one candidature, or the one section that a fragment asks for."""
        candidature = self._own(public_id)
        target = request.headers.get("HX-Target") if request.headers.get("HX-Request") else None
        names = (target,) if target in SECTIONS else ()
        return self._answer(Desk(candidature, current_user, request.args), names=names)

    def _own(self, public_id):
        return db.session.scalar(self._chosen(public_id)) or abort(404)

    def _chosen(self, public_id):
        return queries.whole().where(Candidature.public_id == public_id, self.scope())

    @expose("/dossier/<public_id>/acte/<verb>", methods=["POST"])
    def act(self, public_id, verb):
        """Carry out one act; a page seen too long ago is a conflict that keeps what was typed."""
        candidature = self._own(public_id)
        act = ACTS.get(verb) or abort(404)
        try:
            workflow.lock(candidature, seats=act.has_seats)  # what was seen is compared once nobody else can change it
            if act.is_guarded and request.form.get("seen", "") != mark_of(candidature):
                raise Conflict(stale(candidature))
            draft = act.call(candidature)
            if isinstance(draft, Draft):
                db.session.rollback()
                return self._prepared(public_id, act, draft)
            db.session.commit()
        except NotAllowed:
            abort(403)
        except DomainError as error:
            db.session.rollback()
            return self._refused(public_id, act, error)
        return self._done(public_id, act)

    def _refused(self, public_id, act, error):
        desk = Desk(self._own(public_id), current_user, request.args)
        is_conflict = isinstance(error, Conflict)
        names = (act.section, *(("pieces", *act.renewed) if is_conflict else ()))
        return self._answer(desk, names=names, where=act.section, typed=request.form, error=error, code=409 if is_conflict else 422)

    def _prepared(self, public_id, act, draft: Draft):
        desk = Desk(self._own(public_id), current_user, request.args)
        return self._answer(desk, names=(act.section,), where=act.section, typed=draft.typed, letter=draft.letter)

    def _done(self, public_id, act):
        """Show what the act changed; who can no longer see the dossier (a recusal, a status) goes back to the list."""
        candidature, is_fragment = db.session.scalar(self._chosen(public_id)), _is_fragment()
        if candidature is None or not is_fragment:
            flash(_("C’est fait."), "success")
        if candidature is None:
            back = url_for(".index_view")
            return ("", 200, {"HX-Redirect": back}) if is_fragment else redirect(back)
        if not is_fragment:
            return redirect(url_for(".dossier", public_id=public_id, **_of_list(), _anchor=act.section))
        return self._answer(Desk(candidature, current_user, _after(act)), names=(act.section, *act.renewed), said=_("C’est fait."))

    def _answer(self, desk, *, names=(), where=None, typed=None, error=None, letter=None, said=None, code=200):
        """Return the sections named to who asked for a fragment, else the whole page.

        Args:
            where: the section acted upon: it shows the error, and what was typed again.
        """
        is_fragment = bool(names) and bool(request.headers.get("HX-Request"))
        context = {
            "desk": desk,
            "candidature": desk.candidature,
            "cid": desk.candidature.public_id,
            "names": tuple(dict.fromkeys(names)) if is_fragment else SECTIONS,
            "is_fragment": is_fragment,
            "neighbours": self.neighbours(desk.candidature) if not is_fragment or "head" in names else (None, None),
            "of_list": _of_list(),
            "where": where,
            "typed": typed or {},
            "error": error,
            "letter": letter,
            "said": said,
            "written": instants.written,
            "new_key": lambda: token_urlsafe(16),
            "admin_view": self,
            "LINK": LINK,
        }
        template = "admin/gestion/dossier/fragments.html" if is_fragment else "admin/gestion/dossier.html"
        answer = make_response(render_template(template, **context), code)
        answer.headers["Vary"] = "HX-Request, HX-Target, Cookie"
        return answer

    @expose("/piece/<public_id>/page/<int:number>.png")
    def page_image(self, public_id, number):
        """Give a page of a piece of this scope."""
        return page_of(self._version(public_id), number)

    @expose("/piece/<public_id>/apercu.png")
    def preview(self, public_id):
        """Give the small first page of a piece of this scope."""
        return preview_of(self._version(public_id))

    @expose("/piece/<public_id>/fichier")
    def file(self, public_id):
        """Give the rebuilt file of a piece of this scope."""
        return file_of(self._version(public_id))

    @expose("/piece/<public_id>")
    def piece(self, public_id):
        """Show every page of a piece."""
        return render_template("admin/gestion/piece.html", version=self._version(public_id), admin_view=self)

    def _version(self, public_id):
        """Return a safe file that a candidature in scope uses or used; anything else is a 404."""
        named = (
            select(SubmittedPiece.id)
            .join(Candidature, SubmittedPiece.candidature_id == Candidature.id)
            .where(self.scope(), SubmittedPiece.file_version_id == FileVersion.id)
        )
        frozen = (
            select(TransmittedPiece.id)
            .join(Transmission)
            .join(Candidature, Transmission.candidature_id == Candidature.id)
            .where(self.scope(), TransmittedPiece.file_version_id == FileVersion.id)
        )
        version = db.session.scalar(
            select(FileVersion).where(
                FileVersion.public_id == public_id,
                FileVersion.check_state == CheckState.SAFE,
                or_(named.exists(), frozen.exists()),
            )
        )
        return version or abort(404)


def _is_fragment():
    return bool(request.headers.get("HX-Request"))


def _of_list():
    """Return the part of the query that says which list one came from."""
    asked = request.args.to_dict(flat=False)
    return {name: values for name, values in asked.items() if name not in OWN_ARGUMENTS and not name.startswith("_")}


def _after(act):
    """Return what the page shows after an act: once a piece is reviewed, the next that waits."""
    return {} if act.section == "pieces" else request.args
