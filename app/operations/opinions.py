"""What each member of the commission thinks of a dossier, with marks when there is a grid; and who will not judge it."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from statistics import mean, pstdev

from flask_babel import lazy_gettext as _
from sqlalchemy import inspect, select
from sqlalchemy.orm import joinedload, selectinload

from app import access, formats, journal, parameters, workflow
from app.enums import Functionality, OpinionKind
from app.errors import Conflict, DomainError, NotAllowed
from app.extensions import db
from app.models import Criterion, Opinion, OpinionScore, Recusal
from app.operations import audit

CENT, OUT_OF = Decimal("0.01"), 20
LONGEST = 2000  # characters of a comment


@dataclass(frozen=True)
class Summary:
    """What the opinions of a dossier say together; `average` and `spread` are of the totals out of 20, None without marks."""

    counts: dict
    average: Decimal | None
    spread: Decimal | None


def criteria_of(candidature):
    """Return the criteria on which the dossier is marked, in order; none without a grid in service."""
    grid = candidature.offering.scoring_grid
    return list(grid.criteria) if grid is not None and grid.is_active else []


def is_manager(candidature, actor):
    """Whether somebody manages the decisions of a dossier: he sees every opinion and undoes recusals."""
    return access.can(actor, Functionality.PROPOSE_DECISION, candidature, write=True)


def all_of(candidature):
    """Return the opinions of a dossier, oldest first, with their authors and marks."""
    chosen = select(Opinion).where(Opinion.candidature_id == candidature.id)
    options = (joinedload(Opinion.staff_member), selectinload(Opinion.scores).joinedload(OpinionScore.criterion))
    return db.session.scalars(chosen.options(*options).order_by(Opinion.id)).all()


def visible(candidature, actor):
    """Return the opinions that somebody may read: his own; all of them once he gave his, or when he manages the dossier.

    The parameter OPINIONS_BLIND decides whether one's own must come first.
    """
    if not access.can(actor, Functionality.OPINIONS, candidature):
        return []
    given = all_of(candidature)
    own = [opinion for opinion in given if opinion.staff_member_id == actor.staff_member.id]
    is_open = own or is_manager(candidature, actor) or not parameters.get("OPINIONS_BLIND")
    return given if is_open else []


def summary(given):
    """Return the `Summary` of some opinions."""
    totals = [opinion.total for opinion in given if opinion.total is not None]
    counts = {kind: sum(opinion.kind == kind for opinion in given) for kind in OpinionKind}
    return Summary(counts, _rounded(mean(totals)) if totals else None, _rounded(pstdev(totals)) if len(totals) > 1 else None)


def is_closed(candidature):
    """Whether opinions can no longer change: the decision is published, or the candidature is over."""
    return candidature.published_decision_id is not None or candidature.cancelled_at is not None


def give(candidature, kind, *, actor, comment=None, marks=None, seen_version=None):
    """Give one's opinion, or change it while no decision is published.

    Args:
        kind: an `OpinionKind`.
        marks: {criterion id: text as typed}; each criterion is marked, or none is.
        seen_version: version of one's own opinion when the page was read (None: there was none).
    Returns:
        The `Opinion`.
    Raises:
        NotAllowed: without the right. DomainError: closed, recused, or a mark out of bounds.
        Conflict: one's own opinion was changed elsewhere meanwhile.
    """
    if not access.can(actor, Functionality.OPINIONS, candidature, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit de donner une opinion sur ce dossier."))
    now = workflow.lock(candidature)
    _check_open(candidature, actor)
    comment = _checked_comment(comment)
    criteria = criteria_of(candidature)
    values = read_marks(criteria, marks or {})
    opinion = own_of(candidature, actor)
    _check_seen(opinion, seen_version)
    before = _plain(opinion)
    opinion = opinion or _new(candidature, actor)
    opinion.kind, opinion.comment, opinion.at, opinion.total = kind, comment, now, total_of(criteria, values)
    _keep_marks(opinion, values)
    db.session.flush()
    audit.record("update" if before else "create", opinion, actor=actor, changes=_differences(before, _plain(opinion)))
    _score(candidature)
    journal.record("opinion", candidature, actor=actor, now=now)
    return opinion


def _check_open(candidature, actor):
    if is_closed(candidature):
        raise DomainError(_("La décision est publiée : les opinions ne changent plus."))
    if recusal_of(candidature, actor) is not None:
        raise DomainError(_("Vous vous êtes récusé sur ce dossier : un gestionnaire peut lever la récusation."))


def _checked_comment(text):
    comment = (text or "").strip() or None
    if comment and len(comment) > LONGEST:
        raise DomainError(_("Ce commentaire est trop long : 2 000 caractères au plus."), field="opinion_comment")
    return comment


def _check_seen(opinion, seen_version):
    present = opinion.version if opinion is not None else None
    if present != seen_version:
        raise Conflict(
            _(
                "Votre opinion a changé ailleurs depuis que vous avez ouvert cette page. Ce que vous avez tapé est gardé : vérifiez, puis enregistrez de nouveau."
            )
        )


def _new(candidature, actor):
    opinion = Opinion(candidature_id=candidature.id, staff_member_id=actor.staff_member.id)
    db.session.add(opinion)
    return opinion


def own_of(candidature, actor):
    """Return somebody's opinion on a dossier as the database has it now, or None."""
    chosen = select(Opinion).where(Opinion.candidature_id == candidature.id, Opinion.staff_member_id == actor.staff_member.id)
    chosen = chosen.options(selectinload(Opinion.scores).joinedload(OpinionScore.criterion))
    return db.session.scalar(chosen.execution_options(populate_existing=True))


def read_marks(criteria, marks):
    """Return {criterion id: mark} of what was typed, {} when nothing was.

    Raises:
        DomainError: a mark is missing, is no number, or is out of its bounds; `field` names the criterion.
    """
    typed = {criterion.id: (marks.get(criterion.id) or "").strip() for criterion in criteria}
    if not any(typed.values()):
        return {}
    return {criterion.id: _mark(criterion, typed[criterion.id]) for criterion in criteria}


def _mark(criterion, text):
    name, field = formats.translated(criterion.label), f"mark-{criterion.id}"
    try:
        value = Decimal(text.replace(",", ".").replace("\u00a0", "").replace(" ", ""))
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or not 0 <= value <= criterion.maximum:
        words = _("%(name)s : donnez une note de 0 à %(most)s. Notez chaque critère, ou aucun.", name=name, most=criterion.maximum)
        raise DomainError(words, field=field)
    return _rounded(value)


def total_of(criteria, values):
    """Return the weighted total out of 20 of {criterion id: mark}, to the hundredth; None without marks."""
    if not values:
        return None
    weight = sum(criterion.weight for criterion in criteria)
    points = sum(values[criterion.id] / criterion.maximum * criterion.weight for criterion in criteria)
    return _rounded(points / weight * OUT_OF)


def _rounded(value):
    return Decimal(value).quantize(CENT, rounding=ROUND_HALF_UP)


def _keep_marks(opinion, values):
    kept = {score.criterion_id: score for score in opinion.scores}
    opinion.scores = [score for number, score in kept.items() if number in values]
    for number, value in values.items():
        if number in kept:
            kept[number].value = value
        else:
            opinion.scores.append(OpinionScore(criterion_id=number, value=value))


def _plain(opinion):
    """Return an opinion as the audit keeps it."""
    if opinion is None:
        return {}
    marks = {str(score.criterion_id): str(score.value) for score in opinion.scores}
    total = str(opinion.total) if opinion.total is not None else None
    return {"kind": opinion.kind.value, "comment": opinion.comment, "total": total, "marks": marks or None}


def _differences(before, after):
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def _score(candidature):
    """Keep the mean of the totals on the candidature, for lists and exports."""
    totals = db.session.scalars(select(Opinion.total).where(Opinion.candidature_id == candidature.id, Opinion.total.is_not(None))).all()
    candidature.score = _rounded(mean(totals)) if totals else None
    db.session.flush()


FROZEN = ("maximum", "weight", "grid")  # of a criterion, once marks were given on its grid


def check_criterion(criterion):
    """Refuse a new criterion, or a change not yet flushed, that would alter what marks already given mean.

    The grid that has served stays as it is, so that every dossier is marked alike; words and order may still change.

    Raises:
        DomainError: marks were given on its grid, or on the one that it leaves.
    """
    histories = {name: inspect(criterion).attrs[name].load_history() for name in FROZEN}
    if not any(history.has_changes() for history in histories.values()):
        return
    grids = [grid.id for grid in histories["grid"].sum() if grid is not None and grid.id is not None]
    given = select(OpinionScore.id).join(OpinionScore.criterion).where(Criterion.grid_id.in_(grids))
    if db.session.scalar(given.limit(1)) is not None:
        raise DomainError(
            _(
                "Des notes ont été données avec cette grille : ses critères, leurs notes les plus hautes et leurs coefficients ne changent plus. Créez une autre grille et choisissez-la pour la formation ; les notes données restent."
            )
        )


# --- recusal ---


def recusal_of(candidature, actor):
    """Return somebody's recusal from a dossier, or None."""
    if actor.staff_member is None:
        return None
    return db.session.scalar(select(Recusal).filter_by(candidature_id=candidature.id, staff_member_id=actor.staff_member.id))


def recusals_of(candidature):
    """Return the recusals from a dossier, with who."""
    chosen = select(Recusal).where(Recusal.candidature_id == candidature.id).options(joinedload(Recusal.staff_member))
    return db.session.scalars(chosen.order_by(Recusal.id)).all()


def recuse(candidature, *, actor, reason):
    """Say that one will not judge a dossier; an opinion already given is taken back with it.

    Args:
        reason: why, at most 500 characters; only managers read it.
    Raises:
        NotAllowed: without the right to give opinions. DomainError: no reason, or the decision is published.
    """
    if not access.can(actor, Functionality.OPINIONS, candidature, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit de donner une opinion sur ce dossier."))
    reason = (reason or "").strip()
    if not 0 < len(reason) <= 500:
        raise DomainError(
            _("Écrivez pourquoi vous vous récusez, en 500 caractères au plus : seuls les gestionnaires le lisent."), field="reason"
        )
    now = workflow.lock(candidature)
    _check_open(candidature, actor)
    _take_back(candidature, actor)
    recusal = Recusal(candidature_id=candidature.id, staff_member=actor.staff_member, reason=reason, at=now)
    db.session.add(recusal)
    db.session.flush()
    audit.record("create", recusal, actor=actor, changes={"reason": [None, reason]}, reason=reason)
    journal.record("recuse", candidature, actor=actor, now=now)
    return recusal


def _take_back(candidature, actor):
    opinion = own_of(candidature, actor)
    if opinion is None:
        return
    audit.record("delete", opinion, actor=actor, changes={name: [value, None] for name, value in _plain(opinion).items()})
    db.session.delete(opinion)
    db.session.flush()
    _score(candidature)


def lift(recusal, candidature, *, actor):
    """Undo a recusal: the member sees and judges the dossier again.

    Raises:
        NotAllowed: the actor does not manage the decisions of the dossier.
    """
    if not is_manager(candidature, actor):
        raise NotAllowed(_("Seul un gestionnaire de ce dossier lève une récusation."))
    now = workflow.lock(candidature)
    words = [str(recusal.staff_member), None]
    audit.record("delete", recusal, actor=actor, changes={"staff_member": words, "reason": [recusal.reason, None]})
    db.session.expire(recusal.staff_member, ["recusals"])
    db.session.delete(recusal)
    db.session.flush()
    journal.record("lift_recusal", candidature, actor=actor, now=now)
