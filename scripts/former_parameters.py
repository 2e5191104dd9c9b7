"""What became here of each of the 48 parameters of eCandidat: its equivalent, or why there is none."""

# code, our parameter (or None), where it is decided here or why not
FORMER = (
    ("CANDIDATURE_NB_VOEUX_MAX", "MAX_CANDIDATURES", "pour l'établissement ; chaque centre peut fixer le sien sur sa fiche"),
    ("CANDIDATURE_NB_VOEUX_MAX_IS_ETAB", None, "les deux limites valent ensemble : établissement (paramètre) et centre (fiche du centre)"),
    ("CANDIDATURE_IS_BLOC_TRANS_FORM", None, "case « Doit être rempli avant de transmettre » de chaque formulaire"),
    ("DOWNLOAD_IS_LETTRE_ADM_APRES_CONFIRM", "LETTER_AFTER_CONFIRMATION", ""),
    ("SCOL_NB_JOUR_ARCHIVAGE", None, "durée de conservation : pas encore construite"),
    ("SCOL_IS_COD_SISCOL_OBLI", None, "le code d'une formation est toujours obligatoire"),
    ("SCOL_IS_APPEL", None, "l'appel se dit dans le texte de l'avis ou de la lettre"),
    ("SCOL_SISCOL_COD_SANS_BAC", None, "la série « sans baccalauréat » est une ligne du référentiel des séries"),
    ("SCOL_GESTION_CANDIDAT_COMM", None, "profils de droits"),
    ("SCOL_GESTION_CANDIDAT_CTR_CAND", None, "profils de droits"),
    ("SCOL_IS_PARAM_CC_DECISION", None, "types d'avis, motifs et lettres : un centre a les siens quand son profil de droits le permet ; courriels : établissement"),
    ("SCOL_NB_JOUR_RELANCE_FAVO", None, "règles de rappel (« Rappels »)"),
    ("SCOL_IS_STATUT_ATT_WHEN_CHANGE_TT", None, "changer de traitement ne change pas le statut : c'est un acte à part"),
    ("SCOL_MODE_TYPE_FORMATION", None, "deuxième niveau de l'offre : les familles de diplômes, que l'on écrit soi-même"),
    ("CANDIDAT_NB_JOUR_KEEP_CPT_MIN", "ACCOUNT_VALIDATION_DAYS", ""),
    ("CANDIDAT_PREFIXE_NUM_DOSS", None, "numéro de dossier tiré au hasard, sans préfixe, jamais réutilisé"),
    ("CANDIDAT_IS_INE_OBLI_FR", "INE_REQUIRED_FOR_FRENCH", ""),
    ("CANDIDAT_IS_GET_CURSUS_INTERNE", None, "le cursus vient de la scolarité quand elle est branchée"),
    ("CANDIDAT_IS_UTILISE_SYNCHRO_INE", None, "configuration du serveur : quelle scolarité est branchée"),
    ("CANDIDAT_IS_GET_SISCOL_PJ", None, "pièces de la scolarité : pas encore construites"),
    ("CANDIDAT_IS_MDP_CONNECT_CAS", None, "le mot de passe local d'un étudiant est facultatif"),
    ("CANDIDAT_IS_CONNECT_CAS", "UNIVERSITY_DOOR_OPEN", ""),
    ("CANDIDAT_IS_COMPTE_EXTERNE_AUT", "LOCAL_ACCOUNTS_OPEN", ""),
    ("CANDIDAT_NB_HEURE_LIEN_MDP_VALID", "RESET_LINK_HOURS", ""),
    ("OPI_IS_UTILISE", None, "case « La confirmation ouvre une proposition d'inscription » du type d'avis"),
    ("OPI_IS_UTILISE_PJ", None, "transmission des pièces à la scolarité : pas encore construite"),
    ("OPI_PREFIXE", "ENROLMENT_PREFIX", ""),
    ("OPI_IS_UTILISE_ADR", None, "transmission de l'adresse à la scolarité : pas encore construite"),
    ("OPI_IS_IMMEDIAT", None, "la proposition est faite à la confirmation"),
    ("OPI_NB_BATCH_MAX", None, "un traitement reprend où il s'est arrêté : il n'a pas besoin de plafond"),
    ("TECH_IS_UTILISE_DEMAT", None, "toujours dématérialisé"),
    ("TECH_FILE_MAX_SIZE", "MAX_FILE_MEGABYTES", ""),
    ("TECH_IS_MAINTENANCE", None, "une annonce se met sur chaque page (« Textes des pages publiques ») ; l'arrêt est celui du serveur"),
    ("TECH_NB_JOUR_KEEP_HISTO_BATCH", "BATCH_HISTORY_DAYS", ""),
    ("TECH_IS_DEMAT_MAINTENANCE", None, "une réserve de fichiers indisponible se dit d'elle-même, sans rien perdre"),
    ("TECH_IS_BLOC_LETTRE", "LETTERS_BLOCKED", ""),
    ("SVA_ALERT_DAT", "SILENCE_FROM", ""),
    ("SVA_ALERT_DEFINITIF", "SILENCE_ENDS_DEFINITIVE", ""),
    ("GEST_IS_UTILISE_BLOCAGE_MASSE", None, "l'aperçu d'un acte groupé nomme chaque refus avant que rien ne soit fait"),
    ("GEST_IS_EXPORT_BLOC_NOTE", None, "le nombre de notes est une colonne, réservée à qui a le droit de les lire"),
    ("GEST_IS_WARNING_CAND_SELECT", None, "l'aperçu d'un acte groupé nomme toujours chaque dossier"),
    ("GEST_IS_UTILISE_REG_STU", None, "régime et statut se choisissent à l'inscription administrative"),
    ("DOWNLOAD_MULTIPLE_NB_MAX", "DOSSIERS_PER_DOWNLOAD", ""),
    ("DOWNLOAD_IS_ADD_SISCOL_PJ", None, "pièces de la scolarité : pas encore construites"),
    ("DOWNLOAD_MULTIPLE_IS_ADD_PJ", None, "un dossier en PDF contient toujours ses pièces"),
    ("DOWNLOAD_MULTIPLE_MODE", None, "zip ou PDF unique : choisi à chaque téléchargement"),
    ("LC_IS_CALCUL_RANG_REEL", None, "le rang réel est toujours tenu à jour"),
    ("LC_MODE_AFFICHAGE_RANG", "RANK_SHOWN", ""),
)


def page(definitions, themes):
    """Return the page of parameters, in Markdown.

    Args:
        definitions: {code: definition}. themes: [(title, codes)].
    """
    lines = ["# Les paramètres", "", "Page écrite par `make docs` d'après `app/parameters.py` : ne pas la modifier à la main."]
    for title, codes in themes:
        lines += ["", f"## {title}", "", "| code | nom | au départ | bornes | effet |", "|---|---|---|---|---|"]
        lines += [_row(definitions[code]) for code in codes]
    lines += ["", "## Ceux d'eCandidat", "", "| là-bas | ici | remarque |", "|---|---|---|"]
    lines += [f"| `{code}` | {f'`{ours}`' if ours else 'aucun'} | {why} |" for code, ours, why in FORMER]
    return "\n".join(lines) + "\n"


def _row(definition):
    default = definition.default
    shown = ("oui" if default else "non") if isinstance(default, bool) else f"{default} {definition.unit}".strip() or "vide"
    bounds = ", ".join(value for value, _label in definition.choices)
    if not bounds and not isinstance(default, bool):
        bounds = f"{definition.low} à {definition.high}" + ("" if isinstance(default, int) else " caractères")
    return f"| `{definition.code}` | {definition.label} | {shown} | {bounds} | {definition.help} |"
