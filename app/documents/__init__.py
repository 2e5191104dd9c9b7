"""Documents made from what is frozen: the receipt as a PDF, the interview as a calendar file."""

import io
from datetime import UTC, timedelta

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import clock, deadlines
from app.extensions import db
from app.models import Candidature, Offering, Transmission

PDF = "application/pdf"


def attachment(spec, language, *, let_go):
    """Return (file name, media type, bytes) of what a message joins.

    Args:
        spec: "receipt:12" for the receipt of transmission 12; the kinds are those of `MAKERS`.
        language: of the document.
        let_go: called once everything is read, before the slow drawing, to end the transaction: on SQLite an open one
            keeps every writer waiting.
    Raises:
        ValueError: an unknown kind of attachment.
    """
    kind, _colon, number = spec.partition(":")
    if kind not in MAKERS:
        raise ValueError(f"unknown attachment {kind}")
    return MAKERS[kind](int(number), language, let_go)


def _receipt(number, language, let_go):
    transmission = db.session.scalar(
        select(Transmission)
        .where(Transmission.id == number)
        .options(joinedload(Transmission.candidature).joinedload(Candidature.offering).joinedload(Offering.formation))
    )
    with force_locale(language):
        html = render_template(
            "documents/receipt.html",
            transmission=transmission,
            candidature=transmission.candidature,
            contact=deadlines.contact_of(transmission.candidature),
        )
    name = f"{transmission.receipt_number}.pdf"
    let_go()
    return name, PDF, pdf_of(html)


MAKERS = {"receipt": _receipt}  # what knows more registers its own kind


def pdf_of(html):
    """Return the PDF of an HTML page that anybody's reader can say aloud (PDF/UA-1)."""
    return _page(html).write_pdf(pdf_variant="pdf/ua-1")


def stream_of(html):
    """Return the PDF of an HTML page as a file object, to be added to."""
    return io.BytesIO(_page(html).write_pdf())


def _page(html):
    """Return the page to draw; nothing outside it is ever fetched (trust: WeasyPrint's default reads files)."""
    from weasyprint import HTML  # noqa: PLC0415 -- slow import, and its system library may be missing
    from weasyprint.urls import URLFetcher  # noqa: PLC0415 -- idem

    return HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=["data"]))


def calendar_of(candidature):
    """Return the interview of a shortlisted candidature as an iCalendar file (one hour long)."""
    decision = candidature.published_decision
    start = decision.interview_at.astimezone(UTC)
    title = _("Entretien – %(formation)s", formation=candidature.offering.formation.name)
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Postulo//FR",
        "BEGIN:VEVENT",
        f"UID:{candidature.public_id}-{decision.id}",
        f"DTSTAMP:{clock.now():%Y%m%dT%H%M%SZ}",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{start + timedelta(hours=1):%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{_escaped(title)}",
        f"LOCATION:{_escaped(decision.interview_place or '')}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    return "\r\n".join(_folded(line) for line in lines)


def _escaped(text):
    return text.replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,").replace("\n", r"\n").replace("\r", "")


def _folded(line):
    """Fold a line at 70 characters, as RFC 5545 asks (75 octets)."""
    parts = [line[i : i + 35] for i in range(0, len(line), 35)] or [""]
    return "\r\n ".join(parts)
