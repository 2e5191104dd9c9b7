"""What goes into a dossier's PDF, for whom, and in which state: as it was transmitted, or as it stands."""

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import access, clock, deadlines, formats, queries, ranks
from app.documents import dossier
from app.enums import CheckState, Functionality
from app.errors import DomainError
from app.extensions import db
from app.models import Candidature, Transmission, TransmittedPiece
from app.operations import dossier_words, pieces, snapshots
from app.storage import vault, verdicts

TRANSMITTED, PRESENT = "transmitted", "present"
AT_ONCE = 12 * 1024 * 1024  # bytes of pieces: above, a worker makes it


def reachable(actor):
    """Return the SQL condition on `Candidature` for the dossiers whose documents an actor may take."""
    return access.scope_for(Candidature, actor) & access.scope_for(Candidature, actor, right=Functionality.DOCUMENTS)


def of(candidature, *, actor, source=TRANSMITTED):
    """Return the `documents.dossier.Content` of a candidature.

    Args:
        actor: who reads it: the candidate sees no opinion before it is published.
        source: "transmitted" (the last one; the present state when there is none) or "present".
    """
    frozen = last_transmission(candidature) if source == TRANSMITTED else None
    person, offering = candidature.candidate, candidature.offering
    profile = frozen.profile if frozen else snapshots.of_profile(person)
    answers = frozen.answers if frozen else snapshots.of_answers(candidature)
    return dossier.Content(
        number=person.dossier_number,
        name=f"{person.last_name} {person.first_name}",
        formation=offering.formation.name,
        campaign=formats.translated(candidature.campaign.name),
        centre=offering.commission.centre.name,
        mention=_mention(frozen),
        cover=_cover(candidature, frozen),
        decision=_decision(candidature, actor),
        sections=dossier_words.profile(profile),
        forms=dossier_words.forms(answers),
        pieces=_transmitted(frozen) if frozen else _present(candidature),
    )


def last_transmission(candidature):
    """Return the last transmission with its files, or None."""
    return db.session.scalar(
        select(Transmission)
        .where(Transmission.candidature_id == candidature.id)
        .options(selectinload(Transmission.pieces).joinedload(TransmittedPiece.file_version))
        .order_by(Transmission.number.desc())
        .limit(1)
    )


def _mention(frozen):
    if frozen is None:
        return _("État du dossier le %(at)s.", at=formats.instant(clock.now()))
    return _("Dossier tel que transmis le %(at)s.", at=formats.instant(frozen.at))


def _cover(candidature, frozen):
    offering = candidature.offering
    rows = [
        (_("Numéro de dossier"), candidature.candidate.dossier_number),
        (_("Formation"), offering.formation.name),
        (_("Campagne"), formats.translated(candidature.campaign.name)),
        (_("Centre de candidature"), offering.commission.centre.name),
        (_("Commission"), offering.commission.name),
        (_("Statut"), _("Annulée") if candidature.cancelled_at else candidature.file_status.label),
    ]
    if frozen is not None:
        rows += [(_("Transmis le"), formats.instant(frozen.at)), (_("Accusé de réception"), frozen.receipt_number)]
    if candidature.answer is not None:
        rows.append((_("Réponse du candidat"), f"{candidature.answer.label}, {formats.instant(candidature.answered_at)}"))
    return [(label, str(value)) for label, value in rows]


def _decision(candidature, actor):
    """Return what a reader may see of the opinion: the published one, as its candidate does."""
    decision = candidature.published_decision
    if decision is None:
        return []
    kind, is_own = decision.decision_type, access.owns(actor, candidature)
    shows_comment = kind.is_comment_shown or not is_own
    rows = [
        (_("Avis"), f"{formats.translated(kind.name)} ({kind.outcome.label})"),
        (_("Publié le"), formats.instant(decision.published_at)),
        (_("Motif"), formats.translated(decision.reason.name) if decision.reason else ""),
        (_("Rang"), (ranks.shown(candidature) if is_own else decision.rank) or ""),
        (_("Entretien"), " · ".join(part for part in (formats.instant(decision.interview_at), decision.interview_place) if part)),
        (_("Réponse avant le"), formats.deadline(deadlines.answer_by(candidature))),
        (_("Commentaire"), decision.comment if shows_comment else ""),
    ]
    return [(label, str(value)) for label, value in rows if value]


def _transmitted(frozen):
    return [_piece(formats.translated(row.name), row.status, row.file_version) for row in frozen.pieces]


def _present(candidature):
    return [_piece(line.name, line.status, line.version) for line in pieces.lines(candidature)]


def _piece(title, status, version):
    """Return a line of the list; only what was checked and rebuilt is ever joined."""
    if version is None:
        return dossier.Piece(title, str(status.label))
    named = {"file_name": version.original_name, "size": version.size, "sha256": version.sha256}
    if version.check_state in (CheckState.RECEIVED, CheckState.CHECKING) or version.check_code == verdicts.SET_ASIDE:
        return dossier.Piece(
            title,
            str(status.label),
            **named,
            trouble=_("La vérification de ce fichier n’est pas terminée : ses pages ne sont pas jointes."),
        )
    if version.check_state != CheckState.SAFE:
        return dossier.Piece(
            title, str(status.label), **named, trouble=_("Ce fichier a été refusé à la vérification : ses pages ne sont pas jointes.")
        )
    if not vault().exists(version.served_key):
        return dossier.Piece(title, str(status.label), **named, trouble=_("Ce fichier est introuvable : ses pages ne sont pas jointes."))
    served = {"path": vault().path(version.served_key), "served_sha256": version.served_sha256, "media_type": version.media_type}
    return dossier.Piece(title, str(status.label), **named, **served)


def weight(content):
    """Return the bytes of the pieces that a dossier joins, to know whether a person can wait for it."""
    return sum(piece.size or 0 for piece in content.pieces if piece.path is not None)


def whole(ids, actor):
    """Return the candidatures of these numbers that an actor may take documents of, ready to be printed.

    Raises:
        DomainError: none is left.
    """
    chosen = queries.whole().where(Candidature.id.in_(ids), reachable(actor))
    return db.session.scalars(chosen).all()


def version_of(candidature, piece_type_id, *, source):
    """Return the safe file that a candidature gives for one kind of piece, or None."""
    frozen = last_transmission(candidature) if source == TRANSMITTED else None
    rows = frozen.pieces if frozen else candidature.pieces
    wanted = {piece.required_piece_id for piece in candidature.pieces if piece.required_piece.piece_type_id == piece_type_id}
    for row in rows:
        version = row.file_version
        if row.required_piece_id in wanted and version is not None and version.check_state == CheckState.SAFE:
            return version
    return None


def check_size(candidatures, most):
    """Refuse a selection that one file could not hold.

    Raises:
        DomainError: nothing, or more than `most`.
    """
    if not candidatures:
        raise DomainError(_("Aucune candidature n’est choisie."))
    if len(candidatures) > most:
        raise DomainError(_("%(most)s dossiers au plus dans un seul fichier : filtrez la liste, puis recommencez.", most=most))
