"""What a manager does for one person: account, profile, and applying in her place; each page calls one operation."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import access, queries
from app.enums import Functionality
from app.errors import Conflict, DomainError, NotAllowed
from app.extensions import db
from app.forms.on_behalf import AccountForm, AddressForm, ApplyForm
from app.forms.profile import STEP_FORMS
from app.models import Commission, Formation, Offering
from app.operations import candidatures, on_behalf, profiles

STEPS = {"identite": lazy_gettext("Identité"), "adresse": lazy_gettext("Adresse"), "baccalaureat": lazy_gettext("Baccalauréat")}
ROWS = {"identite": None, "adresse": "address", "baccalaureat": "baccalaureat"}


def offerings_for(actor):
    """Return the offerings of the running campaign to which an actor may apply in somebody's place."""
    campaign = queries.running_campaign()
    if campaign is None:
        return []
    reached = select(Commission.id).where(access.commissions_of(actor, Functionality.ACT_FOR_CANDIDATE, write=True))
    chosen = (
        select(Offering)
        .join(Formation)
        .where(Offering.campaign_id == campaign.id, Offering.commission_id.in_(reached), Formation.is_active)
    )
    return db.session.scalars(chosen.options(joinedload(Offering.formation)).order_by(Formation.name)).all()


ACCOUNT = {
    "lien": lambda person, form: on_behalf.send_link(person, actor=current_user),
    "adresse": lambda person, form: on_behalf.change_address(person, form.email.data, actor=current_user),
    "valider": lambda person, form: on_behalf.validate_account(person, actor=current_user),
}


class PersonActs:
    """The pages and posts of `PersonView` that change something."""

    @expose("/nouveau", methods=["GET", "POST"])
    def new(self):
        """Open an account for somebody, who gets a link to choose a password."""
        if not on_behalf.may_open(current_user):
            abort(403)
        form = AccountForm()
        if form.validate_on_submit():
            try:
                values = {name: form[name].data for name in ("last_name", "first_name", "email", "language")}
                user = on_behalf.open_account(**values, actor=current_user)
                number = user.candidate.dossier_number
                db.session.commit()
            except DomainError as error:
                db.session.rollback()
                form.refuse(error)
            else:
                flash(_("Compte ouvert : le lien pour choisir un mot de passe vient de partir. Complétez maintenant le profil."), "success")
                return redirect(url_for(".show", dossier_number=number))
        return render_template("admin/gestion/person_new.html", form=form, admin_view=self), 422 if form.errors else 200

    @expose("/<dossier_number>/compte/<verb>", methods=["POST"])
    def account(self, dossier_number, verb):
        """Send the link again, change the address, or say that the account is validated."""
        person, form = self._one(dossier_number, write=True), AddressForm()
        call = ACCOUNT.get(verb) or abort(404)
        try:
            result = call(person, form)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            if verb == "adresse":
                form.refuse(error)
                return self._page(self._one(dossier_number), code=422, address_form=form)
            flash(str(error), "error")
            return redirect(url_for(".show", dossier_number=dossier_number))
        flash(
            _("Un lien vient de partir à la nouvelle adresse : elle servira quand il sera suivi.") if result is False else _("C’est fait."),
            "success",
        )
        return redirect(url_for(".show", dossier_number=dossier_number))

    @expose("/<dossier_number>/profil/<step>", methods=["GET", "POST"])
    def profile(self, dossier_number, step):
        """Correct a step of the profile by the person's own rules; what the registry gave is shown and stays locked."""
        person = self._one(dossier_number, write=True)
        if step not in STEPS:
            abort(404)
        form = STEP_FORMS[step](obj=person if ROWS[step] is None else getattr(person, ROWS[step]))
        locked = {field.name for field in form if step == "identite" and profiles.is_locked(person, field.name)}
        for name in locked:
            form[name].validators, form[name].flags.required, form[name].data = (), False, getattr(person, name)
        if "commune_code" in form:
            communes = profiles.communes_of(form.postal_code.data or "")
            form.commune_code.choices = [("", _("Choisir…")), *((commune.code, commune.name) for commune in communes)]
        error = None
        if "look_up" not in request.form and form.validate_on_submit():
            try:
                on_behalf.save_profile(person, step, values_of(form), actor=current_user, seen_version=seen_version())
                db.session.commit()
                flash(_("Profil enregistré."), "success")
                return redirect(url_for(".show", dossier_number=dossier_number, _anchor="profile"))
            except DomainError as refusal:
                db.session.rollback()
                error = refusal
                form.refuse(refusal)
                if refusal.field == "birth_on" and form.birth_on.data is not None:
                    form.birth_repeated.data = form.birth_on.data.isoformat()
                person = self._one(dossier_number, write=True)
        context = {"person": person, "step": step, "title": STEPS[step], "form": form, "locked": locked, "admin_view": self}
        return render_template("admin/gestion/person_step.html", **context), code_of(form, error)

    @expose("/<dossier_number>/candidater", methods=["GET", "POST"])
    def apply(self, dossier_number):
        """Apply in somebody's place: an ordinary candidature, or one put before the commission."""
        person, offerings = self._one(dossier_number), offerings_for(current_user)
        if not offerings:
            abort(403)
        form = ApplyForm()
        form.offering.choices = [(offering.id, offering.formation.name) for offering in offerings]
        missing = ()
        if form.validate_on_submit():
            chosen = next(offering for offering in offerings if offering.id == form.offering.data)
            try:
                return self._applied(person, chosen, form)
            except NotAllowed:
                db.session.rollback()
                abort(403)
            except DomainError as error:
                db.session.rollback()
                form.refuse(error)
                missing = getattr(error, "missing", ())
                person = self._one(dossier_number)
        page = render_template("admin/gestion/person_apply.html", person=person, form=form, missing=missing, admin_view=self)
        return page, 422 if form.errors else 200

    def _applied(self, person, offering, form):
        passed = candidatures.bypassed(person, offering)
        call = on_behalf.propose_admission if form.kind.data == "admission" else on_behalf.apply_for
        candidature = call(person, offering, actor=current_user, reason=form.reason.data)
        public_id = candidature.public_id
        db.session.commit()
        flash(_("Candidature créée à sa place."), "success")
        for sentence in passed:
            flash(_("Vous avez passé outre : %(rule)s", rule=sentence), "warning")
        return redirect(url_for("candidature.dossier", public_id=public_id))


def values_of(form):
    """Return what was typed, nothing as None."""
    return {name: (value or None if isinstance(value, str) else value) for name, value in form.data.items() if name != "csrf_token"}


def seen_version():
    """Return the version that the page showed; one that never was when it is not said."""
    seen = request.form.get("seen_version", "")
    return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else -1


def code_of(form, error):
    """Return the status of a page: 409 for a stale one, 422 for a refused one."""
    if isinstance(error, Conflict):
        return 409
    return 422 if form.errors else 200
