"""The closed list of what a message may name; nothing else is ever read from an object (trust M14)."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _


@dataclass(frozen=True)
class Placeholder:
    """A name that editors write between braces, what it means, and an example."""

    name: str
    meaning: str
    example: str
    is_link: bool = False


def _list(*placeholders):
    return {placeholder.name: placeholder for placeholder in placeholders}


PLACEHOLDERS = _list(
    Placeholder("etablissement.nom", _("Nom de l’établissement"), "Université de démonstration"),
    Placeholder("contact.adresse", _("Adresse à laquelle écrire"), "candidatures@postulo.example"),
    Placeholder("contact.telephone", _("Téléphone du service"), "01 23 45 67 89"),
    Placeholder("candidat.prenom", _("Prénom du candidat"), "Camille"),
    Placeholder("candidat.nom", _("Nom du candidat"), "Martin"),
    Placeholder("candidat.numero", _("Numéro de dossier"), "7K2M9QXA"),
    Placeholder("compte.lien", _("Lien à usage unique"), "https://postulo.example/compte/valider/…", is_link=True),
    Placeholder("compte.delai", _("Durée de vie du lien"), "5 jours"),
    Placeholder("compte.courriel", _("Nouvelle adresse électronique"), "camille@exemple.fr"),
    Placeholder("campagne.nom", _("Campagne"), "Campagne 2026-2027"),
    Placeholder("formation.nom", _("Intitulé de la formation"), "Licence Informatique"),
    Placeholder("formation.centre", _("Centre de candidature"), "UFR Sciences"),
    Placeholder("dossier.lien", _("Adresse de la candidature"), "https://postulo.example/candidatures/…", is_link=True),
    Placeholder("dossier.retour", _("Date limite de retour"), "12 mai 2027 à 23 h 59 (heure de Paris)"),
    Placeholder("dossier.recu", _("Numéro de l’accusé de réception"), "AR-7K2M9QXA-1"),
    Placeholder("dossier.transmis_le", _("Instant de la transmission"), "3 mai 2027 à 18 h 04 (heure de Paris)"),
    Placeholder("dossier.pieces", _("Liste de pièces, une par ligne"), "- CV : illisible"),
    Placeholder(
        "dossier.actes", _("Ce que le service a fait à la place du candidat, une ligne chacun"), "- pièce déposée (reçue par la poste)"
    ),
    Placeholder("dossier.commentaire", _("Commentaire du gestionnaire"), "Merci de déposer un scan lisible."),
    Placeholder("rappel.lignes", _("Ce qui manque au dossier, une ligne chacun"), "- CV"),
    Placeholder("rappel.date", _("Date avant laquelle agir"), "12 mai 2027 à 23 h 59 (heure de Paris)"),
    Placeholder("avis.nom", _("Intitulé de l’avis"), "Favorable"),
    Placeholder("avis.commentaire", _("Commentaire de l’avis"), "Excellent dossier."),
    Placeholder("avis.motif", _("Motif du refus"), "Niveau insuffisant"),
    Placeholder("avis.rang", _("Rang en liste complémentaire"), "12"),
    Placeholder("avis.appel", _("Présent quand l’offre vient de la liste complémentaire"), "1"),
    Placeholder("avis.entretien", _("Date et heure de l’entretien"), "4 juin 2027 à 9 h 30 (heure de Paris)"),
    Placeholder("avis.lieu", _("Lieu de l’entretien"), "Bâtiment A, salle 12"),
    Placeholder("avis.reponse_avant", _("Réponse attendue avant le"), "20 juin 2027 à 23 h 59 (heure de Paris)"),
    Placeholder("inscription.numero", _("Numéro de proposition d’inscription"), "EC7K2M9QXA"),
    Placeholder("inscription.lien", _("Adresse de l’inscription administrative"), "https://inscription.postulo.example", is_link=True),
    Placeholder("agent.prenom", _("Prénom du gestionnaire"), "Camille"),
    Placeholder("resume.lignes", _("Ce qui attend le gestionnaire, une ligne chacun"), "- 12 dossiers à examiner"),
    Placeholder("resume.lien", _("Adresse de l’accueil de gestion"), "https://postulo.example/gestion/", is_link=True),
    Placeholder(
        "resume.preferences", _("Adresse des préférences du gestionnaire"), "https://postulo.example/gestion/preferences/", is_link=True
    ),
    Placeholder("message.texte", _("Texte libre du message"), "Bonjour, …"),
)

SAMPLE = {name: placeholder.example for name, placeholder in PLACEHOLDERS.items()}
