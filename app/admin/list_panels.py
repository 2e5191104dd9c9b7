"""The panels of the list: filters, columns and saved views, each a fragment of the page or a page of its own without JavaScript."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_login import current_user

from app.admin.list_state import MOST_COLUMNS, State
from app.errors import DomainError
from app.extensions import db
from app.operations import asked_columns, columns, listing, options, preferences, saved_views
from app.operations.columns import CHOICE, DAY, INSTANT, NUMBER, REF, YES

CONTROLS = {CHOICE: "boxes", REF: "boxes", DAY: "days", INSTANT: "days", NUMBER: "numbers", YES: "yes"}
MOST_BOXES = 12  # past it, the choices of a filter scroll in a list


class ListPanels:
    """The pages around the list, for the view of candidatures."""

    @expose("/filtres")
    def filters_panel(self):
        """Show every filter, by group, filled with those in force."""
        state = State(request.args, current_user)
        return self._panel("filters", state, groups=_grouped(asked_columns.every(current_user), lambda column: _field(column, state)))

    @expose("/colonnes", methods=["GET", "POST"])
    def columns_panel(self):
        """Show, or change, which columns the list has and in which order."""
        state = State(request.args, current_user)
        if request.method == "POST":
            self._move(state, *request.form.get("move", "").partition(":")[::2])
            db.session.commit()
            return redirect(_panel_url(state, ".columns_panel"))
        shown = state.columns()
        others = [column for column in asked_columns.every(current_user) if column not in shown]
        return self._panel("columns", state, shown=shown, groups=_grouped(others))

    def _move(self, state, act, key):
        """Add, remove or move one column in what the person sees; the view that was open is left for his own columns."""
        keys = [column.key for column in state.columns()]
        if act == "add" and key not in keys and len(keys) < MOST_COLUMNS and key in asked_columns.resolved([key], current_user):
            keys.append(key)
        elif act == "reset":
            keys = list(columns.DEFAULT)
        elif key in keys and act == "remove" and len(keys) > 1:
            keys.remove(key)
        elif key in keys and act in ("up", "down"):
            place = keys.index(key)
            other = min(max(place + (1 if act == "down" else -1), 0), len(keys) - 1)
            keys[place], keys[other] = keys[other], keys[place]
        preferences.keep(current_user, "columns", keys)
        state.view = None

    @expose("/vues", methods=["GET", "POST"])
    def views_panel(self):
        """Show the saved views; keep what is on the screen under a new name."""
        state, error = State(request.args, current_user), None
        if request.method == "POST":
            try:
                keys = [column.key for column in state.columns()]
                is_shared = request.form.get("is_shared") == "1"
                view = saved_views.save(request.form.get("name"), actor=current_user, spec=state.spec, columns=keys, is_shared=is_shared)
                return self._opened(view, _("Vue enregistrée."))
            except DomainError as refusal:
                db.session.rollback()
                state, error = State(request.args, current_user), refusal
        page = self._panel(
            "views", state, views=saved_views.visible(current_user), mine=current_user.staff_member.id, error=error, typed=request.form
        )
        return (page, 422) if error else page

    @expose("/vues/<public_id>/<verb>", methods=["POST"])
    def view_act(self, public_id, verb):
        """Open, rename, replace or delete a view."""
        act = VERBS.get(verb) or abort(404)
        view = saved_views.find(public_id, current_user, own=verb != "ouvrir") or abort(404)
        try:
            return act(self, view)
        except DomainError as error:
            db.session.rollback()
            flash(str(error), "error")
            return redirect(url_for(".views_panel", vue=public_id))

    def _opened(self, view, words=None):
        preferences.keep(current_user, "view", view.public_id)
        db.session.commit()
        if words:
            flash(words, "success")
        pairs = {}
        for name, value in saved_views.arguments(view):
            pairs.setdefault(name, []).append(value)
        return redirect(url_for(".index_view", **pairs))

    def _rename(self, view):
        saved_views.change(view, actor=current_user, name=request.form.get("name"), is_shared=request.form.get("is_shared") == "1")
        return self._opened(view, _("Vue modifiée."))

    def _replace(self, view):
        state = State(request.args, current_user)
        saved_views.replace(view, actor=current_user, spec=state.spec, columns=[column.key for column in state.columns()])
        return self._opened(view, _("La vue garde maintenant ce qui est à l’écran."))

    def _delete(self, view):
        saved_views.delete(view, actor=current_user)
        preferences.keep(current_user, "view", None)
        db.session.commit()
        flash(_("Vue supprimée."), "success")
        return redirect(url_for(".index_view", tab=""))

    def _panel(self, name, state, **context):
        """Answer with a panel alone when the list asks for it, else with a page that holds it."""
        template = f"admin/gestion/_{name}.html" if request.headers.get("HX-Request") else "admin/gestion/panel.html"
        return render_template(template, panel=name, state=state, admin_view=self, **context)


VERBS = {"ouvrir": ListPanels._opened, "modifier": ListPanels._rename, "remplacer": ListPanels._replace, "supprimer": ListPanels._delete}


def _panel_url(state, endpoint):
    return state.url(f"candidature{endpoint}")


def _grouped(chosen, made=lambda column: column):
    """Return [(title of a group, [what is made of each of its columns])] in the order of the catalogue."""
    found = {}
    for column in chosen:
        found.setdefault(str(column.group), []).append(made(column))
    return list(found.items())


def _field(column, state):
    """Return what the panel needs to draw one filter."""
    clause = state.spec["where"].get(column.key, {})
    offered = options.choices(column, current_user)
    return {
        "key": column.key,
        "label": column.label,
        "control": CONTROLS.get(column.kind, "text"),
        "options": offered,
        "may_be_empty": column.key not in listing.NEVER_EMPTY and (column.kind != YES or column.loaded is not None),
        "is_long": len(offered) > MOST_BOXES,
        "clause": clause,
        "typed": " ; ".join(clause.get("in", ())),
    }
