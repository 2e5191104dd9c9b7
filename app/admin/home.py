"""The first page of the back office: what waits for the person who signs in, in plain sentences that lead there."""

from flask import render_template, url_for
from flask_admin import AdminIndexView, expose
from flask_login import current_user

from app import access
from app.admin.base import Protected
from app.enums import Functionality, MessageState
from app.operations import inbox

TABS = {
    "lapsing": "sans-reponse",
    "to_publish": "a-publier",
    "to_validate": "a-valider",
    "to_examine": "a-examiner",
    "pieces": "a-examiner",
    "to_decide": "complets",
    "opinions": "complets",
    "silent": "silence",
}
TONES = {"lapsing": "danger", "places": "warning", "mails": "danger", "silent": "warning"}


class Home(Protected, AdminIndexView):
    """The work inbox, over the person's own rights and scope."""

    @expose("/")
    def index(self):
        waiting = [(line, self._link(line), TONES.get(line.kind, "info")) for line in inbox.lines(current_user)]
        return render_template(
            "admin/gestion/home.html", waiting=waiting, may_list=access.can(current_user, Functionality.CANDIDATURES), admin_view=self
        )

    def _link(self, line):
        """Return the address of the list narrowed to what a line counts."""
        if line.kind == "places":
            return url_for("places.index")
        if line.kind == "mails":
            screen = next(view for view in self.admin._views if view.endpoint == "outboxmessage")
            return screen.filtered_url("state", MessageState.FAILED)
        return url_for("candidature.index_view", tab=TABS[line.kind])
