"""What the demonstration's config editor defined: pieces, forms, decision types and reasons."""

import io
import re

import pikepdf
from sqlalchemy import select

from app.enums import FieldKind, Outcome, ReasonKind, StatusGroup
from app.extensions import db
from app.models import (
    DecisionReason,
    DecisionType,
    Form,
    Formation,
    FormField,
    FormVersion,
    Offering,
    PieceType,
    RequiredForm,
    RequiredPiece,
)
from app.storage import vault

MODEL_LIMIT = 1_000_000  # bytes


def both(french, english):
    """Return a text in both languages."""
    return {"fr": french, "en": english}


# code, name, why it is asked, shared by all candidatures, conditional
PIECES = (
    (
        "IDENTITE",
        both("Pièce d’identité", "Identity document"),
        both("Pour vérifier votre identité et votre nationalité.", "To check your identity and nationality."),
        True,
        False,
    ),
    (
        "CV",
        both("Curriculum vitæ", "Curriculum vitae"),
        both("Pour connaître votre parcours.", "To know your background."),
        True,
        False,
    ),
    (
        "RELEVES",
        both("Relevés de notes", "Transcripts"),
        both("Pour apprécier vos résultats des deux dernières années.", "To assess your results of the last two years."),
        True,
        False,
    ),
    (
        "DIPLOME",
        both("Dernier diplôme obtenu", "Latest diploma"),
        both("Une attestation de réussite convient. Non concerné si vous n’en avez pas encore.", "A pass certificate will do."),
        True,
        True,
    ),
    (
        "LETTRE",
        both("Lettre de motivation", "Cover letter"),
        both("Pour comprendre votre projet dans cette formation.", "To understand your project in this course."),
        False,
        False,
    ),
    (
        "FRANCAIS",
        both("Attestation de français", "Certificate in French"),
        both("Niveau B2, si le français n’est pas votre langue d’études.", "Level B2, if French is not the language of your studies."),
        True,
        True,
    ),
    (
        "FICHE",
        both("Fiche d’engagement", "Commitment form"),
        both("Le modèle est à remplir, à signer, puis à déposer.", "Fill in the model, sign it, then upload it."),
        False,
        True,
    ),
)
PORTFOLIO = (
    "PORTFOLIO",
    both("Portfolio", "Portfolio"),
    both("Trois à cinq réalisations commentées, en un seul PDF.", "Three to five commented works, in one PDF."),
    False,
    False,
)
WITH_PORTFOLIO = "arts du spectacle"
WITH_MODEL = "FICHE"
YES_OR_SEARCHING = {"oui": both("Oui", "Yes"), "non": both("Non", "No"), "recherche": both("Je cherche", "I am looking for one")}
# key, kind, question, obligatory, choices
QUESTIONS = (
    ("projet", FieldKind.LONG_TEXT, both("Quel est votre projet professionnel ?", "What is your career plan?"), True, None),
    ("langue", FieldKind.TEXT, both("Quelle est votre première langue étrangère ?", "What is your first foreign language?"), True, None),
    (
        "moyenne",
        FieldKind.NUMBER,
        both("Moyenne de la dernière année (sur 20)", "Average mark of the last year (out of 20)"),
        False,
        None,
    ),
    ("arrivee", FieldKind.DATE, both("Date à laquelle vous pouvez commencer", "Date on which you can start"), False, None),
    (
        "mobilite",
        FieldKind.CHOICE,
        both("Aurez-vous un logement sur place ?", "Will you have housing nearby?"),
        True,
        YES_OR_SEARCHING,
    ),
    (
        "handicap",
        FieldKind.YES_NO,
        both("Souhaitez-vous un aménagement pour handicap ?", "Do you need arrangements for a disability?"),
        False,
        None,
    ),
)
# asked, under a title, of those alone who are looking for housing
HOUSING = both("Votre logement", "Your housing")
HOMES = both("Quels logements vous conviendraient ?", "Which kinds of housing would suit you?")
KINDS_OF_HOMES = {
    "cite": both("Résidence universitaire", "University residence"),
    "studio": both("Studio", "Studio flat"),
    "partage": both("Colocation", "Shared flat"),
}
DECISIONS = {
    Outcome.ADMITTED: ("FAV", both("Favorable", "Favourable")),
    Outcome.REFUSED: ("DEF", both("Défavorable", "Unfavourable")),
    Outcome.WAITLISTED: ("LC", both("Liste complémentaire", "Complementary list")),
    Outcome.ON_HOLD: ("LA", both("Liste d’attente", "Waiting list")),
    Outcome.SHORTLISTED: ("PR", both("Présélection", "Shortlisted")),
}
REASONS = (
    ("NIVEAU", ReasonKind.REFUSAL, both("Niveau insuffisant", "Insufficient level")),
    ("PREREQUIS", ReasonKind.REFUSAL, both("Prérequis absents", "Missing prerequisites")),
    ("PLACES", ReasonKind.REFUSAL, both("Nombre de places limité", "Limited number of places")),
    ("AILLEURS", ReasonKind.WITHDRAWAL, both("Je m’inscris ailleurs", "I am enrolling elsewhere")),
    ("PERSONNEL", ReasonKind.WITHDRAWAL, both("Raison personnelle", "Personal reason")),
)


# asked of minors alone
PERMISSION = (
    "AUTORISATION",
    both("Autorisation parentale", "Parental consent"),
    both("Parce que vous n’avez pas encore dix-huit ans.", "Because you are not yet eighteen."),
    True,
    False,
)


def define(campaign):
    """Define everything in a campaign whose offerings are there; return ({outcome: decision type}, {code: reason})."""
    for position, piece in enumerate(PIECES, start=1):
        db.session.add(RequiredPiece(campaign=campaign, piece_type=_piece(*piece), position=position * 10))
    db.session.add(RequiredPiece(campaign=campaign, piece_type=_piece(*PERMISSION), position=800, situation=StatusGroup.MINOR))
    _ask_portfolio(campaign)
    _native_form(campaign)
    _external_form(campaign)
    kinds = {outcome: DecisionType(code=code, name=name, outcome=outcome) for outcome, (code, name) in DECISIONS.items()}
    reasons = {code: DecisionReason(code=code, kind=kind, name=name) for code, kind, name in REASONS}
    db.session.add_all([*kinds.values(), *reasons.values()])
    for offering in db.session.scalars(select(Offering).where(Offering.campaign_id == campaign.id)):
        offering.admitted_type = kinds[Outcome.ADMITTED]
    db.session.flush()
    return kinds, reasons


def _piece(code, name, purpose, is_shared, is_conditional):
    kind = PieceType(code=code, name=name, purpose=purpose, is_shared=is_shared, is_conditional=is_conditional)
    if code == WITH_MODEL:
        kind.template_key = vault().put(io.BytesIO(model()), limit=MODEL_LIMIT).key
        kind.template_name = "fiche-engagement.pdf"
    return kind


def _ask_portfolio(campaign):
    """Ask one more piece of the candidatures to one formation alone."""
    chosen = select(Offering).join(Offering.formation).where(Offering.campaign_id == campaign.id)
    offering = db.session.scalar(chosen.where(Formation.search_text.contains(WITH_PORTFOLIO)).limit(1))
    if offering is not None:
        db.session.add(RequiredPiece(campaign=campaign, piece_type=_piece(*PORTFOLIO), offering=offering, position=900))


def _native_form(campaign):
    form = Form(
        code="PROJET",
        name=both("Votre projet", "Your project"),
        introduction=both("Quelques questions pour la commission.", "A few questions for the committee."),
    )
    version = FormVersion(form=form, number=1)
    for position, (key, kind, label, is_required, choices) in enumerate(QUESTIONS, start=1):
        bounds = {"minimum": 0, "maximum": 20} if kind == FieldKind.NUMBER else {}
        version.fields.append(
            FormField(key=key, kind=kind, label=label, is_required=is_required, choices=choices, position=position * 10, **bounds)
        )
    wanted = {"condition_key": "mobilite", "condition_value": "recherche", "is_required": False}
    version.fields.append(FormField(key="logement", kind=FieldKind.SECTION, label=HOUSING, position=70, **wanted))
    version.fields.append(FormField(key="logements", kind=FieldKind.MULTIPLE, label=HOMES, choices=KINDS_OF_HOMES, position=80, **wanted))
    db.session.add_all([version, RequiredForm(campaign=campaign, form=form, position=10)])


def _external_form(campaign):
    form = Form(
        code="ENQUETE",
        name=both("Enquête de la scolarité", "Registry survey"),
        url="https://enquete.postulo.example/?dossier={candidat.numero}",
        is_blocking=False,
        is_conditional=True,
    )
    db.session.add(RequiredForm(campaign=campaign, form=form, position=20))


def model():
    """Return a small real PDF to fill."""
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    words = (
        (18, 770, "Fiche d’engagement"),
        (11, 730, "Je, soussigné(e) .......................................................,"),
        (11, 710, "certifie exactes les informations de mon dossier."),
        (11, 650, "Date et signature :"),
    )
    escaped = ((size, y, re.sub(r"([()\\])", r"\\\1", text)) for size, y, text in words)
    content = "".join(f"BT /F1 {size} Tf 60 {y} Td ({text}) Tj ET\n" for size, y, text in escaped)
    name = pikepdf.Name
    font = pikepdf.Dictionary(Type=name.Font, Subtype=name.Type1, BaseFont=name.Helvetica, Encoding=name.WinAnsiEncoding)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = document.make_stream(content.encode("cp1252"))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()
