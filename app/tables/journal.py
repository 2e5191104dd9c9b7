"""Correspondence and journal: messages, history, audit, and the work done in the background."""

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, orm
from app.enums import JobState, LineState, MessageState, RunState
from app.extensions import db
from app.orm import Versioned, field, instant, labelled, managed, pk, ref
from app.tables.candidature import Candidature
from app.tables.menus import FILES, JOURNAL
from app.tables.people import Candidate, StaffMember, User


class OutboxMessage(db.Model):
    """A message as it was really said; workers deliver it, people read it (trust R2)."""

    __managed__ = managed(_("Correspondance"), menu=FILES, right="MESSAGES", scope="candidate", order=30, create=False, edit=False)
    __table_args__ = (Index("ix_outbox_message_due", "state", "not_before"),)

    id: Mapped[pk]
    public_id: Mapped[orm.public_id]
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(60), index=True, info=field(_("Message"), list=True, filter=True))
    created_at: Mapped[orm.created] = mapped_column(info=field(_("Écrit le"), list=True))
    recipient: Mapped[str] = mapped_column(String(254), info=field(_("Destinataire"), list=True, search=True, personal=True))
    language: Mapped[str] = mapped_column(String(5), default="fr")
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    subject: Mapped[str] = mapped_column(String(500), info=field(_("Objet"), list=True, search=True))
    text: Mapped[orm.text] = mapped_column(info=field(_("Texte"), export=False, personal=True))
    html: Mapped[str | None] = mapped_column(Text)
    secret_text: Mapped[str | None] = mapped_column(Text)
    attachment: Mapped[str | None] = mapped_column(String(60))
    state: Mapped[MessageState] = mapped_column(
        labelled(MessageState), default=MessageState.PENDING, index=True, info=field(_("État"), list=True, filter=True)
    )
    attempts: Mapped[int] = mapped_column(default=0, info=field(_("Essais"), list=True))
    not_before: Mapped[instant] = mapped_column(default=clock.now)
    lease_until: Mapped[instant | None]
    owner: Mapped[str | None] = mapped_column(String(64))
    data_at: Mapped[instant | None]
    accepted_at: Mapped[instant | None] = mapped_column(info=field(_("Parti le"), list=True))
    is_possibly_twice: Mapped[orm.no]
    smtp_reply: Mapped[str | None] = mapped_column(Text, info=field(_("Réponse du serveur de courrier")))
    read_at: Mapped[instant | None]
    candidate_id: Mapped[int | None] = ref("candidate.id", nullable=True, ondelete="CASCADE")
    candidature_id: Mapped[int | None] = ref("candidature.id", nullable=True)
    candidate: Mapped[Candidate | None] = relationship(info=field(_("Candidat")))
    candidature: Mapped[Candidature | None] = relationship(back_populates="messages")

    def __str__(self):
        return self.subject


class CandidatureEvent(db.Model):
    """One thing that happened to a candidature; the chain covers digests, so a purge of `details` still verifies."""

    __table_args__ = (UniqueConstraint("candidature_id", "sequence"), UniqueConstraint("candidature_id", "command_key"))

    id: Mapped[pk]
    candidature_id: Mapped[int] = ref("candidature.id")
    sequence: Mapped[int]
    at: Mapped[instant]
    action: Mapped[str] = mapped_column(String(40), index=True)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int | None] = ref("user_account.id", nullable=True, ondelete="SET NULL")
    command_key: Mapped[str | None] = mapped_column(String(64))
    before: Mapped[orm.json]
    after: Mapped[orm.json]
    details: Mapped[orm.json | None]
    details_salt: Mapped[str | None] = mapped_column(String(32))
    details_digest: Mapped[str] = mapped_column(String(64))
    previous_digest: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    candidature: Mapped[Candidature] = relationship(back_populates="events")
    actor: Mapped[User | None] = relationship()


class AuditEntry(db.Model):
    """A change made through the back office or a command; sealed in one chain at commit, over a digest of what a purge may erase."""

    __managed__ = managed(_("Journal des modifications"), menu=JOURNAL, right="OPERATIONS", order=10, create=False, edit=False)

    id: Mapped[pk]
    at: Mapped[orm.created] = mapped_column(info=field(_("Le"), list=True))
    actor_id: Mapped[int | None] = ref("user_account.id", nullable=True, ondelete="SET NULL")
    actor_name: Mapped[orm.label] = mapped_column(info=field(_("Par"), list=True, search=True))
    action: Mapped[str] = mapped_column(String(40), info=field(_("Acte"), list=True, filter=True))
    entity: Mapped[str] = mapped_column(String(60), info=field(_("Objet"), list=True, filter=True))
    entity_id: Mapped[str] = mapped_column(String(60), info=field(_("Numéro"), list=True))
    changes: Mapped[orm.json | None] = mapped_column(info=field(_("Avant et après"), list=True))
    reason: Mapped[str | None] = mapped_column(Text, info=field(_("Raison"), list=True))
    salt: Mapped[str | None] = mapped_column(String(32))
    sequence: Mapped[int | None] = mapped_column(unique=True)
    values_digest: Mapped[str | None] = mapped_column(String(64))
    previous_digest: Mapped[str | None] = mapped_column(String(64))
    digest: Mapped[str | None] = mapped_column(String(64))

    def __str__(self):
        return f"n° {self.id}"


class BatchRun(db.Model):
    """One run of a scheduled job; the pair (job, period) makes each period run once (trust F30)."""

    __managed__ = managed(_("Passages des traitements"), menu=JOURNAL, right="OPERATIONS", order=20, create=False, edit=False)
    __table_args__ = (UniqueConstraint("name", "period"),)

    id: Mapped[pk]
    name: Mapped[str] = mapped_column(String(40), info=field(_("Traitement"), list=True, filter=True))
    period: Mapped[str] = mapped_column(String(40), info=field(_("Période"), list=True))
    started_at: Mapped[orm.created] = mapped_column(info=field(_("Début"), list=True))
    ended_at: Mapped[instant | None] = mapped_column(info=field(_("Fin"), list=True))
    state: Mapped[RunState] = mapped_column(labelled(RunState), default=RunState.RUNNING, info=field(_("État"), list=True, filter=True))
    lease_until: Mapped[instant | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_count: Mapped[int] = mapped_column(default=0, info=field(_("Éléments traités"), list=True))
    detail: Mapped[str | None] = mapped_column(Text, info=field(_("Détail"), list=True))

    def __str__(self):
        return f"{self.name} ({self.period})"


class BatchSchedule(db.Model, Versioned):
    """When a scheduled job runs: at an hour of chosen days, or every so many minutes (domain B10)."""

    __table_args__ = (
        CheckConstraint("hour BETWEEN 0 AND 23 AND minute BETWEEN 0 AND 59", name="hour"),
        CheckConstraint("every_minutes IS NULL OR every_minutes BETWEEN 1 AND 1440", name="every_minutes"),
    )

    id: Mapped[pk]
    name: Mapped[str] = mapped_column(String(40), unique=True)
    is_enabled: Mapped[orm.yes]
    hour: Mapped[int] = mapped_column(default=0)
    minute: Mapped[int] = mapped_column(default=0)
    weekdays: Mapped[str] = mapped_column(String(7), default="1234567")
    every_minutes: Mapped[int | None]
    changed_at: Mapped[instant] = mapped_column(default=clock.now)


class Heartbeat(db.Model):
    """The last sweep of a worker process, so that any node can say whether workers live."""

    id: Mapped[pk]
    name: Mapped[str] = mapped_column(String(100), unique=True)
    at: Mapped[instant] = mapped_column(default=clock.now)
    is_mail_paused: Mapped[orm.no]


class Job(db.Model):
    """Work too long for a request, done by workers in chunks, resumed where it stopped, watched on a page."""

    __table_args__ = (Index("ix_job_due", "state", "not_before"),)

    id: Mapped[pk]
    public_id: Mapped[orm.public_id]
    kind: Mapped[str] = mapped_column(String(40), index=True)
    title: Mapped[orm.label]
    parameters: Mapped[orm.json]
    reason: Mapped[str | None] = mapped_column(String(500))
    state: Mapped[JobState] = mapped_column(labelled(JobState), default=JobState.WAITING)
    created_at: Mapped[orm.created]
    created_by_id: Mapped[int | None] = ref("user_account.id", nullable=True, ondelete="SET NULL")
    not_before: Mapped[instant] = mapped_column(default=clock.now)
    total: Mapped[int] = mapped_column(default=0)
    done_count: Mapped[int] = mapped_column(default=0)
    refused_count: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[instant | None]
    started_at: Mapped[instant | None]
    ended_at: Mapped[instant | None]
    error: Mapped[str | None] = mapped_column(String(500))
    storage_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    file_name: Mapped[str | None] = mapped_column(String(200))
    media_type: Mapped[str | None] = mapped_column(String(100))
    size: Mapped[int | None]
    expires_at: Mapped[instant | None]
    created_by: Mapped[User | None] = relationship()
    lines: Mapped[list["JobLine"]] = relationship(back_populates="job", order_by="JobLine.position", cascade="all, delete-orphan")


class JobLine(db.Model):
    """One candidature of a job, and what became of it."""

    __table_args__ = (UniqueConstraint("job_id", "candidature_id"), Index("ix_job_line_state", "job_id", "state", "position"))

    id: Mapped[pk]
    job_id: Mapped[int] = ref("job.id", ondelete="CASCADE")
    candidature_id: Mapped[int] = ref("candidature.id")
    position: Mapped[int]
    state: Mapped[LineState] = mapped_column(labelled(LineState), default=LineState.WAITING)
    sentence: Mapped[str | None] = mapped_column(String(500))
    event_id: Mapped[int | None] = ref("candidature_event.id", nullable=True)
    before: Mapped[orm.json | None]
    job: Mapped[Job] = relationship(back_populates="lines")
    candidature: Mapped[Candidature] = relationship()
    event: Mapped[CandidatureEvent | None] = relationship()


class SavedView(db.Model, Versioned):
    """Columns, filters and order of the list of candidatures, kept under a name by one person, for himself or for all."""

    id: Mapped[pk]
    public_id: Mapped[orm.public_id]
    owner_id: Mapped[int] = ref("staff_member.id", ondelete="CASCADE")
    name: Mapped[orm.short]
    is_shared: Mapped[orm.no]
    settings: Mapped[orm.json]
    owner: Mapped[StaffMember] = relationship()


class ConfigurationVersion(db.Model):
    """The whole configuration as text, kept before and after each file applied, so that one can come back to it."""

    id: Mapped[pk]
    created_at: Mapped[orm.created]
    created_by_id: Mapped[int | None] = ref("user_account.id", nullable=True)
    cause: Mapped[orm.label]
    content: Mapped[orm.text]
    sha256: Mapped[str] = mapped_column(String(64))
    created_by: Mapped[User | None] = relationship()
