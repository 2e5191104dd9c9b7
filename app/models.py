"""Every table of the domain, declared once: columns, relations, invariants and the words people read."""

from datetime import date
from decimal import Decimal

from flask_babel import lazy_gettext as _
from flask_security import UserMixin
from sqlalchemy import CheckConstraint, Date, Index, Integer, Numeric, String, Text, UniqueConstraint, func, select, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import clock, orm
from app.enums import (
    AccessTrack,
    Answer,
    CheckState,
    Civility,
    FieldKind,
    FileStatus,
    Functionality,
    LedgerState,
    MessageState,
    Obtained,
    Outcome,
    PieceStatus,
    ReasonKind,
    ResponseState,
    RunState,
    ScopeKind,
    Source,
    Stage,
)
from app.extensions import db
from app.orm import Versioned, field, instant, labelled, managed, pk, ref

OFFER, ORGANISATION, SETTINGS, FILES, JOURNAL = _("Offre"), _("Organisation"), _("Configuration"), _("Candidatures"), _("Journal")

# ======================================================================================================================
# Reference data
# ======================================================================================================================


class Country(db.Model):
    """ISO 3166 country, with the nationality it gives."""

    code: Mapped[str] = mapped_column(String(2), primary_key=True)
    name: Mapped[orm.translated]
    nationality: Mapped[orm.translated]


class Department(db.Model):
    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    name: Mapped[orm.short]


class Commune(db.Model):
    """French commune by its INSEE code."""

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    name: Mapped[orm.short]
    department_code: Mapped[str] = ref("department.code")


class PostalCode(db.Model):
    """One postal code of one commune."""

    postal_code: Mapped[str] = mapped_column(String(5), primary_key=True)
    commune_code: Mapped[str] = mapped_column(db.ForeignKey("commune.code"), primary_key=True, index=True)
    commune: Mapped[Commune] = relationship()


class BacSeries(db.Model, Versioned):
    """Baccalauréat series or equivalent, with the years in which it was awarded."""

    __managed__ = managed(_("Séries de baccalauréat"), menu=SETTINGS, right="REFERENCE", order=90)

    code: Mapped[str] = mapped_column(String(20), primary_key=True, info=field(_("Code"), list=True))
    label: Mapped[orm.translated] = mapped_column(info=field(_("Libellé"), list=True))
    valid_from: Mapped[int | None] = mapped_column(info=field(_("Délivré depuis l’année"), list=True))
    valid_to: Mapped[int | None] = mapped_column(info=field(_("Délivré jusqu’à l’année"), list=True))
    is_baccalaureat: Mapped[orm.yes] = mapped_column(info=field(_("Est un baccalauréat français"), list=True))


class BacMention(db.Model):
    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    label: Mapped[orm.translated]


class DiplomaType(db.Model, Versioned):
    """Second level of the offer's tree."""

    __managed__ = managed(_("Types de diplôme"), menu=OFFER, right="REFERENCE", order=40)

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(info=field(_("Code"), list=True, search=True))
    name: Mapped[orm.translated] = mapped_column(info=field(_("Nom"), list=True))
    position: Mapped[int] = mapped_column(default=100, info=field(_("Ordre d’affichage"), list=True))


class Parameter(db.Model, Versioned):
    """Value of one setting declared in `app.parameters`; absent means its default."""

    code: Mapped[str] = mapped_column(String(50), primary_key=True)
    value: Mapped[orm.json]
    updated_at: Mapped[orm.created] = mapped_column(onupdate=clock.now)


# ======================================================================================================================
# People
# ======================================================================================================================


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
    user: Mapped[User | None] = relationship(back_populates="staff_member")
    grants: Mapped[list["Grant"]] = relationship(back_populates="staff_member", cascade="all, delete-orphan")

    def __str__(self):
        return f"{self.first_name} {self.last_name}"


class RightsProfile(db.Model, Versioned):
    """A named set of functionalities in read or write (domain B1.2)."""

    __managed__ = managed(_("Profils de droits"), menu=ORGANISATION, right="RIGHTS", order=50)

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(info=field(_("Code"), list=True))
    name: Mapped[orm.label] = mapped_column(info=field(_("Nom"), list=True, search=True))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True))
    rights: Mapped[list["ProfileRight"]] = relationship(back_populates="profile", cascade="all, delete-orphan")

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

    __managed__ = managed(_("Droits attribués"), menu=ORGANISATION, right="RIGHTS", order=70)
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
    staff_member: Mapped[StaffMember] = relationship(back_populates="grants", info=field(_("Personne"), list=True))
    profile: Mapped[RightsProfile] = relationship(lazy="joined", info=field(_("Profil"), list=True))
    centre: Mapped["Centre | None"] = relationship(info=field(_("Centre"), list=True))
    commission: Mapped["Commission | None"] = relationship(info=field(_("Commission"), list=True))


class Candidate(db.Model, Versioned):
    """A person who applies: one account for life, one profile carried from year to year (domain D1)."""

    __managed__ = managed(_("Candidats"), menu=FILES, right="CANDIDATES", scope="candidate", order=20, create=False, edit=False)

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
    identity_source: Mapped[Source] = mapped_column(labelled(Source), default=Source.TYPED)
    has_no_external_record: Mapped[orm.no]
    synchronised_at: Mapped[instant | None]
    created_at: Mapped[orm.created] = mapped_column(info=field(_("Compte créé le"), list=True))

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


# ======================================================================================================================
# Offer
# ======================================================================================================================


class Dates:
    """The dates of a candidature's life; on an offering, empty means the centre's (domain A5, B4.4)."""

    opens_at: Mapped[instant | None] = mapped_column(info=field(_("Candidatures à partir du"), section=_("Dates"), list=True))
    closes_at: Mapped[instant | None] = mapped_column(info=field(_("Candidatures jusqu’au"), section=_("Dates"), list=True))
    return_by: Mapped[instant | None] = mapped_column(info=field(_("Dossier à transmettre avant le"), section=_("Dates"), list=True))
    confirm_by: Mapped[instant | None] = mapped_column(info=field(_("Réponse du candidat avant le"), section=_("Dates")))
    confirm_days: Mapped[int | None] = mapped_column(info=field(_("Délai de réponse après publication (jours)"), section=_("Dates")))
    waitlist_confirm_by: Mapped[instant | None] = mapped_column(
        info=field(_("Réponse avant le (liste complémentaire)"), section=_("Dates"))
    )
    waitlist_confirm_days: Mapped[int | None] = mapped_column(
        info=field(_("Délai de réponse (liste complémentaire, jours)"), section=_("Dates"))
    )
    jury_on: Mapped[date | None] = mapped_column(Date, info=field(_("Date du jury"), section=_("Dates")))
    publication_on: Mapped[date | None] = mapped_column(Date, info=field(_("Publication prévue le"), section=_("Dates")))


class Campaign(db.Model, Versioned):
    """One year of candidatures; at most one is running."""

    __managed__ = managed(_("Campagnes"), menu=OFFER, right="CAMPAIGNS", order=10)
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="order"),
        Index("uq_campaign_running", "is_running", unique=True, postgresql_where=text("is_running"), sqlite_where=text("is_running")),
    )

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(info=field(_("Code"), list=True, search=True))
    name: Mapped[orm.translated] = mapped_column(info=field(_("Nom"), list=True))
    starts_at: Mapped[instant] = mapped_column(info=field(_("Début"), list=True))
    ends_at: Mapped[instant] = mapped_column(info=field(_("Fin"), list=True))
    candidates_end_at: Mapped[instant | None] = mapped_column(
        info=field(_("Fin pour les candidats"), help=_("Vide : fin de la campagne."), list=True)
    )
    is_running: Mapped[orm.no] = mapped_column(info=field(_("En cours"), list=True))
    archived_at: Mapped[instant | None] = mapped_column(info=field(_("Archivée le"), form=False))

    def __str__(self):
        return orm.text_in(self.name, "fr")


class Centre(Dates, db.Model, Versioned):
    """A component of the university that runs commissions; its dates are the default of its offerings."""

    __managed__ = managed(_("Centres de candidature"), menu=ORGANISATION, right="ORGANISATION", scope="centre", order=10)

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(info=field(_("Code"), list=True, search=True))
    name: Mapped[orm.label] = mapped_column(info=field(_("Nom"), list=True, search=True))
    contact_email: Mapped[str | None] = mapped_column(String(254), info=field(_("Adresse de contact"), list=True))
    max_candidatures: Mapped[int | None] = mapped_column(
        info=field(_("Candidatures au plus par candidat"), help=_("Vide : la limite de l’établissement seule."))
    )
    has_waiting_list: Mapped[orm.yes] = mapped_column(info=field(_("Utilise la liste complémentaire")))
    information: Mapped[orm.translated | None] = mapped_column(info=field(_("Informations aux candidats")))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True, filter=True))
    commissions: Mapped[list["Commission"]] = relationship(back_populates="centre")

    def __str__(self):
        return self.name


class Commission(db.Model, Versioned):
    """The people who examine the candidatures of some formations."""

    __managed__ = managed(_("Commissions"), menu=ORGANISATION, right="ORGANISATION", scope="centre", order=20)

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(info=field(_("Code"), list=True, search=True))
    name: Mapped[orm.label] = mapped_column(info=field(_("Nom"), list=True, search=True))
    centre_id: Mapped[int] = ref("centre.id")
    contact_email: Mapped[str | None] = mapped_column(String(254), info=field(_("Adresse de contact"), list=True))
    phone: Mapped[str | None] = mapped_column(String(20), info=field(_("Téléphone")))
    postal_address: Mapped[str | None] = mapped_column(Text, info=field(_("Adresse postale")))
    alert_email: Mapped[str | None] = mapped_column(String(254), info=field(_("Alertes envoyées à"), help=_("Vide : aucune alerte.")))
    return_comment: Mapped[orm.translated | None] = mapped_column(info=field(_("Consigne pour le retour du dossier")))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True, filter=True))
    centre: Mapped[Centre] = relationship(back_populates="commissions", info=field(_("Centre"), list=True))

    def __str__(self):
        return self.name


class Formation(db.Model, Versioned):
    """A diploma course of the university, permanent; an `Offering` opens it in a campaign (domain D19)."""

    __managed__ = managed(_("Formations"), menu=OFFER, right="FORMATIONS", scope="commission", order=20)

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(info=field(_("Code"), list=True, search=True))
    name: Mapped[str] = mapped_column(String(500), info=field(_("Intitulé"), list=True, search=True))
    search_text: Mapped[str] = mapped_column(Text, default="", info=field(_("Texte de recherche"), form=False, export=False))
    keywords: Mapped[str | None] = mapped_column(
        String(500), info=field(_("Mots-clés"), help=_("Séparés par des espaces ; ils aident le filtre de l’offre."))
    )
    town: Mapped[str | None] = mapped_column(String(100), info=field(_("Ville"), list=True, filter=True))
    mode: Mapped[str | None] = mapped_column(String(100), info=field(_("Modalité")))
    entry_level: Mapped[int | None] = mapped_column(info=field(_("Niveau d’entrée (années après le bac)")))
    url: Mapped[str | None] = mapped_column(String(500), info=field(_("Page de présentation")))
    initial_track: Mapped[AccessTrack] = mapped_column(
        labelled(AccessTrack), default=AccessTrack.CONTROLLED, info=field(_("Type de traitement initial"))
    )
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True, filter=True))
    commission_id: Mapped[int] = ref("commission.id")
    diploma_type_id: Mapped[int] = ref("diploma_type.id")
    commission: Mapped[Commission] = relationship(info=field(_("Commission"), list=True))
    diploma_type: Mapped[DiplomaType] = relationship(info=field(_("Type de diplôme"), list=True))
    offerings: Mapped[list["Offering"]] = relationship(back_populates="formation")

    def __str__(self):
        return self.name


def effective(name):
    """Return the hybrid giving an offering's own date or else its centre's, the same in Python and in SQL."""

    def value(self):
        own = getattr(self, name)
        return own if own is not None else getattr(self.commission.centre, name)

    def expression(cls):
        inherited = select(getattr(Centre, name)).join(Commission).where(Commission.id == cls.commission_id).scalar_subquery()
        return func.coalesce(getattr(cls, name), inherited)

    return hybrid_property(value, expr=expression)


class Offering(Dates, db.Model, Versioned):
    """A formation opened in a campaign: its commission, dates, seats and information."""

    __managed__ = managed(_("Ouvertures dans la campagne"), menu=OFFER, right="FORMATIONS", scope="commission", order=30)
    __table_args__ = (
        UniqueConstraint("formation_id", "campaign_id"),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity"),
    )

    id: Mapped[pk]
    formation_id: Mapped[int] = ref("formation.id")
    campaign_id: Mapped[int] = ref("campaign.id")
    commission_id: Mapped[int] = ref("commission.id")
    capacity: Mapped[int | None] = mapped_column(info=field(_("Places"), help=_("Vide : non précisé."), list=True))
    is_published: Mapped[orm.yes] = mapped_column(info=field(_("Visible des candidats"), list=True, filter=True))
    has_waiting_list: Mapped[orm.yes] = mapped_column(info=field(_("Utilise la liste complémentaire")))
    information: Mapped[orm.translated | None] = mapped_column(info=field(_("Informations aux candidats")))
    admitted_type_id: Mapped[int | None] = ref("decision_type.id", nullable=True)
    formation: Mapped[Formation] = relationship(back_populates="offerings", info=field(_("Formation"), list=True))
    campaign: Mapped[Campaign] = relationship(info=field(_("Campagne"), list=True))
    commission: Mapped[Commission] = relationship(info=field(_("Commission"), list=True))
    admitted_type: Mapped["DecisionType | None"] = relationship(
        info=field(_("Avis favorable par défaut"), help=_("Utilisé par l’accès direct."))
    )

    opening = effective("opens_at")
    closing = effective("closes_at")
    return_deadline = effective("return_by")
    fixed_confirm_by = effective("confirm_by")
    fixed_confirm_days = effective("confirm_days")

    def __str__(self):
        return str(self.formation)


class PieceType(db.Model, Versioned):
    """What a piece is and why it is asked, whatever formation asks it."""

    __managed__ = managed(_("Types de pièces"), menu=SETTINGS, right="PIECES", scope="shared_centre", order=10)

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(info=field(_("Code"), list=True, search=True))
    name: Mapped[orm.translated] = mapped_column(info=field(_("Nom"), list=True))
    purpose: Mapped[orm.translated | None] = mapped_column(
        info=field(_("Pourquoi elle est demandée"), help=_("Une phrase lue par le candidat."))
    )
    is_shared: Mapped[orm.yes] = mapped_column(info=field(_("Déposée une fois pour toutes les candidatures"), list=True))
    is_conditional: Mapped[orm.no] = mapped_column(info=field(_("Le candidat peut être non concerné"), list=True))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True, filter=True))
    template_key: Mapped[str | None] = mapped_column(String(64), info=field(_("Modèle à remplir (fichier)"), form=False, export=False))
    template_name: Mapped[str | None] = mapped_column(String(100), info=field(_("Modèle à remplir"), form=False))
    centre_id: Mapped[int | None] = ref("centre.id", nullable=True)
    centre: Mapped[Centre | None] = relationship(info=field(_("Centre"), help=_("Vide : tout l’établissement."), list=True))

    def __str__(self):
        return orm.text_in(self.name, "fr")


class RequiredPiece(db.Model, Versioned):
    """A piece asked in a campaign, of every candidature, of a centre's, or of one offering's."""

    __managed__ = managed(_("Pièces demandées"), menu=SETTINGS, right="PIECES", scope="target", order=20)
    __table_args__ = (CheckConstraint("centre_id IS NULL OR offering_id IS NULL", name="one_target"),)

    id: Mapped[pk]
    campaign_id: Mapped[int] = ref("campaign.id")
    piece_type_id: Mapped[int] = ref("piece_type.id")
    centre_id: Mapped[int | None] = ref("centre.id", nullable=True)
    offering_id: Mapped[int | None] = ref("offering.id", nullable=True)
    access_track: Mapped[AccessTrack | None] = mapped_column(
        labelled(AccessTrack), info=field(_("Seulement pour le traitement"), help=_("Vide : tous."))
    )
    deadline: Mapped[instant | None] = mapped_column(
        info=field(_("À déposer avant le"), help=_("Vide : date limite de retour."), list=True)
    )
    position: Mapped[int] = mapped_column(default=100, info=field(_("Ordre"), list=True))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True, filter=True))
    campaign: Mapped[Campaign] = relationship(info=field(_("Campagne"), list=True))
    piece_type: Mapped[PieceType] = relationship(info=field(_("Pièce"), list=True))
    centre: Mapped[Centre | None] = relationship(
        info=field(_("Centre"), help=_("Vide, comme l’ouverture : toutes les candidatures."), list=True)
    )
    offering: Mapped[Offering | None] = relationship(info=field(_("Ouverture"), list=True))

    def __str__(self):
        return f"#{self.id}"


class Form(db.Model, Versioned):
    """A complementary form: native (fields below) or external (an address with placeholders)."""

    __managed__ = managed(_("Formulaires"), menu=SETTINGS, right="FORMS", scope="shared_centre", order=30)

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(info=field(_("Code"), list=True, search=True))
    name: Mapped[orm.translated] = mapped_column(info=field(_("Nom"), list=True))
    introduction: Mapped[orm.translated | None] = mapped_column(info=field(_("Introduction")))
    url: Mapped[str | None] = mapped_column(
        String(500),
        info=field(
            _("Adresse du formulaire externe"),
            help=_("Vide : formulaire interne. Exemple : https://enquete.exemple.fr/?dossier={candidat.numero}"),
        ),
    )
    is_shared: Mapped[orm.no] = mapped_column(info=field(_("Une seule réponse pour toutes les candidatures"), list=True))
    is_conditional: Mapped[orm.no] = mapped_column(info=field(_("Le candidat peut être non concerné")))
    is_blocking: Mapped[orm.yes] = mapped_column(info=field(_("Doit être rempli avant de transmettre"), list=True))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True, filter=True))
    centre_id: Mapped[int | None] = ref("centre.id", nullable=True)
    centre: Mapped[Centre | None] = relationship(info=field(_("Centre"), help=_("Vide : tout l’établissement."), list=True))
    versions: Mapped[list["FormVersion"]] = relationship(back_populates="form", order_by="FormVersion.number")

    def __str__(self):
        return orm.text_in(self.name, "fr")


class FormVersion(db.Model):
    """The fields of a form as they stood; a transmitted answer keeps its version."""

    __table_args__ = (UniqueConstraint("form_id", "number"),)

    id: Mapped[pk]
    form_id: Mapped[int] = ref("form.id")
    number: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[orm.created]
    form: Mapped[Form] = relationship(back_populates="versions")
    fields: Mapped[list["FormField"]] = relationship(
        back_populates="form_version", order_by="FormField.position", cascade="all, delete-orphan"
    )

    def __str__(self):
        return f"v{self.number}"


class FormField(db.Model, Versioned):
    """One question, with a key that never changes from version to version."""

    __managed__ = managed(_("Questions des formulaires"), menu=SETTINGS, right="FORMS", scope="form", order=40)
    __table_args__ = (UniqueConstraint("form_version_id", "key"),)

    id: Mapped[pk]
    form_version_id: Mapped[int] = ref("form_version.id", ondelete="CASCADE")
    key: Mapped[str] = mapped_column(String(50), info=field(_("Clé"), help=_("Lettres sans accent, chiffres et _."), list=True))
    kind: Mapped[FieldKind] = mapped_column(labelled(FieldKind), info=field(_("Type"), list=True))
    label: Mapped[orm.translated] = mapped_column(info=field(_("Question"), list=True))
    help: Mapped[orm.translated | None] = mapped_column(info=field(_("Aide")))
    choices: Mapped[orm.ordered | None] = mapped_column(
        info=field(_("Choix"), help=_("Pour une liste, un choix par ligne : clé | texte | English text"))
    )
    is_required: Mapped[orm.yes] = mapped_column(info=field(_("Obligatoire"), list=True))
    minimum: Mapped[Decimal | None] = mapped_column(Numeric(14, 4), info=field(_("Valeur minimale")))
    maximum: Mapped[Decimal | None] = mapped_column(Numeric(14, 4), info=field(_("Valeur maximale")))
    position: Mapped[int] = mapped_column(default=100, info=field(_("Ordre"), list=True))
    form_version: Mapped[FormVersion] = relationship(back_populates="fields", info=field(_("Version du formulaire"), list=True))


class RequiredForm(db.Model, Versioned):
    """A form asked in a campaign, with the same targets as a required piece."""

    __managed__ = managed(_("Formulaires demandés"), menu=SETTINGS, right="FORMS", scope="target", order=50)
    __table_args__ = (CheckConstraint("centre_id IS NULL OR offering_id IS NULL", name="one_target"),)

    id: Mapped[pk]
    campaign_id: Mapped[int] = ref("campaign.id")
    form_id: Mapped[int] = ref("form.id")
    centre_id: Mapped[int | None] = ref("centre.id", nullable=True)
    offering_id: Mapped[int | None] = ref("offering.id", nullable=True)
    position: Mapped[int] = mapped_column(default=100, info=field(_("Ordre"), list=True))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True))
    campaign: Mapped[Campaign] = relationship(info=field(_("Campagne"), list=True))
    form: Mapped[Form] = relationship(info=field(_("Formulaire"), list=True))
    centre: Mapped[Centre | None] = relationship(info=field(_("Centre"), list=True))
    offering: Mapped[Offering | None] = relationship(info=field(_("Ouverture"), list=True))


class DecisionType(db.Model, Versioned):
    """A decision as this university words it, on one of the five fixed outcomes (domain B4.5)."""

    __managed__ = managed(_("Types d’avis"), menu=SETTINGS, right="DECISION_SETTINGS", scope="shared_centre", order=60)

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(info=field(_("Code"), list=True, search=True))
    name: Mapped[orm.translated] = mapped_column(info=field(_("Nom"), list=True))
    outcome: Mapped[Outcome] = mapped_column(labelled(Outcome), info=field(_("Nature de l’avis"), list=True, filter=True))
    is_comment_shown: Mapped[orm.yes] = mapped_column(info=field(_("Commentaire montré au candidat")))
    is_enrolling: Mapped[orm.yes] = mapped_column(info=field(_("La confirmation ouvre une proposition d’inscription")))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True, filter=True))
    mail_template_id: Mapped[int | None] = ref("mail_template.id", nullable=True)
    centre_id: Mapped[int | None] = ref("centre.id", nullable=True)
    mail_template: Mapped["MailTemplate | None"] = relationship(
        info=field(_("Courriel propre"), help=_("Vide : le courriel de la nature de l’avis."))
    )
    centre: Mapped[Centre | None] = relationship(info=field(_("Centre"), help=_("Vide : tout l’établissement."), list=True))

    def __str__(self):
        return orm.text_in(self.name, "fr")


class DecisionReason(db.Model, Versioned):
    """A reason of refusal or of withdrawal."""

    __managed__ = managed(_("Motifs"), menu=SETTINGS, right="DECISION_SETTINGS", scope="shared_centre", order=70)

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(info=field(_("Code"), list=True, search=True))
    kind: Mapped[ReasonKind] = mapped_column(labelled(ReasonKind), info=field(_("Emploi"), list=True, filter=True))
    name: Mapped[orm.translated] = mapped_column(info=field(_("Texte"), list=True))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True))
    centre_id: Mapped[int | None] = ref("centre.id", nullable=True)
    centre: Mapped[Centre | None] = relationship(info=field(_("Centre"), help=_("Vide : tout l’établissement."), list=True))

    def __str__(self):
        return orm.text_in(self.name, "fr")


class MailTemplate(db.Model, Versioned):
    """This university's wording of a message of the catalogue, or of a decision type's own mail."""

    __managed__ = managed(_("Modèles de courriels"), menu=SETTINGS, right="TEMPLATES", order=80)

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(
        info=field(_("Code"), help=_("Le code d’un message du catalogue le remplace."), list=True, search=True)
    )
    subject: Mapped[orm.translated] = mapped_column(info=field(_("Objet"), list=True))
    body: Mapped[orm.translated] = mapped_column(info=field(_("Texte"), help=_("Markdown ; les balises permises sont dans l’aide.")))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True))

    def __str__(self):
        return self.code


# ======================================================================================================================
# Candidature
# ======================================================================================================================


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


# ======================================================================================================================
# Correspondence and journal
# ======================================================================================================================


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
    """A change made to settings or to a person's data through the back office or a command."""

    __managed__ = managed(_("Journal des modifications"), menu=JOURNAL, right="OPERATIONS", order=10, create=False, edit=False)

    id: Mapped[pk]
    at: Mapped[orm.created] = mapped_column(info=field(_("Le"), list=True))
    actor_id: Mapped[int | None] = ref("user_account.id", nullable=True, ondelete="SET NULL")
    actor_name: Mapped[orm.label] = mapped_column(info=field(_("Par"), list=True, search=True))
    action: Mapped[str] = mapped_column(String(40), info=field(_("Acte"), list=True, filter=True))
    entity: Mapped[str] = mapped_column(String(60), info=field(_("Objet"), list=True, filter=True))
    entity_id: Mapped[str] = mapped_column(String(60), info=field(_("Numéro"), list=True))
    changes: Mapped[orm.json] = mapped_column(info=field(_("Avant et après"), list=True))
    reason: Mapped[str | None] = mapped_column(Text, info=field(_("Raison")))


class BatchRun(db.Model):
    """One run of a scheduled job; the pair (job, period) makes each period run once (trust F30)."""

    __managed__ = managed(_("Traitements"), menu=JOURNAL, right="OPERATIONS", order=20, create=False, edit=False)
    __table_args__ = (UniqueConstraint("name", "period"),)

    id: Mapped[pk]
    name: Mapped[str] = mapped_column(String(40), info=field(_("Traitement"), list=True, filter=True))
    period: Mapped[str] = mapped_column(String(40), info=field(_("Période"), list=True))
    started_at: Mapped[orm.created] = mapped_column(info=field(_("Début"), list=True))
    ended_at: Mapped[instant | None] = mapped_column(info=field(_("Fin"), list=True))
    state: Mapped[RunState] = mapped_column(labelled(RunState), default=RunState.RUNNING, info=field(_("État"), list=True, filter=True))
    lease_until: Mapped[instant | None]
    done_count: Mapped[int] = mapped_column(default=0, info=field(_("Éléments traités"), list=True))
    detail: Mapped[str | None] = mapped_column(Text, info=field(_("Détail"), list=True))
