"""Complementary forms: what is asked, what was answered, saved as it is typed, complete when it is right."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import quote

from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from app import access, clock, deadlines, formats, journal, queries, workflow
from app.enums import FieldKind, FileStatus, Functionality, ResponseState
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import Form, FormAnswer, FormField, FormResponse, FormVersion

COLUMNS = {
    FieldKind.TEXT: "value_text",
    FieldKind.LONG_TEXT: "value_text",
    FieldKind.NUMBER: "value_number",
    FieldKind.DATE: "value_date",
    FieldKind.CHOICE: "value_choice",
    FieldKind.YES_NO: "value_yes",
}
LENGTHS = {FieldKind.TEXT: 300, FieldKind.LONG_TEXT: 5000}  # characters


@dataclass(frozen=True)
class Line:
    """A form asked of a candidature, with the response it has so far."""

    required: object
    form: Form
    response: FormResponse | None

    @property
    def name(self):
        return formats.translated(self.form.name)

    @property
    def state(self):
        return self.response.state if self.response else None

    @property
    def is_missing(self):
        done = self.state in (ResponseState.COMPLETED, ResponseState.NOT_CONCERNED)
        return self.form.is_blocking and not done


def lines(candidature):
    """Return the forms asked of a candidature with their responses, in a constant number of queries."""
    required = queries.required_forms(candidature.offering, candidate=candidature.candidate)
    if not required:
        return []
    responses = db.session.scalars(
        select(FormResponse)
        .where(or_(FormResponse.candidature_id == candidature.id, FormResponse.candidate_id == candidature.candidate_id))
        .options(selectinload(FormResponse.answers).joinedload(FormAnswer.form_field), joinedload(FormResponse.form_version))
    ).all()
    by_form = {(response.form_id, response.candidature_id is None): response for response in responses}
    return [Line(row, row.form, by_form.get((row.form_id, row.form.is_shared))) for row in required]


def line_of(candidature, form_id):
    """Return the line of one form, or None when it is not asked."""
    return next((line for line in lines(candidature) if line.form.id == form_id), None)


def current_version(form):
    """Return the newest version of a form with its questions, or None."""
    return db.session.scalar(
        select(FormVersion)
        .where(FormVersion.form_id == form.id)
        .options(selectinload(FormVersion.fields))
        .order_by(FormVersion.number.desc())
        .limit(1)
    )


def external_url(form, candidature):
    """Return the address of an external form with its placeholders filled: dossier number, candidature, name."""
    values = {
        "{candidat.numero}": candidature.candidate.dossier_number,
        "{candidature}": candidature.public_id,
        "{candidat.nom}": candidature.candidate.last_name,
        "{candidat.prenom}": candidature.candidate.first_name,
    }
    url = form.url
    for name, value in values.items():
        url = url.replace(name, quote(value, safe=""))
    return url


def save(candidature, form, values, *, actor, complete):
    """Keep what was typed, whatever it is worth; say what is wrong only when the person says it is complete.

    Args:
        values: {field key: raw text}; a value that cannot be read is not kept and is told.
        complete: whether the person asks to finish.
    Returns:
        {field key: sentence} of what is wrong (empty when all is well).
    Raises:
        DomainError: the dossier can no longer be changed.
    """
    now = workflow.lock(candidature, person=form.is_shared)
    check_editable(candidature, actor, now)
    version = current_version(form)
    response = _response(candidature, form, version)
    complete = complete or response.state == ResponseState.COMPLETED  # a late autosave never undoes "it is complete"
    errors = {}
    known = {answer.form_field_id: answer for answer in response.answers}
    for field in version.fields:
        try:
            value = parse(field, values.get(field.key, ""))
        except DomainError as error:
            errors[field.key] = str(error)
            continue
        _keep(response, known.get(field.id), field, value)
        if value is None and field.is_required and complete:
            errors[field.key] = str(_("Répondez à cette question."))
    is_done = complete and not errors
    response.saved_at, response.completed_at = now, now if is_done else None
    response.state = ResponseState.COMPLETED if is_done else ResponseState.STARTED
    db.session.flush()
    if is_done:
        journal.record("form", candidature, actor=actor, details={"form": form.code}, now=now)
    return errors


def set_state(candidature, form, state, *, actor):
    """Say that a conditional form does not concern the candidate, that it does, or that an external one is filled."""
    now = workflow.lock(candidature, person=form.is_shared)
    check_editable(candidature, actor, now)
    if state == ResponseState.NOT_CONCERNED and not form.is_conditional:
        raise DomainError(_("Ce formulaire est demandé à tous : remplissez-le."))
    if state == ResponseState.COMPLETED and not form.url:
        raise DomainError(_("Remplissez le formulaire, puis enregistrez-le."))
    response = _response(candidature, form, current_version(form))
    response.state, response.completed_at = state, now if state == ResponseState.COMPLETED else None
    journal.record("form", candidature, actor=actor, details={"form": form.code, "state": state.value}, now=now)


def check_editable(candidature, actor, now):
    """Refuse a change to a dossier that is another's, with the commission, given up, or past its date (staff may act: B16)."""
    is_own = access.owns(actor, candidature)
    if not is_own and not access.can(actor, Functionality.ACT_FOR_CANDIDATE, candidature, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit d’agir dans ce dossier."))
    if candidature.cancelled_at is not None or candidature.answer is not None and candidature.answer.value == "WITHDRAWN":
        raise DomainError(_("Cette candidature est terminée : elle ne se modifie plus."))
    if journal.kind_of(actor) != "CANDIDATE":
        return
    if candidature.file_status not in (FileStatus.WAITING, FileStatus.INCOMPLETE):
        raise DomainError(_("Votre dossier est entre les mains de la commission : il ne se modifie que si elle demande des corrections."))
    deadlines.check_return(candidature, now)


def _response(candidature, form, version):
    owner = {"candidate_id": candidature.candidate_id} if form.is_shared else {"candidature_id": candidature.id}
    response = db.session.scalar(select(FormResponse).filter_by(form_id=form.id, **owner).options(selectinload(FormResponse.answers)))
    if response is None:
        response = FormResponse(form_id=form.id, form_version=version, saved_at=clock.now(), **owner)
        db.session.add(response)
        db.session.flush()
    response.form_version = version
    return response


def _keep(response, answer, field, value):
    if answer is None:
        if value is None:
            return
        answer = FormAnswer(form_field=field)
        response.answers.append(answer)
    setattr(answer, COLUMNS[field.kind], value)


def parse(field: FormField, raw):
    """Return the typed value of a raw answer (None when empty).

    Raises:
        DomainError: it cannot be read, or is out of bounds.
    """
    raw = (raw or "").strip()
    if not raw:
        return None
    if field.kind in LENGTHS:
        if len(raw) > LENGTHS[field.kind]:
            raise DomainError(_("%(count)s caractères au plus.", count=LENGTHS[field.kind]))
        return raw
    if field.kind == FieldKind.NUMBER:
        return _number(field, raw)
    if field.kind == FieldKind.DATE:
        return _day(raw)
    if raw not in ({"yes", "no"} if field.kind == FieldKind.YES_NO else field.choices or {}):
        raise DomainError(_("Choisissez une réponse de la liste."))
    return raw == "yes" if field.kind == FieldKind.YES_NO else raw


def _number(field, raw):
    try:
        value = Decimal(raw.replace(" ", "").replace("\u00a0", "").replace(",", "."))
    except InvalidOperation as error:
        raise DomainError(_("Écrivez un nombre, par exemple 12,5.")) from error
    if not value.is_finite() or abs(value) >= 10**12:
        raise DomainError(_("Ce nombre est trop grand."))
    if field.minimum is not None and value < field.minimum or field.maximum is not None and value > field.maximum:
        raise DomainError(_("Ce nombre est hors des limites demandées."))
    return value


def _day(raw):
    try:
        value = datetime.strptime(raw, "%Y-%m-%d").date()  # noqa: DTZ007 -- a day has no zone
    except ValueError as error:
        raise DomainError(_("Écrivez une date, par exemple 2005-09-30.")) from error
    if not 1900 <= value.year <= 2100:
        raise DomainError(_("Cette date est trop ancienne ou trop lointaine."))
    return value


def plain(answer):
    """Return an answer as a JSON-ready value."""
    value = getattr(answer, COLUMNS[answer.form_field.kind])
    return str(value) if isinstance(value, Decimal | date) else value


def raw(answer):
    """Return an answer as the text that its form field shows again."""
    value = plain(answer)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value.rstrip("0").rstrip(".") if answer.form_field.kind == FieldKind.NUMBER and "." in value else value
