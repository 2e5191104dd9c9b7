"""What waits for a member of staff, in one statement: counts over his rights and scope, and the sentence of each."""

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import ngettext
from sqlalchemy import and_, exists, func, or_, select

from app import access, clock
from app.enums import FileStatus, Functionality, MessageState, Outcome, PieceStatus, PromotionState, ScopeKind, Stage
from app.extensions import db
from app.models import (
    Campaign,
    Candidature,
    Commission,
    Decision,
    Offering,
    Opinion,
    OutboxMessage,
    Promotion,
    Recusal,
    SubmittedPiece,
)
from app.operations import silence


@dataclass(frozen=True)
class Line:
    """One thing that waits: its kind (see `KINDS`), how many, the days of silence when that is what it counts."""

    kind: str
    count: int
    days: int | None = None

    @property
    def words(self):
        """Return the sentence, in the language of the moment."""
        return _sentence(self.kind, self.count, self.days)


def lines(actor):
    """Return the `Line`s of what waits for somebody, the most pressing first; two statements, whatever the numbers."""
    now, known = clock.now(), silence.alerts()
    asked = {name: made(actor, now, known) for name, made in KINDS.items() if _concerns(name, actor, known)}
    if not asked:
        return []
    counts = db.session.execute(select(*(chosen.scalar_subquery().label(name) for name, chosen in asked.items()))).one()
    days = min((alert.days for alert in known), default=None)
    return [Line(name, count, days if name == "silent" else None) for name, count in zip(asked, counts, strict=True) if count]


def _concerns(name, actor, known):
    if name == "silent" and not known:
        return False
    return access.can(actor, RIGHTS[name], write=True)


def _alive():
    archived = select(Campaign.id).where(Campaign.archived_at.is_not(None))
    return and_(Candidature.cancelled_at.is_(None), Candidature.campaign_id.not_in(archived))


def _dossiers(actor, right, *conditions):
    """Return the count of the candidatures that somebody may act on by a right, and that meet conditions."""
    chosen = select(func.count()).select_from(Candidature).join(Offering, Candidature.offering_id == Offering.id)
    chosen = chosen.join(Commission, Offering.commission_id == Commission.id)
    return chosen.where(access.candidatures_of(actor, right, write=True), _alive(), *conditions)


def _to_examine(actor, now, known):
    return _dossiers(actor, RIGHTS["to_examine"], Candidature.file_status == FileStatus.RECEIVED, Candidature.answer.is_(None))


def _pieces(actor, now, known):
    handed = Candidature.file_status.in_((FileStatus.RECEIVED, FileStatus.COMPLETE))
    chosen = _dossiers(actor, RIGHTS["pieces"], handed, Candidature.outcome.is_(None), Candidature.answer.is_(None))
    return chosen.join(SubmittedPiece, SubmittedPiece.candidature_id == Candidature.id).where(
        SubmittedPiece.status == PieceStatus.SUBMITTED
    )


def _to_decide(actor, now, known):
    drafted = exists().where(Decision.candidature_id == Candidature.id, Decision.stage != Stage.PUBLISHED)
    complete = Candidature.file_status == FileStatus.COMPLETE
    return _dossiers(actor, RIGHTS["to_decide"], complete, Candidature.outcome.is_(None), Candidature.answer.is_(None), ~drafted)


def _drafts(stage, name):
    def made(actor, now, known):
        chosen = _dossiers(actor, RIGHTS[name], Decision.stage == stage)
        return chosen.join(Decision, Decision.candidature_id == Candidature.id)

    return made


def _places(actor, now, known):
    reached = select(Offering.id).join(Commission, Offering.commission_id == Commission.id)
    reached = reached.where(access.commissions_of(actor, RIGHTS["places"], write=True))
    return select(func.count()).where(Promotion.state == PromotionState.PROPOSED, Promotion.offering_id.in_(reached))


def _lapsing(actor, now, known):
    until = clock.closing_of(clock.local_day(now) + timedelta(days=1))
    answer_by = func.coalesce(Candidature.individual_confirm_by, Decision.confirm_by)
    unanswered = and_(Candidature.outcome == Outcome.ADMITTED, Candidature.answer.is_(None), answer_by > now, answer_by <= until)
    return _dossiers(actor, RIGHTS["lapsing"], unanswered).join(Decision, Candidature.published_decision_id == Decision.id)


def _silent(actor, now, known):
    return _dossiers(actor, RIGHTS["silent"], silence.reached(now, known).is_not(None))


def _opinions(actor, now, known):
    """Dossiers of the commissions to which somebody belongs, complete, undecided, on which he has not said what he thinks."""
    own = access.grants_of(actor, Functionality.OPINIONS, write=True)
    places = [Commission.id == grant.commission_id for grant in own if grant.scope == ScopeKind.COMMISSION]
    staff_id = actor.staff_member.id
    given = exists().where(Opinion.candidature_id == Candidature.id, Opinion.staff_member_id == staff_id)
    recused = exists().where(Recusal.candidature_id == Candidature.id, Recusal.staff_member_id == staff_id)
    complete = Candidature.file_status == FileStatus.COMPLETE
    undecided = and_(Candidature.outcome.is_(None), Candidature.answer.is_(None))
    return _dossiers(actor, RIGHTS["opinions"], or_(False, *places), complete, undecided, ~given, ~recused)


def _mails(actor, now, known):
    lost = OutboxMessage.state.in_((MessageState.FAILED, MessageState.DEAD))
    return select(func.count()).select_from(OutboxMessage).where(access.scope_for(OutboxMessage, actor, write=True), lost)


# what may wait, in the order of the page, and the right (in write) that makes it somebody's business
RIGHTS = {
    "lapsing": Functionality.DEADLINES,
    "places": Functionality.SEATS,
    "to_publish": Functionality.PUBLISH_DECISION,
    "to_validate": Functionality.VALIDATE_DECISION,
    "to_examine": Functionality.FILE_STATUS,
    "pieces": Functionality.REVIEW_PIECES,
    "to_decide": Functionality.PROPOSE_DECISION,
    "opinions": Functionality.OPINIONS,
    "silent": Functionality.PROPOSE_DECISION,
    "mails": Functionality.MESSAGES,
}
KINDS = {
    "lapsing": _lapsing,
    "places": _places,
    "to_publish": _drafts(Stage.VALIDATED, "to_publish"),
    "to_validate": _drafts(Stage.PROPOSED, "to_validate"),
    "to_examine": _to_examine,
    "pieces": _pieces,
    "to_decide": _to_decide,
    "opinions": _opinions,
    "silent": _silent,
    "mails": _mails,
}


def _sentence(kind, count, days):
    if kind == "silent":
        return ngettext(
            "%(num)d dossier sans avis depuis %(days)s jours ou plus",
            "%(num)d dossiers sans avis depuis %(days)s jours ou plus",
            count,
            days=days,
        )
    return {
        "lapsing": lambda: ngettext("%(num)d offre qui expire d’ici demain soir", "%(num)d offres qui expirent d’ici demain soir", count),
        "places": lambda: ngettext("%(num)d place à proposer", "%(num)d places à proposer", count),
        "to_publish": lambda: ngettext("%(num)d avis à publier", "%(num)d avis à publier", count),
        "to_validate": lambda: ngettext("%(num)d avis à valider", "%(num)d avis à valider", count),
        "to_examine": lambda: ngettext("%(num)d dossier à examiner", "%(num)d dossiers à examiner", count),
        "pieces": lambda: ngettext("%(num)d pièce à revoir", "%(num)d pièces à revoir", count),
        "to_decide": lambda: ngettext("%(num)d dossier complet sans avis", "%(num)d dossiers complets sans avis", count),
        "opinions": lambda: ngettext("%(num)d dossier attend votre opinion", "%(num)d dossiers attendent votre opinion", count),
        "mails": lambda: ngettext("%(num)d courriel n’est pas parti", "%(num)d courriels ne sont pas partis", count),
    }[kind]()
