"""Complementary forms: what is asked, what was answered, saved as it is typed, complete when it is right."""

from dataclasses import dataclass
from urllib.parse import quote

from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from app import access, clock, deadlines, formats, journal, queries, workflow
from app.enums import FileStatus, Functionality, ResponseState
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import Candidature, Form, FormAnswer, FormResponse, FormVersion
from app.operations import conditions, file_answers, typed_answers


@dataclass(frozen=True)
class Line:
    """A form asked of a candidate for a candidature, with the response it has so far."""

    required: object
    form: Form
    response: FormResponse | None
    candidature: Candidature

    @property
    def candidate(self):
        return self.candidature.candidate

    @property
    def name(self):
        return formats.translated(self.form.name)

    @property
    def state(self):
        """The state of the response; what was complete no longer is when a profile or a new version asks one more question."""
        state = self.response.state if self.response else None
        return ResponseState.STARTED if state == ResponseState.COMPLETED and unanswered(self) else state

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
        .options(
            selectinload(FormResponse.answers).joinedload(FormAnswer.form_field),
            joinedload(FormResponse.form_version).selectinload(FormVersion.fields),
        )
    ).all()
    by_form = {(response.form_id, response.candidature_id is None): response for response in responses}
    return [Line(row, row.form, by_form.get((row.form_id, row.form.is_shared)), candidature) for row in required]


def line_of(candidature, form_id):
    """Return the line of one form, or None when it is not asked."""
    return next((line for line in lines(candidature) if line.form.id == form_id), None)


def current_version(form):
    """Return the newest published version of a form with its questions, or None: nobody answers a draft."""
    return db.session.scalar(
        select(FormVersion)
        .where(FormVersion.form_id == form.id, FormVersion.is_draft.is_(False))
        .options(selectinload(FormVersion.fields))
        .order_by(FormVersion.number.desc())
        .limit(1)
    )


def version_of(form, response):
    """Return the version that a response answers, the newest published one before it is begun, or None."""
    return response.form_version if response is not None and response.form_version is not None else current_version(form)


def reached(line):
    """Return, in order, the questions and titles of a form that may be asked of a candidate, whatever he answers; None without version."""
    version = version_of(line.form, line.response)
    return None if version is None else file_answers.asked(conditions.reached(version.fields, line.candidate), line.candidature)


def asked_in(line):
    """Return, in order, the questions and titles of the form of a response that its answers and the profile open."""
    fields = reached(line) or []
    keys = conditions.asked(fields, told(line.response))
    return [field for field in fields if field.key in keys]


def told(response):
    """Return {key: plain value} of what a response says, without what is put aside."""
    answered = {answer.form_field.key: typed_answers.plain(answer) for answer in response.answers}
    return {key: value for key, value in answered.items() if value is not None}


def hold_versions(candidature):
    """Let no version of the forms asked be published until the end of the transaction: what is transmitted is of one version."""
    numbers = [row.form_id for row in queries.required_forms(candidature.offering, candidate=candidature.candidate)]
    db.session.execute(select(Form.id).where(Form.id.in_(numbers)).order_by(Form.id).with_for_update(read=True))


def settle(candidature):
    """Put aside, before a dossier is handed over, the answers that its profile as it is now no longer asks for."""
    for line in lines(candidature):
        if line.response is None or line.form.url:
            continue
        fields = asked_in(line)
        asked = {field.id for field in fields}
        file_answers.pin(line.response, fields, candidature)
        for answer in line.response.answers:
            if answer.form_field_id not in asked and answer.form_field.kind not in conditions.SILENT:
                typed_answers.put_aside(answer, typed_answers.raw(answer))


def unanswered(line):
    """Return the obligatory questions asked that have no answer, in a form that is filled here."""
    if line.form.url or line.response is None:
        return []
    answered = told(line.response)
    fields = asked_in(line)
    typed = [field for field in fields if field.is_required and field.kind not in conditions.SILENT and field.key not in answered]
    return typed + file_answers.missing(fields, line.candidature)


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
    response = _response(candidature, form)
    complete = complete or response.state == ResponseState.COMPLETED  # a late autosave never undoes "it is complete"
    errors = _write(response, values, candidature, complete)
    is_done = complete and not errors
    response.saved_at, response.completed_at = now, now if is_done else None
    response.state = ResponseState.COMPLETED if is_done else ResponseState.STARTED
    db.session.flush()
    if is_done:
        journal.record("form", candidature, actor=actor, details={"form": form.code}, now=now)
    return errors


def _write(response, values, candidature, complete):
    """Keep what can be read of what is asked, put the rest aside; return {field key: what is wrong}."""
    fields = [field for field in conditions.in_order(response.form_version.fields) if field.kind not in conditions.SILENT]
    known = {answer.form_field_id: answer for answer in response.answers}
    typed, errors = _read(fields, values)
    answered = {field.key: typed_answers.plain(known[field.id]) for field in fields if field.id in known} | typed
    asked = conditions.asked(response.form_version.fields, answered, candidature.candidate)
    for field in fields:
        answer = known.get(field.id)
        if field.key not in asked:
            errors.pop(field.key, None)
            _put_aside(response, answer, field, values)
        elif field.key in typed:
            _keep(response, answer, field, typed[field.key])
            if typed[field.key] is None and field.is_required and complete:
                errors[field.key] = str(_("Répondez à cette question."))
    files = file_answers.asked([field for field in response.form_version.fields if field.key in asked], candidature)
    file_answers.pin(response, files, candidature)
    missing = file_answers.missing(files, candidature) if complete else ()
    return errors | {field.key: str(_("Déposez ce fichier.")) for field in missing}


def _read(fields, values):
    """Return ({key: typed value}, {key: why it cannot be read})."""
    typed, errors = {}, {}
    for field in fields:
        try:
            typed[field.key] = typed_answers.parse(field, values.get(field.key, ""))
        except DomainError as error:
            errors[field.key] = str(error)
    return typed, errors


def set_state(candidature, form, state, *, actor):
    """Say that a conditional form does not concern the candidate, that it does, or that an external one is filled."""
    now = workflow.lock(candidature, person=form.is_shared)
    check_editable(candidature, actor, now)
    if state == ResponseState.NOT_CONCERNED and not form.is_conditional:
        raise DomainError(_("Ce formulaire est demandé à tous : remplissez-le."))
    if state == ResponseState.COMPLETED and not form.url:
        raise DomainError(_("Remplissez le formulaire, puis enregistrez-le."))
    response = _response(candidature, form)
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


def _response(candidature, form):
    """Return the response of a candidature, begun if need be; no version is published meanwhile."""
    db.session.execute(select(Form.id).where(Form.id == form.id).with_for_update(read=True))
    owner = {"candidate_id": candidature.candidate_id} if form.is_shared else {"candidature_id": candidature.id}
    response = db.session.scalar(select(FormResponse).filter_by(form_id=form.id, **owner).options(selectinload(FormResponse.answers)))
    if response is None:
        response = FormResponse(form_id=form.id, saved_at=clock.now(), **owner)
        db.session.add(response)
    response.form_version = version_of(form, response)
    db.session.flush()
    return response


def _keep(response, answer, field, value):
    if answer is None:
        if value is None:
            return
        answer = FormAnswer(form_field=field)
        response.answers.append(answer)
    typed_answers.keep(answer, value)


def _put_aside(response, answer, field, values):
    """Keep what was typed, or answered before, for the day when the question is asked."""
    try:
        value = typed_answers.parse(field, values[field.key]) if field.key in values else None
    except DomainError:
        value = None
    raw = typed_answers.as_typed(field.kind, value if isinstance(value, bool | list) or value is None else str(value))
    if field.key not in values:
        raw = typed_answers.raw(answer) if answer is not None else ""
    if answer is None:
        if not raw:
            return
        answer = FormAnswer(form_field=field)
        response.answers.append(answer)
    typed_answers.put_aside(answer, raw)
