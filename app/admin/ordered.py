"""The generated lists that people put in order: by a drag, or by two buttons on each row that need no script."""

import re

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from sqlalchemy import inspect, select
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from app.errors import DomainError
from app.extensions import db
from app.operations import ordering

BESIDE = re.compile(r"(before|after):([0-9]{1,9})", re.ASCII)


def is_ordered(model):
    """Whether the rows of a model have a place that people change."""
    return "position" in inspect(model).columns and model.__managed__.edit


def default_sort(model):
    """Return how a list is sorted as long as nobody asks: newest first, or in the order that people gave."""
    if not is_ordered(model):
        return (inspect(model).primary_key[0].name, True)
    group = ordering.group_of(model)
    return [*([(group.key, True)] if group is not None else []), ("position", False), ("id", False)]


class Ordered:
    """What a list in order adds to `ManagedView`, before it in the bases."""

    def list_context(self, rows):
        context = super().list_context(rows)
        is_sorted = bool(request.args.get("sort") or request.args.get("search"))
        return context if is_sorted or not self.can_edit else {**context, "places": self._places(rows)}

    def _places(self, rows):
        """Return {key: (group, key of the row before, key of the row after)} of the rows shown that may be moved."""
        group, found = ordering.group_of(self.model), {}
        movable = set(db.session.scalars(select(self.model.id).where(self.model.id.in_([row.id for row in rows]), self.scope(write=True))))
        apart = {}
        for row in rows:
            if row.id in movable:
                apart.setdefault(getattr(row, group.key) if group is not None else 0, []).append(row.id)
        for name, keys in apart.items():
            found.update(zip(keys, zip([name] * len(keys), [None, *keys], [*keys[1:], None], strict=False), strict=True))
        return found

    @expose("/<int:row_id>/ordre", methods=["POST"])
    def reorder(self, row_id):
        """Put a row before or after another, if nobody changed it since its page was shown."""
        row = db.session.scalar(select(self.model).where(self.model.id == row_id, self.scope(write=True))) or abort(404)
        beside, seen = BESIDE.fullmatch(request.form.get("beside", "")), request.form.get("seen_version", "")
        if beside is None or not seen.isascii() or not seen.isdigit():
            abort(400)
        try:
            rows = ordering.siblings(row, self.scope(write=True))
            is_after = beside[1] == "after"
            for each, position in ordering.places(rows, row, int(beside[2]), is_after=is_after, seen_version=int(seen[:9])):
                each.position = position
                self.on_model_change(None, each, False)
            flag_modified(row, "position")  # moved even when its number is the same: a page opened before is refused
            db.session.commit()
        except (DomainError, StaleDataError) as error:
            db.session.rollback()
            self.handle_view_exception(error)
        else:
            flash(_("L’ordre est enregistré."), "success")
        kept = {**self.asked().typed, **({"page": request.args["page"]} if request.args.get("page", "").isdigit() else {})}
        return redirect(url_for(".index_view", **kept, _anchor=f"ordre-{row_id}"))
