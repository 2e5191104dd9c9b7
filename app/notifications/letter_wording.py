"""What a letter says: the editors' template, checked when it is saved and cleaned when it is filled (design §8)."""

from functools import cache
from html.parser import HTMLParser

import nh3
from flask_babel import lazy_gettext as _
from markupsafe import Markup, escape
from sqlalchemy import event, select

from app.errors import DomainError
from app.extensions import db
from app.models import LetterTemplate
from app.notifications import rendering
from app.notifications.catalogue import LANGUAGES, WORDING
from app.notifications.placeholders import PLACEHOLDERS
from app.orm import text_in

TAGS = frozenset("p br strong em u ul ol li h2 h3 blockquote hr".split())
KNOWN = ("etablissement.", "contact.", "candidat.", "campagne.", "formation.", "dossier.transmis_le", "avis.")
NAMES = {name: placeholder for name, placeholder in PLACEHOLDERS.items() if name.startswith(KNOWN)}  # what a letter can know
EMPTY = frozenset({"br", "hr"})
MAX_DEPTH = 8  # tags one in the other
MAX_NAMES = 60  # placeholders in one letter
MAX_VALUE = 2000  # characters that one placeholder may bring: a letter stays a letter


@cache
def shipped(language):
    """Return {kind: (title, body)} as shipped for a language."""
    wording = {}
    name = f"letters-{language if language in LANGUAGES else 'fr'}.html"
    for part in (WORDING / name).read_text(encoding="utf-8").split("\n# ")[1:]:
        kind, title, body = part.split("\n", 2)
        wording[kind.strip()] = (title.strip(), body.strip())
    return wording


def wording_of(kind, language, *, centre_id=None, own=None):
    """Return (title, body): a decision type's own letter, the centre's, the institution's, else the shipped one.

    Args:
        kind: a `LetterKind`; own: the `LetterTemplate` of a decision type, used while it is in service.
    """
    row = own if own is not None and own.is_active else template_of(kind, centre_id)
    if row is not None:
        return text_in(row.title, language), text_in(row.body, language)
    return shipped(language)[kind.value]


def template_of(kind, centre_id):
    """Return the university's own letter of a kind, the centre's first, or None for the shipped one."""
    chosen = select(LetterTemplate).where(LetterTemplate.kind == kind, LetterTemplate.is_active)
    reach = LetterTemplate.centre_id.is_(None) | (LetterTemplate.centre_id == centre_id)
    return db.session.scalar(chosen.where(reach).order_by(LetterTemplate.centre_id.is_(None), LetterTemplate.id.desc()).limit(1))


class _Reader(HTMLParser):
    """Refuses, with its line, whatever is not a plain paragraph, list or emphasis."""

    def __init__(self):
        super().__init__()
        self.open = []

    def refuse(self, sentence):
        raise DomainError(_("Ligne %(line)s : %(sentence)s", line=self.getpos()[0], sentence=sentence))

    def handle_starttag(self, tag, attributes):
        if tag not in TAGS:
            self.refuse(
                _("la balise <%(tag)s> n’est pas permise. Celles qui le sont : %(tags)s.", tag=tag[:20], tags=", ".join(sorted(TAGS)))
            )
        if attributes:
            self.refuse(_("la balise <%(tag)s> s’écrit seule, sans « %(name)s ».", tag=tag, name=attributes[0][0][:20]))
        if tag in EMPTY:
            return
        self.open.append(tag)
        if len(self.open) > MAX_DEPTH:
            self.refuse(_("trop de balises les unes dans les autres (%(most)s au plus).", most=MAX_DEPTH))

    def handle_endtag(self, tag):
        if tag in EMPTY:
            return
        if not self.open or self.open[-1] != tag:
            self.refuse(_("</%(tag)s> ne ferme pas la dernière balise ouverte.", tag=tag[:20]))
        self.open.pop()

    def handle_comment(self, data):
        self.refuse(_("les commentaires ne sont pas permis."))

    def unknown_decl(self, data):
        self.handle_comment(data)

    def handle_decl(self, decl):
        self.handle_comment(decl)

    def handle_pi(self, data):
        self.handle_comment(data)


def check(title, body):
    """Refuse a letter that could not be filled: at save, never when it is issued.

    Raises:
        DomainError: unknown placeholder or tag (the line is told), a part left open, too long, too many placeholders.
    """
    for number, line in enumerate(body.splitlines(), start=1):
        _check_names(line, number)
    _check_names(title, 1)
    rendering.check(title, body)
    if len(rendering.NAME.findall(body)) > MAX_NAMES:
        raise DomainError(_("Cette lettre contient trop de balises : %(most)s au plus.", most=MAX_NAMES))
    reader = _Reader()
    reader.feed(body)
    reader.close()
    if reader.open:
        reader.refuse(_("la balise <%(tag)s> n’est pas fermée.", tag=reader.open[-1]))


def _check_names(text, line):
    optional = (name for name in rendering.OPTIONAL.findall(text) if name)
    for name in (*rendering.BRACES.findall(text), *optional):
        if name not in NAMES:
            sentence = _("Ligne %(line)s : la balise {%(name)s} n’existe pas : choisissez-en une dans la liste.", line=line, name=name)
            raise DomainError(sentence)


def html_of(body, context):
    """Return the HTML of a letter: values made inert, then everything cleaned once more by nh3.

    Args:
        context: flat mapping of placeholder name to text.
    """
    inert = {
        name: Markup("<br>").join(escape(line) for line in str(value or "")[:MAX_VALUE].splitlines()) for name, value in context.items()
    }
    filled = rendering.render(body, inert)
    return Markup(nh3.clean(filled, tags=set(TAGS), attributes={}, url_schemes=set()))  # noqa: S704 -- cleaned just now


@event.listens_for(LetterTemplate, "before_insert")
@event.listens_for(LetterTemplate, "before_update")
def _refuse_unreadable(mapper, connection, row):
    """Refuse, whoever saves it, a letter that could not be filled (see `check`)."""
    for language in {*(row.title or {}), *(row.body or {})}:
        check(text_in(row.title, language), text_in(row.body, language))
