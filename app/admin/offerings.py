"""The screen of offerings: generated, but for places added, which go to the complementary list at once."""

from sqlalchemy import inspect

from app.admin.base import ManagedView
from app.operations import promotions


class OfferingView(ManagedView):
    """Whoever changes the number of places, here or on the screen of seats, the list follows in the same transaction."""

    def on_model_change(self, form, model, is_created):
        changed = inspect(model).attrs.capacity.load_history()
        before = changed.deleted[0] if changed.deleted else model.capacity
        super().on_model_change(form, model, is_created)
        if not is_created:
            promotions.capacity_changed(model, before)
