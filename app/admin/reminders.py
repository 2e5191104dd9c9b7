"""The generated screen of reminder rules: whom a rule would reach is seen before it is saved, and in the list."""

from flask import request
from flask_babel import gettext as _
from flask_login import current_user

from app.admin.previews import PreviewedView
from app.models import ReminderRule
from app.operations import reminders

MOST_DAYS = 90


class ReminderRuleView(PreviewedView):
    """A rule writes to people by itself: its author sees to whom, among the dossiers that he may open."""

    edit_template = create_template = "admin/gestion/reminder_rule.html"
    list_template = "admin/gestion/reminder_rules.html"

    def preview_of(self, values, model=None):
        typed = {name: values[name] for name in ("event", "days", "centre")}
        return reminders.reach_of(ReminderRule(id=model.id if model else None, **typed), current_user)

    def validate_form(self, form):
        is_right = super().validate_form(form)
        if request.method == "POST" and form.days.data is not None and not 0 <= form.days.data <= MOST_DAYS:
            form.days.errors = [*form.days.errors, _("Entre 0 et %(most)s jours.", most=MOST_DAYS)]
            return False
        return is_right

    def list_context(self, rows):
        reached = [(row, reminders.reach_of(row, current_user)) for row in rows if row.is_active]
        return {**super().list_context(rows), "reached": reached}
