"""The candidatures in the back office: the list; the dossier page is in `app/admin/dossier.py`."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_login import current_user
from sqlalchemy import func, select

from app import access
from app.admin import bulk
from app.admin.base import ManagedView
from app.admin.dossier import DossierPages
from app.enums import PieceStatus
from app.errors import DomainError
from app.extensions import db
from app.models import SubmittedPiece


class CandidatureView(DossierPages, ManagedView):
    """List and dossier; nothing here is edited as a field: every change is an act of the workflow."""

    list_template = "admin/gestion/candidatures.html"
    column_searchable_list = ("candidate.last_name", "candidate.first_name", "candidate.dossier_number", "offering.formation.name")

    def render(self, template, **kwargs):
        if "data" in kwargs:
            kwargs["to_review"] = _to_review(kwargs["data"])
            kwargs["bulk_acts"] = {name: act for name, act in bulk.ACTS.items() if access.can(current_user, act.right, write=True)}
        return super().render(template, **kwargs)

    @expose("/ensemble", methods=["POST"])
    def together(self):
        """Do one act on the candidatures ticked, and tell line by line what was done and what was refused."""
        act = bulk.ACTS.get(request.form.get("act")) or abort(404)
        try:
            rows = bulk.rows_of(request.form.getlist("row"), self.scope())
        except DomainError as error:
            flash(str(error), "error")
            return redirect(url_for(".index_view"))
        done, refused = bulk.carry_out(act, rows, actor=current_user)
        db.session.commit()
        return render_template("admin/gestion/together.html", act=act, done=done, refused=refused, admin_view=self)


def _to_review(rows):
    """Return {candidature number: pieces waiting for a review} for the rows of a page, in one query."""
    chosen = select(SubmittedPiece.candidature_id, func.count()).where(
        SubmittedPiece.candidature_id.in_([row.id for row in rows]), SubmittedPiece.status == PieceStatus.SUBMITTED
    )
    return dict(db.session.execute(chosen.group_by(SubmittedPiece.candidature_id)).tuples().all())
