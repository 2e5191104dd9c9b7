"""What configuration editors define: pieces, forms, decisions, grids, and the words of messages and letters."""

from decimal import Decimal

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, Numeric, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import orm
from app.enums import (
    AccessTrack,
    Colour,
    CommentKind,
    FieldKind,
    LetterKind,
    NationalityGroup,
    Outcome,
    ReasonKind,
    StatusGroup,
    StudiesGroup,
)
from app.extensions import db
from app.orm import Versioned, field, instant, labelled, managed, pk, ref
from app.tables.menus import SETTINGS
from app.tables.offer import Campaign, Centre, Offering


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
    template_key: Mapped[str | None] = mapped_column(String(64))
    template_name: Mapped[str | None] = mapped_column(String(100), info=field(_("Modèle à remplir"), form=False))
    centre_id: Mapped[int | None] = ref("centre.id", nullable=True)
    centre: Mapped[Centre | None] = relationship(info=field(_("Centre"), help=_("Vide : tout l’établissement."), list=True))

    def __str__(self):
        return orm.text_in(self.name, "fr")


class Audience:
    """The profiles of which something is asked: all of those named must be met (`app.audiences`)."""

    nationality: Mapped[NationalityGroup | None] = mapped_column(
        labelled(NationalityGroup), info=field(_("Seulement si la nationalité est"), help=_("Vide : toutes."), section=_("Pour qui"))
    )
    studies: Mapped[StudiesGroup | None] = mapped_column(
        labelled(StudiesGroup), info=field(_("Seulement si le candidat a"), help=_("Vide : tous."), section=_("Pour qui"))
    )
    situation: Mapped[StatusGroup | None] = mapped_column(
        labelled(StatusGroup), info=field(_("Seulement si le candidat est"), help=_("Vide : tous."), section=_("Pour qui"))
    )


class RequiredPiece(Audience, db.Model, Versioned):
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
        return str(self.piece_type)


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
            help=_(
                "Vide : formulaire interne. Exemple : https://enquete.exemple.fr/?dossier={candidat.numero}&retour={retour}. Balises : {candidat.numero}, {candidat.nom}, {candidat.prenom}, {candidature}, {retour} (l’adresse à laquelle le site renvoie le candidat quand il a fini)."
            ),
        ),
    )
    survey_number: Mapped[int | None] = mapped_column(
        info=field(
            _("Numéro de l’enquête LimeSurvey"),
            help=_("Vide : le retour du candidat par son lien signé dit que le formulaire est rempli."),
        )
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
    """The fields of a form as they stood; a transmitted answer keeps its version; nobody answers a draft."""

    __table_args__ = (UniqueConstraint("form_id", "number"),)

    id: Mapped[pk]
    form_id: Mapped[int] = ref("form.id")
    number: Mapped[int] = mapped_column(default=1)
    is_draft: Mapped[orm.no]
    created_at: Mapped[orm.created]
    form: Mapped[Form] = relationship(back_populates="versions")
    fields: Mapped[list["FormField"]] = relationship(
        back_populates="form_version", order_by="FormField.position", cascade="all, delete-orphan"
    )

    def __str__(self):
        return f"v{self.number}"


class FormField(Audience, db.Model, Versioned):
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
    condition_key: Mapped[str | None] = mapped_column(
        String(50),
        info=field(_("Seulement si la réponse à"), help=_("Clé d’une question qui précède. Vide : toujours."), section=_("Pour qui")),
    )
    condition_value: Mapped[str | None] = mapped_column(
        String(50),
        info=field(_("est"), help=_("Clé du choix, ou yes ou no. Vide : une réponse, quelle qu’elle soit."), section=_("Pour qui")),
    )
    position: Mapped[int] = mapped_column(default=100, info=field(_("Ordre"), list=True))
    piece_type_id: Mapped[int | None] = ref("piece_type.id", nullable=True)
    piece_type: Mapped[PieceType | None] = relationship(
        info=field(_("Pièce déposée"), help=_("Pour un fichier : le type de pièce que la réponse dépose."))
    )
    form_version: Mapped[FormVersion] = relationship(back_populates="fields", info=field(_("Version du formulaire"), list=True))

    def __str__(self):
        return orm.text_in(self.label, "fr")


class RequiredForm(Audience, db.Model, Versioned):
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

    def __str__(self):
        return str(self.form)


class DecisionType(db.Model, Versioned):
    """A decision as this university words it, on one of the five fixed outcomes (domain B4.5)."""

    __managed__ = managed(_("Types d’avis"), menu=SETTINGS, right="DECISION_SETTINGS", scope="shared_centre", order=60)

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(info=field(_("Code"), list=True, search=True))
    name: Mapped[orm.translated] = mapped_column(info=field(_("Nom"), list=True))
    outcome: Mapped[Outcome] = mapped_column(labelled(Outcome), info=field(_("Nature de l’avis"), list=True, filter=True))
    is_comment_shown: Mapped[orm.yes] = mapped_column(info=field(_("Commentaire montré au candidat")))
    is_enrolling: Mapped[orm.yes] = mapped_column(info=field(_("La confirmation ouvre une proposition d’inscription")))
    is_definitive: Mapped[orm.no] = mapped_column(
        info=field(_("Avis définitif"), help=_("Arrête l’alerte de silence quand le paramètre le demande."))
    )
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True, filter=True))
    mail_template_id: Mapped[int | None] = ref("mail_template.id", nullable=True)
    letter_template_id: Mapped[int | None] = ref("letter_template.id", nullable=True)
    centre_id: Mapped[int | None] = ref("centre.id", nullable=True)
    mail_template: Mapped["MailTemplate | None"] = relationship(
        info=field(_("Courriel propre"), help=_("Vide : le courriel de la nature de l’avis."))
    )
    letter_template: Mapped["LetterTemplate | None"] = relationship(
        info=field(_("Lettre propre"), help=_("Vide : la lettre ordinaire d’admission ou de refus."))
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
    is_free: Mapped[orm.no] = mapped_column(
        info=field(_("Proposé pour écrire aux candidats"), help=_("Dans la liste des modèles d’un message libre."), list=True)
    )

    def __str__(self):
        return self.code


class LetterTemplate(db.Model, Versioned):
    """The text of a letter: a short list of HTML tags, placeholders and optional parts (design §8)."""

    __managed__ = managed(_("Modèles de lettres"), menu=SETTINGS, right="TEMPLATES", scope="shared_centre", order=82)

    id: Mapped[pk]
    code: Mapped[orm.code] = mapped_column(info=field(_("Code"), list=True, search=True))
    kind: Mapped[LetterKind] = mapped_column(labelled(LetterKind), info=field(_("Emploi"), list=True, filter=True))
    title: Mapped[orm.translated] = mapped_column(info=field(_("Objet de la lettre"), list=True))
    body: Mapped[orm.translated] = mapped_column(
        info=field(_("Texte"), help=_("Paragraphes, gras, italique, listes ; les balises permises sont dans l’aide."))
    )
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True))
    centre_id: Mapped[int | None] = ref("centre.id", nullable=True)
    centre: Mapped[Centre | None] = relationship(info=field(_("Centre"), help=_("Vide : tout l’établissement."), list=True))

    def __str__(self):
        return self.code


class Tag(db.Model, Versioned):
    """A coloured word that staff put on candidatures; candidates never see it."""

    __managed__ = managed(_("Étiquettes"), menu=SETTINGS, right="TAGS", scope="shared_centre", order=72)

    id: Mapped[pk]
    name: Mapped[orm.short] = mapped_column(info=field(_("Nom"), list=True, search=True))
    colour: Mapped[Colour] = mapped_column(labelled(Colour), default=Colour.BLUE, info=field(_("Couleur"), list=True))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True, filter=True))
    centre_id: Mapped[int | None] = ref("centre.id", nullable=True)
    centre: Mapped[Centre | None] = relationship(info=field(_("Centre"), help=_("Vide : tout l’établissement."), list=True))

    def __str__(self):
        return self.name


class CannedComment(db.Model, Versioned):
    """A sentence written once and chosen many times."""

    __managed__ = managed(_("Commentaires tout prêts"), menu=SETTINGS, right="DECISION_SETTINGS", scope="shared_centre", order=74)

    id: Mapped[pk]
    kind: Mapped[CommentKind] = mapped_column(labelled(CommentKind), info=field(_("Emploi"), list=True, filter=True))
    text: Mapped[orm.translated] = mapped_column(info=field(_("Texte"), list=True))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True))
    centre_id: Mapped[int | None] = ref("centre.id", nullable=True)
    centre: Mapped[Centre | None] = relationship(info=field(_("Centre"), help=_("Vide : tout l’établissement."), list=True))

    def __str__(self):
        return orm.text_in(self.text, "fr")


class SilenceAlert(db.Model, Versioned):
    """A colour that a row of the list takes once so many days have passed without a decision (domain B8.8)."""

    __managed__ = managed(_("Alertes de silence"), menu=SETTINGS, right="DECISION_SETTINGS", order=76)
    __table_args__ = (CheckConstraint("days > 0", name="days"),)

    id: Mapped[pk]
    days: Mapped[int] = mapped_column(unique=True, info=field(_("Jours écoulés"), list=True))
    colour: Mapped[Colour] = mapped_column(labelled(Colour), default=Colour.ORANGE, info=field(_("Couleur"), list=True))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True))

    def __str__(self):
        return str(self.days)


class ScoringGrid(db.Model, Versioned):
    """The criteria on which the members of a commission give marks."""

    __managed__ = managed(_("Grilles d’évaluation"), menu=SETTINGS, right="DECISION_SETTINGS", scope="shared_centre", order=78)

    id: Mapped[pk]
    name: Mapped[orm.label] = mapped_column(info=field(_("Nom"), list=True, search=True))
    is_active: Mapped[orm.yes] = mapped_column(info=field(_("En service"), list=True))
    centre_id: Mapped[int | None] = ref("centre.id", nullable=True)
    centre: Mapped[Centre | None] = relationship(info=field(_("Centre"), help=_("Vide : tout l’établissement."), list=True))
    criteria: Mapped[list["Criterion"]] = relationship(back_populates="grid", order_by="Criterion.position", cascade="all, delete-orphan")

    def __str__(self):
        return self.name


FROZEN = _("Ne change plus dès qu’une note est donnée avec cette grille.")


class Criterion(db.Model, Versioned):
    """One line of a scoring grid."""

    __managed__ = managed(_("Critères d’évaluation"), menu=SETTINGS, right="DECISION_SETTINGS", scope="grid", order=79)
    __table_args__ = (CheckConstraint("maximum > 0 AND weight > 0", name="bounds"),)

    id: Mapped[pk]
    grid_id: Mapped[int] = ref("scoring_grid.id", ondelete="CASCADE")
    label: Mapped[orm.translated] = mapped_column(info=field(_("Critère"), list=True))
    maximum: Mapped[int] = mapped_column(default=20, info=field(_("Note la plus haute"), help=FROZEN, list=True))
    weight: Mapped[int] = mapped_column(default=1, info=field(_("Coefficient"), help=FROZEN, list=True))
    position: Mapped[int] = mapped_column(default=100, info=field(_("Ordre"), list=True))
    grid: Mapped[ScoringGrid] = relationship(back_populates="criteria", info=field(_("Grille"), list=True))

    def __str__(self):
        return orm.text_in(self.label, "fr")
