"""The screen « Publier les avis »: the report first, one of each mail, then the release, at once or at a date (features G8)."""

from flask import abort, redirect, render_template, request, url_for
from flask_admin import BaseView, expose
from flask_login import current_user

from app import access, parameters
from app.admin import instants
from app.admin.base import Protected
from app.enums import Functionality
from app.errors import Conflict, DomainError, NotAllowed
from app.extensions import db
from app.operations import releases
from app.web import writing


class ReleasesView(Protected, BaseView):
    """What is validated and not yet published, over the person's scope."""

    functionality = Functionality.PUBLISH_DECISION

    @expose("/")
    def index(self):
        """Show the report of what a release would publish."""
        return self._page(_filters(request.args))

    @expose("/publier", methods=["GET", "POST"])
    def release(self):
        """Ask for the release of what the report showed."""
        if request.method == "GET":  # a new sign-in comes back here
            return redirect(url_for(".index"))
        if not access.can(current_user, Functionality.PUBLISH_DECISION, write=True):
            abort(403)
        filters = _filters(request.form)
        try:
            at = instants.typed(request.form.get("at"), closing=False)
            job = releases.ask(current_user, filters, seen=_number(request.form.get("seen")) or 0, at=at)
        except NotAllowed:
            abort(403)
        except DomainError as error:
            db.session.rollback()
            return self._page(filters, error, 409 if isinstance(error, Conflict) else 422)
        address = url_for("travaux.show", public_id=job.public_id)
        db.session.commit()
        return redirect(address, 303)

    def _page(self, filters, error=None, code=200):
        actor = current_user._get_current_object()
        with writing():
            samples = releases.samples(actor, filters)
            db.session.rollback()
        context = {
            "filters": filters,
            "choices": releases.choices(actor),
            "report": releases.report(actor, filters),
            "samples": samples,
            "planned": releases.planned(actor),
            "hold": parameters.get("HOLD_MINUTES"),
            "may_write": access.can(actor, Functionality.PUBLISH_DECISION, write=True),
            "error": error,
            "typed": request.form,
        }
        return render_template("admin/gestion/releases.html", admin_view=self, **context), code


def _filters(asked):
    return {name: number for name in releases.FILTERS if (number := _number(asked.get(name)))}


def _number(text):
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
