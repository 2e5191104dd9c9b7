"""Pieces of a candidature: deposited, checked, replaced, said not to concern, reviewed; files never change once kept."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from app import access, deadlines, formats, journal, parameters, queries, workflow
from app.enums import CheckState, FileStatus, Functionality, PieceStatus
from app.errors import DomainError, NotAllowed
from app.extensions import db, ring
from app.models import Candidature, Deposit, FileVersion, RequiredPiece, SubmittedPiece
from app.notifications import announcements
from app.operations import checks
from app.operations.answers import check_editable
from app.orm import after_commit
from app.storage import names, vault, verdicts
from app.storage.local import StorageFull, TooLarge

MEBI = 1024 * 1024  # bytes
OFFICE = dict.fromkeys(("doc", "docx", "odt", "pages", "rtf", "zip"), "is_office")
KNOWN = {"heic": "is_heic", "heif": "is_heic", "png": "is_png", **OFFICE}  # extensions whose way out we can name
EDITABLE = (FileStatus.WAITING, FileStatus.INCOMPLETE)
HANDED_OVER = (FileStatus.RECEIVED, FileStatus.COMPLETE)


@dataclass(frozen=True)
class Line:
    """A piece asked of a candidature, with what was given for it."""

    required: RequiredPiece
    submitted: SubmittedPiece | None

    @property
    def name(self):
        return formats.translated(self.required.piece_type.name)

    @property
    def status(self):
        return self.submitted.status if self.submitted else PieceStatus.MISSING

    @property
    def version(self):
        return self.submitted.file_version if self.submitted else None

    @property
    def comment(self):
        return self.submitted.comment if self.submitted else None

    @property
    def is_set_aside(self):
        """Whether the check of the file never came to its end: nothing is known against it."""
        return self.version is not None and self.version.check_code == verdicts.SET_ASIDE

    @property
    def must_be_replaced(self):
        """Whether the check condemned the file; one set aside for our own reasons is no obstacle."""
        condemned = (CheckState.REJECTED, CheckState.QUARANTINED)
        return self.version is not None and self.version.check_state in condemned and not self.is_set_aside

    @property
    def refusal(self):
        """The sentence of a file that the check refused, or None."""
        version = self.version
        if version is None or version.check_state not in (CheckState.REJECTED, CheckState.QUARANTINED):
            return None
        return verdicts.sentence(version.check_code)


def lines(candidature):
    """Return the pieces asked of a candidature in order; one already answered stays even if no longer asked (B5.1).

    What is asked is frozen while a transmitted dossier is not sent back: it was handed over with an answer to each piece, so
    one without any was asked since, and nobody's configuration makes a transmitted dossier incomplete.
    """
    asked = list(queries.required_pieces(candidature.offering, track=candidature.access_track, candidate=candidature.candidate))
    given = {piece.required_piece_id: piece for piece in candidature.pieces}
    if candidature.transmission_count and candidature.file_status in HANDED_OVER:
        asked = [required for required in asked if required.id in given]
    known = {required.id for required in asked}
    asked += [
        piece.required_piece for piece in candidature.pieces if piece.required_piece_id not in known and piece.status != PieceStatus.MISSING
    ]
    return [Line(required, given.get(required.id)) for required in asked]


def line_of(candidature, required_piece_id):
    """Return the line of one required piece, or None when it is not asked."""
    return next((line for line in lines(candidature) if line.required.id == required_piece_id), None)


def file_limit():
    """Return the largest file accepted, in bytes."""
    return parameters.get("MAX_FILE_MEGABYTES") * MEBI


def deposit(candidature, required, stream, filename, *, actor):
    """Keep a file for a piece as a new version; its check follows in a worker.

    Args:
        stream: binary file object as received; filename: what the sender calls it.
    Returns:
        The new `FileVersion`, in state RECEIVED.
    Raises:
        DomainError: too big, empty, wrong kind by its name, too late, or a validated piece; nothing is kept.
    """
    name = names.clean(filename)
    _check_kind(name)
    now = workflow.lock(candidature, person=required.piece_type.is_shared)
    check_changeable(candidature, required, actor, now)
    _check_quota(candidature.candidate_id)
    stored = keep(stream)
    version = _new_version(candidature, required, stored, name, now)
    _point(candidature, required, version)
    journal.record("deposit", candidature, actor=actor, details={"piece": required.piece_type.code, "sha256": stored.sha256}, now=now)
    number = version.id
    after_commit(db.session, lambda: ring("app.tasks.check_file", number))
    return version


def _check_kind(name):
    if names.extension_of(name):
        return
    code = KNOWN.get(name.lower().rpartition(".")[2])
    general = _("Seuls les fichiers PDF et JPEG sont acceptés : enregistrez le vôtre dans l’un de ces formats.")
    raise DomainError(verdicts.sentence(code) if code else general, field="file")


def keep(stream):
    """Write a file into the vault, or say in words why it cannot be."""
    limit = file_limit()
    try:
        stored = vault().put(stream, limit=limit)
    except TooLarge as error:
        raise DomainError(
            _(
                "Ce fichier dépasse %(limit)s : réduisez-le (numérisez en niveaux de gris, à 150 ppp), puis déposez-le.",
                limit=formats.filesize(limit),
            ),
            field="file",
        ) from error
    except StorageFull as error:
        raise DomainError(
            _("Le dépôt est momentanément impossible : rien n’est perdu, réessayez dans quelques minutes."), field="file"
        ) from error
    if stored.size == 0:
        vault().delete(stored.key)
        raise DomainError(verdicts.sentence("empty"), field="file")
    return stored


def check_changeable(candidature, required, actor, now):
    """Refuse a change to a piece that is validated or past its date, or to a dossier that cannot change."""
    check_editable(candidature, actor, now)
    submitted = _submitted(candidature, required)
    if submitted is not None and submitted.status == PieceStatus.VALIDATED and journal.kind_of(actor) == "CANDIDATE":
        raise DomainError(_("Cette pièce est validée : elle ne se remplace plus. Écrivez au service si elle doit changer."), field="file")
    if journal.kind_of(actor) == "CANDIDATE" and deadlines.is_past(deadlines.piece_by(candidature, required), now):
        raise DomainError(_("La date limite de dépôt de cette pièce est passée. Écrivez au service pour demander un délai."), field="file")


def _check_quota(candidate_id):
    count = db.session.scalar(select(func.count()).select_from(FileVersion).join(Deposit).where(Deposit.candidate_id == candidate_id))
    if count >= parameters.get("MAX_FILES_PER_CANDIDATE"):
        raise DomainError(_("Vous avez déposé trop de fichiers. Écrivez au service : il peut vous aider."), field="file")


def _submitted(candidature, required):
    return next((piece for piece in candidature.pieces if piece.required_piece_id == required.id), None)


def _new_version(candidature, required, stored, name, now):
    owner = {"candidate_id": candidature.candidate_id, "piece_type_id": required.piece_type_id}
    owner["candidature_id"] = None if required.piece_type.is_shared else candidature.id
    deposit = db.session.scalar(select(Deposit).filter_by(**owner))
    if deposit is None:
        deposit = Deposit(**owner)
        db.session.add(deposit)
        db.session.flush()
    last = db.session.scalar(select(func.max(FileVersion.number)).where(FileVersion.deposit_id == deposit.id)) or 0
    version = FileVersion(
        deposit_id=deposit.id,
        number=last + 1,
        created_at=now,
        original_name=name,
        original_key=stored.key,
        size=stored.size,
        sha256=stored.sha256,
    )
    db.session.add(version)
    db.session.flush()
    return version


def _point(candidature, required, version):
    """Make the new version answer this piece, and the same shared piece wherever it may still change (domain D5)."""
    _set(candidature, required, version)
    if not required.piece_type.is_shared:
        return
    others = db.session.scalars(
        select(Candidature).where(
            Candidature.candidate_id == candidature.candidate_id,
            Candidature.id != candidature.id,
            Candidature.cancelled_at.is_(None),
            Candidature.file_status.in_(EDITABLE),
            Candidature.answer.is_(None),
        )
    )
    for other in others:
        for line in lines(other):
            if line.required.piece_type_id == required.piece_type_id and line.status not in (
                PieceStatus.VALIDATED,
                PieceStatus.NOT_CONCERNED,
            ):
                _set(other, line.required, version)


def _set(candidature, required, version):
    piece = _submitted(candidature, required)
    if piece is None:
        piece = SubmittedPiece(candidature=candidature, required_piece=required)
        db.session.add(piece)
    piece.file_version, piece.status, piece.comment = version, PieceStatus.SUBMITTED, None
    piece.reviewed_at = piece.reviewed_by_id = None
    db.session.flush()


def attach_shared(candidature):
    """Give a new candidature the shared pieces that its candidate already deposited."""
    for line in lines(candidature):
        if not line.required.piece_type.is_shared or line.submitted is not None:
            continue
        version = db.session.scalar(
            select(FileVersion)
            .join(Deposit)
            .where(
                Deposit.candidate_id == candidature.candidate_id,
                Deposit.candidature_id.is_(None),
                Deposit.piece_type_id == line.required.piece_type_id,
                FileVersion.check_state.not_in((CheckState.REJECTED, CheckState.QUARANTINED)),
            )
            .order_by(FileVersion.number.desc())
            .limit(1)
        )
        if version is not None:
            _set(candidature, line.required, version)


def remove(candidature, required, *, actor):
    """Take a piece out of this candidature; what was transmitted keeps its own frozen files."""
    now = workflow.lock(candidature)
    check_changeable(candidature, required, actor, now)
    piece = _submitted(candidature, required)
    if piece is None or piece.file_version is None:
        return
    piece.file_version, piece.status, piece.comment = None, PieceStatus.MISSING, None
    db.session.flush()
    journal.record("remove_piece", candidature, actor=actor, details={"piece": required.piece_type.code}, now=now)


def set_not_concerned(candidature, required, is_not_concerned, *, actor):
    """Say on one's honour that a conditional piece does not concern one, or that it does after all (domain B5.2)."""
    now = workflow.lock(candidature)
    check_changeable(candidature, required, actor, now)
    if not required.piece_type.is_conditional:
        raise DomainError(_("Cette pièce est demandée à tous : déposez-la."))
    piece = _submitted(candidature, required)
    if piece is None:
        piece = SubmittedPiece(candidature=candidature, required_piece=required)
        db.session.add(piece)
    piece.file_version, piece.comment = None, None
    piece.status = PieceStatus.NOT_CONCERNED if is_not_concerned else PieceStatus.MISSING
    db.session.flush()
    details = {"piece": required.piece_type.code, "concerned": not is_not_concerned}
    journal.record("not_concerned", candidature, actor=actor, details=details, now=now)


def review(reviewed, status, *, actor, comment=None):
    """Validate or refuse deposited pieces of one dossier, in one event; the candidate hears of it in the gathered message (domain A2.9).

    Args:
        reviewed: `SubmittedPiece` rows of the same candidature, one at least.
    Raises:
        NotAllowed: without the right. DomainError: a refusal without its comment, or nothing to review; no piece is changed then.
    """
    candidature = reviewed[0].candidature
    if not access.can(actor, Functionality.REVIEW_PIECES, candidature, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit d’examiner les pièces de ce dossier."))
    now = workflow.lock(candidature)
    comment = (comment or "").strip() or None
    if status == PieceStatus.REFUSED and not comment:
        raise DomainError(_("Écrivez pourquoi la pièce est refusée : le candidat lira ce commentaire."), field="comment")
    if candidature.cancelled_at is not None:
        raise DomainError(_("Cette candidature est terminée : elle ne se modifie plus."))
    for piece in reviewed:
        _check_reviewable(piece, status)
    for piece in reviewed:
        piece.status, piece.comment, piece.reviewed_at = status, comment, now
        piece.reviewed_by_id = actor.staff_member.id if actor.staff_member else None
    db.session.flush()
    codes = [piece.required_piece.piece_type.code for piece in reviewed]
    named = {"piece": codes[0]} if len(codes) == 1 else {"reviewed": codes}
    journal.record("review", candidature, actor=actor, details={**named, "status": status.value, "comment": comment}, now=now)
    announcements.pieces_reviewed(candidature)


def _check_reviewable(piece, status):
    if piece.file_version is None or status not in (PieceStatus.VALIDATED, PieceStatus.REFUSED, PieceStatus.SUBMITTED):
        raise DomainError(_("Cette pièce n’a pas de fichier à examiner."))
    if status == PieceStatus.VALIDATED and piece.file_version.check_state != CheckState.SAFE:
        raise DomainError(_("Ce fichier n’est pas encore vérifié : attendez la fin de la vérification."))


def check_again(piece, *, actor):
    """Give a file set aside, whose check never came to its end, its tries again; a worker checks it once this is committed.

    Raises:
        NotAllowed: without the right to review pieces. DomainError: the file is not set aside (any more).
    """
    candidature = piece.candidature
    if not access.can(actor, Functionality.REVIEW_PIECES, candidature, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit d’examiner les pièces de ce dossier."))
    now = workflow.lock(candidature)
    number = piece.file_version_id
    if number is None or not checks.check_again(number):
        raise DomainError(_("Ce fichier n’est plus mis à l’écart : rechargez la page pour voir où en est sa vérification."))
    journal.record("check_again", candidature, actor=actor, details={"piece": piece.required_piece.piece_type.code}, now=now)
    after_commit(db.session, lambda: ring("app.tasks.check_file", number))
