"""What a member of staff has chosen about his own screens; it changes nothing for anybody else."""

from sqlalchemy import update

from app.extensions import db
from app.models import StaffMember


def get(actor, name, default=None):
    """Return a choice kept under a name, or the default."""
    return (actor.staff_member.preferences or {}).get(name, default)


def keep(actor, name, value):
    """Keep a choice (JSON; None forgets it); the caller commits. Two windows at once: the last one counts."""
    kept = {**(actor.staff_member.preferences or {}), name: value}
    kept = {key: each for key, each in kept.items() if each is not None}
    own = update(StaffMember).where(StaffMember.id == actor.staff_member.id).values(preferences=kept)
    db.session.execute(own, execution_options={"synchronize_session": False})
    db.session.refresh(actor.staff_member, ["preferences"])
