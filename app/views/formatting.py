"""The template filters and the institution's card that every page uses."""

from markupsafe import Markup, escape

from app import formats, ranks
from app.operations import public_texts
from app.parameters import get as parameter
from app.storage import verdicts


def init_formatting(app):
    """Bind the template filters and the institution's card."""
    app.jinja_env.filters.update(
        datetime=formats.instant,
        deadline=formats.deadline,
        brief=formats.brief,
        day=formats.day,
        tr=formats.translated,
        filesize=formats.filesize,
        paragraphs=paragraphs,
        prose=public_texts.written,
    )
    app.jinja_env.globals.update(
        institution=Institution(),
        verdict=verdicts.sentence,
        shown_rank=ranks.shown,
        is_rank_real=lambda: parameter("RANK_SHOWN") == "REAL",
        public_text=public_texts.shown,
        public_questions=public_texts.questions,
        enrolment_url=lambda: parameter("ENROLMENT_URL"),
        accounts_are_open=lambda: parameter("LOCAL_ACCOUNTS_OPEN"),
        second_factor_not_asked=lambda: parameter("SECOND_FACTOR_NOT_ASKED"),
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


class Institution:
    """The university's card, read from the parameters when a page shows it."""

    name = property(lambda self: parameter("INSTITUTION_NAME"))
    contact_email = property(lambda self: parameter("CONTACT_EMAIL"))
    contact_phone = property(lambda self: parameter("CONTACT_PHONE"))
    dpo_email = property(lambda self: parameter("DPO_EMAIL"))
    colour = property(lambda self: parameter("INSTITUTION_COLOUR"))


def paragraphs(text):
    """Show a typed text with its line breaks; everything in it is escaped."""
    return Markup("<br>").join(escape(line) for line in (text or "").splitlines())  # noqa: S704 -- every line is escaped
