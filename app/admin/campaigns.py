"""The screen of campaigns: where each stands, what is out of order, and its acts, each seen before it is done."""

import re

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user

from app import clock
from app.admin.base import readable
from app.admin.campaign_check import grouped
from app.admin.carrying import carried_out
from app.admin.date_faults import DatedView, instant_in
from app.admin.instants import is_closing, typed
from app.errors import DomainError
from app.extensions import db
from app.models import Campaign, Centre, Offering
from app.operations import campaign_dates, campaigns, preflight

MOST_FAULTS = 50  # offerings named on a page
DAYS = re.compile(r"-?[0-9]{1,5}", re.ASCII)
YEAR = 364  # days: fifty-two weeks
BOUNDS = ("starts_at", "candidates_end_at", "ends_at")

# verb: (title, what it does)
ACTS = {
    "ouvrir": (
        lazy_gettext("Ouvrir maintenant"),
        lazy_gettext("Les candidats peuvent candidater dès que les dates de chaque formation le permettent."),
    ),
    "prevoir": (
        lazy_gettext("Prévoir l’ouverture"),
        lazy_gettext("La campagne s’ouvre d’elle-même à cette date, à cinq minutes près ; celle qui est alors en cours est fermée."),
    ),
    "fermer": (
        lazy_gettext("Fermer"),
        lazy_gettext("Personne ne peut plus candidater. Les dossiers déjà créés continuent, et la campagne peut être rouverte."),
    ),
    "archiver": (
        lazy_gettext("Archiver"),
        lazy_gettext("Tout reste lisible, rien ne change plus, et l’archive ne se rouvre pas. Aucune candidature n’est supprimée."),
    ),
}
OPENING = ("ouvrir", "prevoir")


class CampaignView(DatedView):
    """A campaign has a page of its own; its acts are operations, never ticks of the form."""

    details_template = "admin/gestion/campaign.html"
    watched = BOUNDS

    def on_model_change(self, form, model, is_created):
        with db.session.no_autoflush:  # see OfferingView: the audit reads the change before it is written
            campaigns.check_not_archived(model)
        faults = campaign_dates.faults_of_campaign(model.starts_at, model.ends_at, model.candidates_end_at)
        if faults:
            raise DomainError(" ".join(faults))
        super().on_model_change(form, model, is_created)

    def faults_of_typed(self, values):
        return campaign_dates.faults_of_campaign(*(instant_in(values, name) for name in ("starts_at", "ends_at", "candidates_end_at")))

    def render(self, template, **kwargs):
        if template == self.details_template:
            kwargs |= self._facts(kwargs["model"])
        return super().render(template, **kwargs)

    def _facts(self, campaign):
        offerings = campaign_dates.offerings_of(campaign)
        faults = campaign_dates.faults_in(campaign, offerings)
        return {
            "state": state_of(campaign),
            "steps": timeline(campaign, offerings),
            "counts": campaigns.counts_of(campaign),
            "faults": faults[:MOST_FAULTS],
            "fault_count": len(faults),
            "acts": [(verb, ACTS[verb][0]) for verb in possible(campaign)] if self._may_write() else [],
            "may_clone": self._may_write(),
        }

    # --- looked at before it opens ---

    @expose("/<row_id>/verifier")
    def verify(self, row_id):
        """Say every fault of a campaign beside what mends it, and what people of every kind meet."""
        campaign, level = self.get_one(row_id), request.args.get("niveau")
        faults, people = preflight.looked_at(campaign)
        groups = grouped(self, faults, level if level in list(preflight.Level) else None)
        context = self._counted(faults) | {"groups": groups, "people": people, "level": level}
        return render_template("admin/gestion/campaign_check.html", campaign=campaign, admin_view=self, **context)

    @expose("/<row_id>/verifier/nombres")
    def verify_counts(self, row_id):
        """Answer with the number of faults of each level, for the pages that show it once they are drawn."""
        return render_template("admin/gestion/_check_counts.html", **self._counted(preflight.faults_of(self.get_one(row_id))))

    @staticmethod
    def _counted(faults):
        return dict(zip(("blocking", "warning"), preflight.counts(faults), strict=True))

    # --- acts ---

    @expose("/<row_id>/acte/<verb>", methods=["GET", "POST"])
    def act(self, row_id, verb):
        """Say what an act would do, then do it."""
        campaign = self._writable(row_id)
        if verb not in ACTS:
            abort(404)
        error = None
        if request.method == "POST":
            try:
                with carried_out():
                    _carry_out(verb, campaign)
                flash(_("C’est fait : %(act)s.", act=ACTS[verb][0]), "success")
                return redirect(url_for(".details_view", id=row_id), 303)
            except DomainError as refused:
                error, campaign = refused, self.get_one(row_id)
        faults = preflight.faults_of(campaign) if verb in OPENING and verb in possible(campaign) else []
        running = db.session.scalar(db.select(Campaign).where(Campaign.is_running, Campaign.id != campaign.id))
        page = render_template(
            "admin/gestion/campaign_act.html",
            campaign=campaign,
            verb=verb,
            title=ACTS[verb][0],
            what=ACTS[verb][1],
            running=running,
            counts=campaigns.counts_of(campaign),
            groups=grouped(self, faults, preflight.BLOCKS),
            **self._counted(faults),
            is_possible=verb in possible(campaign),
            error=error,
            admin_view=self,
        )
        return page, 422 if error else 200

    @expose("/<row_id>/copier", methods=["GET", "POST"])
    def clone(self, row_id):
        """Show every date, old and new, before a copy is made; nothing is written until it is confirmed."""
        campaign = self._writable(row_id)
        asked, error = Copy(request.values), None
        if request.method == "POST" and "look" not in request.form:
            try:
                with carried_out():
                    copy = campaigns.clone(campaign, actor=current_user, **asked.checked())
                flash(_("Campagne copiée. Vérifiez ses dates, puis prévoyez son ouverture."), "success")
                return redirect(url_for(".details_view", id=copy.id), 303)
            except DomainError as refused:
                error, campaign = refused, self.get_one(row_id)
        days = asked.days or 0
        context = {
            "bounds": moved(campaign, BOUNDS, days, LABELS),
            "offerings": [(row, moved(row, campaign_dates.dated(Offering), days, LABELS)) for row in campaign_dates.offerings_of(campaign)],
            "centres": [(row, moved(row, campaign_dates.dated(Centre), days, LABELS)) for row in campaigns.centres_of(current_user)],
        }
        page = render_template("admin/gestion/campaign_copy.html", campaign=campaign, asked=asked, error=error, admin_view=self, **context)
        return page, 422 if error else 200

    def _writable(self, row_id):
        if not self._may_write():
            abort(403)
        return self.get_one(row_id)


class Copy:
    """What the page of copying was told, kept as typed."""

    def __init__(self, values):
        is_first = "days" not in values
        self.code, self.name_fr, self.name_en = (values.get(name, "")[:200] for name in ("code", "name_fr", "name_en"))
        self.typed_days = str(YEAR) if is_first else values.get("days", "")[:10].strip()
        self.keeps_weekdays = is_first or values.get("keeps_weekdays") == "1"
        self.shifts_centres = values.get("shifts_centres") == "1"

    @property
    def days(self):
        """The number of days that dates move by, or None when it cannot be read or is too far."""
        if not DAYS.fullmatch(self.typed_days) or abs(int(self.typed_days)) > campaigns.FAR:
            return None
        return campaign_dates.rounded(int(self.typed_days), self.keeps_weekdays)

    def checked(self):
        """Return the arguments of the operation.

        Raises:
            DomainError: the number of days cannot be read.
        """
        if self.days is None:
            raise DomainError(_("Donnez un nombre de jours entre -3660 et 3660."), field="days")
        name = {language: text.strip() for language, text in (("fr", self.name_fr), ("en", self.name_en)) if text.strip()}
        return {"code": self.code, "name": name, "days": self.days, "shifts_centres": self.shifts_centres}


LABELS = {
    column.key: column.info["label"] for model in (Campaign, Offering) for column in model.__table__.columns if "label" in column.info
}


def _carry_out(verb, campaign):
    if verb == "ouvrir":
        campaigns.open_now(
            campaign, actor=current_user, previous=request.form.get("previous", campaigns.CLOSE), has_read="has_read" in request.form
        )
    elif verb == "fermer":
        campaigns.close(campaign, actor=current_user)
    elif verb == "archiver":
        campaigns.archive(campaign, actor=current_user)
    elif "give_up" in request.form:
        campaigns.plan(campaign, None, actor=current_user)
    else:
        at = typed(request.form.get("at", "")[:30], closing=False)
        if at is None:
            raise DomainError(_("Donnez la date et l’heure de l’ouverture."), field="at")
        campaigns.plan(campaign, at, actor=current_user, has_read="has_read" in request.form)


def possible(campaign):
    """Return the verbs that a campaign's state allows now."""
    if campaign.archived_at is not None:
        return []
    if campaign.is_running:
        return ["fermer", "archiver"]
    return ["ouvrir", "prevoir", "archiver"] if campaign.ends_at > clock.now() else ["archiver"]


def state_of(campaign):
    """Return (words, tone) of where a campaign stands."""
    if campaign.archived_at is not None:
        return _("archivée"), ""
    if campaign.is_running:
        return _("en cours"), "success"
    if campaign.activates_at is not None:
        return _("ouverture prévue"), "info"
    return (_("fermée"), "warning") if campaign.closed_at is not None else (_("en préparation"), "info")


def timeline(campaign, offerings):
    """Return [(what, first, last)] of the dates of a campaign, those of its offerings from the first to the last, as people read them."""
    own = [(name, getattr(campaign, name), None) for name in ("activates_at", "starts_at")]
    dates = [campaign_dates.effective(row) for row in offerings]
    for name in campaign_dates.NAMES:
        found = sorted(each[name] for each in dates if each[name] is not None)
        own.append((name, found[0], found[-1]) if found else (name, None, None))
    own += [(name, getattr(campaign, name), None) for name in ("candidates_end_at", "ends_at", "closed_at", "archived_at")]
    return [
        (LABELS[name], readable(first, closing=is_closing(name)), readable(last, closing=is_closing(name)) if last != first else "")
        for name, first, last in own
        if first is not None
    ]


def moved(row, names, days, labels):
    """Return [(label, old, new)] of the dates of a row that would move, as people read them."""
    found = [(name, getattr(row, name)) for name in names if getattr(row, name) is not None]
    return [
        (labels[name], readable(value, closing=is_closing(name)), readable(campaign_dates.shifted(value, days), closing=is_closing(name)))
        for name, value in found
    ]
