"""Verb by verb: the right that each act on a dossier, on a selection or on an account needs, and that without it nothing moves (trust T2).

The doors are in test_matrix.py; one door carries many verbs. A verb added to the code without a line here fails.
"""

from datetime import timedelta

import pytest

from app import clock
from app.admin import acts as menu
from app.admin.desk import mark_of
from app.admin.dossier_acts import ACTS as DOSSIER_ACTS
from app.admin.persons_acts import ACCOUNT
from app.enums import CheckState, Functionality, OpinionKind, Outcome
from app.extensions import db
from app.models import JobLine, MailTemplate, Note, OutboxMessage, ProfileRight, Recusal, Tag
from app.operations import acts, checks, jobs
from app.storage import verdicts

DOSSIER = """
check_again     REVIEW_PIECES
review          REVIEW_PIECES
note            NOTES
remove_note     NOTES
tags            TAGS
message         MESSAGES
resend          MESSAGES
dates           DEADLINES
opinion         OPINIONS
recuse          OPINIONS
lift_recusal    PROPOSE_DECISION
undecide        SET_TRACK
control         SET_TRACK
direct          SET_TRACK
validate_track  VALIDATE_TRACK
propose         PROPOSE_DECISION
discard         DECISION_HISTORY
propose         PROPOSE_DECISION
validate        VALIDATE_DECISION
publish         PUBLISH_DECISION
complete        FILE_STATUS
receive         FILE_STATUS
ask_corrections FILE_STATUS
reopen          FILE_STATUS
"""  # in an order that makes each one possible after those before
BULK = """
complete        FILE_STATUS
receive         FILE_STATUS
reopen          FILE_STATUS
ask_corrections FILE_STATUS
control         SET_TRACK
direct          SET_TRACK
undecide        SET_TRACK
validate_track  VALIDATE_TRACK
propose         PROPOSE_DECISION
validate        VALIDATE_DECISION
publish         PUBLISH_DECISION
discard         DECISION_HISTORY
dates           DEADLINES
tags            TAGS
message         MESSAGES
note            NOTES
dossiers_zip    DOCUMENTS
dossiers_pdf    DOCUMENTS
piece_zip       DOCUMENTS
letters_zip     DOCUMENTS
letters_pdf     DOCUMENTS
export          EXPORTS
"""
ACCOUNTS = {"lien", "adresse", "valider"}  # all of them: CANDIDATES


def table(text):
    """Return [(verb, right)] of a table."""
    return [(verb, Functionality(right)) for verb, right in (line.split() for line in text.strip().splitlines())]


def test_every_verb_of_the_code_is_in_its_table():
    assert {verb for verb, _right in table(DOSSIER)} == set(DOSSIER_ACTS), "give each a line in DOSSIER"
    assert {verb: act.right for verb, act in menu.ACTS.items()} == dict(table(BULK)), "give each a line in BULK"
    assert set(acts.ACTS) <= dict(table(BULK)).keys() and all(acts.ACTS[verb].right == dict(table(BULK))[verb] for verb in acts.ACTS)
    assert set(ACCOUNT) == ACCOUNTS, "give each a line in ACCOUNTS"


def traces():
    """Return every row of what the acts of a dossier may touch: its own tables, what is sent, what is asked, what is kept."""
    db.session.rollback()
    told = ("candidature", "candidate", "user_account", "audit_entry", "job", "file_version")
    tables = [table for table in db.metadata.sorted_tables if table.name in told or "candidature_id" in table.columns]
    rows = [(table.name, sorted(map(repr, db.session.execute(db.select(table)).tuples()))) for table in tables]
    db.session.rollback()
    return rows


@pytest.fixture
def strangers(signed_in, world):
    """Return a function giving who holds everything but one right, and who holds that one in read alone, signed in."""
    known = {}

    def of(right):
        if right not in known:
            people = [world.staff(f"{name}-{right.value.lower()}", tuple(other for other in Functionality if other != right)) for name in ("without", "reader")]
            people[1].staff_member.grants[0].profile.rights.append(ProfileRight(functionality=right, is_write=False))
            db.session.commit()
            known[right] = [signed_in(person) for person in people]
        return known[right]

    return of


@pytest.fixture
def dossier(world):
    """A dossier whose pieces are checked, but one whose check never ended, and what its acts may choose."""
    db.session.add_all([Tag(name="Urgent"), MailTemplate(code="mot", subject={"fr": "Un mot"}, body={"fr": "Bonjour"})])
    candidature = world.transmitted(world.alice, world.maths)
    aside, *others = [piece.file_version for piece in candidature.pieces if piece.file_version_id]
    aside.check_state, aside.check_code = CheckState.QUARANTINED, verdicts.SET_ASIDE
    db.session.commit()
    for version in others:
        checks.check_version(version.id)
    db.session.commit()
    return candidature


def typed(world, candidature, verb):
    """Return what a person would send for an act, as the dossier now stands."""
    number = lambda model: str(db.session.scalar(db.select(model.id).where(model.candidature_id == candidature.id)))
    later = (clock.local_day(clock.now()) + timedelta(days=60)).isoformat()
    return {
        "check_again": lambda: {"again": str(next(piece.id for piece in candidature.pieces if piece.file_version_id))},
        "review": lambda: {"status": "ALL"},
        "note": lambda: {"note": "Vu."},
        "remove_note": lambda: {"note_id": number(Note)},
        "tags": lambda: {"tag": str(db.session.scalar(db.select(Tag.id)))},
        "message": lambda: {"subject": "Un mot", "text": "Bonjour", "step": "send"},
        "resend": lambda: {"message": db.session.scalar(db.select(OutboxMessage.public_id).where(OutboxMessage.kind == "candidature_transmitted"))},
        "dates": lambda: {"return_by": later},
        "opinion": lambda: {"kind": OpinionKind.RESERVED.value},
        "recuse": lambda: {"reason": "Parent"},
        "lift_recusal": lambda: {"recusal": number(Recusal)},
        "propose": lambda: {"decision_type": world.kinds[Outcome.ON_HOLD].id},
        "ask_corrections": lambda: {"comment": "Relisez.", "return_by": later},
    }.get(verb, dict)()


def test_each_act_of_a_dossier_is_refused_to_who_lacks_its_very_right(eve, strangers, world, dossier):
    """Eve then does the same with the same words: it was the right that was lacking, and nothing else."""
    base = f"/gestion/candidature/dossier/{dossier.public_id}"
    for verb, right in table(DOSSIER):
        clients = strangers(right)
        values = {"seen": mark_of(dossier), **typed(world, dossier, verb)}
        before = traces()
        for client in clients:
            assert client.post(f"{base}/acte/{verb}", values).status_code == 403, (verb, right)
        assert traces() == before, verb
        done = eve.post(f"{base}/acte/{verb}", values)
        assert done.status_code == 302, (verb, done.text)
        assert traces() != before, verb


def test_each_act_on_a_selection_is_refused_to_who_lacks_its_very_right(app, eve, strangers, dossier):
    """Documents and exports ask only that the right be read."""
    addresses = {verb: app.url_map.bind("localhost").build(act.endpoint, method="POST") for verb, act in menu.ACTS.items()}
    sent = {"row": dossier.public_id}
    clients = {right: strangers(right) for _verb, right in table(BULK)}
    before = traces()
    for verb, right in table(BULK):
        without, reader = clients[right]
        for client in (without, reader) if menu.ACTS[verb].write else (without,):
            assert client.post(addresses[verb], {**sent, "act": verb}).status_code == 403, (verb, right)
    assert traces() == before
    for right, (without, _reader) in clients.items():
        page = without.get("/gestion/candidature/").text
        assert [verb for verb, needed in table(BULK) if (f'value="{verb}"' in page) == (needed == right)] == [], right
    for verb in addresses:
        assert eve.post(addresses[verb], {**sent, "act": verb}).status_code in {200, 303}, verb


def test_a_worker_refuses_each_act_to_who_has_lost_its_very_right(world, dossier):
    """The page was passed with the right; the work finds it gone."""
    for verb, act in acts.ACTS.items():
        actor = world.staff(f"lost-{verb}", tuple(right for right in Functionality if right != act.right))
        actor.staff_member.grants[0].profile.rights.append(ProfileRight(functionality=act.right, is_write=False))
        events, sent = len(dossier.events), db.session.query(OutboxMessage).count()
        job = jobs.ask("act", actor=actor, title=verb, parameters={"act": verb, "values": {}}, candidature_ids=[dossier.id])
        db.session.commit()
        jobs.run(job.id)
        line = db.session.scalars(db.select(JobLine).where(JobLine.job_id == job.id)).one()
        assert (line.state.value, line.sentence) == ("REFUSED", str(acts.NO_RIGHT)), verb
        db.session.expire_all()
        assert (len(dossier.events), db.session.query(OutboxMessage).count()) == (events, sent), verb


def test_each_act_on_an_account_is_refused_to_who_lacks_the_right(eve, strangers, world, dossier):
    world.alice.confirmed_at = None
    db.session.commit()
    base, clients = f"/gestion/candidat/{world.alice.candidate.dossier_number}", strangers(Functionality.CANDIDATES)
    before = traces()
    for client in clients:
        assert client.get(base).status_code == 200
        for verb in sorted(ACCOUNTS):
            assert client.post(f"{base}/compte/{verb}", {"email": "neuve@exemple.fr"}).status_code == 404, verb
    assert traces() == before
    for verb in sorted(ACCOUNTS):
        before = traces()
        assert eve.post(f"{base}/compte/{verb}", {"email": "neuve@exemple.fr"}).status_code == 302, verb
        assert traces() != before, verb
