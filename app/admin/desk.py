"""What the dossier page shows of one candidature: each thing is read when a section asks for it, so a fragment costs its own questions only."""

from functools import cached_property

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app import access, clock, deadlines, queries, stories, workflow
from app.admin import silences
from app.enums import CheckState, CommentKind, Functionality, OpinionKind, PieceStatus, ReasonKind
from app.extensions import db
from app.models import CandidatureEvent, Decision, DecisionReason, Note, OutboxMessage
from app.notifications import letters
from app.operations import (
    answers,
    comments,
    decisions,
    differences,
    dossier_words,
    messages,
    notes,
    opinions,
    pieces,
    seats,
    silence,
    snapshots,
)

# what is written beside the dossier: it never makes another person's page stale
ASIDE = ("note", "remove_note", "tags", "opinion", "recuse", "lift_recusal", "message", "check_again")

TOLD_TO = {
    **dict.fromkeys(("note", "remove_note"), Functionality.NOTES),
    **dict.fromkeys(("opinion", "recuse", "lift_recusal"), Functionality.OPINIONS),
    **dict.fromkeys(
        ("propose", "rank", "validate", "discard", "undo_proposal", "unvalidate", "undo_discard"), Functionality.DECISION_HISTORY
    ),
    "tags": Functionality.TAGS,
    "message": Functionality.MESSAGES,
}


def mark_of(candidature):
    """Return the mark of a dossier as it stands: the number of its last event that may change what one decides."""
    chosen = select(func.max(CandidatureEvent.sequence)).where(CandidatureEvent.candidature_id == candidature.id)
    return str(db.session.scalar(chosen.where(CandidatureEvent.action.not_in(ASIDE))))


def last_event(candidature):
    """Return that last event."""
    return next(event for event in reversed(queries.timeline(candidature)) if event.action not in ASIDE)


def reasons_of(candidature):
    """Return the reasons of refusal that a dossier may be given."""
    centre_id = candidature.offering.commission.centre_id
    return db.session.scalars(
        select(DecisionReason).where(
            DecisionReason.kind == ReasonKind.REFUSAL,
            DecisionReason.is_active,
            DecisionReason.centre_id.is_(None) | (DecisionReason.centre_id == centre_id),
        )
    ).all()


def who(event):
    """Return the words that name who did something, for staff."""
    if event.actor_kind == "CANDIDATE":
        return _("le candidat")
    if event.actor is None:
        return _("automatique")
    return str(event.actor.staff_member or event.actor)


class Desk:
    """One candidature before one person.

    Args:
        arguments: the query of the page: which piece and page are shown, which transmissions are compared.
    """

    kinds, opinion_kinds = CommentKind, OpinionKind
    deadlines, who = deadlines, staticmethod(who)
    words_of = staticmethod(stories.words_of)
    longest_note, longest_comment = notes.LONGEST, opinions.LONGEST

    def __init__(self, candidature, actor, arguments):
        self.candidature, self.actor, self.arguments = candidature, actor, arguments
        self.now = clock.now()
        self.person, self.offering = candidature.candidate, candidature.offering

    def may(self, functionality, *, write=False):
        return access.can(self.actor, Functionality(functionality), self.candidature, write=write)

    @cached_property
    def mark(self):
        return mark_of(self.candidature)

    @cached_property
    def acts(self):
        return {act.name: act for act in workflow.available(self.candidature, self.actor, self.now)}

    # --- pieces ---

    @cached_property
    def pieces(self):
        return pieces.lines(self.candidature)

    @cached_property
    def readable(self):
        """The lines whose pages can be shown, in order."""
        return [line for line in self.pieces if line.version is not None and line.version.check_state == CheckState.SAFE]

    @cached_property
    def shown(self):
        """The line in the viewer: the one asked for, else the first waiting for a review, else the first."""
        asked = self.arguments.get("piece", "")
        for line in self.readable:
            if str(line.submitted.id) == asked:
                return line
        return next((line for line in self.readable if line.status == PieceStatus.SUBMITTED), next(iter(self.readable), None))

    @cached_property
    def page(self):
        """The number of the page shown, from 1."""
        asked = self.arguments.get("page", "")
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 5 else 1
        return min(max(number, 1), self.shown.version.page_count)

    def beside(self, step):
        """Return the readable line before (-1) or after (1) the one shown, or None."""
        place = self.readable.index(self.shown) + step
        return self.readable[place] if 0 <= place < len(self.readable) else None

    @cached_property
    def waiting(self):
        """The lines that a review waits for and can be made of."""
        return [line for line in self.readable if line.status == PieceStatus.SUBMITTED]

    def canned(self, kind):
        return comments.offered(self.candidature, kind)

    # --- what was said and what changed ---

    @cached_property
    def forms(self):
        return dossier_words.forms(snapshots.of_answers(self.candidature))

    @cached_property
    def profile(self):
        return dossier_words.profile(snapshots.of_profile(self.person))

    @cached_property
    def compared(self):
        """The two transmissions compared: (older, newer or None for the present dossier), None when there is none."""
        sent = {str(row.number): row for row in self.candidature.transmissions}
        if not sent:
            return None
        older = sent.get(self.arguments.get("de", ""), self.candidature.transmissions[-1])
        newer = sent.get(self.arguments.get("a", ""))
        return older, newer if newer is not None and newer.number > older.number else None

    @cached_property
    def changes(self):
        return differences.between(self.candidature, *self.compared) if self.compared else []

    # --- history, decisions, seats ---

    @cached_property
    def events(self):
        """The history, newest first, without what is told only to those who may read it."""
        shut = {action for action, right in TOLD_TO.items() if not self.may(right)}
        return [event for event in reversed(queries.timeline(self.candidature)) if event.action not in shut]

    @cached_property
    def _names(self):
        named = {("piece", line.required.piece_type.code): line.name for line in self.pieces}
        return named | {("form", line.form.code): line.name for line in answers.lines(self.candidature)}

    def facts_of(self, event):
        return stories.facts_of(event, self._names)

    @cached_property
    def draft(self):
        return decisions.draft_of(self.candidature)

    @cached_property
    def decisions(self):
        chosen = select(Decision).where(Decision.candidature_id == self.candidature.id).order_by(Decision.id.desc())
        loaded = (joinedload(Decision.decision_type), joinedload(Decision.reason), joinedload(Decision.created_by))
        return db.session.scalars(chosen.options(*loaded)).all()

    @cached_property
    def decision_types(self):
        return queries.decision_types(self.offering.commission.centre_id)

    @cached_property
    def reasons(self):
        return reasons_of(self.candidature)

    @cached_property
    def seats(self):
        return seats.of(self.offering)

    @cached_property
    def silence(self):
        """The (colour, words) of the silence alert that the dossier has reached, or None."""
        alert = silence.reached_by(self.candidature, self.now)
        return (alert.colour, silences.words_of(alert.days)) if alert else None

    @cached_property
    def has_letter(self):
        """Whether the opinion published gives a letter that can be taken now."""
        return letters.is_ready(self.candidature)

    # --- beside the dossier ---

    @cached_property
    def notes(self):
        chosen = select(Note).where(Note.candidature_id == self.candidature.id).options(joinedload(Note.author))
        return db.session.scalars(chosen.order_by(Note.id.desc())).all()

    def may_remove(self, note):
        return notes.may_remove(note, self.actor)

    @cached_property
    def tags(self):
        return list(self.candidature.tags)

    @cached_property
    def tag_choices(self):
        """The tags offered, and those carried although no longer in service."""
        offered = list(notes.tags_for(self.candidature))
        return offered + [tag for tag in self.tags if tag not in offered]

    @cached_property
    def messages(self):
        chosen = select(OutboxMessage).where(OutboxMessage.candidature_id == self.candidature.id)
        return db.session.scalars(chosen.order_by(OutboxMessage.id.desc())).all()

    @cached_property
    def templates(self):
        return messages.templates()

    @cached_property
    def placeholders(self):
        return messages.placeholders()

    # --- opinions ---

    @cached_property
    def opinions(self):
        return opinions.visible(self.candidature, self.actor)

    @cached_property
    def own_opinion(self):
        return opinions.own_of(self.candidature, self.actor)

    @cached_property
    def own_marks(self):
        """Return {criterion id: own mark as it is typed}."""
        scores = self.own_opinion.scores if self.own_opinion else ()
        return {score.criterion_id: f"{score.value.normalize():f}" for score in scores}

    @cached_property
    def summary(self):
        return opinions.summary(self.opinions)

    @cached_property
    def criteria(self):
        return opinions.criteria_of(self.candidature)

    @cached_property
    def is_manager(self):
        return opinions.is_manager(self.candidature, self.actor)

    @cached_property
    def is_opinion_closed(self):
        return opinions.is_closed(self.candidature)

    @cached_property
    def own_recusal(self):
        return opinions.recusal_of(self.candidature, self.actor)

    @cached_property
    def recusals(self):
        return opinions.recusals_of(self.candidature) if self.is_manager else []
