"""Titles of the back office's menus, in one place so that two sections never word one differently."""

from flask_babel import lazy_gettext as _

OFFER, ORGANISATION, SETTINGS, FILES, JOURNAL = _("Offre"), _("Organisation"), _("Configuration"), _("Candidatures"), _("Journal")
