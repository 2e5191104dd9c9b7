"""What staff types to open a candidate's account and to apply in somebody's place."""

from flask_babel import lazy_gettext as _
from wtforms import EmailField, RadioField, SelectField, StringField
from wtforms.validators import Length

from app.forms.fields import Filled, PageForm

REQUIRED = Filled(_("Remplissez ce champ."))
ADDRESS = Length(max=254, message=_("Cette adresse est trop longue."))
KINDS = [
    ("plain", _("Candidature ordinaire : la personne (ou vous, à sa place) complète puis transmet le dossier.")),
    (
        "admission",
        _("Proposition d’admission : dossier complet et avis favorable proposé ; la commission valide, puis le candidat est prévenu."),
    ),
]


class AccountForm(PageForm):
    last_name = StringField(_("Nom de famille"), [REQUIRED], render_kw={"autocomplete": "off"})
    first_name = StringField(_("Prénom"), [REQUIRED], render_kw={"autocomplete": "off"})
    email = EmailField(
        _("Adresse électronique"),
        [REQUIRED, ADDRESS],
        description=_("Un lien pour choisir un mot de passe y est envoyé : ne donnez pas une adresse du service."),
        render_kw={"autocomplete": "off"},
    )
    language = SelectField(_("Langue des messages"), choices=[("fr", "Français"), ("en", "English")])


class AddressForm(PageForm):
    email = EmailField(_("Nouvelle adresse"), [REQUIRED, ADDRESS], render_kw={"autocomplete": "off"})


class ApplyForm(PageForm):
    offering = SelectField(_("Formation"), [REQUIRED], coerce=int)
    kind = RadioField(_("Sorte de candidature"), choices=KINDS, default="plain")
    reason = StringField(
        _("Pourquoi vous agissez à sa place"),
        [REQUIRED, Length(max=300, message=_("300 caractères au plus."))],
        description=_("Le candidat lira cette phrase dans l’histoire de son dossier et par courriel."),
    )
