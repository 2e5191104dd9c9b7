"""What is typed in each step of the profile."""

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, HiddenField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import Length, NumberRange, Optional

from app.enums import Civility, Obtained
from app.forms.fields import Day, Filled, PageForm, TableSelect, Whole, table
from app.models import BacMention, BacSeries, Country, Department

REQUIRED = Filled(_("Remplissez ce champ."))
HUNDRED = Length(max=100, message=_("Cent caractères au plus."))
TWO_HUNDRED = Length(max=200, message=_("Deux cents caractères au plus."))
FOUR_DIGITS = _("Écrivez une année sur quatre chiffres.")
HOURS = _("Entre 1 et 80.")
YEAR = NumberRange(1900, 2100, FOUR_DIGITS)


def choices(vocabulary):
    """Return the options of a closed vocabulary, the empty one first."""
    return [("", _("Choisir…")), *((member.value, member.label) for member in vocabulary)]


class IdentityForm(PageForm):
    nationality_code = TableSelect(_("Nationalité"), [REQUIRED], **table(Country, "nationality"))
    ine = StringField(
        _("INE (identifiant national étudiant)"),
        [Optional()],
        description=_(
            "Onze caractères, sur votre relevé de notes du baccalauréat ou votre carte d’étudiant. Obligatoire si vous êtes français."
        ),
        render_kw={"autocapitalize": "characters", "spellcheck": "false"},
    )
    civility = SelectField(_("Civilité"), [REQUIRED], choices=choices(Civility))
    last_name = StringField(_("Nom de famille"), [REQUIRED, HUNDRED], render_kw={"autocomplete": "family-name"})
    usual_name = StringField(_("Nom d’usage"), [Optional(), HUNDRED])
    first_name = StringField(_("Prénom"), [REQUIRED, HUNDRED], render_kw={"autocomplete": "given-name"})
    other_names = StringField(_("Autres prénoms"), [Optional(), TWO_HUNDRED])
    birth_on = Day(
        _("Date de naissance"),
        [REQUIRED],
        words=_("Cette date n’existe pas : vérifiez le jour, le mois et l’année."),
        render_kw={"autocomplete": "bday"},
    )
    birth_repeated = HiddenField()
    birth_country_code = TableSelect(_("Pays de naissance"), [REQUIRED], **table(Country, "name"))
    birth_department_code = TableSelect(
        _("Département de naissance"), [Optional()], description=_("Si vous êtes né en France."), **table(Department, "name")
    )
    birth_town = StringField(_("Ville de naissance"), [REQUIRED, HUNDRED])
    is_lifelong = BooleanField(
        _("Je reprends des études (formation continue)"),
        description=_("Après une interruption, ou en étant salarié ou demandeur d’emploi."),
    )
    phone = TelField(_("Téléphone"), [Optional(), Length(max=20, message=_("Vingt signes au plus."))], render_kw={"autocomplete": "tel"})


class AddressForm(PageForm):
    country_code = TableSelect(_("Pays"), [REQUIRED], **table(Country, "name"))
    line1 = StringField(_("Adresse"), [REQUIRED, HUNDRED], description=_("Numéro et rue."), render_kw={"autocomplete": "address-line1"})
    line2 = StringField(_("Complément d’adresse"), [Optional(), HUNDRED], render_kw={"autocomplete": "address-line2"})
    postal_code = StringField(
        _("Code postal"), [Optional(), Length(max=12, message=_("Douze signes au plus."))], render_kw={"autocomplete": "postal-code"}
    )
    commune_code = SelectField(
        _("Commune"),
        [Optional()],
        choices=[],
        validate_choice=False,
        description=_("Le code postal donne la liste des communes de France."),
    )
    town = StringField(_("Ville (hors de France)"), [Optional(), HUNDRED], render_kw={"autocomplete": "address-level2"})


class BaccalaureatForm(PageForm):
    year = Whole(
        _("Année d’obtention"),
        [Optional(), YEAR],
        words=FOUR_DIGITS,
        description=_("Laissez vide si vous n’avez pas le baccalauréat."),
        render_kw={"inputmode": "numeric"},
    )
    series_code = TableSelect(_("Série ou diplôme équivalent"), [REQUIRED], **table(BacSeries, "label"))
    mention_code = TableSelect(_("Mention"), [Optional()], **table(BacMention, "label"))
    country_code = TableSelect(_("Pays d’obtention"), [Optional()], **table(Country, "name"))
    department_code = TableSelect(_("Département"), [Optional()], **table(Department, "name"))
    school = StringField(_("Établissement"), [Optional(), TWO_HUNDRED])


class ExternalRecordForm(PageForm):
    year = Whole(_("Année"), [REQUIRED, YEAR], words=FOUR_DIGITS, render_kw={"inputmode": "numeric"})
    diploma = StringField(_("Diplôme ou formation"), [REQUIRED, TWO_HUNDRED])
    institution = StringField(_("Établissement"), [REQUIRED, TWO_HUNDRED])
    country_code = TableSelect(_("Pays"), [REQUIRED], **table(Country, "name"))
    town = StringField(_("Ville"), [Optional(), HUNDRED])
    obtained = SelectField(_("Résultat"), [REQUIRED], choices=choices(Obtained))
    mention = StringField(_("Mention"), [Optional(), HUNDRED])


class InternshipForm(PageForm):
    year = Whole(_("Année"), [REQUIRED, YEAR], words=FOUR_DIGITS, render_kw={"inputmode": "numeric"})
    organisation = StringField(_("Organisme d’accueil"), [REQUIRED, TWO_HUNDRED])
    duration = StringField(_("Durée"), [REQUIRED, HUNDRED], description=_("Par exemple : 2 mois."))
    weekly_hours = Whole(_("Heures par semaine"), [Optional(), NumberRange(1, 80, HOURS)], words=HOURS, render_kw={"inputmode": "numeric"})
    description = TextAreaField(_("Ce que vous y avez fait"), [Optional(), Length(max=2000, message=_("Deux mille caractères au plus."))])


class WorkExperienceForm(PageForm):
    year = Whole(_("Année"), [REQUIRED, YEAR], words=FOUR_DIGITS, render_kw={"inputmode": "numeric"})
    title = StringField(_("Poste"), [REQUIRED, TWO_HUNDRED])
    organisation = StringField(_("Employeur"), [REQUIRED, TWO_HUNDRED])
    duration = StringField(_("Durée"), [REQUIRED, HUNDRED], description=_("Par exemple : 2 mois."))
    description = TextAreaField(_("Ce que vous y avez fait"), [Optional(), Length(max=2000, message=_("Deux mille caractères au plus."))])


STEP_FORMS = {
    "identite": IdentityForm,
    "adresse": AddressForm,
    "baccalaureat": BaccalaureatForm,
    "cursus-externe": ExternalRecordForm,
    "stages": InternshipForm,
    "experiences": WorkExperienceForm,
}
