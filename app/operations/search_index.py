"""Keeps the words by which candidatures and candidates are found, in the transaction of whatever changes one of them."""

from sqlalchemy import bindparam, event, func, inspect, select, update
from sqlalchemy.orm import Session

from app.extensions import db
from app.models import Candidate, Candidature, Formation, Offering, User
from app.search_text import normalised

NAMES = ("last_name", "usual_name", "first_name", "dossier_number", "ine")
CHUNK = 2000  # rows written by one statement


def person_text(candidate, email):
    """Return what a candidate is found by: names, dossier number, e-mail, INE; any object with these attributes."""
    parts = (*(getattr(candidate, name) for name in NAMES), email)
    return normalised(" ".join(part for part in parts if part))


def text_of(person, formation):
    """Return what a candidature is found by: its person's text, then the name and code of its formation.

    Args:
        person: the candidate's own search text.
        formation: any object with `name` and `code`.
    """
    return f"{person} {normalised(f'{formation.name} {formation.code}')}"


@event.listens_for(Session, "before_flush")
def _follow(session, context, instances):
    """Write the texts of what is new or changed; remember the candidatures that follow a change of person or formation."""
    rows = [*session.new, *session.dirty]
    people = {row for row in rows if isinstance(row, Candidate) and _is_changed(row, NAMES)}
    people |= {row.candidate for row in rows if isinstance(row, User) and _is_changed(row, ("email",)) and _candidate_of(session, row)}
    for person in people:
        person.search_text = person_text(person, person.user.email if person.user else None)
    for row in session.new:
        if isinstance(row, Candidature):
            _write_new(session, row)
    following = {("candidate_id", row.id) for row in people if row.id}
    courses = (row for row in session.dirty if isinstance(row, Formation) and _is_changed(row, ("name", "code")))
    session.info.setdefault("search_follows", set()).update(following | {("formation_id", row.id) for row in courses})


def _is_changed(row, names):
    return any(inspect(row).attrs[name].history.has_changes() for name in names)


def _candidate_of(session, user):
    if user.candidate is None and user.candidate_id is not None:
        user.candidate = session.get(Candidate, user.candidate_id)
    return user.candidate


def _write_new(session, candidature):
    candidate = candidature.candidate or session.get(Candidate, candidature.candidate_id)
    offering = candidature.offering or session.get(Offering, candidature.offering_id)
    if candidate is not None and offering is not None:
        candidature.search_text = text_of(candidate.search_text or "", offering.formation)


@event.listens_for(Session, "after_flush_postexec")
def _rewrite(session, context):
    """Write again the texts of the candidatures whose person or formation has just changed its words."""
    for name, number in session.info.pop("search_follows", ()):
        owner = Candidature.candidate_id if name == "candidate_id" else Offering.formation_id
        _write(session, _texts().where(owner == number))


def _texts():
    return (
        select(Candidature.id, Candidate.search_text, Formation.name, Formation.code, Candidature.search_text.label("now"))
        .join(Candidate, Candidate.id == Candidature.candidate_id)
        .join(Offering, Offering.id == Candidature.offering_id)
        .join(Formation, Formation.id == Offering.formation_id)
    )


def _write(session, chosen):
    """Write the texts of the candidatures that a select gives; return how many changed."""
    link = session.connection()  # no flush in the middle of a flush
    wanted = [(row.id, text_of(row.search_text, row), row.now) for row in link.execute(chosen)]
    changed = [{"number": number, "text": text} for number, text, now in wanted if text != now]
    table = Candidature.__table__
    for start in range(0, len(changed), CHUNK):
        one = update(table).where(table.c.id == bindparam("number")).values(search_text=bindparam("text"))
        link.execute(one, changed[start : start + CHUNK])
    return len(changed)


def rebuild(after=0, size=CHUNK):
    """Write again the texts of one chunk of candidatures and of their people, in the order of their numbers.

    Args:
        after: number of the last candidature already done.
    Returns:
        (number of the last one done, or None when there is no more; how many changed). The caller commits.
    """
    last = db.session.scalar(
        select(func.max(Candidature.id)).where(
            Candidature.id.in_(select(Candidature.id).where(Candidature.id > after).order_by(Candidature.id).limit(size))
        )
    )
    if last is None:
        return None, 0
    chunk = (Candidature.id > after) & (Candidature.id <= last)
    people = select(Candidate.id, Candidate.search_text, *(getattr(Candidate, name) for name in NAMES), User.email)
    people = people.outerjoin(User, User.candidate_id == Candidate.id)
    found = db.session.execute(people.where(Candidate.id.in_(select(Candidature.candidate_id).where(chunk)))).all()
    texts = [{"number": row.id, "text": text} for row in found if (text := person_text(row, row.email)) != row.search_text]
    if texts:
        table = Candidate.__table__
        one = update(table).where(table.c.id == bindparam("number")).values(search_text=bindparam("text"))
        db.session.connection().execute(one, texts)
    return last, _write(db.session, _texts().where(chunk))
