"""The screen of statistics: who applied, what became of it, how fast, in words, in charts and in tables that can be taken away."""

from dataclasses import dataclass

from flask import Response, abort, render_template, request, url_for
from flask_admin import BaseView, expose
from flask_babel import format_date
from flask_babel import gettext as _
from flask_login import current_user

from app import access, formats, orm
from app.admin import charts, exports
from app.admin.base import ROW_NUMBER, Protected
from app.enums import Answer, FileStatus, Functionality, Outcome, ScopeKind
from app.extensions import db
from app.operations import audit, statistics

SHOWN = 200  # lines of the table on the page; the file has them all
LEVELS = {"centre": "commission", "commission": "formation", "formation": None}  # what opens when a line is chosen


@dataclass(frozen=True)
class Table:
    """A table of the page: its name in addresses, its title, its heads, its rows of texts and numbers."""

    name: str
    title: str
    heads: tuple
    rows: list


class StatisticsView(Protected, BaseView):
    """Counts over the person's own scope, whatever the address asks."""

    functionality = Functionality.STATISTICS

    @expose("/")
    def index(self):
        """Show the figures of a campaign, narrowed or not."""
        asked, level, is_weekly, choices = self._asked()
        context = _context(asked, level, is_weekly) if asked else {}
        return render_template(
            "admin/gestion/statistics.html", asked=asked, level=level, is_weekly=is_weekly, admin_view=self, **choices, **context
        )

    @expose("/export/<name>.<export_type>")
    def export(self, name, export_type):
        """Give one table of the page as a file; who took what is kept in the audit."""
        make, media_type = exports.KINDS.get(export_type) or abort(404)
        asked, level, is_weekly, _choices = self._asked()
        tables = _context(asked, level, is_weekly)["tables"] if asked else {}
        table = tables.get(name) or abort(404)
        body = make(list(table.heads), [[str(cell) for cell in row] for row in table.rows], author=str(current_user.staff_member))
        self._keep_in_audit(name)
        headers = {"Content-Disposition": f"attachment; filename=statistiques-{name}.{export_type}", "Cache-Control": "private, no-store"}
        return Response(body, content_type=media_type, headers=headers)

    def _keep_in_audit(self, name):
        db.session.rollback()
        intent = orm.write_intent.set(True)
        try:
            audit.write("export", "Statistics", name, actor=current_user, changes={})
            db.session.commit()
        finally:
            orm.write_intent.reset(intent)

    def _asked(self):
        """Return (what is asked, level, by week or not, the choices offered); a word that is not understood is no choice."""
        campaigns, places = statistics.campaigns(), statistics.places(current_user)
        running = next((campaign for campaign in campaigns if campaign.is_running), campaigns[0] if campaigns else None)
        campaign = next((campaign for campaign in campaigns if str(campaign.id) == request.args.get("campagne")), running)
        centres = {number: name for number, name, _commission, _words in places}
        centre_id = _chosen("centre", centres)
        commissions = {number: name for owner, _name, number, name in places if centre_id in (None, owner)}
        commission_id = _chosen("commission", commissions)
        offering = request.args.get("formation", "")
        level = request.args.get("niveau") if request.args.get("niveau") in LEVELS else _natural(centre_id, commission_id)
        choices = {"campaigns": campaigns, "campaign": campaign, "centres": centres, "commissions": commissions}
        if campaign is None:
            return None, level, False, choices
        offering_id = int(offering) if ROW_NUMBER.fullmatch(offering) else None
        asked = statistics.Asked(current_user, campaign.id, centre_id, commission_id, offering_id)
        return asked, level, request.args.get("pas") == "semaine", choices


def _chosen(name, offered):
    text = request.args.get(name, "")
    return int(text) if ROW_NUMBER.fullmatch(text) and int(text) in offered else None


def _natural(centre_id, commission_id):
    if commission_id is not None:
        return "formation"
    return "commission" if centre_id is not None else "centre"


def _context(asked, level, is_weekly):
    """Return everything that the page shows; eight statements whatever the number of candidatures."""
    units, delays = statistics.by_unit(asked, level), statistics.delays(asked)
    whole = statistics.total(asked, units)
    made = (*_counts(asked, whole, delays), *_in_time(asked, is_weekly), _by_unit(level, units))
    tables = {table.name: table for table in made}
    return {
        "tables": tables,
        **_charts(tables, delays),
        "units": units,
        "whole": whole,
        "median": statistics.median(delays),
        "accounts": _accounts(asked),
        "most": SHOWN,
        "link": _link,
        "below": LEVELS[level],
    }


def _counts(asked, whole, delays):
    """Return the tables of what became of the candidatures."""
    number = _("Candidatures")
    kinds = [(formats.translated(name), outcome.label, count) for name, outcome, count in statistics.by_decision_type(asked)]
    return (
        Table("parcours", _("De la candidature à la confirmation"), (_("Étape"), _("Nombre")), _funnel(whole)),
        Table("statuts", _("Statuts des dossiers"), (_("Statut"), number), [(s.label, whole[f"status_{s.value}"]) for s in FileStatus]),
        Table("avis", _("Avis publiés"), (_("Nature de l’avis"), number), [(o.label, whole[o.value.lower()]) for o in Outcome]),
        Table("types", _("Types d’avis"), (_("Type d’avis"), _("Nature de l’avis"), number), kinds),
        Table("reponses", _("Réponses aux avis favorables"), (_("Réponse"), number), _answers(whole)),
        Table("delais", _("Délai entre transmission et avis"), (_("Jours"), number), list(delays.items())),
    )


def _in_time(asked, is_weekly):
    """Return the tables of what was created and transmitted, by day or by week."""
    words = (("creations", _("Candidatures créées"), "created_at"), ("transmissions", _("Dossiers transmis"), "transmitted_at"))
    heads = (_("À partir du"), _("Candidatures"))
    return [Table(name, title, heads, _days(asked, column, is_weekly)) for name, title, column in words]


def _days(asked, column, is_weekly):
    counted = statistics.filled(statistics.in_time(asked, column), is_weekly=is_weekly)
    return [(_short(day), number) for day, number in counted]


def _by_unit(level, units):
    title = {"centre": _("Par centre"), "commission": _("Par commission"), "formation": _("Par formation")}[level]
    return Table("unites", title, _heads(level), [_line(unit) for unit in units])


def _charts(tables, delays):
    """Return the charts drawn from the tables: bars of what is counted, columns of what goes in time."""
    bars = {name: charts.bars(tables[name].rows) for name in ("statuts", "avis", "reponses")}
    bars["parcours"] = charts.bars(tables["parcours"].rows, note=_share)
    bars["delais"] = charts.bars(_grouped(delays))
    return {"bars": bars, "times": {name: charts.columns(tables[name].rows) for name in ("creations", "transmissions")}}


def _share(value, first):
    return _("(%(share)s %%)", share=round(100 * value / first)) if first else ""


def _funnel(whole):
    words = (
        (_("Candidatures créées"), "created"),
        (_("Dossiers transmis"), "transmitted"),
        (_("Dossiers complets"), "complete"),
        (_("Avis publiés"), "decided"),
        (_("Avis favorables"), "admitted"),
        (_("Confirmées"), "confirmed"),
    )
    return [(label, whole[name]) for label, name in words]


def _accounts(asked):
    """Return the number of accounts for who sees the whole establishment and narrowed nothing, else None."""
    grants = access.grants_of(current_user, Functionality.STATISTICS)
    is_whole = asked.centre_id is None and asked.commission_id is None and asked.offering_id is None
    return statistics.accounts() if is_whole and any(grant.scope == ScopeKind.ALL for grant in grants) else None


def _answers(whole):
    return [
        (_("Sans réponse"), whole["offers"]),
        (Answer.CONFIRMED.label, whole["confirmed"]),
        (Answer.WITHDRAWN.label, whole["withdrawn"]),
    ]


def _grouped(delays):
    """Return the delays by week, the longest together, for the chart."""
    bounds = ((0, 2), (3, 7), (8, 14), (15, 21), (22, 30), (31, 60), (61, 10**6))
    words = [_("%(low)s à %(high)s jours", low=low, high=high) for low, high in bounds[:-1]] + [_("plus de 60 jours")]
    sums = [sum(number for days, number in delays.items() if low <= days <= high) for low, high in bounds]
    return list(zip(words, sums, strict=True))


COLUMNS = ("created", "cancelled", "transmitted", "status_WAITING", "status_RECEIVED", "status_INCOMPLETE", "status_COMPLETE", "decided")
COLUMNS += tuple(outcome.value.lower() for outcome in Outcome) + ("offers", "confirmed", "withdrawn")


def _heads(level):
    first = {"centre": _("Centre"), "commission": _("Commission"), "formation": _("Formation")}[level]
    statuses, outcomes = (status.label for status in FileStatus), (outcome.label for outcome in Outcome)
    heads = (first, _("Créées"), _("Annulées"), _("Transmises"), *statuses, _("Avis publiés"), *outcomes)
    return (*heads, _("Offres sans réponse"), _("Confirmées"), _("Désistements"), _("Places"), _("Libres"))


def _line(unit):
    capacity, free = ("" if value is None else value for value in (unit.capacity, unit.free))
    return (unit.name, *(unit[name] for name in COLUMNS), capacity, free)


def _short(day):
    return format_date(day, "d MMM y")


def _link(asked, level, unit):
    """Return the address of the figures of one line, one level below."""
    return url_for(".index", **{"campagne": asked.campaign_id, level: unit.id})
