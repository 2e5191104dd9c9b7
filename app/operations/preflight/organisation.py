"""Checks of people and places: who answers, who decides, who signs, who publishes."""

from flask import current_app
from flask_babel import lazy_gettext as _

from app import parameters
from app.enums import AlertTarget, Functionality, TextPlace
from app.models import PublicText
from app.operations.preflight.registry import WARNS, check

OUR_OWN = (TextPlace.LEGAL, TextPlace.PRIVACY, TextPlace.ACCESSIBILITY, TextPlace.CONTACT)  # what the law wants from each university


@check("centre_contact", WARNS)
def centre_contact(scene):
    for row in scene.centres:
        if not row.contact_email:
            yield _("Le centre %(name)s n’a pas d’adresse de contact : donnez-la.", name=row.name), row


@check("commission_contact", WARNS)
def commission_contact(scene):
    for row in scene.commissions:
        if not (row.contact_email or row.centre.contact_email):
            yield _("%(name)s : ni la commission ni son centre n’a d’adresse de contact. Donnez-la.", name=row.name), row


@check("commission_alert", WARNS)
def commission_alert(scene):
    words = _("%(name)s : la commission veut des alertes que personne ne recevra. Donnez son adresse d’alerte, ou ses membres.")
    for row in scene.commissions:
        lost = {AlertTarget.ADDRESS: not row.alert_email, AlertTarget.MEMBERS: not scene.members(row)}
        if lost.get(row.alert_target):
            yield str(words) % {"name": row.name}, row


@check("commission_deciders", WARNS)
def commission_deciders(scene):
    words = _("%(name)s : personne ne peut proposer d’avis dans cette commission. Donnez ce droit à l’un de ses membres.")
    for row in scene.commissions:
        if not scene.holders(Functionality.PROPOSE_DECISION, row):
            yield str(words) % {"name": row.name}, row


@check("decisions_unvalidated", WARNS)
def decisions_unvalidated(scene):
    words = _("%(name)s : personne ne peut valider d’avis dans cette commission. Donnez ce droit à quelqu’un.")
    for row in scene.commissions:
        if not scene.holders(Functionality.VALIDATE_DECISION, row):
            yield str(words) % {"name": row.name}, row


@check("centre_release", WARNS)
def centre_release(scene):
    words = _("Personne ne peut publier les avis du centre %(name)s : donnez ce droit à quelqu’un.")
    for centre in scene.centres:
        own = [row for row in scene.commissions if row.centre_id == centre.id]
        if not any(scene.holders(Functionality.PUBLISH_DECISION, row) for row in own):
            yield str(words) % {"name": centre.name}, centre


@check("signatory", WARNS)
def signatory(scene):
    for row in scene.commissions:
        if (row.has_letters or row.mails_letters) and not row.signatory_name:
            yield _("%(name)s : la commission donne des lettres que personne ne signe. Nommez son signataire.", name=row.name), row


@check("letters_blocked", WARNS)
def letters_blocked(scene):
    if parameters.get("LETTERS_BLOCKED") and any(row.has_letters or row.mails_letters for row in scene.commissions):
        yield _("Les lettres sont suspendues par un paramètre : aucune ne sera donnée. Décochez-le quand elles doivent partir."), None


@check("public_text_missing", WARNS)
def public_text_missing(scene):
    written = {row.place for row in scene.texts}
    for place in OUR_OWN:
        if place not in written:
            yield (
                _("« %(place)s » montre encore le texte livré avec le logiciel : écrivez celui de votre établissement.", place=place.label),
                PublicText,
            )


@check("mail_server", WARNS)
def mail_server(scene):
    settings = current_app.config["SETTINGS"]
    if settings.is_production and not settings.mail_url:
        yield _("Aucun serveur de courriel n’est réglé : aucun message ne partira. Demandez à la personne qui exploite le serveur."), None
