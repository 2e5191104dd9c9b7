"""Who is reminded of what and when: rules with their days, one mail a dossier and day at most, each rule and date once (domain D14)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from flask_babel import force_locale
from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from app import access, clock, deadlines, formats, queries
from app.enums import Functionality, Outcome, PieceStatus, ReminderEvent, ResponseState
from app.errors import DomainError
from app.extensions import db
from app.models import Campaign, Candidature, Commission, Decision, Offering, OutboxMessage, ReminderRule
from app.notifications import announcements
from app.operations import answers, pieces
from app.operations.batches import Batch, register
from app.operations.chores import each

NOT_TRANSMITTED, PIECE_MISSING, FORM_UNANSWERED, OFFER_UNANSWERED = ReminderEvent
KINDS = {  # the ordinary mail of each event; the first event that a mail answers chooses it
    OFFER_UNANSWERED: "answer_reminder",
    NOT_TRANSMITTED: "return_reminder",
    PIECE_MISSING: "piece_reminder",
    FORM_UNANSWERED: "form_reminder",
}
MARKS = {OFFER_UNANSWERED: "reminded_answer_at"}  # of the others: reminded_return_at
EDITABLE, DECIDED = pieces.EDITABLE, (Outcome.REFUSED, Outcome.ADMITTED)
LOOKED_AT = 100  # dossiers that a preview reads
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Due:
    """What a rule has to say to one dossier: until when, and the names of what is missing."""

    rule: ReminderRule
    until: datetime
    names: tuple = ()

    @property
    def mark(self):
        """What stands in the key of the message that said it."""
        return f"{self.rule.id}@{self.until:%y%m%d%H%M}"

    @property
    def opens_at(self):
        return self.until - timedelta(days=self.rule.days)


@dataclass(frozen=True)
class Reach:
    """Whom a rule reaches today and in the week that follows: first names; `is_whole` says that every dossier was looked at."""

    today: list
    week: list
    is_whole: bool


def rules():
    """Return the rules in service, those of the first kind of mail first."""
    found = db.session.scalars(select(ReminderRule).where(ReminderRule.is_active).options(joinedload(ReminderRule.mail_template))).all()
    return sorted(found, key=lambda rule: (list(KINDS).index(rule.event), rule.id))


def remind(now, run):
    """Write to each dossier what its rules have to say, in one mail (the batch `remind`)."""
    for event, of_event in groupby(rules(), key=lambda rule: rule.event):
        longest = max(rule.days for rule in of_event)
        each(_concerned(event, now, now + timedelta(days=longest)), lambda row: _remind(row, now), run)


def _remind(candidature, now):
    found = [due for rule in rules() if (due := due_of(rule, candidature, now)) and due.opens_at <= now]
    sent = _keys([candidature.id])[candidature.id]
    found = [due for due in found if not _is_said(due, candidature, sent)]
    day = f"reminder:{candidature.id}:{clock.local_day(now).isoformat()}:"
    if not found or any(key.startswith(day) for key in sent):
        raise DomainError("not due")
    first = found[0]
    with force_locale(candidature.candidate.user.language):
        context = {"rappel": {"date": formats.deadline(min(due.until for due in found)), "lignes": _lines(found)}}
    key = day + "+".join(due.mark for due in found[:10])
    announcements.to_candidate(KINDS[first.rule.event], candidature, key=key, context=context, template=first.rule.mail_template)
    for due in found:
        setattr(candidature, MARKS.get(due.rule.event, "reminded_return_at"), now)


def _keys(numbers):
    """Return {candidature number: [key]} of the reminders written to dossiers, as one query."""
    own = (OutboxMessage.candidature_id.in_(numbers), OutboxMessage.kind.in_(KINDS.values()))
    found = {number: [] for number in numbers}
    for number, key in db.session.execute(select(OutboxMessage.candidature_id, OutboxMessage.key).where(*own)):
        found[number].append(key)
    return found


def _is_said(due, candidature, keys):
    """Whether a rule has reminded of a date already, today's way or by the reminder that came before the rules."""
    former = f"{KINDS[due.rule.event]}:{candidature.id}:{due.until.isoformat()}"
    return former in keys or any(due.mark in key.rpartition(":")[2].split("+") for key in keys)


def _lines(found):
    names = dict.fromkeys(name for due in found for name in due.names)
    return "\n".join(f"- {name}" for name in names)


# --- who is concerned ---


def due_of(rule, candidature, now):
    """Return what a rule has, or will have, to say to a dossier (a `Due`), or None when nothing is missing or the date is past.

    Names are in the language of the candidate.
    """
    centre_id = rule.centre_id or (rule.centre.id if rule.centre else None)
    if centre_id not in (None, candidature.offering.commission.centre_id) or not _is_concerned(rule.event, candidature):
        return None
    with force_locale(candidature.candidate.user.language):
        wanted = [(until, name) for until, name in _wanted(rule.event, candidature) if until is not None and until > now]
    if not wanted:
        return None
    first = min(until for until, _name in wanted)
    return Due(rule, first, tuple(name for until, name in wanted if name and until - timedelta(days=rule.days) <= max(now, first)))


def _is_concerned(event, candidature):
    """Whether an event can be about a dossier at all; the SQL twin is `_concerned`."""
    is_closed = candidature.cancelled_at or candidature.answer or candidature.campaign.archived_at or candidature.candidate.user is None
    if is_closed or event == OFFER_UNANSWERED:
        return not is_closed and candidature.outcome == Outcome.ADMITTED
    return candidature.file_status in EDITABLE and candidature.outcome not in DECIDED


def _wanted(event, candidature):
    """Return [(until, name)] of what an event finds missing in a dossier."""
    if event == OFFER_UNANSWERED:
        return [(deadlines.answer_by(candidature), "")]
    if event == NOT_TRANSMITTED:
        return [(deadlines.return_by(candidature), "")]
    if event == FORM_UNANSWERED:
        done = (ResponseState.COMPLETED, ResponseState.NOT_CONCERNED)
        return [(deadlines.return_by(candidature), line.name) for line in answers.lines(candidature) if line.state not in done]
    lacking = (PieceStatus.MISSING, PieceStatus.REFUSED)
    lines = [line for line in pieces.lines(candidature) if line.status in lacking or line.must_be_replaced]
    return [(deadlines.piece_by(candidature, line.required), line.name) for line in lines]


def _concerned(event, now, until):
    """Return the select of the numbers of the dossiers of an event of which a date falls before an instant; closed ones are left out."""
    chosen = select(Candidature.id).join(Candidature.offering).join(Campaign, Candidature.campaign_id == Campaign.id)
    chosen = chosen.where(Candidature.cancelled_at.is_(None), Candidature.answer.is_(None), Campaign.archived_at.is_(None))
    if event == OFFER_UNANSWERED:
        deadline = db.func.coalesce(Candidature.individual_confirm_by, Decision.confirm_by)
        chosen = chosen.join(Decision, Candidature.published_decision_id == Decision.id)
        return chosen.where(Candidature.outcome == Outcome.ADMITTED, deadline > now, deadline <= until)
    own = db.func.coalesce(Offering.return_deadline, Offering.closing)
    deadline = db.func.coalesce(Candidature.individual_return_by, own)
    chosen = chosen.where(
        or_(Candidature.outcome.is_(None), Candidature.outcome.not_in(DECIDED)),
        Candidature.file_status.in_(EDITABLE),
        or_(own > now, deadline > now),
    )
    # a piece may have a date of its own, before that of the dossier
    return chosen if event == PIECE_MISSING else chosen.where(or_(own <= until, deadline <= until))


# --- seen before it is done ---


def reach_of(rule, actor, *, now=None):
    """Return whom a rule, kept or only typed, reaches today and in the seven days after, among the dossiers that a person may see."""
    now = now or clock.now()
    chosen = queries.whole().where(
        Candidature.id.in_(_concerned(rule.event, now, now + WEEK + timedelta(days=rule.days))),
        access.candidatures_of(actor, Functionality.CANDIDATURES),
    )
    if rule.centre is not None:
        own = select(Offering.id).join(Commission, Offering.commission_id == Commission.id).where(Commission.centre_id == rule.centre.id)
        chosen = chosen.where(Candidature.offering_id.in_(own))
    rows = db.session.scalars(chosen.order_by(Candidature.id).limit(LOOKED_AT + 1)).all()
    sent, today, week = _keys([row.id for row in rows]), [], []
    for row in rows[:LOOKED_AT]:
        due = due_of(rule, row, now)
        if due is None or due.opens_at > now + WEEK or (rule.id and _is_said(due, row, sent[row.id])):
            continue
        (today if due.opens_at <= now else week).append(row.candidate.first_name)
    return Reach(today, week, len(rows) <= LOOKED_AT)


register(
    Batch(
        "remind",
        _("Envoi des rappels"),
        _("Écrit aux candidats selon les règles de rappel : dossier à transmettre, pièce ou formulaire qui manque, offre sans réponse."),
        remind,
        hour=8,
    )
)
