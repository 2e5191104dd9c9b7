"""Finding a person from any page, and the one page that tells everything about her: account, profile, candidatures, messages."""

import re

from flask import abort, redirect, render_template, request, url_for
from flask_admin import BaseView, expose
from flask_login import current_user
from markupsafe import Markup, escape
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import access, search_text
from app.admin.base import ManagedView, Protected
from app.admin.persons_acts import STEPS, PersonActs, offerings_for
from app.admin.persons_rows import LISTS, PersonRows
from app.enums import Functionality
from app.extensions import db
from app.forms.on_behalf import AddressForm
from app.models import EnrolmentProposal, OutboxMessage
from app.operations import dossier_words, on_behalf, person_search, snapshots

MESSAGES = 30  # shown on a person's page


def may_search_people():
    """Whether the signed-in person may look for people: the top bar then has its field."""
    return current_user.is_authenticated and person_search.may_search(current_user)


def highlighted(text, words):
    """Return a text whose words that were looked for are marked; everything in it is escaped."""
    marked = Markup("")
    for part in re.split(r"([^\W_]+)", text or ""):
        is_found = any(word in search_text.normalised(part) for word in words) if part else False
        marked += Markup("<mark>{}</mark>").format(part) if is_found else escape(part)
    return marked


class ReachesPeople(Protected):
    """Opens to whoever may look for people."""

    def is_accessible(self):
        return super().is_accessible() and person_search.may_search(current_user)


class PeopleSearch(ReachesPeople, BaseView):
    """The answers to the field of the top bar."""

    @expose("/")
    def index(self):
        """List the people found; straight to the one whom a number or an address names."""
        text = request.args.get("q", "").strip()[: search_text.MAX_LENGTH]
        found = person_search.find(current_user, text)
        if found.only is not None:
            return redirect(url_for("candidat.show", dossier_number=found.only.dossier_number))
        words = search_text.words(text)
        return render_template(
            "admin/gestion/people_found.html",
            text=text,
            found=found,
            seen=person_search.seen_candidatures(found.people, current_user),
            most=person_search.COUNTED,
            mark=lambda value: highlighted(value, words),
            admin_view=self,
        )


class CandidateList(ManagedView):
    """The list of accounts; each line opens the person's own page."""

    list_template = "admin/gestion/candidates.html"

    def reach(self):
        return person_search.reach(current_user)

    def address_of(self, row):
        return url_for("candidat.show", dossier_number=row.dossier_number)

    @property
    def may_open(self):
        """Whether the signed-in person may open accounts."""
        return on_behalf.may_open(current_user)


def messages_of(person, actor):
    """Return the latest messages to a person that an actor may read, or None without the right."""
    if not access.can(actor, Functionality.MESSAGES):
        return None
    chosen = select(OutboxMessage).where(OutboxMessage.candidate_id == person.id, access.scope_for(OutboxMessage, actor))
    return db.session.scalars(chosen.order_by(OutboxMessage.id.desc()).limit(MESSAGES)).all()


def proposals_of(person, actor):
    """Return the enrolment proposals of a person that an actor may read, or None without the right."""
    if not access.can(actor, Functionality.ENROLMENTS):
        return None
    chosen = select(EnrolmentProposal).where(EnrolmentProposal.candidate_id == person.id, access.scope_for(EnrolmentProposal, actor))
    return db.session.scalars(chosen.options(joinedload(EnrolmentProposal.campaign)).order_by(EnrolmentProposal.id.desc())).all()


class PersonView(PersonActs, PersonRows, ReachesPeople, BaseView):
    """One page per person, found by her dossier number."""

    @expose("/")
    def index(self):
        """Have no page of its own: people are found by the search."""
        return redirect(url_for("personnes.index"))

    @expose("/<dossier_number>")
    def show(self, dossier_number):
        """Show everything about one person that the reader may know."""
        return self._page(self._one(dossier_number))

    def _one(self, dossier_number, *, write=False):
        return person_search.one(current_user, dossier_number.upper(), write=write) or abort(404)

    def _page(self, person, *, code=200, address_form=None):
        page = render_template(
            "admin/gestion/person.html",
            person=person,
            may_write=person_search.one(current_user, person.dossier_number, write=True) is not None,
            profile=dossier_words.profile(snapshots.of_profile(person)),
            candidatures=person_search.candidatures_of(person, current_user),
            proposals=proposals_of(person, current_user),
            messages=messages_of(person, current_user),
            address_form=address_form or AddressForm(formdata=None),
            steps=STEPS,
            lists=LISTS,
            may_apply=bool(offerings_for(current_user)),
            admin_view=self,
        )
        return page, code
