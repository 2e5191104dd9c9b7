"""The closed vocabularies of the domain: stored name, label for people, tone for screens."""

from enum import StrEnum

from flask_babel import lazy_gettext as _


class Labelled(StrEnum):
    """A stored name (always equal to its value) with the words a person reads.

    The name is what the database keeps: renaming a member is a migration.
    """

    def __new__(cls, value, label, tone="neutral"):
        member = str.__new__(cls, value)
        member._value_, member._label, member._tone = value, label, tone
        return member

    @property
    def label(self):
        """The French words (translated in a request)."""
        return self._label

    @property
    def tone(self):
        """One of neutral, info, success, warning, danger: how a status tag is coloured."""
        return self._tone


# --- Candidature, axis by axis (domain B4.1) ---


class FileStatus(Labelled):
    WAITING = "WAITING", _("À transmettre"), "warning"
    RECEIVED = "RECEIVED", _("Reçu, en cours d’examen"), "info"
    INCOMPLETE = "INCOMPLETE", _("Incomplet"), "danger"
    COMPLETE = "COMPLETE", _("Complet"), "success"


class AccessTrack(Labelled):
    CONTROLLED = "CONTROLLED", _("Accès contrôlé")
    DIRECT = "DIRECT", _("Accès direct")


class Outcome(Labelled):
    ADMITTED = "ADMITTED", _("Avis favorable"), "success"
    REFUSED = "REFUSED", _("Avis défavorable"), "danger"
    WAITLISTED = "WAITLISTED", _("Liste complémentaire"), "warning"
    ON_HOLD = "ON_HOLD", _("Liste d’attente"), "warning"
    SHORTLISTED = "SHORTLISTED", _("Présélection"), "info"


class Stage(Labelled):
    PROPOSED = "PROPOSED", _("Proposée"), "neutral"
    VALIDATED = "VALIDATED", _("Validée"), "info"
    PUBLISHED = "PUBLISHED", _("Publiée"), "success"


class Answer(Labelled):
    CONFIRMED = "CONFIRMED", _("Confirmée"), "success"
    WITHDRAWN = "WITHDRAWN", _("Désistement"), "neutral"


class ReasonKind(Labelled):
    REFUSAL = "REFUSAL", _("Motif de refus")
    WITHDRAWAL = "WITHDRAWAL", _("Motif de désistement")


# --- Pieces ---


class PieceStatus(Labelled):
    MISSING = "MISSING", _("À déposer"), "warning"
    SUBMITTED = "SUBMITTED", _("Déposée"), "info"
    VALIDATED = "VALIDATED", _("Validée"), "success"
    REFUSED = "REFUSED", _("Refusée"), "danger"
    NOT_CONCERNED = "NOT_CONCERNED", _("Non concerné"), "neutral"


class CheckState(Labelled):
    RECEIVED = "RECEIVED", _("Reçu, vérification à venir"), "neutral"
    CHECKING = "CHECKING", _("Vérification en cours"), "info"
    SAFE = "SAFE", _("Vérifié"), "success"
    REJECTED = "REJECTED", _("Fichier refusé"), "danger"
    QUARANTINED = "QUARANTINED", _("Mis à l’écart"), "danger"


# --- Forms ---


class FieldKind(Labelled):
    TEXT = "TEXT", _("Texte court")
    LONG_TEXT = "LONG_TEXT", _("Texte long")
    NUMBER = "NUMBER", _("Nombre")
    DATE = "DATE", _("Date")
    CHOICE = "CHOICE", _("Choix dans une liste")
    MULTIPLE = "MULTIPLE", _("Plusieurs choix dans une liste")
    YES_NO = "YES_NO", _("Oui ou non")
    FILE = "FILE", _("Fichier")
    SECTION = "SECTION", _("Titre de partie")


class NationalityGroup(Labelled):
    """The nationalities of whom something is asked."""

    FRENCH = "FRENCH", _("Française")
    FOREIGN = "FOREIGN", _("Étrangère, quelle qu’elle soit")
    EUROPEAN = "EUROPEAN", _("D’un autre pays de l’Espace économique européen, ou suisse")
    DISTANT = "DISTANT", _("D’un pays hors d’Europe (EEE et Suisse)")


class StudiesGroup(Labelled):
    """What those of whom something is asked have studied."""

    BACCALAUREAT = "BACCALAUREAT", _("Baccalauréat français")
    EQUIVALENT = "EQUIVALENT", _("Diplôme équivalent au baccalauréat")
    HIGHER = "HIGHER", _("Études après le baccalauréat")


class StatusGroup(Labelled):
    """The situation of those of whom something is asked."""

    OWN_STUDENT = "OWN_STUDENT", _("Étudiant de l’établissement")
    OUTSIDER = "OUTSIDER", _("Venu d’ailleurs")
    LIFELONG = "LIFELONG", _("En reprise d’études (formation continue)")
    MINOR = "MINOR", _("Mineur")


class ResponseState(Labelled):
    STARTED = "STARTED", _("Commencé"), "warning"
    COMPLETED = "COMPLETED", _("Rempli"), "success"
    NOT_CONCERNED = "NOT_CONCERNED", _("Non concerné"), "neutral"


# --- People ---


class Civility(Labelled):
    MS = "MS", _("Madame")
    MR = "MR", _("Monsieur")


class Obtained(Labelled):
    YES = "YES", _("Obtenu")
    NO = "NO", _("Non obtenu")
    ONGOING = "ONGOING", _("En cours")


class Source(Labelled):
    TYPED = "TYPED", _("Saisi par le candidat")
    SIS = "SIS", _("Repris de la scolarité")


class ScopeKind(Labelled):
    ALL = "ALL", _("Tout l’établissement")
    CENTRE = "CENTRE", _("Un centre")
    COMMISSION = "COMMISSION", _("Une commission")


class Functionality(Labelled):
    """What a rights profile grants, in read or write (domain B1.2)."""

    CANDIDATURES = "CANDIDATURES", _("Voir les candidatures")
    CANDIDATES = "CANDIDATES", _("Gérer les comptes et profils des candidats")
    ACT_FOR_CANDIDATE = "ACT_FOR_CANDIDATE", _("Agir dans le dossier à la place du candidat")
    REVIEW_PIECES = "REVIEW_PIECES", _("Examiner les pièces")
    FILE_STATUS = "FILE_STATUS", _("Changer le statut du dossier")
    SET_TRACK = "SET_TRACK", _("Choisir le type de traitement")
    VALIDATE_TRACK = "VALIDATE_TRACK", _("Valider le type de traitement")
    PROPOSE_DECISION = "PROPOSE_DECISION", _("Proposer un avis")
    VALIDATE_DECISION = "VALIDATE_DECISION", _("Valider un avis")
    PUBLISH_DECISION = "PUBLISH_DECISION", _("Publier un avis")
    DECISION_HISTORY = "DECISION_HISTORY", _("Voir l’historique des avis")
    DEADLINES = "DEADLINES", _("Fixer une échéance individuelle")
    SEATS = "SEATS", _("Gérer les places et la liste complémentaire")
    ENROLMENTS = "ENROLMENTS", _("Suivre les propositions d’inscription")
    MESSAGES = "MESSAGES", _("Voir la correspondance, écrire aux candidats")
    NOTES = "NOTES", _("Lire et écrire les notes internes")
    TAGS = "TAGS", _("Poser des étiquettes")
    OPINIONS = "OPINIONS", _("Donner une opinion sur un dossier")
    DOCUMENTS = "DOCUMENTS", _("Télécharger dossiers et lettres")
    EXPORTS = "EXPORTS", _("Exporter des listes")
    STATISTICS = "STATISTICS", _("Voir les statistiques")
    CAMPAIGNS = "CAMPAIGNS", _("Gérer les campagnes")
    ORGANISATION = "ORGANISATION", _("Gérer centres et commissions")
    FORMATIONS = "FORMATIONS", _("Gérer les formations et leurs ouvertures")
    PIECES = "PIECES", _("Gérer les pièces demandées")
    FORMS = "FORMS", _("Gérer les formulaires")
    DECISION_SETTINGS = "DECISION_SETTINGS", _("Gérer types d’avis et motifs")
    TEMPLATES = "TEMPLATES", _("Gérer les modèles de courriels et les textes")
    REFERENCE = "REFERENCE", _("Gérer les nomenclatures")
    PARAMETERS = "PARAMETERS", _("Gérer les paramètres")
    RIGHTS = "RIGHTS", _("Gérer les droits")
    OPERATIONS = "OPERATIONS", _("Suivre les traitements et le journal")


# --- The commission at work ---


class OpinionKind(Labelled):
    FAVOURABLE = "FAVOURABLE", _("Favorable"), "success"
    RESERVED = "RESERVED", _("Réservé"), "warning"
    UNFAVOURABLE = "UNFAVOURABLE", _("Défavorable"), "danger"


class Colour(Labelled):
    """Colours of tags and of silence alerts: names of the design system, so that the strict policy holds."""

    GREY = "GREY", _("Gris")
    BLUE = "BLUE", _("Bleu")
    GREEN = "GREEN", _("Vert")
    YELLOW = "YELLOW", _("Jaune")
    ORANGE = "ORANGE", _("Orange")
    RED = "RED", _("Rouge")
    PURPLE = "PURPLE", _("Violet")
    PINK = "PINK", _("Rose")


class CommentKind(Labelled):
    PIECE = "PIECE", _("Commentaire d’une pièce refusée")
    CORRECTION = "CORRECTION", _("Demande de corrections")
    DECISION = "DECISION", _("Commentaire d’un avis")


class AlertTarget(Labelled):
    NONE = "NONE", _("Personne")
    ADDRESS = "ADDRESS", _("L’adresse d’alerte")
    MEMBERS = "MEMBERS", _("Chaque membre de la commission")


class PromotionMode(Labelled):
    NONE = "NONE", _("Jamais")
    PROPOSED = "PROPOSED", _("Proposé au gestionnaire")
    AUTOMATIC = "AUTOMATIC", _("Automatique")


class PromotionState(Labelled):
    PROPOSED = "PROPOSED", _("À décider"), "warning"
    DONE = "DONE", _("Place proposée"), "success"
    DISMISSED = "DISMISSED", _("Écartée"), "neutral"


class PromotionCause(Labelled):
    """What freed the place that a promotion gives."""

    WITHDRAWAL = "WITHDRAWAL", _("Désistement")
    LAPSE = "LAPSE", _("Absence de réponse")
    DECISION = "DECISION", _("Nouvel avis")
    CAPACITY = "CAPACITY", _("Places ajoutées")
    CALL = "CALL", _("Appel par un gestionnaire")


class LetterKind(Labelled):
    ADMISSION = "ADMISSION", _("Lettre d’admission")
    REFUSAL = "REFUSAL", _("Lettre de refus")
    OTHER = "OTHER", _("Autre lettre")


# --- What the university says and when ---


class ReminderEvent(Labelled):
    """What a reminder waits for: it is counted in days before the date by which it should be done."""

    NOT_TRANSMITTED = "NOT_TRANSMITTED", _("Dossier non transmis")
    PIECE_MISSING = "PIECE_MISSING", _("Pièce manquante ou refusée")
    FORM_UNANSWERED = "FORM_UNANSWERED", _("Formulaire sans réponse")
    OFFER_UNANSWERED = "OFFER_UNANSWERED", _("Admission sans réponse")


class TextPlace(Labelled):
    """Where a text of the university stands on the public pages; the shipped one is shown while it has none."""

    HOME = "HOME", _("Accueil")
    CLOSED = "CLOSED", _("Accueil quand aucune campagne n’est ouverte")
    MAINTENANCE = "MAINTENANCE", _("Annonce sur chaque page")
    OFFER = "OFFER", _("En tête de l’offre")
    HELP = "HELP", _("Aide")
    CONTACT = "CONTACT", _("Contact")
    LEGAL = "LEGAL", _("Mentions légales")
    PRIVACY = "PRIVACY", _("Données personnelles")
    ACCESSIBILITY = "ACCESSIBILITY", _("Accessibilité")
    ENROLMENT = "ENROLMENT", _("Instructions d’inscription après confirmation")


# --- Work in the background ---


class JobState(Labelled):
    WAITING = "WAITING", _("En attente"), "neutral"
    RUNNING = "RUNNING", _("En cours"), "info"
    DONE = "DONE", _("Terminé"), "success"
    FAILED = "FAILED", _("En échec"), "danger"
    STOPPED = "STOPPED", _("Arrêté"), "warning"
    UNDONE = "UNDONE", _("Annulé"), "neutral"


class LineState(Labelled):
    WAITING = "WAITING", _("En attente"), "neutral"
    DONE = "DONE", _("Fait"), "success"
    REFUSED = "REFUSED", _("Refusé"), "danger"
    UNDONE = "UNDONE", _("Annulé"), "neutral"


# --- Correspondence and journal ---


class MessageState(Labelled):
    PENDING = "PENDING", _("À envoyer"), "neutral"
    SENDING = "SENDING", _("Envoi en cours"), "info"
    SENT = "SENT", _("Envoyé"), "success"
    FAILED = "FAILED", _("Adresse refusée"), "danger"
    DEAD = "DEAD", _("Abandonné"), "danger"
    RECALLED = "RECALLED", _("Rappelé avant l’envoi"), "neutral"


class LedgerState(Labelled):
    EXPECTED = "EXPECTED", _("À transmettre à la scolarité"), "neutral"
    SENT = "SENT", _("Transmise"), "info"
    ACCEPTED = "ACCEPTED", _("Acceptée"), "success"
    REFUSED = "REFUSED", _("Refusée par la scolarité"), "danger"
    RETRACTED = "RETRACTED", _("Retirée"), "neutral"


class RunState(Labelled):
    RUNNING = "RUNNING", _("En cours"), "info"
    DONE = "DONE", _("Terminé"), "success"
    FAILED = "FAILED", _("En échec"), "danger"
