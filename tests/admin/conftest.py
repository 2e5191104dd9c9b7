"""What the tests of the back office share: clients signed in as each person of the cast."""

import pytest

from app import parameters
from app.enums import CommentKind, LetterKind, ReminderEvent, TextPlace
from app.extensions import db
from app.models import (
    CannedComment,
    Criterion,
    FaqEntry,
    LetterTemplate,
    MailTemplate,
    PublicText,
    ReminderRule,
    ScoringGrid,
    SilenceAlert,
    Tag,
)
from tests.clients import PageClient
from tests.world import SECRET, both


@pytest.fixture
def signed_in(app, world):
    """Return a function giving the client of a person of the cast, signed in."""

    parameters.change("SECOND_FACTOR_NOT_ASKED", True)

    def sign_in(user):
        client = PageClient(app)
        assert client.sign_in(user.email, SECRET).status_code == 302
        return client

    return sign_in


@pytest.fixture
def visitor(app, world):
    return PageClient(app)


@pytest.fixture
def charlie(signed_in, world):
    """Manages Sciences, with every right there."""
    return signed_in(world.charlie)


@pytest.fixture
def dora(signed_in, world):
    """Manages Letters, with every right there."""
    return signed_in(world.dora)


@pytest.fixture
def eve(signed_in, world):
    """Configures everything."""
    return signed_in(world.eve)


@pytest.fixture
def frank(signed_in, world):
    """Reads the candidatures of Sciences, and nothing else."""
    return signed_in(world.frank)


@pytest.fixture
def furnished(world):
    """The world with a row of each setting that its cast does without."""
    grid = ScoringGrid(name="Grille")
    rows = (
        MailTemplate(code="essai", subject=both("Objet"), body=both("Texte")),
        LetterTemplate(code="lettre", kind=LetterKind.ADMISSION, title=both("Lettre"), body=both("Texte")),
        Tag(name="Étiquette"),
        CannedComment(kind=CommentKind.PIECE, text=both("Illisible")),
        SilenceAlert(days=30),
        Criterion(grid=grid, label=both("Motivation")),
        PublicText(place=TextPlace.HOME, body=both("Bienvenue")),
        FaqEntry(code="delai", question=both("Quand ?"), answer=both("Bientôt.")),
        ReminderRule(code="retour", event=ReminderEvent.NOT_TRANSMITTED),
    )
    db.session.add_all(rows)
    db.session.commit()
    return world


@pytest.fixture
def url(dossier):
    """The address of the page of Alice's dossier."""
    return f"/gestion/candidature/dossier/{dossier.public_id}"
