"""The screen of seats and complementary lists: numbers, who waits, who was called and why, and what refusals would bring."""

import re

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from app import access, queries, ranks
from app.admin import charts
from app.admin.base import ROW_NUMBER, Protected
from app.admin.carrying import carried_out
from app.enums import Functionality, PromotionCause, PromotionMode, PromotionState
from app.errors import Conflict, DomainError
from app.extensions import db
from app.models import Candidature, Centre, Commission, Formation, Offering, Promotion
from app.operations import forecast, promotions, ranking, seats
from app.search_text import words

SIZE = 50  # offerings of a page
MOST_LISTED, MOST_PROMOTIONS = 300, 100  # rows of one offering
COUNT = re.compile(r"[0-9]{1,5}", re.ASCII)
RIGHT = Functionality.SEATS


class SeatsView(Protected, BaseView):
    """Everything about the places of the formations that a person manages; every change is one operation."""

    functionality = RIGHT

    @expose("/")
    def index(self):
        """List the offerings in scope of the campaigns whose dossiers go on, those with a place to decide first."""
        page = min(int(request.args["page"]), 2000) if ROW_NUMBER.fullmatch(request.args.get("page", "")) else 0
        sought = request.args.get("q", "")[:100]
        found = db.session.execute(_offerings(sought).limit(SIZE + 1).offset(page * SIZE)).all()
        numbers = seats.of_many([offering.id for offering, _pending in found[:SIZE]])
        rows = [(offering, numbers[offering.id], bar_of(numbers[offering.id]), pending) for offering, pending in found[:SIZE]]
        return render_template(
            "admin/gestion/seats.html",
            rows=rows,
            sought=sought,
            page=page,
            has_more=len(found) > SIZE,
            legend_parts=legend(),
            admin_view=self,
        )

    @expose("/<row_id>")
    def show(self, row_id):
        """Show one offering: seats, list, drafts, promotions, simulation."""
        return self._page(_own(row_id))

    def _page(self, offering, error=None, code=200):
        now, pending = seats.of(offering), _promotions(offering, PromotionState.PROPOSED)
        listed = db.session.scalars(ranks.in_order(offering.id).options(joinedload(Candidature.candidate)).limit(MOST_LISTED)).all()
        drafts = ranking.drafts(offering.id)
        made = _promotions(offering, PromotionState.DONE, PromotionState.DISMISSED)
        given = {"offers": now.offers, "free": now.free, "pending": len(pending), "listed": listed}
        refused = request.args.get("refus", "")
        chosen = min(int(refused), now.offers) if COUNT.fullmatch(refused) else None
        page = render_template(
            "admin/gestion/seats_of.html",
            offering=offering,
            seats=now,
            bar_made=bar_of(now),
            legend_parts=legend(),
            listed=listed,
            drafts=drafts,
            pending=pending,
            made=made,
            explained=explained,
            opened=_opened([row.id for row in listed] + _named(pending + made) + [draft.candidature_id for draft in drafts]),
            chosen=chosen,
            called=forecast.called(chosen, **given) if chosen is not None else (),
            outlook=forecast.table(**given) if now.offers else (),
            to_offer=None if now.free is None else max(0, now.free - len(pending)),
            modes=list(PromotionMode),
            may_decide=access.can(current_user, RIGHT, offering, write=True),
            may_resize=access.can(current_user, Functionality.FORMATIONS, offering, write=True),
            error=error,
            typed=request.form,
            admin_view=self,
        )
        return page, code

    @expose("/<row_id>/<verb>", methods=["POST"])
    def act(self, row_id, verb):
        """Carry out one act on the places of an offering, or say why not and keep what was typed."""
        offering = _own(row_id)
        call = ACTS.get(verb) or abort(404)
        try:
            with carried_out():
                said = call(offering)
        except DomainError as error:
            return self._page(_own(row_id), error, 409 if isinstance(error, Conflict) else 422)
        flash(said or _("C’est fait."), "success")
        return redirect(url_for(".show", row_id=row_id))


def _reached():
    return (
        select(Offering)
        .join(Offering.formation)
        .join(Commission, Offering.commission_id == Commission.id)
        .join(Centre, Commission.centre_id == Centre.id)
        .join(Offering.campaign)
        .where(access.commissions_of(current_user, RIGHT))
        .options(
            contains_eager(Offering.formation),
            contains_eager(Offering.commission).contains_eager(Commission.centre),
            contains_eager(Offering.campaign),
        )
    )


def _offerings(sought):
    """Return the select of (offering, promotions to decide) of the campaigns whose dossiers go on."""
    waiting = (
        select(func.count())
        .select_from(Promotion)
        .where(Promotion.offering_id == Offering.id, Promotion.state == PromotionState.PROPOSED)
        .correlate(Offering)
        .scalar_subquery()
    )
    chosen = _reached().where(queries.is_at_work()).add_columns(waiting)
    for word in words(sought):
        chosen = chosen.where(Formation.search_text.contains(word, autoescape=True))
    moving = select(Candidature.id).where(Candidature.offering_id == Offering.id, Candidature.outcome.is_not(None)).correlate(Offering)
    return chosen.order_by(case((waiting > 0, 0), (moving.exists(), 1), else_=2), Formation.search_text, Offering.id)


def _own(row_id):
    """Return an offering in scope; a foreign, absent or impossible number is the same 404."""
    if not ROW_NUMBER.fullmatch(row_id):
        abort(404)
    return db.session.scalar(_reached().where(Offering.id == int(row_id))) or abort(404)


def _promotions(offering, *states):
    freed, called = aliased(Candidature), aliased(Candidature)
    chosen = (
        select(Promotion)
        .join(called, Promotion.candidature_id == called.id)
        .outerjoin(freed, Promotion.freed_by_id == freed.id)
        .where(Promotion.offering_id == offering.id, Promotion.state.in_(states))
        .options(
            contains_eager(Promotion.candidature.of_type(called)).joinedload(called.candidate),
            contains_eager(Promotion.freed_by.of_type(freed)).joinedload(freed.candidate),
            joinedload(Promotion.decided_by),
        )
    )
    order = Promotion.id if states == (PromotionState.PROPOSED,) else Promotion.decided_at.desc()
    return db.session.scalars(chosen.order_by(order).limit(MOST_PROMOTIONS)).all()


def _named(rows):
    return [number for row in rows for number in (row.candidature_id, row.freed_by_id) if number is not None]


def _opened(numbers):
    """Return those of the candidatures that the person may open: the others are shown without their name."""
    reached = access.candidatures_of(current_user, Functionality.CANDIDATURES)
    chosen = select(Candidature.id).join(Offering).join(Commission, Offering.commission_id == Commission.id)
    return set(db.session.scalars(chosen.where(Candidature.id.in_(set(numbers)), reached)))


def legend():
    """Return what the colours of the bars mean."""
    pieces = ((1, "confirmed", _("Confirmées")), (1, "offers", _("Offres sans réponse")), (1, "over", _("Au-delà des places")))
    return charts.stacked("", pieces, most=3).parts


def bar_of(now):
    """Return the bar of an offering's seats: confirmed, offers out, and what passes the number of places."""
    over = max(0, -now.free) if now.free is not None else 0
    offers = max(0, now.offers - over)
    confirmed = now.confirmed - max(0, over - now.offers)
    pieces = ((confirmed, "confirmed", ""), (offers, "offers", ""), (over, "over", ""))
    said = _("%(confirmed)s confirmées, %(offers)s offres sans réponse", confirmed=now.confirmed, offers=now.offers)
    if now.capacity is not None:
        said += " " + _("sur %(capacity)s places", capacity=now.capacity)
    return charts.stacked(said, pieces, most=max(now.capacity or 0, now.taken, 1))


def explained(promotion, opened):
    """Return why a place was free, with the name of who freed it when the person may read it.

    Args:
        opened: the candidatures that the person may open.
    """
    known = promotion.freed_by_id in opened
    who = str(promotion.freed_by.candidate) if known else _("un candidat")
    return {
        PromotionCause.WITHDRAWAL: lambda: _("Place libérée par le désistement de %(who)s", who=who),
        PromotionCause.LAPSE: lambda: _("Place libérée par l’absence de réponse de %(who)s", who=who),
        PromotionCause.DECISION: lambda: _("Place libérée par un nouvel avis rendu à %(who)s", who=who),
        PromotionCause.CAPACITY: lambda: _("Places portées à %(capacity)s", capacity=promotion.capacity),
        PromotionCause.CALL: lambda: _("Appel par %(who)s", who=promotion.decided_by or "Postulo"),
    }[promotion.cause]()


# --- the acts: read the form, call one operation ---


def _number(name, *, may_be_empty=False):
    text = request.form.get(name, "").strip()
    if may_be_empty and not text:
        return None
    if not COUNT.fullmatch(text):
        raise DomainError(_("Écrivez un nombre entier, par exemple 25."), field=name)
    return int(text)


def _resize(offering):
    seen = request.form.get("seen")
    if seen is not None and seen != str("" if offering.capacity is None else offering.capacity):
        raise Conflict(_("Quelqu’un vient de changer le nombre de places : vérifiez, puis recommencez."), field="capacity")
    called = promotions.set_capacity(offering, _number("capacity", may_be_empty=True), actor=current_user)
    if not called:
        return _("Nombre de places enregistré.")
    return ngettext(
        "Nombre de places enregistré ; une place va à la liste complémentaire.",
        "Nombre de places enregistré ; %(num)d places vont à la liste complémentaire.",
        len(called),
    )


def _proposal(offering):
    number = request.form.get("promotion", "")
    if not ROW_NUMBER.fullmatch(number):
        abort(404)
    chosen = select(Promotion).where(Promotion.id == int(number), Promotion.offering_id == offering.id)
    return db.session.scalar(chosen) or abort(404)


def _is_over():
    return request.form.get("over_capacity") == "1"


def _accept(offering):
    promotions.accept(_proposal(offering), actor=current_user, seen=request.form.get("seen"), over_capacity=_is_over())
    return _("La place est proposée : le candidat est prévenu.")


def _accept_all(offering):
    done = promotions.accept_all(offering, actor=current_user)
    return ngettext("Une place est proposée.", "%(num)d places sont proposées.", done)


def _call(offering):
    count = _number("count")
    promotions.call(offering, count, actor=current_user, over_capacity=_is_over())
    return ngettext("Une personne est appelée.", "%(num)d personnes sont appelées.", count)


def _move(offering):
    number, step = request.form.get("decision", ""), {"up": -1, "down": 1}.get(request.form.get("step"))
    if step is None or not ROW_NUMBER.fullmatch(number):
        abort(404)
    ranking.move(offering, int(number), step, actor=current_user)


def _mode(offering):
    mode = request.form.get("mode")
    if mode not in set(PromotionMode):
        abort(404)
    ranking.set_mode(offering, mode, actor=current_user)


ACTS = {
    "places": _resize,
    "accepter": _accept,
    "ecarter": lambda offering: promotions.dismiss(_proposal(offering), actor=current_user),
    "tout-accepter": _accept_all,
    "tout-ecarter": lambda offering: promotions.dismiss_all(offering, actor=current_user) and None,
    "appeler": _call,
    "ordre": _move,
    "mode": _mode,
}
