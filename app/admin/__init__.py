"""The back office: screens generated from the models, and the few that need more."""

from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme
from flask_babel import lazy_gettext as _

from app.admin import (
    navigation,
    silences,  # noqa: F401 -- it colours lines of the list
)
from app.admin.batches import BatchesView
from app.admin.bulk import BulkView
from app.admin.campaigns import CampaignView
from app.admin.candidatures import CandidatureView
from app.admin.changes import AuditEntryView
from app.admin.configuration import ConfigurationView
from app.admin.documents import DocumentsView
from app.admin.form_builder import FormView
from app.admin.generate import views
from app.admin.home import Home
from app.admin.identity import IdentityView
from app.admin.in_place import InPlaceView
from app.admin.jobs import JobsView
from app.admin.letter_templates import LetterTemplateView
from app.admin.offerings import OfferingView
from app.admin.parameters import ParametersView
from app.admin.people import RightsProfileView, StaffMemberView
from app.admin.persons import CandidateList, PeopleSearch, PersonView, may_search_people
from app.admin.piece_types import PieceTypeView
from app.admin.places import CentreView, CommissionView
from app.admin.preferences import PreferencesView
from app.admin.releases import ReleasesView
from app.admin.reminders import ReminderRuleView
from app.admin.seats import SeatsView
from app.admin.settings import CriterionView, FormFieldView, MailTemplateView
from app.admin.statistics import StatisticsView
from app.admin.words import FaqEntryView, PublicTextView
from app.models import (
    AuditEntry,
    Campaign,
    Candidate,
    Candidature,
    Centre,
    Commission,
    Criterion,
    FaqEntry,
    Form,
    FormField,
    LetterTemplate,
    MailTemplate,
    Offering,
    PieceType,
    PublicText,
    ReminderRule,
    RightsProfile,
    StaffMember,
)
from app.web import csp_nonce

SPECIAL = {
    Campaign: CampaignView,
    Candidate: CandidateList,
    Candidature: CandidatureView,
    Centre: CentreView,
    Commission: CommissionView,
    StaffMember: StaffMemberView,
    RightsProfile: RightsProfileView,
    Form: FormView,
    Criterion: CriterionView,
    FormField: FormFieldView,
    MailTemplate: MailTemplateView,
    LetterTemplate: LetterTemplateView,
    Offering: OfferingView,
    PieceType: PieceTypeView,
    AuditEntry: AuditEntryView,
    PublicText: PublicTextView,
    FaqEntry: FaqEntryView,
    ReminderRule: ReminderRuleView,
}


def init_admin(app):
    """Build the back office of one application (never shared between two: its views keep their app)."""
    admin = Admin(
        app,
        name="Gestion",
        url="/gestion",
        endpoint="admin",
        index_view=Home(url="/gestion", endpoint="admin", name=_("Accueil")),
        theme=Bootstrap4Theme(base_template="admin/ours.html"),
        csp_nonce_generator=csp_nonce,
    )
    app.jinja_env.globals.update(navigation.GLOBALS, may_search_people=may_search_people)
    with app.app_context():
        for view in views(special=SPECIAL):
            admin.add_view(view)
        admin.add_view(ConfigurationView(name=_("Configuration"), endpoint="configurer", url="/gestion/configurer"))
        admin.add_view(PeopleSearch(name=_("Chercher une personne"), endpoint="personnes", url="/gestion/personnes"))
        admin.add_view(PersonView(name=_("Personne"), endpoint="candidat", url="/gestion/candidat"))
        admin.add_view(InPlaceView(name=_("À la place du candidat"), endpoint="agir", url="/gestion/agir"))
        admin.add_view(SeatsView(name=_("Places et liste complémentaire"), endpoint="places", url="/gestion/places"))
        admin.add_view(ReleasesView(name=_("Publier les avis"), endpoint="publications", url="/gestion/publications"))
        admin.add_view(BulkView(name=_("Acte groupé"), endpoint="ensemble", url="/gestion/ensemble"))
        admin.add_view(StatisticsView(name=_("Statistiques"), endpoint="statistiques", url="/gestion/statistiques"))
        admin.add_view(JobsView(name=_("Mes travaux"), endpoint="travaux", url="/gestion/travaux"))
        admin.add_view(DocumentsView(name=_("Documents"), endpoint="documents", url="/gestion/documents"))
        admin.add_view(IdentityView(name=_("Identité visuelle"), endpoint="identite", url="/gestion/identite"))
        admin.add_view(PreferencesView(name=_("Mes préférences"), endpoint="preferences", url="/gestion/preferences"))
        admin.add_view(BatchesView(name=_("Traitements"), endpoint="traitements", url="/gestion/traitements"))
        admin.add_view(ParametersView(name=_("Paramètres"), endpoint="parametres", url="/gestion/parametres"))
