"""The back office: screens generated from the models, and the few that need more."""

from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme

from app.admin.candidatures import CandidatureView
from app.admin.generate import views
from app.admin.home import Home
from app.admin.jobs import JobsView
from app.admin.parameters import ParametersView
from app.admin.settings import AuditEntryView, FormFieldView, FormView, MailTemplateView
from app.models import AuditEntry, Candidature, Form, FormField, MailTemplate
from app.web import csp_nonce

SPECIAL = {
    Candidature: CandidatureView,
    Form: FormView,
    FormField: FormFieldView,
    MailTemplate: MailTemplateView,
    AuditEntry: AuditEntryView,
}


def init_admin(app):
    """Build the back office of one application (never shared between two: its views keep their app)."""
    admin = Admin(
        app,
        name="Gestion",
        url="/gestion",
        endpoint="admin",
        index_view=Home(url="/gestion", endpoint="admin", name="Accueil"),
        theme=Bootstrap4Theme(base_template="admin/ours.html"),
        csp_nonce_generator=csp_nonce,
    )
    with app.app_context():
        for view in views(special=SPECIAL):
            admin.add_view(view)
        admin.add_view(JobsView(name="Mes travaux", endpoint="travaux", url="/gestion/travaux", category="Candidatures"))
        admin.add_view(ParametersView(name="Paramètres", endpoint="parametres", url="/gestion/parametres", category="Configuration"))
