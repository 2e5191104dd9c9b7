"""The commission of the demonstration at work: sentences ready to use, tags, a scoring grid, notes, opinions and models of messages."""

from sqlalchemy import select

from app.enums import Colour, CommentKind, OpinionKind
from app.extensions import db
from app.models import Candidature, CannedComment, Criterion, MailTemplate, ScoringGrid, StaffMember, Tag, User
from app.operations import notes, opinions
from app.operations.demonstration.settings import both

PIECE, CORRECTION, DECISION = CommentKind
SENTENCES = (
    (PIECE, both("Le document est illisible : numérisez-le à plat, en bonne lumière.", "The document cannot be read: scan it flat, in good light.")),
    (PIECE, both("Le document est coupé : chaque page doit être entière.", "The document is cut off: each page must be complete.")),
    (PIECE, both("Il manque une ou plusieurs pages.", "One or more pages are missing.")),
    (PIECE, both("Ce n’est pas la pièce demandée : relisez ce qui est attendu.", "This is not the document we asked for: please read again what is expected.")),
    (PIECE, both("La pièce d’identité n’est plus valable.", "The identity document has expired.")),
    (PIECE, both("Joignez une traduction en français par un traducteur agréé.", "Please add a French translation by a sworn translator.")),
    (PIECE, both("Les relevés des deux dernières années sont demandés.", "Transcripts of the last two years are required.")),
    (PIECE, both("Le document n’est pas signé.", "The document is not signed.")),
    (CORRECTION, both("Corrigez les pièces refusées, puis transmettez de nouveau votre dossier.", "Please correct the documents refused, then submit your file again.")),
    (CORRECTION, both("Complétez votre parcours : une année n’est pas expliquée.", "Please complete your background: one year is not explained.")),
    (DECISION, both("Votre dossier est solide et votre projet cohérent avec la formation.", "Your file is strong and your plan fits the course.")),
    (DECISION, both("Vos résultats dans les matières fondamentales sont insuffisants.", "Your results in the core subjects are insufficient.")),
    (DECISION, both("Votre projet correspond davantage à une autre de nos formations.", "Your plan is better suited to another of our courses.")),
)  # fmt: skip
TAGS = (
    ("Dossier à revoir", Colour.ORANGE),
    ("Profil remarquable", Colour.GREEN),
    ("Reprise d’études", Colour.BLUE),
    ("Aménagement demandé", Colour.PURPLE),
    ("Avis partagé", Colour.YELLOW),
    ("Doublon possible", Colour.RED),
)
CRITERIA = (
    (both("Résultats", "Results"), 20, 3),
    (both("Projet", "Plan"), 20, 2),
    (both("Cohérence du parcours", "Consistency of the background"), 10, 1),
)
MODELS = (
    (
        "libre-precision",
        both("Une précision sur votre dossier {formation.nom}", "A question about your file {formation.nom}"),
        both(
            "Bonjour {candidat.prenom},\n\nLa commission examine votre candidature à **{formation.nom}** et souhaite une précision :\n\n…",
            "Dear {candidat.prenom},\n\nThe panel is examining your application to **{formation.nom}** and would like to ask you:\n\n…",
        ),
    ),
    (
        "libre-retard",
        both("Votre dossier {candidat.numero} : un peu de patience", "Your file {candidat.numero}: please bear with us"),
        both(
            "Bonjour {candidat.prenom},\n\nL’examen de votre candidature à {formation.nom} prend plus de temps que prévu. Rien n’est à faire de votre part.",
            "Dear {candidat.prenom},\n\nExamining your application to {formation.nom} is taking longer than planned. You have nothing to do.",
        ),
    ),
)


def settings():
    """Define what a commission works with; return the scoring grid."""
    db.session.add_all(CannedComment(kind=kind, text=text) for kind, text in SENTENCES)
    db.session.add_all(Tag(name=name, colour=colour) for name, colour in TAGS)
    db.session.add_all(MailTemplate(code=code, subject=subject, body=body, is_free=True) for code, subject, body in MODELS)
    grid = ScoringGrid(name="Grille de la commission")
    grid.criteria = [Criterion(label=label, maximum=most, weight=weight, position=n) for n, (label, most, weight) in enumerate(CRITERIA, 1)]
    db.session.add(grid)
    db.session.flush()
    return grid


def at_work(campaign):
    """Let the commission note, tag and judge the dossiers transmitted and not decided: the first on a grid, the others without."""
    grid = settings()
    chosen = select(Candidature).where(
        Candidature.campaign_id == campaign.id, Candidature.transmission_count > 0, Candidature.published_decision_id.is_(None)
    )
    dossiers = db.session.scalars(chosen.order_by(Candidature.id.desc())).all()
    if not dossiers:
        return
    dossiers[0].offering.scoring_grid = grid
    tags = {tag.name: tag for tag in db.session.scalars(select(Tag))}
    ines, paul = _user("gestion"), _user("membre")
    for number, dossier in enumerate(dossiers):
        notes.add(
            dossier, "Relevés à comparer avec ceux de l’an dernier." if number else "Très bon dossier : à voir en commission.", actor=ines
        )
        notes.change_tags(dossier, actor=ines, put=[tags["Dossier à revoir" if number else "Profil remarquable"]])
    first, marks = dossiers[0], (("16", "14", "8"), ("13,5", "15", "7"))
    for person, kind, typed in zip((ines, paul), (OpinionKind.FAVOURABLE, OpinionKind.RESERVED), marks, strict=True):
        values = {criterion.id: mark for criterion, mark in zip(grid.criteria, typed, strict=True)}
        comment = "Résultats réguliers, projet clair." if kind == OpinionKind.FAVOURABLE else "Bon niveau ; le projet mérite un entretien."
        opinions.give(first, kind, actor=person, comment=comment, marks=values)


def _user(name):
    return db.session.scalar(select(User).join(StaffMember).where(User.email == f"{name}@postulo.example"))
