"""What is typed to invite a person of the staff, and to give rights on a place."""

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, EmailField, SelectField, StringField
from wtforms.validators import Length, Optional

from app.forms.fields import Day, Filled, PageForm

REQUIRED = Filled(_("Remplissez ce champ."))
ADDRESS = Length(max=254, message=_("Cette adresse est trop longue."))


class PersonForm(PageForm):
    """A person not known yet: an account is created, and a link sent to choose the password."""

    email = EmailField(_("Adresse électronique"), [REQUIRED, ADDRESS], render_kw={"autocomplete": "off"})
    first_name = StringField(_("Prénom"), [REQUIRED], render_kw={"autocomplete": "off"})
    last_name = StringField(_("Nom"), [REQUIRED], render_kw={"autocomplete": "off"})
    is_external = BooleanField(_("Extérieur à l’établissement"))
    active_until = Day(
        _("En service jusqu’au"),
        [Optional()],
        words=_("Choisissez un jour du calendrier."),
        description=_("Vide : sans limite. Après ce jour, l’accès est fermé."),
    )


class MemberForm(PersonForm):
    """A person, known or not, and the profile given here."""

    profile = SelectField(_("Profil"), coerce=int, description=_("Ce que cette personne pourra faire ici."))
    is_president = BooleanField(_("Préside la commission"))

    def __init__(self, profiles, *, is_commission, **kwargs):
        super().__init__(**kwargs)
        self.profile.choices = [(profile.id, profile.name) for profile in profiles]
        self.first_name.validators = self.last_name.validators = [Optional()]
        self.first_name.flags.required = self.last_name.flags.required = False
        if not is_commission:
            del self.is_president
