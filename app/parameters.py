"""Settings that the university changes on a screen: declared with unit, bounds, default and effect; read by code."""

import re
from dataclasses import dataclass

from flask import g, has_app_context
from flask_babel import lazy_gettext as _

from app.errors import DomainError
from app.extensions import db
from app.models import Parameter

COLOUR, EMAIL, WEB = r"#[0-9a-fA-F]{6}", r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+", r"https?://[^\s\"'<>]+"


@dataclass(frozen=True)
class Definition:
    """One parameter: `low` and `high` bound a number, or the length of a text (in characters); `shape` is its pattern; `choices` are its only values, as (value, label)."""

    code: str
    default: bool | int | str
    label: str
    help: str
    unit: str = ""
    low: int = 0
    high: int = 200
    shape: str = ""
    choices: tuple = ()


def _declare(*definitions):
    return {definition.code: definition for definition in definitions}


DEFINITIONS = _declare(
    Definition(
        "INSTITUTION_NAME",
        "Université de démonstration",
        _("Nom de l’établissement"),
        _("Affiché en tête de chaque page et dans les courriels."),
    ),
    Definition(
        "INSTITUTION_COLOUR",
        "#1f4e79",
        _("Couleur principale"),
        _("Code hexadécimal à six chiffres, assez foncé pour un texte blanc."),
        high=7,
        shape=COLOUR,
    ),
    Definition(
        "CONTACT_EMAIL",
        "candidatures@postulo.example",
        _("Adresse de contact"),
        _("Montrée sur chaque page et dans chaque courriel."),
        shape=EMAIL,
    ),
    Definition("CONTACT_PHONE", "", _("Téléphone de contact"), _("Vide : non affiché.")),
    Definition(
        "DPO_EMAIL",
        "dpo@postulo.example",
        _("Délégué à la protection des données"),
        _("Montré sur la page des données personnelles."),
        shape=EMAIL,
    ),
    Definition(
        "ACCOUNT_VALIDATION_DAYS",
        5,
        _("Délai de validation d’un compte"),
        _("Passé ce délai, le compte non validé est supprimé."),
        _("jours"),
        1,
        30,
    ),
    Definition(
        "LOCAL_ACCOUNTS_OPEN",
        True,
        _("Création de compte avec une adresse électronique"),
        _("Décochée : personne ne crée plus de compte ainsi ; les comptes qui existent servent toujours."),
    ),
    Definition(
        "UNIVERSITY_DOOR_OPEN",
        True,
        _("Entrée par les identifiants universitaires"),
        _("Décochée : les étudiants de l’université entrent avec leur adresse et leur mot de passe."),
    ),
    Definition(
        "DOSSIERS_PER_DOWNLOAD",
        1000,
        _("Dossiers au plus par téléchargement"),
        _("Pour une archive de dossiers en PDF ; au-delà, filtrez la liste."),
        _("dossiers"),
        1,
        5000,
    ),
    Definition("RESET_LINK_HOURS", 1, _("Durée du lien de nouveau mot de passe"), _("Le lien ne sert qu’une fois."), _("heures"), 1, 24),
    Definition(
        "STAFF_INVITATION_DAYS",
        3,
        _("Durée du lien d’invitation d’une personne"),
        _("Le lien par lequel une personne du service ou un membre de jury choisit son mot de passe ; il ne sert qu’une fois."),
        _("jours"),
        1,
        14,
    ),
    Definition(
        "MAX_CANDIDATURES",
        20,
        _("Candidatures au plus par candidat"),
        _("Dans la campagne, tous centres confondus ; les annulées ne comptent pas."),
        _("candidatures"),
        1,
        200,
    ),
    Definition("INE_REQUIRED_FOR_FRENCH", True, _("INE obligatoire pour les Français"), _("Les autres nationalités peuvent l’indiquer.")),
    Definition("MAX_FILE_MEGABYTES", 5, _("Taille d’une pièce au plus"), _("Pour chaque fichier PDF ou JPEG."), _("Mo"), 1, 10),
    Definition(
        "MAX_FILES_PER_CANDIDATE", 200, _("Fichiers au plus par candidat"), _("Toutes versions comprises."), _("fichiers"), 20, 2000
    ),
    Definition(
        "MINOR_CHANGES_MINUTES",
        60,
        _("Délai de regroupement des petites nouvelles"),
        _("Une pièce validée ou commentée part dans un seul courriel par dossier."),
        _("minutes"),
        0,
        1440,
    ),
    Definition(
        "DEFAULT_ANSWER_DAYS", 7, _("Délai de réponse par défaut"), _("Quand ni la formation ni le centre n’en fixe."), _("jours"), 1, 60
    ),
    Definition(
        "DEADLINE_GRACE_SECONDS",
        0,
        _("Tolérance à l’échéance"),
        _("Secondes accordées après l’heure limite d’une transmission."),
        _("secondes"),
        0,
        300,
    ),
    Definition(
        "HOLD_MINUTES",
        5,
        _("Retenue des courriels d’un acte groupé"),
        _("Pendant ce temps, un acte groupé ou une publication s’annule sans que rien ne soit parti."),
        _("minutes"),
        0,
        1440,
    ),
    Definition(
        "BATCH_HISTORY_DAYS",
        90,
        _("Historique des traitements"),
        _("Les passages plus anciens sont effacés ; le dernier de chaque traitement reste."),
        _("jours"),
        14,
        3650,
    ),
    Definition(
        "OPINIONS_BLIND",
        True,
        _("Donner son opinion avant de lire celles des autres"),
        _(
            "Un membre de commission lit les autres opinions d’un dossier une fois la sienne donnée ; les gestionnaires les lisent toujours."
        ),
    ),
    Definition(
        "RANK_SHOWN",
        "ENTERED",
        _("Rang montré en liste complémentaire"),
        _("Ce que le candidat voit sur sa page et dans le courriel : le rang saisi ne bouge pas, le rang réel avance à chaque départ."),
        choices=(("NONE", _("Aucun")), ("ENTERED", _("Le rang saisi par la commission")), ("REAL", _("Le rang réel"))),
    ),
    Definition(
        "LETTERS_BLOCKED",
        False,
        _("Lettres suspendues"),
        _("Aucune lettre n’est faite, jointe ni téléchargée tant que la case est cochée ; celles déjà remises restent vérifiables."),
    ),
    Definition(
        "LETTER_AFTER_CONFIRMATION",
        False,
        _("Lettre d’admission après confirmation seulement"),
        _("Le candidat la reçoit quand il a confirmé, et non avec l’avis."),
    ),
    Definition(
        "SILENCE_FROM",
        "NONE",
        _("Alertes de silence : jours comptés depuis"),
        _("Une ligne de la liste se colore quand trop de jours ont passé sans avis publié (Alertes de silence)."),
        choices=(
            ("NONE", _("Jamais : aucune alerte")),
            ("CREATED", _("La création de la candidature")),
            ("TRANSMITTED", _("La transmission du dossier")),
            ("RECEIVED", _("Le statut « reçu »")),
            ("COMPLETED", _("Le statut « complet »")),
            ("INCOMPLETE", _("Le statut « incomplet »")),
        ),
    ),
    Definition(
        "SILENCE_ENDS_DEFINITIVE",
        False,
        _("Seul un avis définitif arrête l’alerte de silence"),
        _("Sinon, tout avis publié l’arrête."),
    ),
    Definition(
        "ENROLMENT_PREFIX",
        "EC",
        _("Préfixe du numéro de proposition d’inscription"),
        _("Deux caractères au plus, devant le numéro de dossier."),
        high=2,
    ),
    Definition(
        "ENROLMENT_URL",
        "",
        _("Adresse de l’inscription administrative"),
        _("Donnée au candidat qui a confirmé. Vide : les instructions seules."),
        shape=WEB,
    ),
    Definition(
        "SECOND_FACTOR_NOT_ASKED",
        False,
        _("Second facteur non demandé"),
        _("Réservé à la démonstration : affiché sur chaque page de gestion."),
    ),
)


# how the screen and the page of documentation group them: (title, codes)
THEMES = (
    (_("L’établissement"), ("INSTITUTION_NAME", "INSTITUTION_COLOUR", "CONTACT_EMAIL", "CONTACT_PHONE", "DPO_EMAIL")),
    (
        _("Comptes et connexion"),
        (
            *("LOCAL_ACCOUNTS_OPEN", "UNIVERSITY_DOOR_OPEN", "ACCOUNT_VALIDATION_DAYS", "RESET_LINK_HOURS", "STAFF_INVITATION_DAYS"),
            "SECOND_FACTOR_NOT_ASKED",
        ),
    ),
    (
        _("Candidatures et pièces"),
        ("MAX_CANDIDATURES", "INE_REQUIRED_FOR_FRENCH", "MAX_FILE_MEGABYTES", "MAX_FILES_PER_CANDIDATE", "DEADLINE_GRACE_SECONDS"),
    ),
    (
        _("Avis, réponses et inscription"),
        (
            *("OPINIONS_BLIND", "RANK_SHOWN", "DEFAULT_ANSWER_DAYS", "LETTERS_BLOCKED", "LETTER_AFTER_CONFIRMATION"),
            *("SILENCE_FROM", "SILENCE_ENDS_DEFINITIVE", "ENROLMENT_PREFIX", "ENROLMENT_URL"),
        ),
    ),
    (_("Courriels"), ("MINOR_CHANGES_MINUTES", "HOLD_MINUTES")),
    (_("Documents et traitements"), ("DOSSIERS_PER_DOWNLOAD", "BATCH_HISTORY_DAYS")),
)


def check(code, value):
    """Return a value fit for a parameter.

    Raises:
        DomainError: unknown code, wrong type, out of bounds; the sentence says the bounds.
    """
    definition = DEFINITIONS.get(code)
    if definition is None:
        raise DomainError(_("Ce paramètre n’existe pas."))
    if type(value) is not type(definition.default):
        raise DomainError(_("%(name)s : la valeur n’est pas du bon type.", name=definition.label))
    size = value if isinstance(value, int) and not isinstance(value, bool) else len(value) if isinstance(value, str) else None
    if size is not None and not definition.low <= size <= definition.high:
        raise DomainError(_("%(name)s : entre %(low)s et %(high)s.", name=definition.label, low=definition.low, high=definition.high))
    if definition.choices and value not in dict(definition.choices):
        raise DomainError(_("%(name)s : choisissez dans la liste.", name=definition.label))
    if value and definition.shape and not re.fullmatch(definition.shape, value, re.ASCII):
        raise DomainError(_("%(name)s : cette valeur n’a pas la forme attendue.", name=definition.label))
    return value


def get(code):
    """Return the present value of a parameter (its default when nobody changed it); read once per request or job."""
    return _values().get(code, DEFINITIONS[code].default)


def change(code, value):
    """Store a checked value; the caller commits and keeps the audit.

    Raises:
        DomainError: see `check`.
    """
    check(code, value)
    row = db.session.get(Parameter, code) or Parameter(code=code)
    row.value = {"value": value}
    db.session.add(row)
    db.session.flush()
    g.pop("parameters", None)


def _values():
    if has_app_context() and "parameters" in g:
        return g.parameters
    values = {row.code: row.value["value"] for row in db.session.scalars(db.select(Parameter)) if row.code in DEFINITIONS}
    g.parameters = values
    return values


def forget():
    """Read the values again at the next use (after a rollback)."""
    g.pop("parameters", None)
