"""The screens of people and of their rights: invite, give, take back, and the table of what each profile opens."""

from flask import abort, flash, redirect, request, url_for
from flask_admin import expose
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.admin.base import ManagedView
from app.admin.carrying import carried_out, carry_out
from app.admin.places import profiles_for, state_of
from app.enums import FileStatus, Functionality, ScopeKind
from app.errors import DomainError
from app.extensions import db
from app.forms.people import PersonForm
from app.models import Centre, Commission, Grant, RightsProfile, StaffMember
from app.operations import audit, rights, staff

F = Functionality
# the table of a profile, by the work that people do
GROUPS = (
    (F.CANDIDATURES, F.CANDIDATES, F.ACT_FOR_CANDIDATE, F.REVIEW_PIECES, F.FILE_STATUS, F.SET_TRACK, F.VALIDATE_TRACK, F.DEADLINES),
    (F.OPINIONS, F.PROPOSE_DECISION, F.VALIDATE_DECISION, F.PUBLISH_DECISION, F.DECISION_HISTORY, F.SEATS, F.ENROLMENTS),
    (F.MESSAGES, F.NOTES, F.TAGS, F.DOCUMENTS, F.EXPORTS, F.STATISTICS),
)
OTHERS = tuple(right for right in F if right not in {right for group in GROUPS for right in group})


def groups():
    """Return [(title, functionalities)] of the table of a profile, in the language of the page."""
    titles = (_("Dossiers"), _("Avis et places"), _("Échanges et documents"))
    return [*zip(titles, GROUPS, strict=True), (_("Configuration et administration"), OTHERS)]


class StaffMemberView(ManagedView):
    """A person: who it is, until when, and every right given, each with its place."""

    list_template = "admin/gestion/people.html"
    details_template = "admin/gestion/staff_member.html"

    def __init__(self, *args, **kwargs):
        self.eager = (joinedload(StaffMember.user),)
        super().__init__(*args, **kwargs)

    def render(self, template, **kwargs):
        if template == self.details_template:
            kwargs |= self._rights_of(kwargs["model"])
        return super().render(template, **kwargs)

    def _rights_of(self, member):
        loaded = (joinedload(Grant.profile).selectinload(RightsProfile.rights), joinedload(Grant.centre), joinedload(Grant.commission))
        grants = db.session.scalars(select(Grant).where(Grant.staff_member_id == member.id).options(*loaded).order_by(Grant.id)).all()
        return {
            "grants": grants,
            "state": state_of(member),
            "may_write": self._may_write(),
            "profiles": profiles_for(current_user, None),
            "centres": db.session.scalars(select(Centre).where(Centre.is_active).order_by(Centre.name)).all(),
            "commissions": db.session.scalars(select(Commission).where(Commission.is_active).order_by(Commission.name)).all(),
            "scopes": list(ScopeKind),
        }

    def update_model(self, form, model):
        rights.begin()
        return super().update_model(form, model)

    def on_model_change(self, form, model, is_created):
        rights.check_stays_in_service(model, actor=current_user)
        super().on_model_change(form, model, is_created)
        rights.check_still_governed(current_user)

    @expose("/inviter", methods=["GET", "POST"])
    def invite(self):
        """Create a local account: its owner chooses the password by the link that is sent."""
        if not self._may_write():
            abort(403)
        form = PersonForm()
        if form.validate_on_submit():
            try:
                names = ("email", "first_name", "last_name", "is_external", "active_until")
                user = staff.invite(**{name: form[name].data for name in names}, actor=current_user)
                db.session.commit()
                flash(_("L’invitation est partie. Donnez maintenant à cette personne les droits de son travail."), "success")
                return redirect(url_for(".details_view", id=user.staff_member.id))
            except DomainError as error:
                db.session.rollback()
                form.refuse(error)
        page, _code = super().render("admin/gestion/invite.html", form=form)
        return page, 422 if form.errors or form.form_errors else 200

    @expose("/<int:row_id>/droit", methods=["POST"])
    def give(self, row_id):
        """Give a profile on everything, a centre or a commission."""
        member = self._member(row_id)
        return self._do(member, lambda: self._give(member), _("Le droit est donné."))

    def _give(self, member):
        profile = _chosen(RightsProfile, "profile", _("Choisissez un profil."))
        scope = request.form.get("scope")
        places = {
            "ALL": None,
            "CENTRE": (Centre, "centre", _("Choisissez le centre.")),
            "COMMISSION": (Commission, "commission", _("Choisissez la commission.")),
        }
        if scope not in places:
            raise DomainError(_("Dites où : partout, dans un centre ou dans une commission."))
        place = _chosen(*places[scope]) if places[scope] else None
        grant = rights.give(member, profile, actor=current_user, place=place)
        if request.form.get("is_president") and place is not None:
            rights.set_president(grant, True, actor=current_user)

    @expose("/<int:row_id>/droit/<int:grant_id>/retirer", methods=["POST"])
    def take_back(self, row_id, grant_id):
        """Take one right back."""
        member = self._member(row_id)
        grant = next((grant for grant in member.grants if grant.id == grant_id), None) or abort(404)
        return self._do(member, lambda: rights.take_back(grant, actor=current_user), _("Ce droit est retiré."))

    @expose("/<int:row_id>/lien", methods=["POST"])
    def link(self, row_id):
        """Send the link by which the person chooses a password."""
        member = self._member(row_id)
        return self._do(member, lambda: staff.send_link(member.user, actor=current_user), _("Le lien est parti par courriel."))

    @expose("/<int:row_id>/adresse", methods=["POST"])
    def address(self, row_id):
        """Correct the address of an account not opened yet, and send the invitation there."""
        member, email = self._member(row_id), request.form.get("email", "")
        done = _("L’adresse est corrigée et l’invitation y est partie.")
        return self._do(member, lambda: staff.correct_address(member.user, email, actor=current_user), done)

    def _member(self, row_id):
        member = db.session.scalar(select(StaffMember).where(StaffMember.id == row_id, self.scope(write=True)))
        if member is None:
            abort(403 if db.session.get(StaffMember, row_id) and not self._may_write() else 404)
        return member

    def _do(self, member, call, done):
        number = member.id
        carry_out(call, done)
        return redirect(url_for(".details_view", id=number) + "#droits")


def _chosen(model, name, sentence):
    number = request.form.get(name, "")
    row = db.session.get(model, int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
    if row is None:
        raise DomainError(sentence, field=name)
    return row


class RightsProfileView(ManagedView):
    """A profile as a table: each functionality, in plain words, closed, read or written; and the statuses that it sees."""

    details_template = "admin/gestion/profile.html"

    def __init__(self, *args, **kwargs):
        self.eager = (selectinload(RightsProfile.rights),)
        super().__init__(*args, **kwargs)

    def render(self, template, **kwargs):
        if template == self.details_template:
            kwargs |= {"groups": groups(), "granted": _granted(kwargs["model"]), "statuses": list(FileStatus)}
        return super().render(template, **kwargs)

    @expose("/new/", methods=["GET", "POST"])
    def create_view(self):
        """Write a new profile."""
        return self._editor(None)

    @expose("/edit/", methods=["GET", "POST"])
    def edit_view(self):
        """Change a profile; a page opened before somebody else's change is refused, with what is kept now."""
        return self._editor(self.get_one(request.args.get("id")))

    def _editor(self, profile):
        if request.method == "GET":
            return self._page(profile, _typed_of(profile))
        typed = _typed()
        if profile is not None and request.form.get("seen_version") != str(profile.version):
            return self._page(profile, typed, is_stale=True)
        try:
            with carried_out():
                saved = rights.save_profile(profile, actor=current_user, **typed)
        except DomainError as error:
            return self._page(self.get_one(str(profile.id)) if profile is not None else None, typed, error=error)
        flash(_("Le profil « %(name)s » est enregistré.", name=saved.name), "success")
        return redirect(url_for(".details_view", id=saved.id))

    def _page(self, profile, typed, *, error=None, is_stale=False):
        holders = select(db.func.count(db.distinct(Grant.staff_member_id))).where(Grant.profile_id == profile.id) if profile else None
        context = {
            "profile": profile,
            "typed": typed,
            "groups": groups(),
            "statuses": list(FileStatus),
            "holders": db.session.scalar(holders) if profile else 0,
            "error": error,
            "stale": _differences(profile, typed) if is_stale else None,
            "by": audit.last_of(profile) if is_stale else None,
        }
        page, _code = super().render("admin/gestion/profile_editor.html", **context)
        return page, 409 if is_stale else 422 if error else 200


def _granted(profile):
    return {right.functionality: right.is_write for right in profile.rights} if profile else {}


def _typed_of(profile):
    """Return what the editor shows of a profile as it is kept."""
    if profile is None:
        return {"code": "", "name": "", "is_active": True, "rights": {}, "statuses": list(FileStatus)}
    seen = profile.visible_statuses
    return {
        "code": profile.code,
        "name": profile.name,
        "is_active": profile.is_active,
        "rights": _granted(profile),
        "statuses": [status for status in FileStatus if seen is None or status in seen],
    }


def _typed():
    """Return what was typed in the editor; a word that no button sends counts for nothing."""
    asked = {right: request.form.get(f"right-{right.value}") for right in F}
    return {
        "code": request.form.get("code", "").strip()[:60],
        "name": request.form.get("name", "").strip()[:300],
        "is_active": request.form.get("is_active") == "y",
        "rights": {right: level == "write" for right, level in asked.items() if level in ("read", "write")},
        "statuses": [status for status in FileStatus if status.value in request.form.getlist("status")],
    }


def _differences(profile, typed):
    """Return [(label, words kept now)] where a stale page differs from what is kept."""
    kept, level = _typed_of(profile), {None: _("fermé"), False: _("lecture"), True: _("écriture")}
    found = [(label, kept[name]) for name, label in (("code", _("Code")), ("name", _("Nom"))) if kept[name] != typed[name]]
    found += [(right.label, level[kept["rights"].get(right)]) for right in F if kept["rights"].get(right) != typed["rights"].get(right)]
    if kept["statuses"] != typed["statuses"]:
        found.append((_("Dossiers visibles"), " ; ".join(str(status.label) for status in kept["statuses"])))
    return found
