"""What the candidate is told of each refusal and warning of the checker, and what to do about it."""

from flask_babel import lazy_gettext as _

SET_ASIDE = "set_aside"  # no check could be carried out to its end: a person looks, nothing is held against the file
SENTENCES = {
    "empty": _("Ce fichier est vide : choisissez-en un autre."),
    "unreadable": _("Ce fichier est illisible : ouvrez-le chez vous, enregistrez-le de nouveau en PDF, puis déposez-le."),
    "wrong_extension": _("Le contenu de ce fichier ne correspond pas à son nom : enregistrez-le au format PDF ou JPEG, puis déposez-le."),
    "is_heic": _(
        "Cette photo est au format HEIC : dans les réglages de l’appareil photo de votre téléphone, choisissez « Le plus compatible » (JPEG), ou déposez un PDF."
    ),
    "is_png": _("Cette image est au format PNG : enregistrez-la en JPEG ou en PDF, puis déposez-la."),
    "is_other_picture": _("Ce format d’image n’est pas accepté : enregistrez-la en JPEG ou en PDF, puis déposez-la."),
    "is_office": _("Ce document vient d’un traitement de texte ou d’une archive : enregistrez-le en PDF, puis déposez-le."),
    "is_program": _("Ce fichier est un programme : seuls les PDF et les JPEG sont acceptés."),
    "is_web_page": _("Ce fichier est une page web : imprimez-la en PDF, puis déposez le résultat."),
    "too_many_pixels": _("Cette image a trop de pixels : réduisez-la (moins de 40 millions de pixels), puis déposez-la."),
    "too_many_pages": _("Ce PDF a plus de 200 pages : ne gardez que les pages demandées."),
    "no_page": _("Ce PDF n’a aucune page : enregistrez-le de nouveau, puis déposez-le."),
    "has_password": _("Ce PDF est protégé par un mot de passe : enregistrez-le sans mot de passe, puis déposez-le."),
    "is_portfolio": _("Ce PDF est un porte-documents qui contient d’autres fichiers : déposez un PDF ordinaire."),
    "too_complex": _("Ce fichier est trop complexe pour être vérifié : imprimez-le en PDF (ou scannez-le), puis déposez le résultat."),
    "busy": _("La vérification n’a pas pu se faire en ce moment : le fichier n’est pas en cause. Réessayez dans quelques minutes."),
    SET_ASIDE: _(
        "La vérification de ce fichier n’a pas abouti, sans que le fichier soit en cause : le service la reprendra. Vous pouvez transmettre votre dossier ; vous pouvez aussi déposer une autre copie."
    ),
    "not_an_emblem": _("Ce fichier n’est ni un PNG ni un JPEG : enregistrez l’image dans l’un de ces formats, puis déposez-la."),
    "not_a_photograph": _("Seules les photos JPEG peuvent être réunies ici."),
    "infected": _("Ce fichier a été mis à l’écart par l’antivirus. Déposez une autre copie, ou écrivez-nous."),
    "damaged": _("Ce PDF était abîmé et a été réparé : vérifiez l’aperçu de chaque page."),
    "looks_empty": _("La première page semble vide : vérifiez l’aperçu."),
    "no_preview": _("L’aperçu n’a pas pu être dessiné ; le fichier est bien accepté."),
    "signature_not_kept": _("La signature électronique de ce document n’est pas gardée dans la copie ; l’original est conservé."),
}


def sentence(code):
    """Return the sentence of a code (the general one for a code unknown here)."""
    return SENTENCES.get(code, SENTENCES["unreadable"])
