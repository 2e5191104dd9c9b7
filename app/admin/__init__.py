"""The back office: screens generated from the models, and the few that need more."""

from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme

from app.admin import silences  # noqa: F401 -- it colours lines of the list
from app.admin.bulk import BulkView
from app.admin.candidatures import CandidatureView
from app.admin.changes import AuditEntryView
from app.admin.documents import DocumentsView
from app.admin.generate import views
from app.admin.home import Home
from app.admin.identity import IdentityView
from app.admin.jobs import JobsView
from app.admin.letter_templates import LetterTemplateView
from app.admin.offerings import OfferingView
from app.admin.parameters import ParametersView
from app.admin.people import RightsProfileView, StaffMemberView
from app.admin.places import CentreView, CommissionView
from app.admin.seats import SeatsView
from app.admin.settings import FormFieldView, FormView, MailTemplateView
from app.models import (
    AuditEntry,
    Candidature,
    Centre,
    Commission,
    Form,
    FormField,
    LetterTemplate,
    MailTemplate,
    Offering,
    RightsProfile,
    StaffMember,
)
from app.web import csp_nonce

SPECIAL = {
    Candidature: CandidatureView,
    Centre: CentreView,
    Commission: CommissionView,
    StaffMember: StaffMemberView,
    RightsProfile: RightsProfileView,
    Form: FormView,
    FormField: FormFieldView,
    MailTemplate: MailTemplateView,
    LetterTemplate: LetterTemplateView,
    Offering: OfferingView,
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
        admin.add_view(SeatsView(name="Places et liste complémentaire", endpoint="places", url="/gestion/places", category="Candidatures"))
        admin.add_view(BulkView(name="Acte groupé", endpoint="ensemble", url="/gestion/ensemble"))
        admin.add_view(JobsView(name="Mes travaux", endpoint="travaux", url="/gestion/travaux", category="Candidatures"))
        admin.add_view(DocumentsView(name="Documents", endpoint="documents", url="/gestion/documents"))
        admin.add_view(IdentityView(name="Identité visuelle", endpoint="identite", url="/gestion/identite", category="Configuration"))
        admin.add_view(ParametersView(name="Paramètres", endpoint="parametres", url="/gestion/parametres", category="Configuration"))
