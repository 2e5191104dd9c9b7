"""The offer: campaigns, centres, commissions, formations, and their opening in a campaign."""

from datetime import date
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, Date, Index, String, Text, UniqueConstraint, func, select, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import orm
from app.enums import AccessTrack, AlertTarget, PromotionMode
from app.extensions import db
from app.orm import Versioned, field, instant, labelled, managed, pk, ref
from app.tables.menus import OFFER, ORGANISATION
from app.tables.reference import DiplomaType

if TYPE_CHECKING:
    from app.tables.settings import DecisionType, ScoringGrid


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
    is_running: Mapped[orm.no] = mapped_column(info=field(_("En cours"), list=True, form=False))
    activates_at: Mapped[instant | None] = mapped_column(info=field(_("Mise en service prévue le"), form=False))
    closed_at: Mapped[instant | None] = mapped_column(info=field(_("Fermée le"), form=False))
    archived_at: Mapped[instant | None] = mapped_column(info=field(_("Archivée le"), form=False))
    copied_from_id: Mapped[int | None] = ref("campaign.id", nullable=True)
    copied_from: Mapped["Campaign | None"] = relationship(remote_side="Campaign.id", info=field(_("Copiée de"), form=False))

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
    alert_target: Mapped[AlertTarget] = mapped_column(
        labelled(AlertTarget), default=AlertTarget.ADDRESS, info=field(_("Alertes envoyées à"), section=_("Alertes"))
    )
    alert_email: Mapped[str | None] = mapped_column(
        String(254), info=field(_("Adresse d’alerte"), help=_("Vide : aucune alerte."), section=_("Alertes"))
    )
    alerts_transmission: Mapped[orm.yes] = mapped_column(info=field(_("À chaque dossier transmis"), section=_("Alertes")))
    alerts_cancellation: Mapped[orm.yes] = mapped_column(info=field(_("À chaque annulation"), section=_("Alertes")))
    alerts_withdrawal: Mapped[orm.yes] = mapped_column(info=field(_("À chaque désistement"), section=_("Alertes")))
    alerts_promotion: Mapped[orm.yes] = mapped_column(info=field(_("À chaque appel depuis la liste complémentaire"), section=_("Alertes")))
    alerts_proposal: Mapped[orm.yes] = mapped_column(info=field(_("À chaque proposition d’admission"), section=_("Alertes")))
    signatory_name: Mapped[str | None] = mapped_column(String(200), info=field(_("Signataire des lettres"), section=_("Lettres")))
    signatory_title: Mapped[str | None] = mapped_column(
        String(200), info=field(_("Qualité du signataire"), help=_("Par exemple : la présidente de la commission."), section=_("Lettres"))
    )
    signature_key: Mapped[str | None] = mapped_column(String(64))
    has_letters: Mapped[orm.yes] = mapped_column(info=field(_("Le candidat peut télécharger sa lettre"), section=_("Lettres")))
    mails_letters: Mapped[orm.no] = mapped_column(info=field(_("La lettre est jointe au courriel de l’avis"), section=_("Lettres")))
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
    promotion_mode: Mapped[PromotionMode] = mapped_column(
        labelled(PromotionMode),
        default=PromotionMode.AUTOMATIC,
        info=field(_("Appel depuis la liste complémentaire"), help=_("Quand une place se libère.")),
    )
    information: Mapped[orm.translated | None] = mapped_column(info=field(_("Informations aux candidats")))
    scoring_grid_id: Mapped[int | None] = ref("scoring_grid.id", nullable=True)
    admitted_type_id: Mapped[int | None] = ref("decision_type.id", nullable=True)
    formation: Mapped[Formation] = relationship(back_populates="offerings", info=field(_("Formation"), list=True))
    campaign: Mapped[Campaign] = relationship(info=field(_("Campagne"), list=True))
    commission: Mapped[Commission] = relationship(info=field(_("Commission"), list=True))
    admitted_type: Mapped["DecisionType | None"] = relationship(
        info=field(_("Avis favorable par défaut"), help=_("Utilisé par l’accès direct et par la liste complémentaire."))
    )
    scoring_grid: Mapped["ScoringGrid | None"] = relationship(info=field(_("Grille d’évaluation"), help=_("Vide : opinion sans note.")))

    opening = effective("opens_at")
    closing = effective("closes_at")
    return_deadline = effective("return_by")
    fixed_confirm_by = effective("confirm_by")
    fixed_confirm_days = effective("confirm_days")

    def __str__(self):
        return str(self.formation)
