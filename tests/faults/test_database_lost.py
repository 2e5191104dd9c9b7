"""PostgreSQL stopped, crashed and restarted under requests and workers: a clear page, nothing lost, nothing doubled (trust F15-F17)."""

import re
import threading
import time
from collections import Counter

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from app import parameters
from app.enums import FileStatus, JobState
from app.extensions import db
from app.models import Candidature, CandidatureEvent, Job, Note, OutboxMessage, Transmission
from app.operations import acts, jobs
from app.operations.acts import ACTS
from tests.clients import PageClient
from tests.conftest import maintain
from tests.faults import dossiers, smtp
from tests.faults.test_together import count
from tests.world import SECRET

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("app", ["postgresql"], indirect=True)]
COUNT, PATIENCE = 24, 120  # dossiers, seconds
RESTARTS = ("fast", "immediate")
SORRY = "Rien n’a été enregistré à moitié"


class Browser(PageClient):
    """Somebody signed in, whose page was open before the database went away: its token still serves."""

    def __init__(self, app, user):
        super().__init__(app)
        app.testing = False  # a failure answers with a page, as in production
        assert self.sign_in(user.email, SECRET).status_code == 302
        self.token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get("/aide").text).group(1)
        db.session.remove()

    def press(self, url, **data):
        return self.post_bare(url, {"csrf_token": self.token, **data})


@pytest.fixture
def server(app, postgresql_server):
    yield postgresql_server
    app.testing = True


@pytest.fixture
def ready(world):
    """A candidature of Alice with nothing missing: (its address, who she is)."""
    candidature = world.apply(world.alice, world.maths)
    world.complete(candidature, world.alice)
    return f"/candidatures/{candidature.public_id}"


def is_sorry(answer):
    """Whether an answer is the page that says what happened, as safe as any other."""
    headers = answer.headers
    is_safe = headers["Cache-Control"] == "no-store" and "default-src 'none'" in headers["Content-Security-Policy"] and headers["X-Request-Id"]
    return answer.status_code == 503 and headers["Retry-After"] == "30" and SORRY in answer.text and bool(is_safe)


def test_a_stopped_database_is_a_clear_page_and_the_next_request_after_it_works(app, world, server, ready):
    alice = Browser(app, world.alice)
    server.stop("immediate")
    try:
        assert is_sorry(alice.get("/candidatures"))
        assert is_sorry(alice.press(f"{ready}/transmettre", command_key="k" * 16))
        visitor = PageClient(app)
        assert is_sorry(visitor.get("/"))
        assert visitor.get("/healthz").json == {"status": "alive"}
        assert (visitor.get("/readyz").status_code, visitor.get("/readyz").json["dependencies"]["database"]["status"]) == (503, "down")
    finally:
        server.start()
    assert visitor.get("/readyz").status_code == 200
    answer = alice.press(f"{ready}/transmettre", command_key="k" * 16)
    assert (answer.status_code, answer.location) == (302, f"{ready}/recu/1")
    assert count(Transmission) == 1


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_connection_lost_around_commit_is_one_transmission_once_asked_again(app, world, server, ready, is_kept):
    """The answer of COMMIT never comes back: the person is told, asks again under the same key, and there is one."""
    alice, armed = Browser(app, world.alice), [True]

    def lose(link):
        if not armed or link.execute(text("SELECT count(*) FROM transmission")).scalar() == 0:
            return
        armed.clear()
        driver = link.connection.dbapi_connection
        if is_kept:
            driver.commit()
            driver.execute("SELECT 1")  # so that what follows asks the server, which is gone
        maintain(server.url, f"SELECT pg_terminate_backend({driver.info.backend_pid}, 5000)")

    event.listen(db.engine, "commit", lose)
    try:
        first = alice.press(f"{ready}/transmettre", command_key="k" * 16)
    finally:
        event.remove(db.engine, "commit", lose)
    assert not armed and is_sorry(first)
    assert count(Transmission) == is_kept
    db.session.remove()
    answer = alice.press(f"{ready}/transmettre", command_key="k" * 16)
    assert (answer.status_code, answer.location) == (302, f"{ready}/recu/1")
    assert count(Transmission) == 1
    assert count(OutboxMessage, OutboxMessage.kind == "candidature_transmitted") == 1


def test_a_bulk_act_and_requests_go_through_restarts_with_nothing_lost_or_doubled(app, world, server, bell, hire):
    """Two workers and a manager who writes a note a second time under the same key whenever he was told that it was not kept."""
    numbers = dossiers.add(world, COUNT, stage=None, status=FileStatus.RECEIVED)
    page = f"/gestion/candidature/dossier/{db.session.get(Candidature, numbers[0]).public_id}"
    parameters.change("SECOND_FACTOR_NOT_ASKED", True)
    job_id = asked(numbers, world.charlie)
    with smtp.running(smtp.Sink()) as port:
        workers = hire(bell.url, port)
        workers.start(2, lease=2, sweep_every=0.3)
        first = list(workers.processes)
        charlie = Browser(app, world.charlie)
        answers, written, restarts = Counter(), [], []
        end_at = time.monotonic() + PATIENCE
        while time.monotonic() < end_at:
            is_over, done = progress(job_id)
            if is_over and not restarts[-1].is_alive():
                break
            if len(restarts) < len(RESTARTS) and done >= 8 * (len(restarts) + 1):
                restarts.append(threading.Thread(target=server.restart, args=(RESTARTS[len(restarts)],)))
                restarts[-1].start()
            written += noted(charlie, page, f"note-{len(written):06d}", answers)
    assert len(restarts) == len(RESTARTS)
    assert workers.processes == first, "no worker died of it"
    assert set(answers) <= {200, 302, 503} and answers[302], answers
    job = db.session.get(Job, job_id)
    assert (job.state, job.done_count, job.refused_count) == (JobState.DONE, COUNT, 0)
    chosen = db.select(CandidatureEvent.candidature_id).where(CandidatureEvent.action == "complete")
    assert sorted(db.session.scalars(chosen)) == sorted(numbers)
    mails = db.select(OutboxMessage.candidature_id).where(OutboxMessage.kind == "candidature_complete")
    assert sorted(db.session.scalars(mails)) == sorted(numbers)
    kept = Counter(db.session.scalars(db.select(Note.text)))
    assert max(kept.values()) == 1 and set(written) <= set(kept)


def asked(numbers, actor):
    preview = acts.look(ACTS["complete"], numbers, {}, actor=actor)
    db.session.commit()
    jobs.run(preview.id)
    job_id = acts.confirm(db.session.get(Job, preview.id), actor=actor).id
    db.session.commit()
    return job_id


def progress(number):
    """Return (has it ended, how many lines are done) of a job; (False, 0) while the database is away."""
    try:
        state, done = db.session.execute(db.select(Job.state, Job.done_count).where(Job.id == number)).tuples().one()
        return state not in jobs.LIVE, done
    except OperationalError:
        return False, 0
    finally:
        db.session.remove()


def noted(client, page, words, answers):
    """Look at a dossier, then write a note until told that it is kept, four times at most; return the notes acknowledged."""
    answers[client.get(page).status_code] += 1
    for _try in range(4):
        code = client.press(f"{page}/acte/note", note=words, command_key=words.ljust(16, "x")).status_code
        answers[code] += 1
        if code == 302:
            return [words]
    return []
