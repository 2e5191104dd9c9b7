"""The editors' template language, and nothing more: `{placeholder}` and `[[si placeholder]] … [[fin]]` (design §8)."""

import re

import nh3
from flask_babel import lazy_gettext as _
from markdown_it import MarkdownIt

from app.errors import DomainError
from app.notifications.placeholders import PLACEHOLDERS

MAXIMUM = 20_000  # characters of a body
NAME = re.compile(r"\{([a-z_.]{1,60})\}")
OPTIONAL = re.compile(r"\[\[si ([a-z_.]{1,60})\]\]|\[\[fin\]\]")
BRACES = re.compile(r"\{([^{}\n]{0,80})\}")
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!~&])")
UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f]")
TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "h2", "h3", "blockquote", "hr"}

markdown = MarkdownIt("commonmark", {"html": False, "linkify": False})


def check(subject, body):
    """Refuse a template that could not be rendered: at save, never at sending.

    Raises:
        DomainError: too long, unknown placeholder, optional part left open or nested.
    """
    for template in (subject, body):
        if len(template) > MAXIMUM:
            raise DomainError(_("Ce texte est trop long : 20 000 caractères au plus."))
        if "[[" in template or "]]" in template:
            _check_parts(template)
        for name in BRACES.findall(template):
            if name not in PLACEHOLDERS:
                raise DomainError(_("La balise {%(name)s} n’existe pas : choisissez-en une dans la liste.", name=name))
        left = BRACES.sub("", template)
        if "{" in left or "}" in left:
            raise DomainError(_("Une accolade est seule : une balise s’écrit {candidat.prenom}."))


def _check_parts(template):
    is_open = False
    for mark in OPTIONAL.finditer(template):
        starts = mark.group(1) is not None
        if starts == is_open:
            raise DomainError(_("Les parties [[si …]] … [[fin]] vont par paires et ne s’emboîtent pas."))
        if starts and mark.group(1) not in PLACEHOLDERS:
            raise DomainError(_("La balise {%(name)s} n’existe pas : choisissez-en une dans la liste.", name=mark.group(1)))
        is_open = starts
    left = OPTIONAL.sub("", template)
    if is_open or "[[" in left or "]]" in left:
        raise DomainError(_("Les parties [[si …]] … [[fin]] vont par paires et ne s’emboîtent pas."))


def render(template, context, *, escaped=False):
    """Fill a template.

    Args:
        context: flat mapping of placeholder name to text; an absent one is empty.
        escaped: whether values are made inert for Markdown (bodies), not left plain (subjects).
    """
    kept, last, is_shown = [], 0, True
    for mark in OPTIONAL.finditer(template):
        if is_shown:
            kept.append(template[last : mark.start()])
        is_shown = bool(context.get(mark.group(1))) if mark.group(1) else True
        last = mark.end()
    if is_shown:
        kept.append(template[last:])
    return NAME.sub(lambda found: _value(context, found.group(1), escaped), "".join(kept))


def _value(context, name, escaped):
    text = UNPRINTABLE.sub("", str(context.get(name) or ""))
    if not escaped or name in LINKS:
        return text
    return SPECIAL.sub(r"\\\1", text)


LINKS = frozenset(name for name, placeholder in PLACEHOLDERS.items() if placeholder.is_link)


def subject_of(template, context):
    """Return a one-line subject of at most 200 characters, with no encoded word (trust M2)."""
    return " ".join(render(template, context).replace("=?", "= ?").split())[:200]


def text_of(template, context):
    """Return the plain text of a body."""
    plain = render(template, context)
    return re.sub(r"\[([^\]\n]{1,200})\]\((https?://[^)\s]{1,2000})\)", r"\1 : \2", plain).replace("**", "").strip() + "\n"


def html_of(template, context):
    """Return the HTML of a body: Markdown without raw HTML, cleaned once more by nh3."""
    body = fragment(render(template, context, escaped=True))
    return f'<!doctype html><html><head><meta charset="utf-8"></head><body>{body}</body></html>'


def fragment(source):
    """Return the HTML of a Markdown text, fit to stand inside a page: no raw HTML, few tags, no script."""
    return nh3.clean(markdown.render(source), tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})


def flatten(context, prefix=""):
    """Return nested placeholders as one flat mapping: {"candidat": {"nom": …}} → {"candidat.nom": …}."""
    flat = {}
    for name, value in context.items():
        if isinstance(value, dict):
            flat.update(flatten(value, f"{prefix}{name}."))
        else:
            flat[f"{prefix}{name}"] = "" if value is None else str(value)
    return flat
