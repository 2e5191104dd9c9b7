"""Which letter a published opinion gives, to whom it is handed, and the one row under which it is issued and verified."""

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, parameters
from app.enums import Answer, LetterKind, Outcome
from app.errors import DomainError
from app.extensions import db, ring
from app.models import Letter
from app.orm import after_commit

KINDS = {Outcome.ADMITTED: LetterKind.ADMISSION, Outcome.REFUSED: LetterKind.REFUSAL}


def kind_of(candidature):
    """Return the kind of letter that the published opinion gives now, or None (domain B4.7).

    An admission that its candidate gave up has no letter; an opinion of another nature has one when its type brings its own.
    """
    decision = candidature.published_decision
    if decision is None or candidature.cancelled_at is not None:
        return None
    outcome = decision.decision_type.outcome
    if outcome == Outcome.ADMITTED and candidature.answer == Answer.WITHDRAWN:
        return None
    own = decision.decision_type.letter_template
    return KINDS.get(outcome) or (LetterKind.OTHER if own is not None and own.is_active else None)


def is_ready(candidature):
    """Whether a letter may be issued now: there is one, nobody suspended them, and an admission is confirmed when it must be."""
    kind = kind_of(candidature)
    if kind is None or parameters.get("LETTERS_BLOCKED"):
        return False
    waits = kind == LetterKind.ADMISSION and parameters.get("LETTER_AFTER_CONFIRMATION")
    return not waits or candidature.answer == Answer.CONFIRMED


def is_given(candidature):
    """Whether the candidate may download his letter now."""
    return candidature.offering.commission.has_letters and is_ready(candidature)


def attachment_for(message, candidature, language):
    """Return what the message of an opinion (or of a confirmation, when letters wait for it) joins: "letter:12", or None.

    The row of the letter is written in this transaction; a worker makes the letter itself afterwards.
    """
    waits = parameters.get("LETTER_AFTER_CONFIRMATION")
    is_moment = message.startswith("decision_") or (message == "answer_confirmed" and waits)
    commission = candidature.offering.commission
    if not is_moment or not (commission.has_letters or commission.mails_letters) or not is_ready(candidature):
        return None
    letter = reserve(candidature, language)
    after_commit(db.session, lambda number=letter.id: ring("app.tasks.issue_letter", number))
    return f"letter:{letter.id}" if commission.mails_letters else None


def reserve(candidature, language):
    """Return the letter of the published opinion in a language, its row written when there is none; the caller commits.

    A letter of the same opinion from before a recall is revoked, and stays verifiable as such.

    Raises:
        DomainError: no letter can be issued now.
    """
    if not is_ready(candidature):
        raise DomainError(_("Aucune lettre n’est disponible pour cette candidature."))
    decision = candidature.published_decision
    found = _live(decision, language)
    if found is not None and found.issued_at >= decision.published_at:
        return found
    if found is not None:
        found.revoked_at = clock.now()
        db.session.flush()
    letter = Letter(candidature_id=candidature.id, decision_id=decision.id, kind=kind_of(candidature), language=language)
    try:
        with db.session.begin_nested():
            db.session.add(letter)
    except IntegrityError:  # asked for in the same instant by another transaction
        return _live(decision, language)
    return letter


def _live(decision, language):
    chosen = select(Letter).where(Letter.decision_id == decision.id, Letter.language == language, Letter.revoked_at.is_(None))
    return db.session.scalar(chosen)


def is_current(letter):
    """Whether the opinion of a letter is still the published one, not recalled since: what it says can be printed."""
    decision = letter.decision
    return (
        letter.revoked_at is None
        and letter.candidature.published_decision_id == decision.id
        and decision.published_at is not None
        and letter.issued_at >= decision.published_at
    )


def stands(letter):
    """Whether what a letter says still holds: its opinion is current, and was not given up by its candidate."""
    return is_current(letter) and kind_of(letter.candidature) is not None
