"""Acting in a dossier in the candidate's place: each act asks a reason, that the candidate reads; staff stays the actor (domain D22)."""

from secrets import token_urlsafe

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app import access, queries, workflow
from app.admin.base import Protected
from app.admin.carrying import carried_out
from app.admin.dossier_acts import KEY
from app.enums import Functionality, ReasonKind
from app.errors import DomainError
from app.extensions import db
from app.forms import typed_answers as typed_in
from app.models import Candidature, DecisionReason
from app.operations import answers, candidatures, conditions, on_behalf, pieces, typed_answers

OWN_ACTS = ("transmit", "cancel", "confirm", "withdraw")


class InPlaceView(Protected, BaseView):
    """One page per dossier, for who holds the right to act in it."""

    functionality = Functionality.ACT_FOR_CANDIDATE

    @expose("/")
    def index(self):
        """Have no page of its own: one comes from a dossier."""
        return redirect(url_for("candidature.index_view"))

    @expose("/<public_id>", methods=["GET"])
    def show(self, public_id):
        """Show what can be done in the candidate's place."""
        return self._page(self._one(public_id))

    def _one(self, public_id):
        condition = access.candidatures_of(current_user, Functionality.ACT_FOR_CANDIDATE, write=True)
        seen = access.candidatures_of(current_user, Functionality.CANDIDATURES)
        return db.session.scalar(queries.whole().where(Candidature.public_id == public_id, condition, seen)) or abort(404)

    def _page(self, candidature, *, error=None, code=200):
        form = request.form if error is not None else {}
        page = render_template(
            "admin/gestion/in_place.html",
            candidature=candidature,
            acts=[act for act in workflow.available(candidature, current_user) if act.name in OWN_ACTS],
            missing=candidatures.missing(candidature),
            pieces=pieces.lines(candidature),
            forms=[_filled(line) for line in answers.lines(candidature) if not line.form.url],
            reasons=_withdrawal_reasons(candidature),
            error=error,
            typed=form,
            new_key=lambda: token_urlsafe(16),
            admin_view=self,
        )
        return page, code

    @expose("/<public_id>/<verb>", methods=["POST"])
    def act(self, public_id, verb):
        """Do one thing in the candidate's place, and tell him."""
        candidature = self._one(public_id)
        call = CALLS.get(verb) or abort(404)
        try:
            with carried_out(), on_behalf.acting(request.form.get("reason")) as told:
                call(candidature)
                told(candidature)
        except DomainError as error:
            return self._page(self._one(public_id), error=error, code=422)
        flash(_("C’est fait, et le candidat en est prévenu."), "success")
        return redirect(url_for(".show", public_id=public_id))


def _filled(line):
    """Return (the form, its questions, what was answered, the keys of what is asked, {key: its condition in words})."""
    fields, values = answers.reached(line) or [], _typed(line)
    asked = conditions.asked(fields, conditions.as_answered(fields, values))
    return line, fields, values, asked, conditions.hints(fields)


def _typed(line):
    return {answer.form_field.key: typed_answers.raw(answer) for answer in line.response.answers} if line.response else {}


def _withdrawal_reasons(candidature):
    centre_id = candidature.offering.commission.centre_id
    of_centre = DecisionReason.centre_id.is_(None) | (DecisionReason.centre_id == centre_id)
    chosen = select(DecisionReason).where(DecisionReason.kind == ReasonKind.WITHDRAWAL, DecisionReason.is_active, of_centre)
    return db.session.scalars(chosen.order_by(DecisionReason.id)).all()


def _number(name):
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _key():
    key = request.form.get("command_key", "")
    return key if KEY.fullmatch(key) else None


def _required(candidature):
    line = pieces.line_of(candidature, _number("required")) or abort(404)
    return line.required


def _deposit(candidature):
    required, file = _required(candidature), request.files.get("file")
    if file is None or not file.filename:
        raise DomainError(_("Choisissez un fichier."), field="file")
    pieces.deposit(candidature, required, file.stream, file.filename, actor=current_user)


def _not_concerned(candidature):
    pieces.set_not_concerned(candidature, _required(candidature), request.form.get("value") == "yes", actor=current_user)


def _fill(candidature):
    line = answers.line_of(candidature, _number("form")) or abort(404)
    values = typed_in.read(answers.reached(line) or abort(404), request.form)
    errors = answers.save(candidature, line.form, values, actor=current_user, complete=True)
    if errors:
        key, sentence = next(iter(errors.items()))
        raise DomainError(sentence, field=key)


def _withdraw(candidature):
    chosen = {reason.id for reason in _withdrawal_reasons(candidature)}
    number = _number("withdrawal_reason")
    candidatures.withdraw(candidature, actor=current_user, reason_id=number if number in chosen else None, command_key=_key())


CALLS = {
    "deposer": _deposit,
    "non-concerne": _not_concerned,
    "remplir": _fill,
    "transmit": lambda candidature: candidatures.transmit(candidature, actor=current_user, command_key=_key()),
    "cancel": lambda candidature: candidatures.cancel(candidature, actor=current_user, command_key=_key()),
    "confirm": lambda candidature: candidatures.confirm(candidature, actor=current_user, command_key=_key()),
    "withdraw": _withdraw,
}
