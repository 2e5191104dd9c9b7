"""The letters of the demonstration: who signs them, two wordings of the university's own, a signature drawn by no hand."""

import io
import math

from PIL import Image, ImageDraw
from sqlalchemy import select

from app.enums import LetterKind, Outcome
from app.extensions import db
from app.models import Commission, LetterTemplate
from app.storage import vault

LIMIT = 200_000  # bytes
SIGNATORIES = (
    ("Marie-Claude Perrin", "La présidente de la commission"),
    ("Olivier Delmas", "Le président de la commission"),
    ("Fatou Ndiaye", "La directrice des études"),
)
ADDRESS = "49 boulevard François-Mitterrand\n63000 Clermont-Ferrand"
WELCOME = {
    "fr": """<p>Madame, Monsieur,</p>
<p>J’ai le plaisir de vous annoncer que la commission a rendu un <strong>avis favorable</strong> à votre candidature à la formation <strong>{formation.nom}</strong>.</p>
[[si avis.commentaire]]<p>La commission ajoute : « {avis.commentaire} »</p>[[fin]]
[[si avis.reponse_avant]]<p>Votre place vous est gardée jusqu’au <strong>{avis.reponse_avant}</strong>. D’ici là :</p>
<ul><li>confirmez-la, ou renoncez-y, dans votre espace de candidature ;</li><li>préparez votre inscription administrative, dont le numéro vous sera donné à la confirmation.</li></ul>[[fin]]
<p>Cette lettre ne vaut pas inscription. Elle suppose que les diplômes en cours soient obtenus et que les pièces du dossier soient exactes.</p>
<p>Toute l’équipe se réjouit de vous accueillir. Je vous prie d’agréer, Madame, Monsieur, l’expression de mes salutations distinguées.</p>""",
    "en": """<p>Dear applicant,</p>
<p>I am delighted to tell you that the panel has given a <strong>favourable decision</strong> on your application to <strong>{formation.nom}</strong>.</p>
[[si avis.commentaire]]<p>The panel adds: “{avis.commentaire}”</p>[[fin]]
[[si avis.reponse_avant]]<p>Your place is kept until <strong>{avis.reponse_avant}</strong>. Meanwhile:</p>
<ul><li>confirm it, or give it up, in your applicant area;</li><li>prepare your administrative enrolment, whose number you receive when you confirm.</li></ul>[[fin]]
<p>This letter is not an enrolment. It supposes that the diplomas you are preparing are obtained and that the documents of your file are true.</p>
<p>The whole team looks forward to welcoming you. Yours sincerely,</p>""",
}
INTERVIEW = {
    "fr": """<p>Madame, Monsieur,</p>
<p>Votre dossier a retenu l’attention de la commission, qui souhaite vous rencontrer avant de rendre son avis sur votre candidature à la formation <strong>{formation.nom}</strong>.</p>
[[si avis.entretien]]<blockquote><p><strong>{avis.entretien}</strong></p></blockquote>[[fin]]
[[si avis.lieu]]<p>Lieu : {avis.lieu}</p>[[fin]]
<p>Munissez-vous d’une pièce d’identité et de cette convocation. En cas d’empêchement, écrivez à {contact.adresse}.</p>
<p>Je vous prie d’agréer, Madame, Monsieur, l’expression de mes salutations distinguées.</p>""",
    "en": """<p>Dear applicant,</p>
<p>Your file has caught the attention of the panel, who wishes to meet you before deciding on your application to <strong>{formation.nom}</strong>.</p>
[[si avis.entretien]]<blockquote><p><strong>{avis.entretien}</strong></p></blockquote>[[fin]]
[[si avis.lieu]]<p>Place: {avis.lieu}</p>[[fin]]
<p>Bring an identity document and this invitation. If you cannot come, write to {contact.adresse}.</p>
<p>Yours sincerely,</p>""",
}


def define(kinds):
    """Name who signs, and word two letters: the admission of all, and the invitation that shortlisting brings.

    Args:
        kinds: {outcome: decision type}.
    """
    for number, commission in enumerate(db.session.scalars(select(Commission).order_by(Commission.id))):
        commission.signatory_name, commission.signatory_title = SIGNATORIES[number % len(SIGNATORIES)]
        commission.postal_address = commission.postal_address or ADDRESS
        commission.mails_letters = True
        commission.signature_key = vault().put(io.BytesIO(drawn(number)), limit=LIMIT).key
    title = {"fr": "Admission en {formation.nom}", "en": "Admission to {formation.nom}"}
    db.session.add(LetterTemplate(code="BIENVENUE", kind=LetterKind.ADMISSION, title=title, body=WELCOME))
    title = {"fr": "Convocation à un entretien", "en": "Invitation to an interview"}
    kinds[Outcome.SHORTLISTED].letter_template = LetterTemplate(code="CONVOCATION", kind=LetterKind.OTHER, title=title, body=INTERVIEW)
    db.session.flush()


def drawn(number):
    """Return a PNG of an invented signature, on a transparent ground."""
    picture = Image.new("RGBA", (520, 180), (255, 255, 255, 0))
    pen, loops = ImageDraw.Draw(picture), 3 + number % 3
    points = [
        (
            30 + 330 * t + 34 * math.sin(2 * math.pi * loops * t + number),
            95 - 55 * math.sin(2 * math.pi * loops * t) * (1 - 0.6 * t) - 18 * t,
        )
        for t in (step / 400 for step in range(401))
    ]
    pen.line(points, fill=(24, 44, 110, 255), width=4, joint="curve")
    pen.line([(60, 140), (250, 118), (470, 128)], fill=(24, 44, 110, 255), width=3, joint="curve")
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
