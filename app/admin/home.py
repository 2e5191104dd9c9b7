"""The first page of the back office: what waits for the person who signs in."""

from flask import render_template
from flask_admin import AdminIndexView, expose
from flask_login import current_user
from sqlalchemy import func, select

from app import access
from app.admin.base import Protected
from app.enums import FileStatus, Stage
from app.extensions import db
from app.models import Candidature, Decision

STATUSES = {
    "to_examine": FileStatus.RECEIVED,
    "complete": FileStatus.COMPLETE,
    "incomplete": FileStatus.INCOMPLETE,
    "waiting": FileStatus.WAITING,
}


class Home(Protected, AdminIndexView):
    """Counts over the person's own scope."""

    @expose("/")
    def index(self):
        screen = next(view for view in self.admin._views if view.endpoint == "candidature")
        links = {name: screen.filtered_url("file_status", status) for name, status in STATUSES.items()}
        return render_template("admin/gestion/home.html", counts=_counts(), links=links, admin_view=self)


def _counts():
    scope = access.scope_for(Candidature, current_user)
    by_status = _counted(
        select(Candidature.file_status, func.count()).where(scope, Candidature.cancelled_at.is_(None)).group_by(Candidature.file_status)
    )
    drafts = _counted(
        select(Decision.stage, func.count())
        .join(Candidature, Decision.candidature_id == Candidature.id)
        .where(scope)
        .group_by(Decision.stage)
    )
    return {
        **{name: by_status.get(status, 0) for name, status in STATUSES.items()},
        "proposed": drafts.get(Stage.PROPOSED, 0),
        "validated": drafts.get(Stage.VALIDATED, 0),
    }


def _counted(chosen):
    return dict(db.session.execute(chosen).tuples().all())
