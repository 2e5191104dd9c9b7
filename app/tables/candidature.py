"""Candidatures: their state, files, answers, transmissions, decisions, and what the commission notes beside them."""

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, Date, Index, Integer, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, orm
from app.enums import (
    AccessTrack,
    Answer,
    CheckState,
    FileStatus,
    LedgerState,
    LetterKind,
    OpinionKind,
    Outcome,
    PieceStatus,
    PromotionCause,
    PromotionState,
    ResponseState,
    Stage,
)
from app.extensions import db
from app.orm import Versioned, field, instant, labelled, managed, pk, ref
from app.tables.menus import FILES
from app.tables.offer import Campaign, Offering
from app.tables.people import Candidate, StaffMember
from app.tables.settings import Criterion, DecisionReason, DecisionType, Form, FormField, FormVersion, PieceType, RequiredPiece, Tag

if TYPE_CHECKING:
    from app.tables.journal import CandidatureEvent, OutboxMessage


class Candidature(db.Model, Versioned):
    """One person's application to one offering; its state has five axes, each with its invariants (domain B4.1)."""

    __managed__ = managed(_("Candidatures"), menu=FILES, right="CANDIDATURES", scope="commission", order=10, create=False, edit=False)
    __table_args__ = (
        Index(
            "uq_candidature_live",
            "candidate_id",
            "offering_id",
            unique=True,
            postgresql_where=text("cancelled_at IS NULL"),
            sqlite_where=text("cancelled_at IS NULL"),
        ),
        CheckConstraint("(outcome IS NULL) = (published_decision_id IS NULL)", name="outcome_is_published"),
        CheckConstraint("answer <> 'CONFIRMED' OR (outcome IS NOT NULL AND outcome = 'ADMITTED')", name="confirmed_is_admitted"),
        CheckConstraint("answer <> 'WITHDRAWN' OR outcome IS NULL OR outcome <> 'REFUSED'", name="withdrawn_is_not_refused"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answer_is_dated"),
        CheckConstraint(
            "cancelled_at IS NULL OR (transmitted_at IS NULL AND outcome IS NULL AND answer IS NULL AND file_status = 'WAITING')",
            name="cancelled_is_untouched",
        ),
        Index("ix_candidature_offering_status", "offering_id", "file_status"),
        Index(
            "ix_candidature_search_trigrams",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
        CheckConstraint("track_validated_at IS NULL OR access_track IS NOT NULL", name="validated_track_is_known"),
        CheckConstraint(
            "transmission_count >= 0 AND (transmission_count > 0) = (transmitted_at IS NOT NULL)", name="transmissions_are_counted"
        ),
    )

    id: Mapped[pk]
    public_id: Mapped[orm.public_id]
    candidate_id: Mapped[int] = ref("candidate.id")
    offering_id: Mapped[int] = ref("offering.id")
    campaign_id: Mapped[int] = ref("campaign.id")
    created_at: Mapped[orm.created] = mapped_column(info=field(_("Créée le"), list=True))
    file_status: Mapped[FileStatus] = mapped_column(
        labelled(FileStatus), default=FileStatus.WAITING, index=True, info=field(_("Dossier"), list=True, filter=True)
    )
    file_status_at: Mapped[instant] = mapped_column(default=clock.now, info=field(_("Statut depuis le")))
    transmitted_at: Mapped[instant | None] = mapped_column(info=field(_("Transmise le"), list=True))
    transmission_count: Mapped[int] = mapped_column(default=0, info=field(_("Transmissions")))
    access_track: Mapped[AccessTrack | None] = mapped_column(labelled(AccessTrack), info=field(_("Traitement"), filter=True))
    track_validated_at: Mapped[instant | None] = mapped_column(info=field(_("Traitement validé le")))
    published_decision_id: Mapped[int | None] = mapped_column(db.ForeignKey("decision.id", use_alter=True), unique=True)
    outcome: Mapped[Outcome | None] = mapped_column(labelled(Outcome), index=True, info=field(_("Avis publié"), list=True, filter=True))
    answer: Mapped[Answer | None] = mapped_column(labelled(Answer), index=True, info=field(_("Réponse"), list=True, filter=True))
    answered_at: Mapped[instant | None] = mapped_column(info=field(_("Réponse le")))
    is_answer_automatic: Mapped[orm.no] = mapped_column(info=field(_("Désistement automatique")))
    withdrawal_reason_id: Mapped[int | None] = ref("decision_reason.id", nullable=True)
    cancelled_at: Mapped[instant | None] = mapped_column(info=field(_("Annulée le"), list=True))
    individual_return_by: Mapped[instant | None] = mapped_column(info=field(_("Retour individuel avant le")))
    individual_confirm_by: Mapped[instant | None] = mapped_column(info=field(_("Réponse individuelle avant le")))
    correction_comment: Mapped[str | None] = mapped_column(Text, info=field(_("Corrections demandées")))
    received_at: Mapped[instant | None] = mapped_column(info=field(_("Reçue le")))
    completed_at: Mapped[instant | None] = mapped_column(info=field(_("Complète le")))
    incomplete_at: Mapped[instant | None] = mapped_column(info=field(_("Incomplète le")))
    rank: Mapped[int | None] = mapped_column(info=field(_("Rang saisi")))
    real_rank: Mapped[int | None] = mapped_column(info=field(_("Rang réel")))
    score: Mapped[Decimal | None] = mapped_column(Numeric(6, 2), info=field(_("Note moyenne")))
    search_text: Mapped[str] = mapped_column(Text, default="")
    reminded_return_at: Mapped[instant | None]
    reminded_answer_at: Mapped[instant | None]

    candidate: Mapped[Candidate] = relationship(back_populates="candidatures", info=field(_("Candidat"), list=True))
    offering: Mapped[Offering] = relationship(info=field(_("Formation"), list=True))
    campaign: Mapped[Campaign] = relationship(info=field(_("Campagne")))
    withdrawal_reason: Mapped[DecisionReason | None] = relationship()
    published_decision: Mapped["Decision | None"] = relationship(foreign_keys=[published_decision_id], viewonly=True)
    decisions: Mapped[list["Decision"]] = relationship(
        back_populates="candidature", foreign_keys="Decision.candidature_id", order_by="Decision.id"
    )
    pieces: Mapped[list["SubmittedPiece"]] = relationship(back_populates="candidature", order_by="SubmittedPiece.id")
    transmissions: Mapped[list["Transmission"]] = relationship(back_populates="candidature", order_by="Transmission.number")
    events: Mapped[list["CandidatureEvent"]] = relationship(back_populates="candidature", order_by="CandidatureEvent.sequence")
    messages: Mapped[list["OutboxMessage"]] = relationship(back_populates="candidature", order_by="OutboxMessage.id")
    enrolment_line: Mapped["EnrolmentLine | None"] = relationship(back_populates="candidature")
    tags: Mapped[list[Tag]] = relationship(secondary="candidature_tag", order_by="Tag.name")
    notes: Mapped[list["Note"]] = relationship(back_populates="candidature", order_by="Note.id")
    opinions: Mapped[list["Opinion"]] = relationship(back_populates="candidature", order_by="Opinion.id")
    letters: Mapped[list["Letter"]] = relationship(back_populates="candidature", order_by="Letter.id")

    def __str__(self):
        return f"#{self.id}"


class Deposit(db.Model):
    """What a candidate gave for a piece type: one for all candidatures when shared, else one for each (domain D5)."""

    __table_args__ = (
        Index(
            "uq_deposit_shared",
            "candidate_id",
            "piece_type_id",
            unique=True,
            postgresql_where=text("candidature_id IS NULL"),
            sqlite_where=text("candidature_id IS NULL"),
        ),
        UniqueConstraint("candidature_id", "piece_type_id"),
    )

    id: Mapped[pk]
    candidate_id: Mapped[int] = ref("candidate.id")
    piece_type_id: Mapped[int] = ref("piece_type.id")
    candidature_id: Mapped[int | None] = ref("candidature.id", nullable=True)
    candidate: Mapped[Candidate] = relationship()
    piece_type: Mapped[PieceType] = relationship()
    versions: Mapped[list["FileVersion"]] = relationship(back_populates="deposit", order_by="FileVersion.number")


class FileVersion(db.Model):
    """One immutable file as it was sent, and the rebuilt copy that people may open (trust §2.1)."""

    __table_args__ = (
        UniqueConstraint("deposit_id", "number"),
        CheckConstraint("(check_state = 'SAFE') = (served_key IS NOT NULL)", name="served_is_safe"),
    )

    id: Mapped[pk]
    public_id: Mapped[orm.public_id]
    deposit_id: Mapped[int] = ref("deposit.id")
    number: Mapped[int]
    created_at: Mapped[orm.created]
    original_name: Mapped[orm.short] = mapped_column(info=field(_("Nom du fichier"), personal=True))
    original_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    check_state: Mapped[CheckState] = mapped_column(labelled(CheckState), default=CheckState.RECEIVED, index=True)
    check_code: Mapped[str | None] = mapped_column(String(40))
    check_attempts: Mapped[int] = mapped_column(default=0)
    check_lease_until: Mapped[instant | None]
    checked_at: Mapped[instant | None]
    warnings: Mapped[orm.json | None]
    served_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    served_sha256: Mapped[str | None] = mapped_column(String(64))
    served_size: Mapped[int | None]
    media_type: Mapped[str | None] = mapped_column(String(40))
    page_count: Mapped[int | None]
    preview_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    deposit: Mapped[Deposit] = relationship(back_populates="versions")


class SubmittedPiece(db.Model, Versioned):
    """A required piece in one candidature: which file answers it, and what the manager said of it."""

    __table_args__ = (
        UniqueConstraint("candidature_id", "required_piece_id"),
        CheckConstraint("(status IN ('SUBMITTED', 'VALIDATED', 'REFUSED')) = (file_version_id IS NOT NULL)", name="status_has_file"),
    )

    id: Mapped[pk]
    candidature_id: Mapped[int] = ref("candidature.id")
    required_piece_id: Mapped[int] = ref("required_piece.id")
    file_version_id: Mapped[int | None] = ref("file_version.id", nullable=True)
    status: Mapped[PieceStatus] = mapped_column(labelled(PieceStatus), default=PieceStatus.MISSING)
    comment: Mapped[str | None] = mapped_column(Text)
    reviewed_at: Mapped[instant | None]
    reviewed_by_id: Mapped[int | None] = ref("staff_member.id", nullable=True)
    candidature: Mapped[Candidature] = relationship(back_populates="pieces")
    required_piece: Mapped[RequiredPiece] = relationship()
    file_version: Mapped[FileVersion | None] = relationship()
    reviewed_by: Mapped[StaffMember | None] = relationship()


class Photograph(db.Model):
    """One picture waiting to become a page of a piece (several photographs make one PDF)."""

    id: Mapped[pk]
    public_id: Mapped[orm.public_id]
    candidature_id: Mapped[int] = ref("candidature.id")
    required_piece_id: Mapped[int] = ref("required_piece.id")
    position: Mapped[int]
    storage_key: Mapped[str] = mapped_column(String(64), unique=True)
    size: Mapped[int]
    created_at: Mapped[orm.created]


class FormResponse(db.Model, Versioned):
    """The answers of a candidate, or of one candidature, to a form version: exactly one owner."""

    __table_args__ = (
        CheckConstraint("(candidate_id IS NULL) <> (candidature_id IS NULL)", name="one_owner"),
        UniqueConstraint("candidate_id", "form_id"),
        UniqueConstraint("candidature_id", "form_id"),
    )

    id: Mapped[pk]
    form_id: Mapped[int] = ref("form.id")
    form_version_id: Mapped[int | None] = ref("form_version.id", nullable=True)
    candidate_id: Mapped[int | None] = ref("candidate.id", nullable=True)
    candidature_id: Mapped[int | None] = ref("candidature.id", nullable=True)
    state: Mapped[ResponseState] = mapped_column(labelled(ResponseState), default=ResponseState.STARTED)
    saved_at: Mapped[instant] = mapped_column(default=clock.now)
    completed_at: Mapped[instant | None]
    form: Mapped[Form] = relationship()
    form_version: Mapped[FormVersion | None] = relationship()
    answers: Mapped[list["FormAnswer"]] = relationship(back_populates="response", cascade="all, delete-orphan")


class FormAnswer(db.Model):
    """One answer in a typed column, so that filters and exports can use it."""

    __table_args__ = (UniqueConstraint("response_id", "form_field_id"), Index("ix_form_answer_field_text", "form_field_id", "value_choice"))

    id: Mapped[pk]
    response_id: Mapped[int] = ref("form_response.id", ondelete="CASCADE")
    form_field_id: Mapped[int] = ref("form_field.id")
    value_text: Mapped[str | None] = mapped_column(Text)
    value_choice: Mapped[str | None] = mapped_column(String(50))
    value_number: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    value_date: Mapped[date | None] = mapped_column(Date)
    value_yes: Mapped[bool | None]
    value_choices: Mapped[orm.ordered | None]
    file_version_id: Mapped[int | None] = ref("file_version.id", nullable=True)
    file_version: Mapped[FileVersion | None] = relationship()
    response: Mapped[FormResponse] = relationship(back_populates="answers")
    form_field: Mapped[FormField] = relationship()


class Transmission(db.Model):
    """The dossier as it was handed over, frozen: profile, answers and files (domain D5)."""

    __table_args__ = (UniqueConstraint("candidature_id", "number"),)

    id: Mapped[pk]
    candidature_id: Mapped[int] = ref("candidature.id")
    number: Mapped[int]
    at: Mapped[instant]
    receipt_number: Mapped[str] = mapped_column(String(20), unique=True)
    command_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    profile: Mapped[orm.json]
    answers: Mapped[orm.json]
    candidature: Mapped[Candidature] = relationship(back_populates="transmissions")
    pieces: Mapped[list["TransmittedPiece"]] = relationship(back_populates="transmission", order_by="TransmittedPiece.position")


class TransmittedPiece(db.Model):
    """One line of a transmission: the exact file, or the words "non concerné"."""

    id: Mapped[pk]
    transmission_id: Mapped[int] = ref("transmission.id")
    required_piece_id: Mapped[int] = ref("required_piece.id")
    file_version_id: Mapped[int | None] = ref("file_version.id", nullable=True)
    position: Mapped[int]
    name: Mapped[orm.translated]
    status: Mapped[PieceStatus] = mapped_column(labelled(PieceStatus))
    sha256: Mapped[str | None] = mapped_column(String(64))
    is_unchecked: Mapped[orm.no]
    transmission: Mapped[Transmission] = relationship(back_populates="pieces")
    file_version: Mapped[FileVersion | None] = relationship()


class Decision(db.Model, Versioned):
    """One opinion of the commission: proposed, then validated, then published; never rewritten once published."""

    __table_args__ = (
        CheckConstraint("(stage = 'PROPOSED') = (validated_at IS NULL)", name="validated_is_dated"),
        CheckConstraint("(stage = 'PUBLISHED') = (published_at IS NOT NULL)", name="published_is_dated"),
        CheckConstraint('"rank" IS NULL OR "rank" > 0', name="rank"),
        Index(
            "uq_decision_draft",
            "candidature_id",
            unique=True,
            postgresql_where=text("stage <> 'PUBLISHED'"),
            sqlite_where=text("stage <> 'PUBLISHED'"),
        ),
    )

    id: Mapped[pk]
    candidature_id: Mapped[int] = ref("candidature.id")
    decision_type_id: Mapped[int] = ref("decision_type.id")
    stage: Mapped[Stage] = mapped_column(labelled(Stage), default=Stage.PROPOSED, index=True)
    comment: Mapped[str | None] = mapped_column(Text)
    reason_id: Mapped[int | None] = ref("decision_reason.id", nullable=True)
    rank: Mapped[int | None] = mapped_column(Integer)
    interview_at: Mapped[instant | None]
    interview_place: Mapped[str | None] = mapped_column(String(200))
    confirm_by: Mapped[instant | None]
    is_automatic: Mapped[orm.no]
    created_at: Mapped[orm.created]
    created_by_id: Mapped[int | None] = ref("staff_member.id", nullable=True)
    validated_at: Mapped[instant | None]
    validated_by_id: Mapped[int | None] = ref("staff_member.id", nullable=True)
    published_at: Mapped[instant | None]
    published_by_id: Mapped[int | None] = ref("staff_member.id", nullable=True)
    candidature: Mapped[Candidature] = relationship(back_populates="decisions", foreign_keys=[candidature_id])
    decision_type: Mapped[DecisionType] = relationship()
    reason: Mapped[DecisionReason | None] = relationship()
    created_by: Mapped[StaffMember | None] = relationship(foreign_keys=[created_by_id])


class EnrolmentProposal(db.Model):
    """The number under which a candidate enrols for a campaign, with one line per confirmed candidature."""

    __managed__ = managed(
        _("Propositions d’inscription"), menu=FILES, right="ENROLMENTS", scope="candidate", order=40, create=False, edit=False
    )
    __table_args__ = (UniqueConstraint("candidate_id", "campaign_id"),)

    id: Mapped[pk]
    candidate_id: Mapped[int] = ref("candidate.id")
    campaign_id: Mapped[int] = ref("campaign.id")
    opi_number: Mapped[str] = mapped_column(String(10), unique=True, info=field(_("Numéro de proposition"), list=True, search=True))
    created_at: Mapped[orm.created] = mapped_column(info=field(_("Créée le"), list=True))
    candidate: Mapped[Candidate] = relationship(info=field(_("Candidat"), list=True))
    campaign: Mapped[Campaign] = relationship(info=field(_("Campagne"), list=True))
    lines: Mapped[list["EnrolmentLine"]] = relationship(back_populates="proposal")

    def __str__(self):
        return self.opi_number


class EnrolmentLine(db.Model, Versioned):
    """What the student system must know of one confirmed candidature, and what it answered."""

    id: Mapped[pk]
    proposal_id: Mapped[int] = ref("enrolment_proposal.id")
    candidature_id: Mapped[int] = mapped_column(db.ForeignKey("candidature.id"), unique=True)
    state: Mapped[LedgerState] = mapped_column(labelled(LedgerState), default=LedgerState.EXPECTED, index=True)
    changed_at: Mapped[instant] = mapped_column(default=clock.now, onupdate=clock.now)
    answer: Mapped[str | None] = mapped_column(Text)
    proposal: Mapped[EnrolmentProposal] = relationship(back_populates="lines")
    candidature: Mapped[Candidature] = relationship(back_populates="enrolment_line")


# --- what the commission notes beside the dossier; candidates never see it ---


candidature_tag = db.Table(
    "candidature_tag",
    db.Column("candidature_id", db.ForeignKey("candidature.id", ondelete="CASCADE"), primary_key=True),
    db.Column("tag_id", db.ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Note(db.Model):
    """A dated, signed internal note; its author or an administrator may remove it."""

    id: Mapped[pk]
    candidature_id: Mapped[int] = ref("candidature.id", ondelete="CASCADE")
    author_id: Mapped[int | None] = ref("staff_member.id", nullable=True)
    at: Mapped[orm.created]
    text: Mapped[orm.text] = mapped_column(info=field(_("Note"), personal=True))
    candidature: Mapped[Candidature] = relationship(back_populates="notes")
    author: Mapped[StaffMember | None] = relationship()


class Opinion(db.Model, Versioned):
    """What one member of the commission thinks of a dossier, with marks when the offering has a grid."""

    __table_args__ = (UniqueConstraint("candidature_id", "staff_member_id"),)

    id: Mapped[pk]
    candidature_id: Mapped[int] = ref("candidature.id", ondelete="CASCADE")
    staff_member_id: Mapped[int] = ref("staff_member.id")
    kind: Mapped[OpinionKind] = mapped_column(labelled(OpinionKind))
    comment: Mapped[str | None] = mapped_column(Text, info=field(_("Commentaire"), personal=True))
    total: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    at: Mapped[orm.created]
    candidature: Mapped[Candidature] = relationship(back_populates="opinions")
    staff_member: Mapped[StaffMember] = relationship()
    scores: Mapped[list["OpinionScore"]] = relationship(back_populates="opinion", cascade="all, delete-orphan")


class OpinionScore(db.Model):
    """One mark on one criterion."""

    __table_args__ = (UniqueConstraint("opinion_id", "criterion_id"),)

    id: Mapped[pk]
    opinion_id: Mapped[int] = ref("opinion.id", ondelete="CASCADE")
    criterion_id: Mapped[int] = ref("criterion.id")
    value: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    opinion: Mapped[Opinion] = relationship(back_populates="scores")
    criterion: Mapped[Criterion] = relationship()


class Recusal(db.Model):
    """A member who will not judge a dossier (kinship, past conflict): he sees it no more in his work."""

    __table_args__ = (UniqueConstraint("candidature_id", "staff_member_id"),)

    id: Mapped[pk]
    candidature_id: Mapped[int] = ref("candidature.id", ondelete="CASCADE")
    staff_member_id: Mapped[int] = ref("staff_member.id")
    reason: Mapped[str | None] = mapped_column(String(500))
    at: Mapped[orm.created]
    staff_member: Mapped[StaffMember] = relationship(back_populates="recusals")


class Promotion(db.Model):
    """A place that became free and the next of the complementary list to whom it goes, with the reason (domain D12)."""

    __table_args__ = (Index("ix_promotion_offering_state", "offering_id", "state"),)

    id: Mapped[pk]
    offering_id: Mapped[int] = ref("offering.id")
    candidature_id: Mapped[int] = ref("candidature.id")
    freed_by_id: Mapped[int | None] = ref("candidature.id", nullable=True)
    rank: Mapped[int | None]
    real_rank: Mapped[int | None]
    cause: Mapped[PromotionCause] = mapped_column(labelled(PromotionCause))
    capacity: Mapped[int | None]
    state: Mapped[PromotionState] = mapped_column(labelled(PromotionState), default=PromotionState.PROPOSED)
    at: Mapped[orm.created]
    decided_at: Mapped[instant | None]
    decided_by_id: Mapped[int | None] = ref("staff_member.id", nullable=True)
    is_over_capacity: Mapped[orm.no]
    offering: Mapped[Offering] = relationship()
    candidature: Mapped[Candidature] = relationship(foreign_keys=[candidature_id])
    freed_by: Mapped[Candidature | None] = relationship(foreign_keys=[freed_by_id])
    decided_by: Mapped[StaffMember | None] = relationship()


class Letter(db.Model):
    """A letter as it was issued, with the code under which anybody verifies it (features C17)."""

    __table_args__ = (
        Index(
            "uq_letter_live",
            "decision_id",
            "language",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
            sqlite_where=text("revoked_at IS NULL"),
        ),
        CheckConstraint("(storage_key IS NULL) = (sha256 IS NULL)", name="issued_is_known_by_its_hash"),
    )

    id: Mapped[pk]
    public_id: Mapped[orm.public_id]
    candidature_id: Mapped[int] = ref("candidature.id")
    decision_id: Mapped[int] = ref("decision.id")
    kind: Mapped[LetterKind] = mapped_column(labelled(LetterKind))
    language: Mapped[str] = mapped_column(String(5))
    issued_at: Mapped[orm.created]
    revoked_at: Mapped[instant | None]
    storage_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None]
    candidature: Mapped[Candidature] = relationship(back_populates="letters")
    decision: Mapped[Decision] = relationship()
