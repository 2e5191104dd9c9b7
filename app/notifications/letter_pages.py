"""A letter as a page and as the PDF issued once: the same bytes for its candidate, for managers and for the mail."""

import io
from dataclasses import dataclass

from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.orm import joinedload

from app import clock, documents, formats, parameters
from app.documents import pictures, qr
from app.enums import Answer
from app.errors import DomainError
from app.extensions import db
from app.models import Candidate, Candidature, Commission, Decision, Letter, Offering
from app.notifications import announcements, letter_wording, letters, rendering
from app.notifications.placeholders import SAMPLE
from app.storage import vault

LIMIT = 5 * 1024 * 1024  # bytes of a letter
SWEPT = 50  # letters made in one sweep


@dataclass(frozen=True)
class Page:
    """What a letter shows around its text.

    Attributes:
        recipient: lines of the address block; sender: of the commission's.
        url: where the letter is verified ('' for a preview).
    """

    title: str
    body: str
    day: str
    recipient: tuple
    sender: tuple
    number: str
    campaign: str
    signatory_name: str = ""
    signatory_title: str = ""
    signature: str = ""
    url: str = ""


def whole():
    """Return the select of letters with all that issuing them reads."""
    candidature = joinedload(Letter.candidature)
    offering = candidature.joinedload(Candidature.offering)
    return select(Letter).options(
        joinedload(Letter.decision).joinedload(Decision.decision_type),
        candidature.joinedload(Candidature.candidate).joinedload(Candidate.user),
        offering.joinedload(Offering.formation),
        offering.joinedload(Offering.commission).joinedload(Commission.centre),
    )


def issue(letter_id):
    """Make the PDF of a letter unless it is made, and keep it for good.

    Commits on its own: its row before the slow drawing, so that no transaction stays open meanwhile, and its bytes after.

    Returns:
        The `Letter`, issued.
    Raises:
        DomainError: letters are suspended, or its opinion no longer holds: nothing true can be printed.
    """
    letter = db.session.scalar(whole().where(Letter.id == letter_id))
    if letter is None:
        raise DomainError(_("Cette lettre n’existe pas."))
    if letter.storage_key is not None:
        return letter
    if parameters.get("LETTERS_BLOCKED"):
        raise DomainError(_("Les lettres sont suspendues pour le moment : réessayez plus tard."))
    if not letters.is_current(letter):
        raise DomainError(_("L’avis de cette lettre a été remplacé ou rappelé : elle n’est plus remise."))
    html = html_of(page_of(letter), letter.language)
    db.session.commit()
    stored = vault().put(io.BytesIO(documents.pdf_of(html)), limit=LIMIT)
    mine = update(Letter).where(Letter.id == letter_id, Letter.storage_key.is_(None))
    values = {"storage_key": stored.key, "sha256": stored.sha256, "size": stored.size}
    is_ours = db.session.execute(mine.values(**values), execution_options={"synchronize_session": False}).rowcount == 1
    db.session.commit()
    if not is_ours:  # another worker was quicker: its bytes are the letter
        vault().delete(stored.key)
    return db.session.scalar(whole().where(Letter.id == letter_id).execution_options(populate_existing=True))


def sweep(limit=SWEPT, *, is_stopping=lambda: False):
    """Make the letters that no bell announced; one that fails does not stop the others. Commits on its own, like `issue`."""
    numbers = (
        [] if parameters.get("LETTERS_BLOCKED") else db.session.scalars(_unmade().order_by(None).order_by(func.random()).limit(limit)).all()
    )
    db.session.rollback()
    for number in numbers:
        if is_stopping():
            return
        try:
            issue(number)
        except DomainError:
            db.session.rollback()
        except Exception:  # noqa: BLE001 -- logged; the next sweep tries again, the others go on
            db.session.rollback()
            current_app.logger.exception("letter %s not made", number)


def _unmade():
    """Return the select of the numbers of the letters of current opinions that are not made, oldest first."""
    chosen = select(Letter.id).join(Letter.decision).join(Candidature, Letter.candidature_id == Candidature.id)
    live = (Letter.storage_key.is_(None), Letter.revoked_at.is_(None), Letter.issued_at >= Decision.published_at)
    return chosen.where(*live, Candidature.published_decision_id == Decision.id).order_by(Letter.id)


def page_of(letter):
    """Return the `Page` of a letter, in its language."""
    candidature = letter.candidature
    with force_locale(letter.language):
        return _page(
            candidature,
            letter.kind,
            letter.language,
            own=letter.decision.decision_type.letter_template,
            context=announcements.of(candidature),
            day=formats.day(letter.issued_at),
            url=f"{current_app.config['SETTINGS'].public_url}/verification/{letter.public_id}",
        )


def _page(candidature, kind, language, *, own, context, day, url):
    commission, person = candidature.offering.commission, candidature.candidate
    title, body = letter_wording.wording_of(kind, language, centre_id=commission.centre_id, own=own)
    return _filled(
        title, body, _flat(context, candidature), commission, day=day, url=url, recipient=address_of(person), number=person.dossier_number
    )


def _flat(context, candidature):
    flat = rendering.flatten(context)
    if candidature.answer == Answer.CONFIRMED:
        flat["avis.reponse_avant"] = ""  # nothing is left to answer
    return flat


def _filled(title, body, flat, commission, *, day, url, recipient, number):
    return Page(
        title=rendering.subject_of(title, flat),
        body=letter_wording.html_of(body, flat),
        day=day,
        recipient=recipient,
        sender=sender_of(commission) if commission else (),
        number=number,
        campaign=flat.get("campagne.nom", ""),
        signatory_name=commission.signatory_name or "" if commission else "",
        signatory_title=commission.signatory_title or "" if commission else "",
        signature=pictures.uri(commission.signature_key) if commission else "",
        url=url,
    )


def html_of(page, language):
    """Return the whole HTML of a letter in a language, ready to be drawn."""
    with force_locale(language):
        code = qr.uri(page.url) if page.url else ""
        return render_template("documents/letter.html", page=page, qr=code, logo=pictures.logo())


def address_of(person):
    """Return the lines of a candidate's address block."""
    civility = str(person.civility.label) if person.civility else ""
    lines = [" ".join(word for word in (civility, person.first_name, person.usual_name or person.last_name) if word)]
    address = person.address
    if address is not None:
        town = address.commune.name if address.commune else address.town
        lines += [address.line1, address.line2, " ".join(word for word in (address.postal_code, town) if word)]
        lines.append(formats.translated(address.country.name) if address.country_code != "FR" else "")
    return tuple(line for line in lines if line)


def sender_of(commission):
    """Return the lines that say who writes."""
    postal = (commission.postal_address or "").splitlines()
    lines = [
        commission.centre.name,
        commission.name,
        *postal,
        commission.contact_email or commission.centre.contact_email,
        commission.phone,
    ]
    return tuple(dict.fromkeys(line for line in lines if line))  # a centre and its only commission often share a name


def preview(title, body, language, *, candidature=None):
    """Return the PDF of a template not yet in use, on a sample person or on a real candidature; nothing is kept.

    Raises:
        DomainError: the template cannot be filled (see `letter_wording.check`).
    """
    letter_wording.check(title, body)
    with force_locale(language):
        day = formats.day(clock.now())
        if candidature is None:
            recipient = ("Camille Martin", "12 rue des Lilas", "63000 Clermont-Ferrand")
            page = _filled(title, body, dict(SAMPLE), None, day=day, url="", recipient=recipient, number=SAMPLE["candidat.numero"])
        else:
            person, commission = candidature.candidate, candidature.offering.commission
            flat = rendering.flatten(announcements.of(candidature))
            page = _filled(title, body, flat, commission, day=day, url="", recipient=address_of(person), number=person.dossier_number)
    return documents.pdf_of(html_of(page, language))


def attachment(number, _language, let_go):
    """Return (file name, media type, bytes) of a letter for the mail that carries it.

    Raises:
        DomainError, OSError: it can no longer be made, or its file is missing.
    """
    letter = issue(number)
    name, key = file_name(letter), letter.storage_key
    let_go()
    with vault().open(key) as file:
        return name, documents.PDF, file.read()


def file_name(letter):
    """Return the name under which a letter is given: neutral, without a person's name."""
    number = letter.candidature.candidate.dossier_number
    with force_locale(letter.language):
        return str(_("lettre-%(number)s.pdf", number=f"{number}-{letter.id}"))


documents.MAKERS["letter"] = attachment
