"""What is typed to open an account, to sign in, and to recover or change identifiers."""

from flask_babel import lazy_gettext as _
from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, Length

from app.forms.fields import Filled, PageForm

REQUIRED = Filled(_("Remplissez ce champ."))
ADDRESS = Length(max=254, message=_("Cette adresse est trop longue."))
SECRET = Length(max=1000, message=_("128 caractères au plus."))


class RegisterForm(PageForm):
    last_name = StringField(_("Nom de famille"), [REQUIRED], render_kw={"autocomplete": "family-name"})
    first_name = StringField(_("Prénom"), [REQUIRED], render_kw={"autocomplete": "given-name"})
    email = EmailField(
        _("Adresse électronique"),
        [REQUIRED, ADDRESS],
        description=_("Une adresse personnelle que vous lisez souvent."),
        render_kw={"autocomplete": "email"},
    )
    email_again = EmailField(
        _("Adresse électronique, une seconde fois"),
        [REQUIRED, EqualTo("email", _("Les deux adresses sont différentes."))],
        render_kw={"autocomplete": "email"},
    )
    password = PasswordField(
        _("Mot de passe"),
        [REQUIRED, SECRET],
        description=_("Au moins 12 caractères. Plusieurs mots à la suite font un bon mot de passe."),
        render_kw={"autocomplete": "new-password"},
    )


class LoginForm(PageForm):
    identifier = StringField(
        _("Adresse électronique ou numéro de dossier"),
        [REQUIRED, ADDRESS],
        render_kw={"autocomplete": "username", "autocapitalize": "none"},
    )
    password = PasswordField(_("Mot de passe"), [REQUIRED, SECRET], render_kw={"autocomplete": "current-password"})
    kept = HiddenField()


class EmailForm(PageForm):
    email = EmailField(_("Adresse électronique"), [REQUIRED, ADDRESS], render_kw={"autocomplete": "email"})


class LostForm(PageForm):
    identifier = StringField(
        _("Adresse électronique ou numéro de dossier"),
        [REQUIRED, ADDRESS],
        render_kw={"autocomplete": "username", "autocapitalize": "none"},
    )


class ResetForm(PageForm):
    password = PasswordField(
        _("Nouveau mot de passe"), [REQUIRED, SECRET], description=_("Au moins 12 caractères."), render_kw={"autocomplete": "new-password"}
    )


class PasswordForm(PageForm):
    current = PasswordField(_("Mot de passe actuel"), [REQUIRED, SECRET], render_kw={"autocomplete": "current-password"})
    password = PasswordField(
        _("Nouveau mot de passe"), [REQUIRED, SECRET], description=_("Au moins 12 caractères."), render_kw={"autocomplete": "new-password"}
    )
