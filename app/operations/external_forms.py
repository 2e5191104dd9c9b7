"""Forms that are filled on another site: their address, the signed return, and the answers fetched from LimeSurvey."""

import re
from urllib.parse import quote

from flask import current_app
from flask_babel import lazy_gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import access, journal, queries
from app.enums import FieldKind, FileStatus, ResponseState
from app.errors import DomainError, ServiceDown
from app.extensions import db
from app.models import Candidate, Candidature, Form, FormAnswer, FormField, FormResponse, FormVersion, RequiredForm
from app.operations import answers
from app.operations.batches import Batch, register
from app.surveys import survey_server

RETURN = "{retour}"  # the place, in the address of a form, of the address that says "it is filled"
PATH = "formulaires/retour"
LONGEST_RETURN = 180 * 24 * 3600  # seconds during which a return is taken
LONGEST_ANSWER = 20_000  # characters kept of one answer
LONGEST_KEY = 50
MOST_QUESTIONS = 300
OPEN = (FileStatus.WAITING, FileStatus.INCOMPLETE)


def is_told_by_its_site(form):
    """Whether the site of the form says by itself that it is filled, so that the candidate need not."""
    return bool(form.survey_number or form.url and RETURN in form.url)


def check_declared(form):
    """Refuse that a candidate declares filled a form whose own site says it."""
    if is_told_by_its_site(form):
        raise DomainError(_("Ouvrez ce formulaire et remplissez-le jusqu’au bout : c’est son site qui nous dit qu’il est rempli."))


def address(form, candidature):
    """Return the address of a form with everything filled in, the signed address of return included."""
    url = answers.external_url(form, candidature)
    if RETURN in url:
        ticket = _signer().dumps([candidature.public_id, form.id])
        url = url.replace(RETURN, quote(f"{current_app.config['SETTINGS'].public_url}/{PATH}/{ticket}", safe=""))
    return url


def returned(ticket):
    """Take a return: the form is filled. Done twice, it is done once.

    Args:
        ticket: what `address` signed.
    Returns:
        The candidature and the form.
    Raises:
        DomainError: the ticket is wrong or too old, the form is no longer asked, or the dossier no longer changes.
    """
    try:
        public_id, form_id = _signer().loads(ticket, max_age=LONGEST_RETURN)
    except BadData as error:
        raise DomainError(_("Ce lien de retour n’est pas bon ou n’est plus bon : rouvrez le formulaire depuis votre dossier.")) from error
    candidature = db.session.scalar(queries.whole().where(Candidature.public_id == public_id))
    line = candidature and answers.line_of(candidature, form_id)
    if not line or RETURN not in (line.form.url or ""):
        raise DomainError(_("Ce formulaire n’est plus demandé : il n’y a rien d’autre à faire."))
    if line.response is None or line.response.state != ResponseState.COMPLETED:
        answers.set_state(candidature, line.form, ResponseState.COMPLETED, actor=candidature.candidate.user)
    return candidature, line.form


def _signer():
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="form-return")


# --- answers fetched from the server of surveys (domain B6.1) ---


def fetch(now, run):
    """Fetch the answers of every survey asked in the running campaign; a server that is down is said and tried again next time."""
    server, failed = survey_server(), 0
    asked = select(RequiredForm.form_id).where(RequiredForm.is_active, RequiredForm.campaign == queries.running_campaign())
    surveys = select(Form.id).where(Form.is_active, Form.survey_number.is_not(None), Form.id.in_(asked))
    numbers = db.session.scalars(surveys.order_by(Form.id)).all()
    if server is None:
        return str(_("Aucun serveur d’enquêtes n’est réglé (LIMESURVEY_URL).")) if numbers else None
    for form_id in numbers:
        survey = db.session.get(Form, form_id).survey_number
        db.session.rollback()  # no transaction stays open while another server is asked
        try:
            labels, found = server.questions(survey), server.answers(survey)
        except ServiceDown as error:
            failed += 1
            current_app.logger.warning("survey %s not read: %s", survey, error)
            continue
        for answer in found:
            run.count(int(take(db.session.get(Form, form_id), answer, labels, now)))
    return str(_("Enquêtes qui n’ont pas pu être lues : %(number)s.", number=failed)) if failed else None


def take(form, answer, labels, now):
    """Keep one answer of a survey when it is newer than what is kept and the dossier is still open, or has none yet.

    Args:
        answer: a `SurveyAnswer`.
        labels: {code: question}.
    Returns:
        Whether it was kept.
    """
    owner, candidature = _owner(form, answer)
    if owner is None:
        return False
    if candidature is not None:
        journal.lock(candidature)
    found = select(FormResponse).filter_by(form_id=form.id, **owner).options(selectinload(FormResponse.answers))
    response = db.session.scalar(found)
    is_new = response is None or response.state != ResponseState.COMPLETED or response.completed_at is None
    is_open = candidature is None or candidature.file_status in OPEN
    if not is_new and (not is_open or response.completed_at >= answer.submitted_at):
        return False
    if response is None:
        response = FormResponse(form=form, **owner)
        db.session.add(response)
    response.form_version = _version(form)
    _write(response, answer, labels)
    response.state, response.completed_at, response.saved_at = ResponseState.COMPLETED, answer.submitted_at, now
    if candidature is not None:
        journal.record("form", candidature, actor=access.SYSTEM, details={"form": form.code}, now=now)
    return True


def _owner(form, answer):
    """Return the owner of an answer as columns, and his candidature when the form is of one; None when nobody here is meant."""
    if form.is_shared:
        number = (answer.dossier or "").upper()[:8]
        person = db.session.scalar(select(Candidate.id).where(Candidate.dossier_number == number)) if number else None
        return (None, None) if person is None else ({"candidate_id": person}, None)
    public_id = (answer.candidature or "")[:32]
    candidature = db.session.scalar(queries.whole().where(Candidature.public_id == public_id)) if public_id else None
    if candidature is None or candidature.cancelled_at is not None or answers.line_of(candidature, form.id) is None:
        return None, None
    return {"candidature_id": candidature.id}, candidature


def _version(form):
    version = answers.current_version(form)
    if version is None:
        version = FormVersion(form=form, number=1)
        db.session.add(version)
    return version


def _write(response, answer, labels):
    """Write an answer as answers to questions of ours, so that lists, filters, exports and documents show it like any other."""
    fields = {field.key: field for field in response.form_version.fields}
    values = {}
    for code, value in answer.values.items():
        key = re.sub(r"\W+", "_", code, flags=re.ASCII).strip("_")[:LONGEST_KEY]
        if key and key not in values and (key in fields or len(fields) < MOST_QUESTIONS):
            if key not in fields:
                label = {"fr": labels.get(code) or labels.get(code.partition("[")[0]) or code}
                fields[key] = FormField(key=key, kind=FieldKind.LONG_TEXT, label=label, is_required=False, position=10 * (len(fields) + 1))
                response.form_version.fields.append(fields[key])
            values[key] = value[:LONGEST_ANSWER]
    db.session.flush()
    kept = {row.form_field_id: row for row in response.answers}
    for key, field in fields.items():
        row = kept.get(field.id)
        if row is None and key in values:
            response.answers.append(FormAnswer(form_field=field, value_text=values[key]))
        elif row is not None:
            row.value_text = values.get(key)
    db.session.flush()


register(
    Batch(
        "surveys",
        _("Réponses aux enquêtes"),
        _("Va chercher sur LimeSurvey les réponses aux formulaires externes de la campagne en cours."),
        fetch,
        every_minutes=15,
    )
)
