"""A candidature from its creation to its transmission and answer, as its candidate and its managers act on it."""

import hashlib
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app import access, deadlines, formats, journal, parameters, queries, workflow
from app.enums import AccessTrack, CheckState, FileStatus, Functionality, PieceStatus
from app.errors import DomainError, Missing, NotAllowed
from app.extensions import db
from app.models import Candidate, Candidature, DecisionReason, Offering, Transmission, TransmittedPiece
from app.notifications import announcements
from app.operations import answers, enrolments, pieces, profiles, promotions, snapshots

RECEIPT_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none is read for another


@dataclass(frozen=True)
class Gap:
    """One thing that is missing: its sentence, and which page mends it ("profile", "piece", "form")."""

    sentence: str
    kind: str
    target: object = None


def create(candidate, offering, *, actor, confirms_profile=False):
    """Create a candidature, or return the live one the candidate already has for this offering.

    Args:
        confirms_profile: the candidate says that the profile carried over from another campaign is still right.
    Raises:
        DomainError: the offering is not open, or a limit is reached. Missing: the profile is not complete.
        NotAllowed: the actor is neither the candidate nor entitled to act for him.
    """
    on_behalf = actor.candidate is None
    now, existing = _opened(candidate, offering, actor)
    if existing is not None:
        return existing
    _check_profile(candidate)
    if not on_behalf:
        _check_open(offering, now)
        _check_limits(candidate, offering)
        if profiles.is_carried_over(candidate, offering.campaign_id) and not confirms_profile:
            raise DomainError(_("Relisez d’abord votre profil, puis confirmez qu’il est toujours exact."), field="profile")
        profiles.confirm(candidate, offering.campaign_id)
    candidature, event = insert(candidate, offering, actor=actor, now=now)
    announcements.to_candidate("candidature_created", candidature, event=event)
    return candidature


def check_on_behalf(candidate, offering, *, actor):
    """Check that staff may put a person before the commission; return the instant of the act.

    Raises:
        NotAllowed, Missing: as `create`. DomainError: the person has already applied there.
    """
    now, existing = _opened(candidate, offering, actor)
    if existing is not None:
        raise DomainError(_("Cette personne a déjà une candidature ici : ouvrez son dossier."))
    _check_profile(candidate)
    return now


def _opened(candidate, offering, actor):
    """Return (the instant read under the lock of the person, the live candidature to this offering or None), once the right is checked."""
    if actor.candidate is None and not access.can(actor, Functionality.ACT_FOR_CANDIDATE, offering, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit de candidater pour quelqu’un."))
    if actor.candidate is not None and actor.candidate.id != candidate.id:
        raise NotAllowed(_("Ce dossier n’est pas le vôtre."))
    # one row per person is locked, so that two requests together never pass a limit
    db.session.execute(select(Candidate.id).where(Candidate.id == candidate.id).with_for_update(key_share=True))
    live = select(Candidature).where(
        Candidature.candidate_id == candidate.id, Candidature.offering_id == offering.id, Candidature.cancelled_at.is_(None)
    )
    return workflow.clock.now(), db.session.scalar(live)


def _check_profile(candidate):
    gaps = profiles.missing(candidate)
    if gaps:
        raise Missing(_("Complétez d’abord votre profil."), missing=[Gap(gap.sentence, "profile", gap.step) for gap in gaps])


def _check_open(offering, now):
    is_open = db.session.scalar(
        select(Offering.id).join(Offering.formation).join(Offering.campaign).where(Offering.id == offering.id, queries.is_open(now))
    )
    if is_open is None:
        raise DomainError(_("Cette formation n’est pas ouverte aux candidatures en ce moment : sa page dit quand elle l’est."))


def _check_limits(candidate, offering):
    """Refuse past the limit of the institution, then past the centre's (domain B4.2 T1)."""
    limit = parameters.get("MAX_CANDIDATURES")
    if queries.live_count(candidate.id, offering.campaign_id) >= limit:
        raise DomainError(
            _(
                "Vous avez atteint le nombre de candidatures permis (%(limit)s). Annulez-en une qui n’est pas transmise pour en créer une autre.",
                limit=limit,
            )
        )
    centre = offering.commission.centre
    if centre.max_candidatures is None:
        return
    if queries.live_count(candidate.id, offering.campaign_id, centre_id=centre.id) >= centre.max_candidatures:
        raise DomainError(
            _(
                "Vous avez atteint le nombre de candidatures permis pour %(centre)s (%(limit)s).",
                centre=centre.name,
                limit=centre.max_candidatures,
            )
        )


def bypassed(candidate, offering):
    """Return the sentences of what the candidate alone would have been refused: nothing of it stops staff (domain T1b)."""
    found = []
    for check in (lambda: _check_open(offering, workflow.clock.now()), lambda: _check_limits(candidate, offering)):
        try:
            check()
        except DomainError as error:
            found.append(str(error))
    return found


def insert(candidate, offering, *, actor, now):
    """Write a new candidature whose conditions were checked; return it with its first event, nothing being announced."""
    track = offering.formation.initial_track
    controlled = track == AccessTrack.CONTROLLED
    candidature = Candidature(
        candidate=candidate,
        offering=offering,
        campaign_id=offering.campaign_id,
        created_at=now,
        file_status=FileStatus.WAITING,
        file_status_at=now,
        access_track=AccessTrack.CONTROLLED if controlled else None,
        track_validated_at=now if controlled else None,
    )
    db.session.add(candidature)
    db.session.flush()
    pieces.attach_shared(candidature)
    return candidature, journal.record("create", candidature, actor=actor, before={}, now=now)


def missing(candidature):
    """Return what must still be done before transmitting, in the order of the page: an empty list opens the button."""
    gaps = [Gap(gap.sentence, "profile", gap.step) for gap in profiles.missing(candidature.candidate)]
    for line in pieces.lines(candidature):
        if line.status in (PieceStatus.MISSING, PieceStatus.REFUSED):
            gaps.append(Gap(_piece_sentence(line), "piece", line.required.id))
        elif line.must_be_replaced:
            gaps.append(Gap(_("%(piece)s : le fichier a été refusé, déposez-en un autre.", piece=line.name), "piece", line.required.id))
    for line in answers.lines(candidature):
        if line.is_missing:
            gaps.append(Gap(_("%(form)s : formulaire à remplir.", form=line.name), "form", line.form.id))
    return gaps


def _piece_sentence(line):
    if line.status == PieceStatus.REFUSED:
        return _("%(piece)s : pièce refusée, à remplacer.", piece=line.name)
    return _("%(piece)s : pièce à déposer.", piece=line.name)


def transmit(candidature, *, actor, command_key=None):
    """Hand the dossier over: freeze it, number the receipt, tell everyone; done once however often it is asked.

    Args:
        command_key: key of the form sent; the same one twice gives the first receipt (trust R6).
    Returns:
        The `Transmission`.
    Raises:
        Missing: something must be completed first. DomainError: too late, or already transmitted.
    """
    now = workflow.lock(candidature)
    done = _transmission_of(candidature, command_key)
    if done is not None:
        return done
    answers.hold_versions(candidature)
    workflow.apply(
        "transmit", candidature, actor=actor, now=now, command_key=command_key, change=lambda: _hand_over(candidature, now, command_key)
    )
    return db.session.scalar(
        select(Transmission).where(Transmission.candidature_id == candidature.id).order_by(Transmission.number.desc()).limit(1)
    )


def _hand_over(candidature, now, command_key):
    gaps = missing(candidature)
    if gaps:
        raise Missing(_("Il reste quelque chose à compléter avant de transmettre."), missing=gaps)
    answers.settle(candidature)
    transmission = _freeze(candidature, now, command_key)
    return {"dossier": {"recu": transmission.receipt_number}, "attachment": f"receipt:{transmission.id}"}


def _transmission_of(candidature, command_key):
    if command_key is None:
        return None
    return db.session.scalar(
        select(Transmission).where(
            Transmission.candidature_id == candidature.id, Transmission.command_key == _scoped(candidature, command_key)
        )
    )


def _scoped(candidature, command_key):
    """Return a command key as transmissions keep it: nobody's key meets the key of another candidature."""
    return hashlib.sha256(f"{candidature.id}:{command_key}".encode()).hexdigest() if command_key else None


def _receipt_number(candidature, number):
    """Return a number that no other receipt bears, in twenty characters: the candidature's own is written in base 32."""
    rest, written = candidature.id, ""
    while rest or not written:
        rest, digit = divmod(rest, len(RECEIPT_DIGITS))
        written = RECEIPT_DIGITS[digit] + written
    return f"AR{candidature.candidate.dossier_number}-{written}-{number}"


def _freeze(candidature, now, command_key):
    number = candidature.transmission_count + 1
    transmission = Transmission(
        candidature_id=candidature.id,
        number=number,
        at=now,
        command_key=_scoped(candidature, command_key),
        receipt_number=_receipt_number(candidature, number),
        profile=snapshots.of_profile(candidature.candidate),
        answers=snapshots.of_answers(candidature),
    )
    for position, line in enumerate(pieces.lines(candidature), start=1):
        transmission.pieces.append(
            TransmittedPiece(
                required_piece_id=line.required.id,
                file_version_id=line.version.id if line.version else None,
                position=position,
                name=line.required.piece_type.name,
                status=line.status,
                sha256=line.version.sha256 if line.version else None,
                is_unchecked=line.version is not None and line.version.check_state != CheckState.SAFE,
            )
        )
    db.session.add(transmission)
    db.session.flush()
    return transmission


def cancel(candidature, *, actor, command_key=None):
    """Give up a candidature that was never transmitted; its place in the quota is free again (domain D25)."""
    now = workflow.lock(candidature)
    return workflow.apply("cancel", candidature, actor=actor, now=now, command_key=command_key)


def confirm(candidature, *, actor, command_key=None):
    """Accept the offer and open the enrolment proposal.

    Raises:
        DomainError: no offer, already answered, or too late.
    """
    now = workflow.lock(candidature, person=True)
    return workflow.apply(
        "confirm", candidature, actor=actor, now=now, command_key=command_key, change=lambda: _open_enrolment(candidature)
    )


def _open_enrolment(candidature):
    proposal = enrolments.expect(candidature)
    return {"inscription": {"numero": proposal.opi_number}} if proposal else None


def withdraw(candidature, *, actor, reason_id=None, command_key=None):
    """Give up a transmitted candidature or an offer; a confirmed enrolment is taken back (domain D25, D18).

    Args:
        reason_id: number of a withdrawal reason in service, or None.
    """
    with promotions.watched(candidature) as now:
        reason = db.session.get(DecisionReason, reason_id) if reason_id else None
        return workflow.apply(
            "withdraw",
            candidature,
            actor=actor,
            now=now,
            command_key=command_key,
            details={"reason": reason.name["fr"]} if reason else None,
            change=lambda: _give_up(candidature, reason),
        )


def _give_up(candidature, reason):
    candidature.withdrawal_reason = reason
    enrolments.retract(candidature)


def withdraw_automatically(candidature):
    """Record that nobody answered in time (domain T12); the caller commits."""
    with promotions.watched(candidature) as now:
        candidature.is_answer_automatic = True
        return workflow.apply("withdraw_automatically", candidature, actor=access.SYSTEM, now=now)


STATUS_ACTS = {FileStatus.RECEIVED: "receive", FileStatus.COMPLETE: "complete", FileStatus.WAITING: "reopen"}


def set_status(candidature, status, *, actor):
    """Set the file status by hand (received, complete, or back to the candidate)."""
    now = workflow.lock(candidature)
    return workflow.apply(STATUS_ACTS[FileStatus(status)], candidature, actor=actor, now=now)


def ask_corrections(candidature, *, actor, comment=None, return_by=None):
    """Send the dossier back for the refused pieces: status, date and one mail in one act (domain D6).

    Args:
        return_by: exclusive instant (UTC) until which the candidate may correct; None keeps the dossier's.
    Raises:
        DomainError: nothing is refused and nothing is said, or the date is past, or after the end of the campaign.
    """
    now = workflow.lock(candidature)
    check_corrections(candidature, comment=comment, return_by=return_by, now=now)
    refused = _refused(candidature)
    if return_by is not None:
        candidature.individual_return_by = return_by
    candidature.correction_comment = (comment or "").strip() or None
    details = {"comment": candidature.correction_comment, "pieces": [piece.required_piece_id for piece in refused]}
    return workflow.apply("ask_corrections", candidature, actor=actor, now=now, details=details)


def check_corrections(candidature, *, comment, return_by, now):
    """Refuse to ask for corrections that the candidate could not understand or could not make in time.

    Raises:
        DomainError: as `ask_corrections`.
    """
    if not _refused(candidature) and not (comment or "").strip():
        raise DomainError(_("Refusez d’abord une pièce, ou écrivez ce qu’il faut corriger."), field="comment")
    if return_by is not None:
        check_own_date(candidature, "return_by", return_by, now)
    if deadlines.is_past(deadlines.return_by(candidature, individual=return_by), now):
        raise DomainError(_("La date de retour de ce dossier est passée : donnez une nouvelle date au candidat."), field="return_by")


def _refused(candidature):
    return [piece for piece in candidature.pieces if piece.status == PieceStatus.REFUSED]


TRACK_ACTS = {AccessTrack.CONTROLLED: "control", AccessTrack.DIRECT: "direct", None: "undecide"}


def set_track(candidature, track, *, actor):
    """Choose the access track, or leave it to be chosen (None)."""
    now = workflow.lock(candidature)
    return workflow.apply(TRACK_ACTS[AccessTrack(track) if track else None], candidature, actor=actor, now=now)


def check_own_date(candidature, name, value, now):
    """Refuse a date of one candidate's own (exclusive instant in UTC) that is past, or after the end of the campaign.

    Raises:
        DomainError: its `field` is `name`.
    """
    if value <= now:
        raise DomainError(_("Cette date est passée : choisissez une date à venir."), field=name)
    last = candidature.campaign.ends_at
    if value > last:
        words = _("Cette date est après la fin de la campagne (%(day)s) : choisissez-en une plus proche.", day=formats.deadline(last))
        raise DomainError(words, field=name)


def set_deadlines(candidature, *, actor, return_by=None, confirm_by=None):
    """Give one candidate his own dates (exclusive instants in UTC, None for the ordinary ones); he is told.

    Raises:
        NotAllowed: without the right. DomainError: a date is past, or after the end of the campaign.
    """
    if not access.can(actor, Functionality.DEADLINES, candidature, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit de fixer une échéance individuelle."))
    now = workflow.lock(candidature)
    kept = (candidature.individual_return_by, candidature.individual_confirm_by)
    for name, value in (("return_by", return_by), ("confirm_by", confirm_by)):
        if value is not None and value not in kept:
            check_own_date(candidature, name, value, now)
    candidature.individual_return_by, candidature.individual_confirm_by = return_by, confirm_by
    details = {"return_by": return_by.isoformat() if return_by else None, "confirm_by": confirm_by.isoformat() if confirm_by else None}
    event = journal.record("deadline", candidature, actor=actor, details=details, now=now)
    announcements.to_candidate("deadline_changed", candidature, event=event)
    return event
