"""The daily summary by mail: once a day to each member of staff who wants it, and only if something waits."""

from flask import current_app
from flask_babel import force_locale
from sqlalchemy import or_, select

from app import access, clock
from app.extensions import db
from app.models import StaffMember, User
from app.notifications import announcements, outbox
from app.operations import inbox


def due(day):
    """Return the numbers of the members of staff who have not had their summary of a day."""
    chosen = select(StaffMember.id).join(User, User.staff_member_id == StaffMember.id)
    waiting = or_(StaffMember.digested_on.is_(None), StaffMember.digested_on < day)
    return db.session.scalars(chosen.where(StaffMember.has_digest, StaffMember.is_active, waiting).order_by(StaffMember.id)).all()


def send(staff_id, day):
    """Post the summary of a day to one person, once; return whether something waited. The caller commits."""
    chosen = select(StaffMember).where(StaffMember.id == staff_id).with_for_update(of=StaffMember)
    staff = db.session.scalars(chosen.execution_options(populate_existing=True)).one()
    if not staff.has_digest or not access.in_service(staff) or staff.digested_on == day:
        return False
    staff.digested_on = day
    with force_locale(staff.user.language):
        waiting = [f"- {line.words}" for line in inbox.lines(staff.user)]
    if not waiting:
        return False
    url = current_app.config["SETTINGS"].public_url
    context = announcements.institution()
    context["agent"] = {"prenom": staff.first_name}
    context["resume"] = {"lignes": "\n".join(waiting), "lien": f"{url}/gestion/", "preferences": f"{url}/gestion/preferences/"}
    key = f"staff_digest:{staff.id}:{day.isoformat()}"
    outbox.post("staff_digest", recipient=staff.user.email, language=staff.user.language, key=key, context=context)
    return True


def send_due(now, run):
    """Send every summary of the day, one person a transaction (the batch `digest`)."""
    day = clock.local_day(now)
    for staff_id in due(day):
        try:
            sent = send(staff_id, day)
        except Exception:  # noqa: BLE001 -- logged; the summaries of the others go on
            db.session.rollback()
            current_app.logger.exception("digest of staff member %s not written", staff_id)
            continue
        run.count(int(sent))
