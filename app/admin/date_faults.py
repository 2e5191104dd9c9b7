"""What a form says of dates out of order: in words while one types, and again when it is saved."""

from flask import render_template, request
from flask_admin import expose

from app.admin.base import ManagedView
from app.admin.instants import is_closing, typed
from app.errors import DomainError


class DatedView(ManagedView):
    """A screen whose form has dates: `faults_of_typed` says what is out of order in what was typed."""

    edit_template = create_template = "admin/gestion/dated_form.html"
    watched: tuple = ()  # the fields that the sentences depend on

    @expose("/dates")
    def dates(self):
        """Say what is out of order in what is being typed; a date half typed says nothing yet."""
        return render_template("admin/gestion/_date_faults.html", faults=self.faults_of_typed(request.args))

    def faults_of_typed(self, values):
        """Return sentences.

        Args:
            values: {field: text}, as the form sends them.
        """
        raise NotImplementedError


def instant_in(values, name):
    """Return the instant typed in a field, or None when it is empty or cannot be read yet."""
    try:
        return typed(values.get(name, "")[:30], closing=is_closing(name))
    except DomainError:
        return None
