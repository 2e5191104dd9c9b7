"""The index of the configuration: every screen that the person may open, with one line saying what it is for."""

from flask import render_template
from flask_admin import BaseView, expose

from app.admin import navigation
from app.admin.base import Protected


class ConfigurationView(Protected, BaseView):
    """One page instead of a menu of twenty lines."""

    @expose("/")
    def index(self):
        return render_template("admin/gestion/configuration.html", parts=navigation.index_of("configurer", self), admin_view=self)
