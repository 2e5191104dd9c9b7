"""The journal of changes made to settings: who, when, what before, what after, in the transaction of the change."""

from sqlalchemy import inspect, select

from app.extensions import db
from app.models import AuditEntry

HIDDEN = frozenset({"password", "fs_uniquifier", "tf_totp_secret", "version"})


def changes_of(model):
    """Return {attribute: [before, after]} of the changes not yet flushed."""
    state, changes = inspect(model), {}
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].load_history()
        if attribute.key not in HIDDEN and history.has_changes():
            changes[attribute.key] = [_plain(history.deleted), _plain(history.added)]
    for relation in state.mapper.relationships:
        history = state.attrs[relation.key].history if relation.key in state.dict else None
        if history is not None and history.has_changes() and not relation.uselist:
            changes[relation.key] = [_plain(history.deleted), _plain(history.added)]
    return changes


def _plain(values):
    value = values[0] if values else None
    return value if isinstance(value, str | int | float | bool | dict | None) else str(value)


def record(action, model, *, actor, changes, reason=None):
    """Append an entry about a row; the caller commits."""
    identity = inspect(model).identity or ("",)
    return write(action, type(model).__name__, str(identity[0]), actor=actor, changes=changes, reason=reason)


def last_of(model):
    """Return the latest entry about a row, or None."""
    chosen = select(AuditEntry).where(AuditEntry.entity == type(model).__name__, AuditEntry.entity_id == str(inspect(model).identity[0]))
    return db.session.scalar(chosen.order_by(AuditEntry.id.desc()).limit(1))


def record_export(model, *, actor):
    """Append an entry saying who exported which list."""
    return write("export", model.__name__, "", actor=actor, changes={})


def write(action, entity, entity_id, *, actor, changes, reason=None):
    """Append an entry."""
    entry = AuditEntry(
        actor_id=actor.id,
        actor_name=str(actor.staff_member or actor) if actor.id else "Postulo",
        action=action,
        entity=entity,
        entity_id=entity_id,
        changes=changes,
        reason=reason,
    )
    db.session.add(entry)
    db.session.flush()
    return entry
