"""The list of candidatures: rows by key, the count apart, filters, columns and saved views kept in its address."""

import json
from urllib.parse import urlencode

from flask import make_response, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_login import current_user

from app.admin import acts, list_lines, row_tones
from app.admin.list_panels import ListPanels
from app.admin.list_state import State
from app.operations import listing, preferences, saved_views


class ListPages(ListPanels):
    """The pages of the list, for the view of candidatures."""

    export = None  # exports of candidatures are made by a worker: `app.admin.candidature_exports`
    can_export = False

    @expose("/")
    def index_view(self):
        """Show one page of the list; without any argument, the view opened last."""
        if not request.args and (last := preferences.get(current_user, "view")) and (view := saved_views.find(last, current_user)):
            return redirect(url_for(".index_view", **_grouped(saved_views.arguments(view))))
        state = State(request.args, current_user)
        shown = state.columns()
        found = listing.page(current_user, state.spec, state.found, shown, after=state.after, before=state.before)
        tones = row_tones.row_tones([row.id for row in found.rows], current_user)
        offered, base = acts.offered(current_user), url_for(".dossier", public_id="-").removesuffix("-")
        ticked = {"tick_words": _("Cocher :")} if offered else {}
        return render_template(
            "admin/gestion/candidatures.html",
            state=state,
            lines=list_lines.written(found.rows, shown, tones, base=base, query=urlencode(state.pairs()), **ticked),
            marks=sorted(set(tones.values())),
            shown=[(column, listing.sortable(column.key)) for column in shown],
            page=found,
            acts=offered,
            filter=json.dumps({key: state.spec[key] for key in ("search", "tab", "where")}, ensure_ascii=False),
            admin_view=self,
        )

    @expose("/compte")
    def count(self):
        """Give the number of candidatures found, counted up to a limit."""
        state = State(request.args, current_user)
        if not request.headers.get("HX-Request"):
            return redirect(state.url(more=[("compte", "1")]))
        answer = make_response(f"({self.counted_now(state)})")
        answer.headers["Cache-Control"] = "private, no-store"
        return answer

    def counted_now(self, state):
        """Return the words of the count of what a state finds."""
        return counted(listing.count(current_user, state.spec, state.found))

    def neighbours(self, candidature):
        """Return the addresses of the dossiers before and after one in the list that its own address describes."""
        state = State(request.args, current_user)
        found = listing.neighbours(candidature, state.spec, current_user)
        query = _grouped(state.pairs())
        return tuple(url_for(".dossier", public_id=public_id, **query) if public_id else None for public_id in found)


def counted(number):
    """Write a count that stops at `listing.MOST_COUNTED`."""
    if number > listing.MOST_COUNTED:
        return _("plus de 10 000")
    return f"{number:,}".replace(",", "\u202f")


def _grouped(pairs):
    """Return pairs as keyword arguments of `url_for`."""
    grouped = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped
