"""The columns that the list of candidatures and its exports may show, filter and sort: each declared once, here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import String, and_, case, exists, func, or_, select, type_coerce
from sqlalchemy.orm import aliased

from app import access, parameters
from app.enums import AccessTrack, Answer, Civility, FileStatus, Functionality, Outcome, PieceStatus, Stage
from app.models import (
    Candidature,
    ExternalRecord,
    Note,
    Opinion,
    SubmittedPiece,
    Tag,
)
from app.operations import joins
from app.operations.asked import STATUS, asked
from app.operations.joins import Account, Bac, Course, Draft, Home, Opening, Panel, Person, Place, Published, Year
from app.tables.candidature import candidature_tag

TEXT, CHOICE, REF, DAY, INSTANT, NUMBER, YES = "text", "choice", "ref", "day", "instant", "number", "yes"
PERSON, SCHOOLING, OFFER, FILE = _("Candidat"), _("Scolarité"), _("Formation"), _("Dossier")
DECISION, ANSWER, FOLLOWING = _("Avis"), _("Réponse et échéances"), _("Suivi")
TAG_END = "\x1f"  # between two tags of one cell
PIECES, QUESTIONS = _("Pièces"), _("Réponses aux formulaires")


@dataclass(frozen=True)
class Column:
    """One column: what it is called, what SQL gives it, and how it is filtered.

    Attributes:
        key: the name in addresses and saved views: never changed once released.
        kind: one of TEXT, CHOICE (a vocabulary of `app.enums`), REF (rows of a table), DAY, INSTANT, NUMBER, YES.
        value: SQL expression that filters compare (inside an EXISTS when `inside` is given).
        shown: SQL expression that is displayed; `value` when None.
        order: SQL expression that sorts; None when the list cannot be sorted by it.
        needs: joins of `joins.JOINS` used by value, shown or order.
        vocabulary: the enumeration of a CHOICE; `choices` the source of options of a REF (see `app.operations.options`).
        right: the functionality without which the column does not exist, dossier by dossier.
        inside: turns a condition on `value` into one on the candidature, for what a candidature has several of.
        loaded: name of the batch that fills it ("notes", "pieces", "answers") instead of `shown`.
        about: number or key that the batch needs.
        is_several: whether the value is a list of keys, of which a filter wants one.
        is_closing: whether the instant ends something: midnight is then told as the day before.
    """

    key: str
    label: Any
    group: Any
    kind: str
    value: Any
    needs: tuple = ()
    shown: Any = None
    order: Any = None
    vocabulary: Any = None
    choices: Any = None
    right: Functionality | None = None
    inside: Callable | None = None
    loaded: str | None = None
    about: Any = None
    is_several: bool = False
    is_closing: bool = False

    def selected(self, actor):
        """Return the SQL expression of the cell, empty where the actor lacks the column's right."""
        return masked(self, self.value if self.shown is None else self.shown, actor)


def _counted(model, *conditions):
    return select(func.count()).select_from(model).where(model.candidature_id == Candidature.id, *conditions).scalar_subquery()


def _pieces_in(status):
    return _counted(SubmittedPiece, SubmittedPiece.status == status)


def _missing():
    return asked(func.count()).where(STATUS == PieceStatus.MISSING).correlate(Candidature).scalar_subquery()


def _last_diploma():
    record = aliased(ExternalRecord)
    chosen = select(record.diploma).where(record.candidate_id == Candidature.candidate_id)
    return chosen.order_by(record.year.desc(), record.id.desc()).limit(1).scalar_subquery()


def _return_by():
    """SQL twin of `deadlines.return_by`."""
    own = func.coalesce(Opening.return_by, Place.return_by, Opening.closes_at, Place.closes_at)
    individual = Candidature.individual_return_by
    return case((own.is_(None) | (individual > own), individual), else_=own)


def _answer_by():
    """SQL twin of `deadlines.answer_by`."""
    given = func.coalesce(Candidature.individual_confirm_by, Published.confirm_by)
    return case((Published.id.is_not(None), given))


def _tagged(condition):
    return exists().where(candidature_tag.c.candidature_id == Candidature.id, condition)


def _tag_words():
    """Return one text for all the tags of a candidature: "COLOUR:name" each (see `wording.tags_of`)."""
    words = type_coerce(Tag.colour, String) + ":" + Tag.name
    chosen = select(func.aggregate_strings(words, TAG_END)).join(candidature_tag, candidature_tag.c.tag_id == Tag.id)
    return chosen.where(candidature_tag.c.candidature_id == Candidature.id).scalar_subquery()


def _noted(condition):
    return exists().where(Note.candidature_id == Candidature.id, condition)


def _text(key, label, group, value, *needs, **more):
    return Column(key, label, group, TEXT, value, needs, order=more.pop("order", value), **more)


def _choice(key, label, group, value, vocabulary, *needs, **more):
    return Column(key, label, group, CHOICE, value, needs, order=value, vocabulary=vocabulary, **more)


def _ref(key, label, group, value, shown, choices, *needs, order=None, **more):
    return Column(key, label, group, REF, value, needs, shown=shown, order=order, choices=choices, **more)


def _sorted(kind):
    return lambda key, label, group, value, *needs, **more: Column(key, label, group, kind, value, needs, order=value, **more)


_day, _instant, _number, _yes = (_sorted(kind) for kind in (DAY, INSTANT, NUMBER, YES))

DECLARED = (
    _text("number", _("Numéro de dossier"), PERSON, Person.dossier_number, "candidate"),
    _choice("civility", _("Civilité"), PERSON, Person.civility, Civility, "candidate"),
    _text("last_name", _("Nom"), PERSON, Person.last_name, "candidate"),
    _text("usual_name", _("Nom d’usage"), PERSON, Person.usual_name, "candidate"),
    _text("first_name", _("Prénom"), PERSON, Person.first_name, "candidate"),
    _day("birth_on", _("Date de naissance"), PERSON, Person.birth_on, "candidate"),
    _ref("birth_country", _("Pays de naissance"), PERSON, Person.birth_country_code, joins.BirthCountry.name, "countries", "birth_country"),
    _ref("nationality", _("Nationalité"), PERSON, Person.nationality_code, joins.Nation.nationality, "nationalities", "nation"),
    _text("email", _("Adresse électronique"), PERSON, Account.email, "account"),
    _text("phone", _("Téléphone"), PERSON, Person.phone, "candidate"),
    _text("address", _("Adresse"), PERSON, Home.line1, "home"),
    _text("address_more", _("Complément d’adresse"), PERSON, Home.line2, "home"),
    _text("postal_code", _("Code postal"), PERSON, Home.postal_code, "home"),
    _text("town", _("Ville"), PERSON, func.coalesce(joins.HomeTown.name, Home.town), "home_town"),
    _ref("home_country", _("Pays"), PERSON, Home.country_code, joins.HomeCountry.name, "countries", "home_country"),
    _text("ine", _("INE"), PERSON, Person.ine, "candidate"),
    _text("student_number", _("Numéro d’étudiant"), PERSON, Person.sis_number, "candidate"),
    _ref("bac_series", _("Série du bac"), SCHOOLING, Bac.series_code, joins.Series.label, "series", "series", order=Bac.series_code),
    _number("bac_year", _("Année du bac"), SCHOOLING, Bac.year, "bac"),
    _ref("bac_mention", _("Mention du bac"), SCHOOLING, Bac.mention_code, joins.Mention.label, "mentions", "mention"),
    _text("last_diploma", _("Dernier diplôme"), SCHOOLING, _last_diploma()),
    _ref("centre", _("Centre"), OFFER, Place.id, Place.name, "centres", "place", order=Place.name),
    _ref("commission", _("Commission"), OFFER, Panel.id, Panel.name, "commissions", "panel", order=Panel.name),
    _text("formation", _("Formation"), OFFER, Course.name, "course"),
    _text("formation_code", _("Code de la formation"), OFFER, Course.code, "course"),
    _ref("campaign", _("Campagne"), OFFER, Year.id, Year.name, "campaigns", "year", order=Year.code),
    _choice("file_status", _("Dossier"), FILE, Candidature.file_status, FileStatus),
    _choice("track", _("Traitement"), FILE, Candidature.access_track, AccessTrack),
    _yes("track_validated", _("Traitement validé"), FILE, Candidature.track_validated_at.is_not(None)),
    _instant("created_at", _("Créée le"), FILE, Candidature.created_at),
    _instant("transmitted_at", _("Transmise le"), FILE, Candidature.transmitted_at),
    _instant("received_at", _("Reçue le"), FILE, Candidature.received_at),
    _instant("completed_at", _("Complète le"), FILE, Candidature.completed_at),
    _instant("incomplete_at", _("Incomplète le"), FILE, Candidature.incomplete_at),
    _instant("file_status_at", _("Statut depuis le"), FILE, Candidature.file_status_at),
    _instant("cancelled_at", _("Annulée le"), FILE, Candidature.cancelled_at),
    _number("pieces_to_review", _("Pièces à examiner"), FILE, _pieces_in(PieceStatus.SUBMITTED)),
    _number("pieces_missing", _("Pièces manquantes"), FILE, _missing()),
    _number("pieces_refused", _("Pièces refusées"), FILE, _pieces_in(PieceStatus.REFUSED)),
    _ref("draft", _("Avis en préparation"), DECISION, Draft.decision_type_id, joins.DraftType.name, "decision_types", "draft_type"),
    _choice("draft_stage", _("Étape de l’avis"), DECISION, Draft.stage, Stage, "draft"),
    _text("draft_comment", _("Commentaire en préparation"), DECISION, Draft.comment, "draft"),
    _choice("outcome", _("Avis publié"), DECISION, Candidature.outcome, Outcome),
    _ref(
        "decision_type",
        _("Type d’avis"),
        DECISION,
        Published.decision_type_id,
        joins.PublishedType.name,
        "decision_types",
        "published_type",
    ),
    _ref("reason", _("Motif"), DECISION, Published.reason_id, joins.Reason.name, "refusals", "reason"),
    _text("comment", _("Commentaire de l’avis"), DECISION, Published.comment, "published"),
    _instant("published_at", _("Avis publié le"), DECISION, Published.published_at, "published"),
    _number("rank", _("Rang saisi"), DECISION, Candidature.rank),
    _number("real_rank", _("Rang réel"), DECISION, Candidature.real_rank),
    _instant("interview_at", _("Entretien le"), DECISION, Published.interview_at, "published"),
    _text("interview_place", _("Lieu de l’entretien"), DECISION, Published.interview_place, "published"),
    _choice("answer", _("Réponse"), ANSWER, Candidature.answer, Answer),
    _instant("answered_at", _("Réponse le"), ANSWER, Candidature.answered_at),
    _ref(
        "withdrawal",
        _("Motif de désistement"),
        ANSWER,
        Candidature.withdrawal_reason_id,
        joins.Withdrawal.name,
        "withdrawals",
        "withdrawal",
    ),
    _instant("return_by", _("À retourner avant le"), ANSWER, _return_by(), "place", is_closing=True),
    _instant("answer_by", _("À confirmer avant le"), ANSWER, _answer_by(), "published", is_closing=True),
    _instant("own_return_by", _("Retour individuel avant le"), ANSWER, Candidature.individual_return_by, is_closing=True),
    _instant("own_answer_by", _("Réponse individuelle avant le"), ANSWER, Candidature.individual_confirm_by, is_closing=True),
    Column(
        "tags",
        _("Étiquettes"),
        FOLLOWING,
        REF,
        candidature_tag.c.tag_id,
        choices="tags",
        right=Functionality.TAGS,
        inside=_tagged,
        shown=_tag_words(),
    ),
    _number("notes", _("Notes internes"), FOLLOWING, _counted(Note), right=Functionality.NOTES),
    Column(
        "note_texts",
        _("Texte des notes"),
        FOLLOWING,
        TEXT,
        Note.text,
        right=Functionality.NOTES,
        inside=_noted,
        loaded="notes",
    ),
    _number("opinions", _("Opinions"), FOLLOWING, _counted(Opinion), right=Functionality.OPINIONS),
    _number("score", _("Note moyenne"), FOLLOWING, Candidature.score, right=Functionality.OPINIONS),
)
COLUMNS = {column.key: column for column in DECLARED}
DEFAULT = ("formation", "file_status", "pieces_to_review", "draft_stage", "outcome", "answer", "transmitted_at", "tags")


def held(column, actor):
    """Whether an actor has somewhere the right that a column asks."""
    return column.right is None or access.can(actor, column.right)


def reached(column, actor):
    """Return the condition on the dossiers where an actor reads a column that asks a right.

    The mean of the marks follows `opinions.visible`: one's own opinion first, when opinions are blind (feature G19).
    """
    scope = access.scope_for(Candidature, actor, right=column.right)
    if column.key != "score" or not parameters.get("OPINIONS_BLIND"):
        return scope
    own = exists().where(Opinion.candidature_id == Candidature.id, Opinion.staff_member_id == actor.staff_member.id)
    return and_(scope, or_(own, access.candidatures_of(actor, Functionality.PROPOSE_DECISION, write=True)))


def masked(column, expression, actor):
    """Return an expression that is empty where the actor lacks the column's right, dossier by dossier."""
    if column.right is None:
        return expression
    return case((reached(column, actor), expression))
