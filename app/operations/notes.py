"""Internal notes and tags of a dossier: what staff write for one another, and candidates never see."""

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, insert, select

from app import access, journal, workflow
from app.enums import Functionality
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import Note, Tag
from app.operations import audit
from app.tables.candidature import candidature_tag

LONGEST = 2000  # characters of a note


def add(candidature, text, *, actor, command_key=None):
    """Write a note, dated and signed.

    Args:
        command_key: the same key twice writes one note.
    Raises:
        NotAllowed: without the right to write notes. DomainError: empty or too long.
    """
    if not access.can(actor, Functionality.NOTES, candidature, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit d’écrire une note sur ce dossier."))
    text = (text or "").strip()
    if not text:
        raise DomainError(_("Écrivez la note avant de l’ajouter."), field="note")
    if len(text) > LONGEST:
        raise DomainError(_("Cette note est trop longue : 2 000 caractères au plus."), field="note")
    now = workflow.lock(candidature)
    if journal.already_done("note", candidature, command_key) is not None:
        return None
    note = Note(candidature_id=candidature.id, author=actor.staff_member, at=now, text=text)
    db.session.add(note)
    db.session.flush()
    audit.record("create", note, actor=actor, changes={"text": [None, text]})
    journal.record("note", candidature, actor=actor, now=now, command_key=command_key)
    return note


def may_remove(note, actor):
    """Whether somebody may remove a note: its author, or who manages rights (an administrator)."""
    if not access.can(actor, Functionality.NOTES, note.candidature, write=True):
        return False
    is_own = note.author_id is not None and note.author_id == actor.staff_member.id
    return is_own or access.can(actor, Functionality.RIGHTS, note.candidature, write=True)


def remove(note, *, actor):
    """Remove a note; the audit keeps that it was there.

    Raises:
        NotAllowed: another's note, for who is not an administrator.
    """
    candidature = note.candidature
    if not may_remove(note, actor):
        raise NotAllowed(_("Seuls l’auteur d’une note et les administrateurs la retirent."))
    now = workflow.lock(candidature)
    audit.record("delete", note, actor=actor, changes={"text": [note.text, None], "author": [str(note.author or ""), None]})
    db.session.delete(note)
    db.session.flush()
    db.session.expire(candidature, ["notes"])
    journal.record("remove_note", candidature, actor=actor, now=now)


# --- tags ---


def tags_for(candidature):
    """Return the tags in service that a candidature may carry: those of its centre and of the university."""
    centre_id = candidature.offering.commission.centre_id
    chosen = select(Tag).where(Tag.is_active, Tag.centre_id.is_(None) | (Tag.centre_id == centre_id))
    return db.session.scalars(chosen.order_by(Tag.name, Tag.id)).all()


def change_tags(candidature, *, actor, put=(), off=()):
    """Put tags on a candidature and take others off, whatever it carries: two persons at once lose nothing.

    Args:
        put: `Tag` rows to add. off: `Tag` rows to remove.
    Returns:
        Whether anything changed.
    Raises:
        NotAllowed: without the right. DomainError: a tag of another centre.
    """
    if not access.can(actor, Functionality.TAGS, candidature, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit de poser des étiquettes sur ce dossier."))
    centre_id = candidature.offering.commission.centre_id
    if any(tag.centre_id not in (None, centre_id) or not tag.is_active for tag in put):
        raise DomainError(_("Choisissez parmi les étiquettes du centre ou de l’établissement."), field="tag")
    now = workflow.lock(candidature)
    db.session.expire(candidature, ["tags"])
    carried = {tag.id for tag in candidature.tags}
    added = [tag for tag in put if tag.id not in carried]
    removed = [tag for tag in off if tag.id in carried]
    if not added and not removed:
        return False
    _write_tags(candidature, added, removed)
    details = {"put": [tag.name for tag in added], "off": [tag.name for tag in removed]}
    journal.record("tags", candidature, actor=actor, details=details, now=now)
    return True


def _write_tags(candidature, added, removed):
    if added:
        db.session.execute(insert(candidature_tag), [{"candidature_id": candidature.id, "tag_id": tag.id} for tag in added])
    if removed:
        gone = candidature_tag.c.tag_id.in_([tag.id for tag in removed])
        db.session.execute(delete(candidature_tag).where(candidature_tag.c.candidature_id == candidature.id, gone))
    db.session.expire(candidature, ["tags"])
