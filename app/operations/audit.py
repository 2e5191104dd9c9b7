"""The journal of changes: who, when, before, after, why, in the transaction of the change, sealed in one chain as it commits."""

import hashlib
import secrets

from sqlalchemy import event, func, inspect, select
from sqlalchemy.orm import Session

from app import journal
from app.extensions import db
from app.models import AuditEntry

CHAIN = 0x506F7374  # the PostgreSQL lock under which entries are sealed, the last that their transaction takes
PAGE = 1000  # entries checked at a time
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
    """Append an entry; it is sealed when the transaction commits (see `_seal`).

    Args:
        changes: {attribute: [before, after]}, plain values.
        reason: what the person gave as a reason.
    """
    entry = AuditEntry(
        salt=secrets.token_hex(16),
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


# --- the chain ---


@event.listens_for(Session, "before_commit")
def _seal(session):
    """Chain the entries of a transaction after the last one kept, once nothing else is left to do: no lock is taken after this one."""
    if session.in_nested_transaction():
        return
    session.flush()
    entries = session.info.pop("unsealed", ())
    entries = sorted((entry for entry in entries if entry in session), key=lambda entry: entry.id)
    if not entries:
        return
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(CHAIN)))
    last = session.execute(
        select(AuditEntry.sequence, AuditEntry.digest).where(_SEALED).order_by(AuditEntry.sequence.desc()).limit(1)
    ).first()
    sequence, previous = (last.sequence, last.digest) if last else (0, journal.GENESIS)
    for entry in entries:
        sequence += 1
        entry.sequence, entry.previous_digest, entry.values_digest = sequence, previous, _values_digest(entry)
        entry.digest = previous = _digest(entry)
    session.flush()


_SEALED = AuditEntry.sequence.is_not(None)


@event.listens_for(AuditEntry, "after_insert")
def _remember(mapper, connection, entry):
    inspect(entry).session.info.setdefault("unsealed", []).append(entry)


@event.listens_for(Session, "after_rollback")
def _forget(session):
    if not session.in_nested_transaction():
        session.info.pop("unsealed", None)


def verify():
    """Check the chain of the journal; return (number of entries checked, sentences naming the broken rows).

    A row whose values a purge erased still verifies: the chain covers their digest.
    """
    broken, previous, expected, last = [], journal.GENESIS, 1, -1
    unsealed = db.session.scalars(select(AuditEntry.id).where(AuditEntry.digest.is_(None)).order_by(AuditEntry.id))
    broken += [f"audit entry {number}: written outside the application, never sealed" for number in unsealed]
    while page := _page(last):
        for entry in page:
            if entry.sequence != expected:
                broken.append(f"audit entries {expected} to {entry.sequence - 1}: missing before row {entry.id}")
            elif entry.previous_digest != previous:
                broken.append(f"audit entry {entry.sequence} (row {entry.id}): does not follow the one before it")
            if entry.digest != _digest(entry) or (entry.changes is not None and entry.values_digest != _values_digest(entry)):
                broken.append(f"audit entry {entry.sequence} (row {entry.id}): was altered")
            previous, expected, last = entry.digest, entry.sequence + 1, entry.sequence
        db.session.expunge_all()
    return expected - 1, broken


def _page(last):
    return db.session.scalars(select(AuditEntry).where(AuditEntry.sequence > last).order_by(AuditEntry.sequence).limit(PAGE)).all()


def _values_digest(entry):
    values = [entry.actor_name, entry.changes, entry.reason]
    return hashlib.sha256((entry.salt or "").encode() + journal.canonical(values)).hexdigest()


def _digest(entry):
    covered = [entry.sequence, entry.at.isoformat(timespec="microseconds"), entry.action, entry.entity, entry.entity_id]
    return hashlib.sha256(journal.canonical([*covered, entry.values_digest, entry.previous_digest])).hexdigest()
