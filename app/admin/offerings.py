"""The screen of offerings: generated, but for dates in order, archives read only, and places that go to the complementary list."""

from datetime import date

from flask_login import current_user
from sqlalchemy import inspect

from app import access
from app.admin.base import ROW_NUMBER
from app.admin.date_faults import DatedView, instant_in
from app.errors import DomainError
from app.extensions import db
from app.models import Campaign, Commission
from app.operations import campaigns, promotions
from app.operations.campaign_dates import INSTANTS, NAMES, effective, faults_of


class OfferingView(DatedView):
    """Whoever changes the number of places, here or on the screen of seats, the list follows in the same transaction."""

    watched = (*NAMES, "commission", "campaign")

    def on_model_change(self, form, model, is_created):
        with db.session.no_autoflush:  # what is loaded to look at the dates must not write the change before the audit has read it
            campaigns.check_not_archived(model.campaign)
            is_dated = any(inspect(model).attrs[name].history.has_changes() for name in NAMES)
            faults = faults_of(effective(model), model.campaign) if is_dated else []
        if faults:
            raise DomainError(" ".join(faults))
        changed = inspect(model).attrs.capacity.load_history()
        before = changed.deleted[0] if changed.deleted else model.capacity
        super().on_model_change(form, model, is_created)
        if not is_created:
            promotions.capacity_changed(model, before)

    def faults_of_typed(self, values):
        reached = db.select(Commission).where(access.scope_for(Commission, current_user, right=self.functionality))
        commission = db.session.scalar(reached.where(Commission.id == _number(values, "commission")))
        dates = {name: instant_in(values, name) if name in INSTANTS else _day(values, name) for name in NAMES}
        if commission is not None:
            dates = {name: value if value is not None else getattr(commission.centre, name) for name, value in dates.items()}
        return faults_of(dates, db.session.get(Campaign, _number(values, "campaign")))


def _number(values, name):
    text = values.get(name, "")
    return int(text) if ROW_NUMBER.fullmatch(text) else 0


def _day(values, name):
    try:
        return date.fromisoformat(values.get(name, ""))
    except ValueError:
        return None
