"""The screens of a centre and of a commission: who may do what there, members and president, the signature of the letters."""

from flask import abort, flash, redirect, request, send_file, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import access, clock
from app.admin.base import ManagedView
from app.admin.carrying import carry_out
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.forms.people import MemberForm
from app.models import Commission, Grant, RightsProfile
from app.operations import commissions, emblems, rights
from app.storage import vault
from app.web import private


def profiles_for(actor, place):
    """Return the profiles in service that an actor may give on a place (None: everything)."""
    chosen = select(RightsProfile).where(RightsProfile.is_active).options(selectinload(RightsProfile.rights)).order_by(RightsProfile.name)
    return [profile for profile in db.session.scalars(chosen) if rights.may_give(actor, profile, place)]


def state_of(member):
    """Return (words, tone) of a person's access today."""
    user = member.user
    if user is None or not user.active or not access.in_service(member):
        return _("accès fermé"), "danger"
    if user.confirmed_at is None:
        return _("invité, pas encore venu"), "warning"
    return _("en service"), "success"


class PlaceView(ManagedView):
    """A centre or a commission: its facts, then the people who reach it and what each may do."""

    details_template = "admin/gestion/place.html"

    def render(self, template, **kwargs):
        if template == self.details_template:
            kwargs = {**self._people(kwargs["model"]), **kwargs}
        return super().render(template, **kwargs)

    def _people(self, place, form=None):
        grants = commissions.grants_on(place)
        may_manage = rights.may_manage(current_user, place)
        return {
            "grants": [(grant, state_of(grant.staff_member), rights.place_of(grant) is place) for grant in grants],
            "may_manage": may_manage,
            "member_form": form or self._member_form(place, formdata=None) if may_manage else None,
            "is_commission": isinstance(place, Commission),
        }

    def _member_form(self, place, **kwargs):
        return MemberForm(profiles_for(current_user, place), is_commission=isinstance(place, Commission), **kwargs)

    def _row(self, row_id, *, write=True):
        """Return a row in scope; any other number is the same 404."""
        return db.session.scalar(select(self.model).where(self.model.id == row_id, self.scope(write=write))) or abort(404)

    def _grant(self, place, grant_id):
        """Return a grant on this very place, not one that only reaches it."""
        kind = Grant.commission_id if isinstance(place, Commission) else Grant.centre_id
        return db.session.scalar(select(Grant).where(Grant.id == grant_id, kind == place.id)) or abort(404)

    def _managed(self, row_id):
        place = db.session.scalar(select(self.model).where(self.model.id == row_id, self.scope())) or abort(404)
        return place if rights.may_manage(current_user, place) else abort(403)

    def _back(self, place):
        return redirect(url_for(".details_view", id=place.id) + "#qui")

    def _do(self, place, call, done):
        """Call one operation, commit, and come back with what was done or why it was refused."""
        carry_out(call, done)
        return self._back(place)

    @expose("/<int:row_id>/membre", methods=["POST"])
    def add_person(self, row_id):
        """Give a profile here to a person, invited first when unknown; what was typed is kept on refusal."""
        place = self._managed(row_id)
        form = self._member_form(place)
        if form.validate():
            try:
                return self._added(place, form)
            except NotAllowed:
                db.session.rollback()
                abort(403)
            except DomainError as error:
                db.session.rollback()
                form.refuse(error)
        place = self._managed(row_id)
        people = {**self._people(place, form), "details_columns": self._details_columns}
        page, _code = super().render(self.details_template, model=place, admin_form_errors=form.errors, **people)
        return page, 422

    def _added(self, place, form):
        profile = db.session.get(RightsProfile, form.profile.data)
        asked = {name: form[name].data for name in ("email", "first_name", "last_name", "is_external", "active_until")}
        president = "is_president" in form and form.is_president.data
        grant, is_new = commissions.add_person(place, profile, actor=current_user, is_president=president, **asked)
        name = str(grant.staff_member)
        db.session.commit()
        if is_new:
            flash(_("%(name)s est invité : un lien pour choisir son mot de passe vient de partir.", name=name), "success")
        else:
            flash(_("%(name)s a maintenant ce profil ici.", name=name), "success")
        return self._back(place)

    @expose("/<int:row_id>/membre/<int:grant_id>/retirer", methods=["POST"])
    def remove_person(self, row_id, grant_id):
        """Take back a profile given here."""
        place = self._managed(row_id)
        grant = self._grant(place, grant_id)
        return self._do(place, lambda: rights.take_back(grant, actor=current_user), _("Ce droit est retiré."))


class CentreView(PlaceView):
    """A centre of candidature."""


class CommissionView(PlaceView):
    """A commission: one of its members presides, and its letters bear a signature."""

    @expose("/<int:row_id>/membre/<int:grant_id>/presidence", methods=["POST"])
    def preside(self, row_id, grant_id):
        """Say that a member presides, or no more."""
        place = self._managed(row_id)
        grant, presides = self._grant(place, grant_id), request.form.get("preside") == "1"
        done = _("La présidence est enregistrée.") if presides else _("Cette personne ne préside plus.")
        return self._do(place, lambda: rights.set_president(grant, presides, actor=current_user), done)

    @expose("/<int:row_id>/signature", methods=["POST"])
    def sign(self, row_id):
        """Keep the picture sent as the signature of the letters: decoded and written anew by the confined child first."""
        number = self._row(row_id).id
        try:
            file = request.files.get("signature")
            db.session.rollback()  # no transaction stays open while the child draws
            key = emblems.keep(file.stream, field="signature") if file else None
            if key is None:
                raise DomainError(_("Choisissez une image PNG ou JPEG de 4 Mo au plus."), field="signature")
        except DomainError as error:
            flash(str(error), "error")
            return redirect(url_for(".details_view", id=number) + "#lettres")
        commission = self._row(number)
        commissions.set_signature(commission, key, actor=current_user)
        db.session.commit()
        flash(_("La signature est enregistrée : elle figurera sur les lettres à venir."), "success")
        return redirect(url_for(".details_view", id=number) + "#lettres")

    @expose("/<int:row_id>/signature/retirer", methods=["POST"])
    def unsign(self, row_id):
        """Take the signature off the letters to come."""
        commission = self._row(row_id)
        if commission.signature_key:
            commissions.set_signature(commission, None, actor=current_user)
            db.session.commit()
        flash(_("Les lettres à venir n’auront plus de signature."), "success")
        return redirect(url_for(".details_view", id=row_id) + "#lettres")

    @expose("/<int:row_id>/signature.png")
    def signature(self, row_id):
        """Give the picture of the signature."""
        commission = self._row(row_id, write=False)
        if not commission.signature_key or not vault().exists(commission.signature_key):
            abort(404)
        answer = send_file(vault().open(commission.signature_key), mimetype="image/png", last_modified=clock.now())
        return private(answer)
