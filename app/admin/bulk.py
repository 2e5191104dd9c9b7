"""The pages of bulk acts: what is asked, what would be done and refused, the confirmation, and taking back (features G7)."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import BaseView, expose
from flask_login import current_user
from sqlalchemy import select

from app import access, parameters
from app.admin import acts as menu
from app.admin import bulk_fields
from app.admin.base import Protected
from app.admin.jobs import refused_lines
from app.enums import Functionality
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import Job
from app.operations import act_choices, act_list, acts, jobs, selections, undoing  # noqa: F401 -- act_list: declares the acts
from app.operations.acts import ACTS
from app.operations.selections import Foreign


class BulkView(Protected, BaseView):
    """One page asks, one shows what would be done, one button does it; nothing is changed before."""

    functionality = Functionality.CANDIDATURES

    def is_visible(self):
        return False  # reached from the list

    @expose("/", methods=["GET", "POST"])
    def index(self):
        """Ask what an act needs for a selection, or look at what it would do once everything is given."""
        if request.method == "GET":  # a new sign-in comes back here
            return redirect(url_for("candidature.index_view"))
        act = ACTS.get(request.form.get("act", "")) or abort(404)
        if not access.can(current_user, act.right, write=True):
            abort(403)
        spec, choices = menu.spec_of(request.form), bulk_fields.Choices(act, current_user)
        try:
            numbers = selections.ids(current_user, spec, right=act.right, write=True)
        except Foreign:
            abort(404)
        except DomainError as error:
            return self._back(error)
        if act.fields and request.form.get("ready") != "1":
            return self._ask(act, spec, choices, len(numbers))
        try:
            values = bulk_fields.read(act, request.form, choices)
            preview = acts.look(act, act_choices.in_order(numbers, values.get("order")), values, actor=current_user)
        except DomainError as error:
            db.session.rollback()
            return self._ask(act, spec, choices, len(numbers), error) if act.fields else self._back(error)
        return self._look(preview)

    def _ask(self, act, spec, choices, count, error=None):
        context = {"act": act, "choices": choices, "count": count, "error": error, "kept": menu.fields_of(spec), "typed": request.form}
        return render_template("admin/gestion/bulk_ask.html", admin_view=self, **context), 422 if error else 200

    def _look(self, preview):
        number, public_id, is_small = preview.id, preview.public_id, acts.is_small(preview)
        db.session.commit()
        if is_small:
            jobs.run(number)
        return redirect(url_for(".preview", public_id=public_id), 303)

    def _back(self, error):
        flash(str(error), "error")
        return redirect(url_for("candidature.index_view"), 303)

    @expose("/<public_id>")
    def preview(self, public_id):
        """Show what an act would do: how many, which refusals, the mail as the first will read it."""
        return self._shown("admin/gestion/bulk.html", self._own(public_id, "preview"))

    @expose("/<public_id>/avancement")
    def progress(self, public_id):
        """Give the inside of that page alone, while it is being made."""
        return self._shown("admin/gestion/_bulk.html", self._own(public_id, "preview"))

    def _shown(self, template, job, error=None):
        act = acts.act_of(job)
        values = job.parameters["values"]
        context = {
            "job": job,
            "act": act,
            "live": jobs.LIVE,
            "error": error,
            "said": bulk_fields.said(act, values, bulk_fields.Choices(act, current_user)),
            "counted": acts.counted(job),
            "refused": refused_lines(job),
            "letters": job.parameters.get("letters", []),
            "hold": parameters.get("HOLD_MINUTES"),
            "asked": db.session.get(Job, job.parameters.get("job", 0)),
        }
        return render_template(template, admin_view=self, **context), 422 if error else 200

    @expose("/<public_id>/confirmer", methods=["POST"])
    def confirm(self, public_id):
        """Do what the page said, once however often it is sent."""
        preview = self._own(public_id, "preview")
        try:
            job = acts.confirm(preview, actor=current_user, reason=request.form.get("reason"))
        except DomainError as error:
            db.session.rollback()
            return self._shown("admin/gestion/bulk.html", self._own(public_id, "preview"), error)
        address = url_for("travaux.show", public_id=job.public_id)
        db.session.commit()
        return redirect(address, 303)

    @expose("/<public_id>/annuler", methods=["POST"])
    def undo(self, public_id):
        """Take back what a job did, while its messages are held."""
        job = self._own(public_id, *undoing.UNDOABLE)
        try:
            address = url_for("travaux.show", public_id=undoing.ask(job, actor=current_user).public_id)
            db.session.commit()
        except NotAllowed:
            abort(403)
        except DomainError as error:
            db.session.rollback()
            flash(str(error), "error")
            address = url_for("travaux.show", public_id=public_id)
        return redirect(address, 303)

    def _own(self, public_id, *kinds):
        chosen = select(Job).where(Job.public_id == public_id, Job.created_by_id == current_user.id, Job.kind.in_(kinds))
        return db.session.scalar(chosen) or abort(404)


for order, act in enumerate(ACTS.values()):
    group = "write" if act.name in ("tags", "message", "note") else "decide"
    menu.register(menu.ListAct(act.name, act.verb, "ensemble.index", act.right, group=group, order=order))
