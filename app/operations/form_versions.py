"""The versions of a form: a draft is copied from what is published, then published or dropped; what was transmitted keeps its own."""

import logging

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import selectinload

from app.enums import FieldKind
from app.errors import DomainError
from app.extensions import db
from app.models import Campaign, Candidature, Form, FormAnswer, FormField, FormResponse, FormVersion, Transmission
from app.operations import answers, audit, conditions

logger = logging.getLogger(__name__)
COPIED = (
    "key kind label help choices is_required minimum maximum condition_key condition_value position piece_type_id "
    "nationality studies situation"
).split()


def draft_of(form):
    """Return the draft of a form with its questions, or None."""
    chosen = select(FormVersion).where(FormVersion.form_id == form.id, FormVersion.is_draft).options(selectinload(FormVersion.fields))
    return db.session.scalar(chosen)


def begin(form, *, actor):
    """Return the draft of a form, copied from its published version when there is none yet.

    Raises:
        DomainError: the form is filled on another site.
    """
    if form.url:
        raise DomainError(_("Ce formulaire se remplit sur un autre site : ses questions se changent là-bas."))
    _lock(form)
    draft = draft_of(form)
    if draft is not None:
        return draft
    published = answers.current_version(form)
    number = db.session.scalar(select(func.coalesce(func.max(FormVersion.number), 0)).where(FormVersion.form_id == form.id)) + 1
    draft = FormVersion(form=form, number=number, is_draft=True)
    for field in published.fields if published is not None else ():
        draft.fields.append(FormField(**{name: getattr(field, name) for name in COPIED}))
    db.session.add(draft)
    db.session.flush()
    _told(form, actor, "draft", [None, number])
    return draft


def drop(form, *, actor):
    """Drop the draft of a form: nobody ever answered it, and what is published stays.

    Raises:
        DomainError: there is none.
    """
    draft = _draft(form)
    _told(form, actor, "draft", [draft.number, None])
    db.session.delete(draft)
    db.session.flush()


def counts(form):
    """Return (responses begun that a publication would move, responses transmitted that keep their version)."""
    begun = select(func.count()).where(FormResponse.id.in_(_movable(form)))
    kept = select(func.count()).where(FormResponse.form_id == form.id, _is_handed())
    return db.session.scalar(begun), db.session.scalar(kept)


def publish(form, *, actor):
    """Publish the draft of a form: it is asked from now on, and what is not transmitted moves to it with its answers.

    Returns:
        How many responses moved.
    Raises:
        DomainError: there is no draft, or its questions could not be answered as they stand.
    """
    _lock(form)
    draft = _draft(form)
    conditions.check(draft.fields)
    previous = answers.current_version(form)
    draft.is_draft = False
    db.session.flush()
    moved = _move(form, draft)
    _told(form, actor, "published_version", [previous.number if previous else None, draft.number])
    logger.info("form %s: version %s published, %s responses moved", form.id, draft.number, moved)
    return moved


def check_direct(versions):
    """Refuse to change, where it stands, a question that somebody answered or may be answering.

    Args:
        versions: the version in which it is, and the one in which it would be.
    Raises:
        DomainError: one of them has answers.
    """
    numbers = [version.id for version in versions if version is not None and version.id is not None and not version.is_draft]
    if numbers and db.session.scalar(select(FormResponse.id).where(FormResponse.form_version_id.in_(numbers)).limit(1)) is not None:
        raise DomainError(
            _(
                "Des candidats ont déjà répondu à cette version : elle ne change plus. Ouvrez le formulaire, « Construire le formulaire », et publiez une nouvelle version."
            )
        )


def _lock(form):
    db.session.execute(select(Form.id).where(Form.id == form.id).with_for_update())


def _draft(form):
    draft = draft_of(form)
    if draft is None:
        raise DomainError(_("Ce formulaire n’a pas de brouillon : commencez-en un."))
    return draft


def _told(form, actor, what, change):
    audit.record("update", form, actor=actor, changes={what: change})


# --- who moves to a new version ---


def _is_handed():
    """Whether a response was transmitted; one for all candidatures, with any of them in a campaign not archived."""
    own = exists().where(Transmission.candidature_id == FormResponse.candidature_id)
    shared = select(Transmission.id).join(Candidature, Candidature.id == Transmission.candidature_id)
    shared = shared.join(Campaign, Campaign.id == Candidature.campaign_id)
    shared = shared.where(Candidature.candidate_id == FormResponse.candidate_id, Campaign.archived_at.is_(None))
    return or_(own, exists(shared.correlate(FormResponse)))


def _movable(form):
    """Return the query of the responses that follow a publication: nothing of an archived campaign changes any more."""
    archived = select(Candidature.id).join(Campaign, Campaign.id == Candidature.campaign_id).where(Campaign.archived_at.is_not(None))
    is_living = or_(FormResponse.candidature_id.is_(None), FormResponse.candidature_id.not_in(archived))
    return select(FormResponse.id).where(FormResponse.form_id == form.id, ~_is_handed(), is_living)


def _move(form, version):
    """Move what is not transmitted to a version, each answer to the question of the same key when it can still hold it."""
    movable = _movable(form)
    here = FormAnswer.response_id.in_(movable)
    quiet = {"synchronize_session": False}
    earlier = select(FormField).join(FormVersion).where(FormVersion.form_id == form.id, FormVersion.id != version.id)
    by_key = {field.key: field for field in version.fields}
    for old in db.session.scalars(earlier).all():
        new = by_key.get(old.key)
        if new is not None and _fits(old, new):
            carried = update(FormAnswer).where(FormAnswer.form_field_id == old.id, here).values(form_field_id=new.id)
            db.session.execute(carried, execution_options=quiet)
            _drop_foreign(old, new, here)
    kept = [field.id for field in version.fields]
    db.session.execute(delete(FormAnswer).where(here, FormAnswer.form_field_id.not_in(kept)), execution_options=quiet)
    changed = {"form_version_id": version.id, "version": FormResponse.version + 1}
    moved = db.session.execute(update(FormResponse).where(FormResponse.id.in_(movable)).values(changed), execution_options=quiet)
    db.session.expire_all()
    return moved.rowcount


def _fits(old, new):
    same = old.kind == new.kind and old.piece_type_id == new.piece_type_id
    return same or (old.kind, new.kind) == (FieldKind.TEXT, FieldKind.LONG_TEXT)


def _drop_foreign(old, new, here):
    """Take out the choices that a list no longer offers."""
    gone = set(old.choices or {}) - set(new.choices or {})
    if not gone:
        return
    ours = (FormAnswer.form_field_id == new.id, here)
    if new.kind == FieldKind.CHOICE:
        dropped = delete(FormAnswer).where(*ours, FormAnswer.value_choice.in_(gone))
        db.session.execute(dropped, execution_options={"synchronize_session": False})
    elif new.kind == FieldKind.MULTIPLE:
        for answer in db.session.scalars(select(FormAnswer).where(*ours, FormAnswer.value_choices.is_not(None))):
            answer.value_choices = [key for key in answer.value_choices if key not in gone] or None
        db.session.flush()
