"""Checks of the offer: what is opened, by whom it is examined, its seats and its complementary list."""

from flask_babel import lazy_gettext as _
from flask_babel import ngettext

from app.enums import Outcome, PromotionMode
from app.models import Formation, Offering
from app.operations.preflight.registry import BLOCKS, WARNS, check

NAMED = 5  # formations named in one sentence


def told(sentence, rows):
    """Yield a sentence about each of some offerings."""
    for row in rows:
        yield str(sentence) % {"name": row.formation.name}, row


@check("no_offering", BLOCKS)
def no_offering(scene):
    if not scene.offerings:
        yield _("Aucune formation n’est ouverte dans cette campagne : ouvrez-en une."), Offering


@check("none_published", BLOCKS)
def none_published(scene):
    if scene.offerings and not scene.published:
        yield _("Aucune formation de cette campagne n’est visible des candidats : rendez-en une visible."), Offering


@check("formation_off", WARNS)
def formation_off(scene):
    words = _("%(name)s est hors service : les candidats ne la verront pas. Remettez-la en service, ou masquez son ouverture.")
    for row in scene.published:
        if not row.formation.is_active:
            yield str(words) % {"name": row.formation.name}, row.formation


@check("formation_unopened", WARNS)
def formation_unopened(scene):
    count = len(scene.unopened)
    if count and scene.offerings:
        names = ", ".join(row.name for row in scene.unopened[:NAMED]) + ("…" if count > NAMED else "")
        yield (
            ngettext(
                "%(num)d formation en service n’est pas ouverte dans cette campagne (%(names)s) : ouvrez-la, ou mettez-la hors service.",
                "%(num)d formations en service ne sont pas ouvertes dans cette campagne (%(names)s) : ouvrez-les, ou mettez-les hors service.",
                count,
                names=names,
            ),
            Formation,
        )


@check("commission_off", WARNS)
def commission_off(scene):
    for row in scene.commissions:
        if not row.is_active:
            yield (
                _(
                    "%(name)s : la commission est hors service et examine pourtant des formations ouvertes. Remettez-la en service.",
                    name=row.name,
                ),
                row,
            )


@check("centre_off", WARNS)
def centre_off(scene):
    for row in scene.centres:
        if not row.is_active:
            yield _("Le centre %(name)s est hors service et propose pourtant des formations : remettez-le en service.", name=row.name), row


@check("capacity_zero", WARNS)
def capacity_zero(scene):
    yield from told(_("%(name)s a 0 place : donnez-lui des places, ou masquez-la."), [row for row in scene.published if row.capacity == 0])


@check("capacity_missing", WARNS)
def capacity_missing(scene):
    words = _("%(name)s appelle d’elle-même sa liste complémentaire sans nombre de places : donnez ce nombre.")
    yield from told(words, [row for row in scene.published if row.capacity is None and _calls_by_itself(row)])


@check("admitted_type_missing", BLOCKS)
def admitted_type_missing(scene):
    words = _("%(name)s appelle sa liste complémentaire sans avis favorable par défaut : choisissez-le.")
    yield from told(words, [row for row in scene.published if row.admitted_type is None and _calls(row)])


@check("admitted_type_off", BLOCKS)
def admitted_type_off(scene):
    words = _("%(name)s : l’avis favorable par défaut est hors service. Choisissez-en un autre.")
    yield from told(words, [row for row in scene.published if row.admitted_type is not None and not row.admitted_type.is_active])


@check("admitted_type_wrong", BLOCKS)
def admitted_type_wrong(scene):
    words = _("%(name)s : l’avis par défaut n’est pas favorable, ou est celui d’un autre centre. Choisissez-en un autre.")
    yield from told(words, [row for row in scene.published if row.admitted_type is not None and not _is_fit(row.admitted_type, row)])


@check("waitlist_without_type", BLOCKS)
def waitlist_without_type(scene):
    words = _("Le centre %(name)s utilise la liste complémentaire, mais aucun type d’avis en service ne l’attribue : créez-en un.")
    used = {row.commission.centre_id for row in scene.published if row.has_waiting_list}
    for centre in scene.centres:
        if centre.has_waiting_list and centre.id in used and not scene.types_for(centre.id, Outcome.WAITLISTED):
            yield str(words) % {"name": centre.name}, centre


@check("grid_off", WARNS)
def grid_off(scene):
    words = _("%(name)s : sa grille d’évaluation est hors service. Choisissez-en une autre.")
    yield from told(words, [row for row in scene.published if row.scoring_grid is not None and not row.scoring_grid.is_active])


@check("grid_empty", WARNS)
def grid_empty(scene):
    words = _("La grille d’évaluation « %(name)s » n’a aucun critère : ajoutez-en, ou retirez-la des formations.")
    grids = {row.scoring_grid_id: row.scoring_grid for row in scene.published if row.scoring_grid is not None}
    for grid in grids.values():
        if not grid.criteria:
            yield str(words) % {"name": grid.name}, grid


def _calls(row):
    return row.has_waiting_list and row.commission.centre.has_waiting_list and row.promotion_mode != PromotionMode.NONE


def _calls_by_itself(row):
    return _calls(row) and row.promotion_mode == PromotionMode.AUTOMATIC


def _is_fit(kind, row):
    return kind.outcome == Outcome.ADMITTED and kind.centre_id in (None, row.commission.centre_id)
