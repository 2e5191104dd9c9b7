"""The generated screens of settings that need a little more: questions of forms, criteria, mails."""

from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import inspect
from sqlalchemy.orm import joinedload

from app import access, models
from app.admin.base import ManagedView
from app.extensions import db
from app.models import Form, FormVersion
from app.notifications import catalogue, rendering
from app.operations import conditions, form_versions, opinions


class FormFieldView(ManagedView):
    """A question names its form as well as its version."""

    def __init__(self, *args, **kwargs):
        self.form_args["form_version"] |= {"query_factory": _versions, "get_label": version_name}
        self.eager = (joinedload(models.FormField.form_version).joinedload(FormVersion.form),)
        super().__init__(*args, **kwargs)

    def shown(self, model, name):
        return version_name(model.form_version) if name == "form_version" else super().shown(model, name)

    def on_model_change(self, form, model, is_created):
        with db.session.no_autoflush:  # see OfferingView: the audit reads the change before it is written
            conditions.check_alone(model)
            if form is not None:  # put in order row by row, the questions are not yet all in their places
                earlier = [other for other in model.form_version.fields if other is not model and other.position < model.position]
                conditions.check_condition(model, {other.key: other for other in earlier})
            form_versions.check_direct(inspect(model).attrs.form_version.load_history().sum())
        super().on_model_change(form, model, is_created)


def _versions():
    """Return the query of the form versions that the person may change."""
    chosen = db.session.query(FormVersion).join(Form).filter(access.scope_for(Form, current_user, write=True))
    return chosen.options(joinedload(FormVersion.form)).order_by(FormVersion.id)


def version_name(version):
    """Return the words that name a version of a form."""
    return _("%(form)s, version %(number)s", form=version.form, number=version.number)


class CriterionView(ManagedView):
    """The criteria of a grid that has served are frozen: no mark already given changes its worth."""

    def on_model_change(self, form, model, is_created):
        opinions.check_criterion(model)
        super().on_model_change(form, model, is_created)


class MailTemplateView(ManagedView):
    """A wording that could not be sent is refused when it is saved, never when it is sent (design §8)."""

    def on_model_change(self, form, model, is_created):
        catalogue.check_languages(model.subject, model.body, rendering.check)
        super().on_model_change(form, model, is_created)
