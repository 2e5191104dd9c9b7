"""People: who signs in, what staff may do, who applies and what is known of them."""

from datetime import date
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from flask_security import UserMixin
from sqlalchemy import CheckConstraint, Date, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, orm
from app.enums import Civility, FileStatus, Functionality, Obtained, ScopeKind, Source
from app.extensions import db
from app.orm import Versioned, field, instant, labelled, managed, pk, ref
from app.tables.menus import FILES, ORGANISATION
from app.tables.reference import BacMention, BacSeries, Commune, Country, Department

if TYPE_CHECKING:
    from app.tables.candidature import Candidature, Recusal
    from app.tables.offer import Centre, Commission


class User(db.Model, UserMixin):
    """Who signs in: a candidate or a staff member, never both (domain A5)."""

    __tablename__ = "user_account"
    __table_args__ = (
        CheckConstraint("candidate_id IS NULL OR staff_member_id IS NULL", name="one_role"),
        Index("uq_user_account_email_lower", text("lower(email)"), unique=True),
    )

    id: Mapped[pk]
    email: Mapped[str] = mapped_column(String(254), info=field(_("Adresse électronique"), personal=True))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[orm.yes]
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[instant | None]
    language: Mapped[str] = mapped_column(String(5), default="fr")
    created_at: Mapped[orm.created]
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    last_totp_counter: Mapped[int | None]
    candidate_id: Mapped[int | None] = mapped_column(db.ForeignKey("candidate.id", ondelete="CASCADE"), unique=True)
    staff_member_id: Mapped[int | None] = mapped_column(db.ForeignKey("staff_member.id", ondelete="CASCADE"), unique=True)

    candidate: Mapped["Candidate | None"] = relationship(back_populates="user")
    staff_member: Mapped["StaffMember | None"] = relationship(back_populates="user")
    identities: Mapped[list["Identity"]] = relationship(back_populates="user", cascade="all, delete-orphan")
    sessions: Mapped[list["UserSession"]] = relationship(back_populates="user", cascade="all, delete-orphan")

    def __str__(self):
        return self.email


class Identity(db.Model):
    """One way a provider names a person: the pair is the identity, never the e-mail (trust T16)."""

    __table_args__ = (UniqueConstraint("provider", "subject"),)

    id: Mapped[pk]
    user_id: Mapped[int] = ref("user_account.id", ondelete="CASCADE")
    provider: Mapped[orm.short]
    subject: Mapped[orm.label]
    sis_number: Mapped[str | None] = mapped_column(String(30))
    user: Mapped[User] = relationship(back_populates="identities")


class UserSession(db.Model):
    """A sign-in on one device: listed, revoked, ended at logout and at password change (design §7)."""

    id: Mapped[pk]
    public_id: Mapped[orm.public_id]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = ref("user_account.id", ondelete="CASCADE")
    created_at: Mapped[orm.created]
    seen_at: Mapped[instant] = mapped_column(default=clock.now)
    fresh_at: Mapped[instant] = mapped_column(default=clock.now)
    ended_at: Mapped[instant | None]
    device: Mapped[orm.short] = mapped_column(default="")
    user: Mapped[User] = relationship(back_populates="sessions")


class AccountToken(db.Model):
    """A link sent by mail: one purpose, one use, a short life, only its hash kept (trust §2.3)."""

    id: Mapped[pk]
    user_id: Mapped[int] = ref("user_account.id", ondelete="CASCADE")
    purpose: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str | None] = mapped_column(String(254))
    expires_at: Mapped[instant]
    used_at: Mapped[instant | None]
    created_at: Mapped[orm.created]
    user: Mapped[User] = relationship()


class IssuedDossierNumber(db.Model):
    """Every dossier number ever given: none is given twice (domain B3.2)."""

    number: Mapped[str] = mapped_column(String(8), primary_key=True)
    issued_at: Mapped[orm.created]


class StaffMember(db.Model, Versioned):
    """A person who works on candidatures or on their configuration."""

    __managed__ = managed(_("Personnes"), menu=ORGANISATION, right="RIGHTS", order=60, create=False)

    id: Mapped[pk]
    last_name: Mapped[orm.short] = mapped_column(info=field(_("Nom"), list=True, search=True))
    first_name: Mapped[orm.short] = mapped_column(info=field(_("Prénom"), list=True, search=True))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True, filter=True))
    is_external: Mapped[orm.no] = mapped_column(
        info=field(_("Extérieur à l’établissement"), help=_("Membre de jury d’un autre établissement ou d’une entreprise."), list=True)
    )
    active_until: Mapped[date | None] = mapped_column(
        Date, info=field(_("En service jusqu’au"), help=_("Vide : sans limite. Après ce jour, l’accès est fermé."))
    )
    has_digest: Mapped[orm.yes] = mapped_column(
        info=field(_("Reçoit le résumé du jour"), help=_("Un courriel le matin quand quelque chose attend."))
    )
    digested_on: Mapped[date | None] = mapped_column(Date)
    preferences: Mapped[orm.json | None]
    user: Mapped[User | None] = relationship(back_populates="staff_member")
    grants: Mapped[list["Grant"]] = relationship(back_populates="staff_member", cascade="all, delete-orphan")
    recusals: Mapped[list["Recusal"]] = relationship(back_populates="staff_member")

    def __str__(self):
        return f"{self.first_name} {self.last_name}"


class RightsProfile(db.Model, Versioned):
    """A named set of functionalities in read or write (domain B1.2)."""

    __managed__ = managed(_("Profils de droits"), menu=ORGANISATION, right="RIGHTS", order=50)

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(info=field(_("Code"), list=True))
    name: Mapped[orm.label] = mapped_column(info=field(_("Nom"), list=True, search=True))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True))
    visible_statuses: Mapped[orm.json | None]
    rights: Mapped[list["ProfileRight"]] = relationship(back_populates="profile", cascade="all, delete-orphan")

    @property
    def statuses(self):
        """The statuses of the candidatures that its holders see; None for all."""
        return None if self.visible_statuses is None else [FileStatus(name) for name in self.visible_statuses]

    def __str__(self):
        return self.name


class ProfileRight(db.Model):
    __table_args__ = (UniqueConstraint("profile_id", "functionality"),)

    id: Mapped[pk]
    profile_id: Mapped[int] = ref("rights_profile.id", ondelete="CASCADE")
    functionality: Mapped[Functionality] = mapped_column(labelled(Functionality))
    is_write: Mapped[orm.no]
    profile: Mapped[RightsProfile] = relationship(back_populates="rights")


class Grant(db.Model, Versioned):
    """A profile given to a person on everything, on a centre or on a commission."""

    __managed__ = managed(_("Droits attribués"), menu=ORGANISATION, right="RIGHTS", order=70, create=False, edit=False)
    __tablename__ = "rights_grant"
    __table_args__ = (
        CheckConstraint("(scope = 'CENTRE') = (centre_id IS NOT NULL)", name="centre_scope"),
        CheckConstraint("(scope = 'COMMISSION') = (commission_id IS NOT NULL)", name="commission_scope"),
    )

    id: Mapped[pk]
    staff_member_id: Mapped[int] = ref("staff_member.id", ondelete="CASCADE")
    profile_id: Mapped[int] = ref("rights_profile.id")
    scope: Mapped[ScopeKind] = mapped_column(labelled(ScopeKind), info=field(_("Portée"), list=True, filter=True))
    centre_id: Mapped[int | None] = ref("centre.id", nullable=True, ondelete="CASCADE")
    commission_id: Mapped[int | None] = ref("commission.id", nullable=True, ondelete="CASCADE")
    is_president: Mapped[orm.no] = mapped_column(info=field(_("Préside la commission"), list=True))
    staff_member: Mapped[StaffMember] = relationship(back_populates="grants", info=field(_("Personne"), list=True))
    profile: Mapped[RightsProfile] = relationship(lazy="joined", info=field(_("Profil"), list=True))
    centre: Mapped["Centre | None"] = relationship(info=field(_("Centre"), list=True))
    commission: Mapped["Commission | None"] = relationship(info=field(_("Commission"), list=True))

    def __str__(self):
        return f"{self.profile} – {self.staff_member}"


class Candidate(db.Model, Versioned):
    """A person who applies: one account for life, one profile carried from year to year (domain D1)."""

    __managed__ = managed(_("Candidats"), menu=FILES, right="CANDIDATES", scope="candidate", order=20, create=False, edit=False)
    __table_args__ = (
        Index("ix_candidate_name", "last_name", "first_name", "id"),
        Index(
            "ix_candidate_search_trigrams",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    )

    id: Mapped[pk]
    dossier_number: Mapped[str] = mapped_column(String(8), unique=True, info=field(_("Numéro de dossier"), list=True, search=True))
    civility: Mapped[Civility | None] = mapped_column(labelled(Civility), info=field(_("Civilité"), section=_("Identité"), personal=True))
    last_name: Mapped[orm.short] = mapped_column(info=field(_("Nom"), section=_("Identité"), list=True, search=True, personal=True))
    usual_name: Mapped[str | None] = mapped_column(String(100), info=field(_("Nom d’usage"), section=_("Identité"), personal=True))
    first_name: Mapped[orm.short] = mapped_column(info=field(_("Prénom"), section=_("Identité"), list=True, search=True, personal=True))
    other_names: Mapped[str | None] = mapped_column(String(200), info=field(_("Autres prénoms"), section=_("Identité"), personal=True))
    birth_on: Mapped[date | None] = mapped_column(Date, info=field(_("Date de naissance"), section=_("Identité"), personal=True))
    birth_country_code: Mapped[str | None] = ref(
        "country.code", nullable=True, info=field(_("Pays de naissance"), section=_("Identité"), personal=True)
    )
    birth_department_code: Mapped[str | None] = ref(
        "department.code", nullable=True, info=field(_("Département de naissance"), section=_("Identité"), personal=True)
    )
    birth_commune_code: Mapped[str | None] = ref(
        "commune.code", nullable=True, info=field(_("Commune de naissance"), section=_("Identité"), personal=True)
    )
    birth_town: Mapped[str | None] = mapped_column(String(100), info=field(_("Ville de naissance"), section=_("Identité"), personal=True))
    nationality_code: Mapped[str | None] = ref(
        "country.code", nullable=True, info=field(_("Nationalité"), section=_("Identité"), personal=True)
    )
    ine: Mapped[str | None] = mapped_column(String(11), unique=True, info=field(_("INE"), section=_("Identité"), personal=True))
    phone: Mapped[str | None] = mapped_column(String(20), info=field(_("Téléphone"), section=_("Contact"), personal=True))
    sis_number: Mapped[str | None] = mapped_column(String(30), info=field(_("Numéro d’étudiant"), section=_("Identité"), personal=True))
    is_lifelong: Mapped[orm.no] = mapped_column(
        info=field(_("Formation continue (reprise d’études)"), section=_("Identité"), personal=True)
    )
    identity_source: Mapped[Source] = mapped_column(labelled(Source), default=Source.TYPED)
    has_no_external_record: Mapped[orm.no]
    synchronised_at: Mapped[instant | None]
    created_at: Mapped[orm.created] = mapped_column(info=field(_("Compte créé le"), list=True))
    search_text: Mapped[str] = mapped_column(Text, default="")

    user: Mapped[User | None] = relationship(back_populates="candidate")
    address: Mapped["Address | None"] = relationship(back_populates="candidate", cascade="all, delete-orphan")
    baccalaureat: Mapped["Baccalaureat | None"] = relationship(back_populates="candidate", cascade="all, delete-orphan")
    internal_records: Mapped[list["InternalRecord"]] = relationship(cascade="all, delete-orphan", order_by="InternalRecord.year.desc()")
    external_records: Mapped[list["ExternalRecord"]] = relationship(cascade="all, delete-orphan", order_by="ExternalRecord.year.desc()")
    internships: Mapped[list["Internship"]] = relationship(cascade="all, delete-orphan", order_by="Internship.year.desc()")
    work_experiences: Mapped[list["WorkExperience"]] = relationship(cascade="all, delete-orphan", order_by="WorkExperience.year.desc()")
    candidatures: Mapped[list["Candidature"]] = relationship(back_populates="candidate", order_by="Candidature.id")
    nationality: Mapped[Country | None] = relationship(foreign_keys=[nationality_code])
    birth_country: Mapped[Country | None] = relationship(foreign_keys=[birth_country_code])
    birth_department: Mapped[Department | None] = relationship()
    birth_commune: Mapped[Commune | None] = relationship()

    def __str__(self):
        return f"{self.last_name} {self.first_name} ({self.dossier_number})"


class Address(db.Model, Versioned):
    id: Mapped[pk]
    candidate_id: Mapped[int] = mapped_column(db.ForeignKey("candidate.id", ondelete="CASCADE"), unique=True)
    line1: Mapped[orm.short] = mapped_column(info=field(_("Adresse"), personal=True))
    line2: Mapped[str | None] = mapped_column(String(100), info=field(_("Complément d’adresse"), personal=True))
    postal_code: Mapped[str | None] = mapped_column(String(12), info=field(_("Code postal"), personal=True))
    commune_code: Mapped[str | None] = ref("commune.code", nullable=True)
    town: Mapped[str | None] = mapped_column(String(100), info=field(_("Ville (à l’étranger)"), personal=True))
    country_code: Mapped[str] = ref("country.code")
    candidate: Mapped[Candidate] = relationship(back_populates="address")
    commune: Mapped[Commune | None] = relationship()
    country: Mapped[Country] = relationship()


class Baccalaureat(db.Model, Versioned):
    id: Mapped[pk]
    candidate_id: Mapped[int] = mapped_column(db.ForeignKey("candidate.id", ondelete="CASCADE"), unique=True)
    series_code: Mapped[str] = ref("bac_series.code")
    year: Mapped[int | None] = mapped_column(info=field(_("Année d’obtention")))
    mention_code: Mapped[str | None] = ref("bac_mention.code", nullable=True)
    country_code: Mapped[str | None] = ref("country.code", nullable=True)
    department_code: Mapped[str | None] = ref("department.code", nullable=True)
    commune_code: Mapped[str | None] = ref("commune.code", nullable=True)
    school: Mapped[str | None] = mapped_column(String(200), info=field(_("Établissement")))
    source: Mapped[Source] = mapped_column(labelled(Source), default=Source.TYPED)
    candidate: Mapped[Candidate] = relationship(back_populates="baccalaureat")
    series: Mapped[BacSeries] = relationship()
    mention: Mapped[BacMention | None] = relationship()
    country: Mapped[Country | None] = relationship()
    department: Mapped[Department | None] = relationship()
    commune: Mapped[Commune | None] = relationship()


class InternalRecord(db.Model):
    """A year at this university, imported from the student system and read only."""

    id: Mapped[pk]
    candidate_id: Mapped[int] = ref("candidate.id", ondelete="CASCADE")
    year: Mapped[int]
    code: Mapped[orm.short]
    label: Mapped[orm.label]
    result: Mapped[str | None] = mapped_column(String(100))
    mark: Mapped[str | None] = mapped_column(String(20))


class ExternalRecord(db.Model, Versioned):
    id: Mapped[pk]
    candidate_id: Mapped[int] = ref("candidate.id", ondelete="CASCADE")
    year: Mapped[int]
    diploma: Mapped[orm.label]
    institution: Mapped[orm.label]
    country_code: Mapped[str] = ref("country.code")
    town: Mapped[str | None] = mapped_column(String(100))
    obtained: Mapped[Obtained] = mapped_column(labelled(Obtained))
    mention: Mapped[str | None] = mapped_column(String(100))
    country: Mapped[Country] = relationship()


class Internship(db.Model, Versioned):
    id: Mapped[pk]
    candidate_id: Mapped[int] = ref("candidate.id", ondelete="CASCADE")
    year: Mapped[int]
    organisation: Mapped[orm.label]
    duration: Mapped[orm.short]
    weekly_hours: Mapped[int | None]
    description: Mapped[str | None] = mapped_column(Text)


class WorkExperience(db.Model, Versioned):
    id: Mapped[pk]
    candidate_id: Mapped[int] = ref("candidate.id", ondelete="CASCADE")
    year: Mapped[int]
    title: Mapped[orm.label]
    organisation: Mapped[orm.label]
    duration: Mapped[orm.short]
    description: Mapped[str | None] = mapped_column(Text)


class ProfileConfirmation(db.Model):
    """The candidate said for this campaign that the carried-over profile is right (domain D1)."""

    __table_args__ = (UniqueConstraint("candidate_id", "campaign_id"),)

    id: Mapped[pk]
    candidate_id: Mapped[int] = ref("candidate.id", ondelete="CASCADE")
    campaign_id: Mapped[int] = ref("campaign.id")
    confirmed_at: Mapped[orm.created]
