"""The candidatures in the back office: the list; the dossier page is in `app/admin/dossier.py`."""

from flask import url_for

from app.admin.base import ManagedView
from app.admin.candidature_exports import ExportPages
from app.admin.candidature_list import ListPages
from app.admin.dossier import DossierPages


class CandidatureView(ListPages, ExportPages, DossierPages, ManagedView):
    """List and dossier; nothing here is edited as a field: every change is an act of the workflow."""

    has_filters = False  # its list has columns, filters and views of its own

    def address_of(self, row):
        return url_for("candidature.dossier", public_id=row.public_id)
