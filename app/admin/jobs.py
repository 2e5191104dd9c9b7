"""The pages of long work: what a person asked for, how far it is, what was refused line by line, and the file made."""

from flask import abort, flash, redirect, render_template, send_file, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import access, clock
from app.admin.base import Protected
from app.enums import Functionality, LineState
from app.errors import DomainError
from app.extensions import db
from app.models import Candidature, Job, JobLine, Offering
from app.operations import candidature_exports, documents_asked, jobs, releases, undoing
from app.storage import vault
from app.web import private

NEEDED = {candidature_exports.KIND: Functionality.EXPORTS, documents_asked.KIND: Functionality.DOCUMENTS}
SHOWN = 100  # jobs listed, and refused lines on a page


class JobsView(Protected, BaseView):
    """Everybody sees the work he asked for, and nobody another's."""

    @expose("/")
    def index(self):
        chosen = select(Job).where(Job.created_by_id == current_user.id, Job.kind != "preview").order_by(Job.id.desc()).limit(SHOWN)
        return render_template("admin/gestion/jobs.html", jobs=db.session.scalars(chosen).all(), admin_view=self)

    @expose("/<public_id>")
    def show(self, public_id):
        """Show one job: its progress refreshes by itself until it ends."""
        return self._shown("admin/gestion/job.html", self._own(public_id))

    @expose("/<public_id>/avancement")
    def progress(self, public_id):
        """Give the progress alone."""
        return self._shown("admin/gestion/_job.html", self._own(public_id))

    def _shown(self, template, job):
        context = {"refused": refused_lines(job), "now": clock.now(), "live": jobs.LIVE, "undo_until": undoing.until(job)}
        undo = db.session.get(Job, job.parameters.get("undo", 0)) if job.kind in undoing.UNDOABLE else None
        published = releases.done(job) if job.kind == "release" else []
        return render_template(template, job=job, undo=undo, published=published, admin_view=self, **context)

    @expose("/<public_id>/arreter", methods=["POST"])
    def stop(self, public_id):
        """Stop a job where it is."""
        try:
            jobs.stop(self._own(public_id), actor=current_user)
            db.session.commit()
            flash(_("Arrêté : ce qui est fait reste fait."), "success")
        except DomainError as error:
            db.session.rollback()
            flash(str(error), "error")
        return redirect(url_for(".show", public_id=public_id))

    @expose("/<public_id>/fichier")
    def file(self, public_id):
        """Give the file that a job made, to who asked for it, while it is kept."""
        job = self._own(public_id)
        needed = NEEDED.get(job.kind)
        if needed is not None and not access.can(current_user, needed):  # taken back since it was asked
            abort(404)
        if job.storage_key is None or job.expires_at <= clock.now() or not vault().exists(job.storage_key):
            abort(404)
        answer = send_file(vault().open(job.storage_key), mimetype=job.media_type, as_attachment=True, download_name=job.file_name)
        answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return private(answer)

    def _own(self, public_id):
        return db.session.scalar(select(Job).where(Job.public_id == public_id, Job.created_by_id == current_user.id)) or abort(404)


def refused_lines(job):
    """Return the first refused lines of a job, with whose they are."""
    chosen = select(JobLine).where(JobLine.job_id == job.id, JobLine.state == LineState.REFUSED).order_by(JobLine.position).limit(SHOWN)
    whole = joinedload(JobLine.candidature)
    options = (whole.joinedload(Candidature.candidate), whole.joinedload(Candidature.offering).joinedload(Offering.formation))
    return db.session.scalars(chosen.options(*options)).all()
