"""Real worker processes, a real Redis, a real mail server: stopped, flushed, lied to (trust F1-F5, F28, T27)."""

import os
import pickle  # noqa: TID251 -- what an attacker would write
import signal
import time

import pytest
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

from app import extensions
from app.extensions import db
from app.models import OutboxMessage
from tests.faults import smtp
from tests.faults.fleet import all_sent, post_all

pytestmark = pytest.mark.faults
one_database = pytest.mark.parametrize("app", ["sqlite"], indirect=True)  # what is tried is the bell and the process


@one_database
def test_redis_stopped_hurts_nobody_and_every_message_leaves(app, bell, hire):
    """Fifty announcements without a door-bell: no error, no wait; the sweep sends them; the bell works again when Redis returns."""
    sink = smtp.Sink()
    with smtp.running(sink) as port:
        workers = hire(bell.url, port)
        workers.start(1)
        post_all(1)
        assert smtp.wait_until(lambda: all_sent(1), seconds=30)
        bell.stop()
        slowest = 0
        for number in range(50):
            started = time.monotonic()
            post_all(1, start=1 + number, each=1)
            slowest = max(slowest, time.monotonic() - started)
        assert slowest < 2
        assert smtp.wait_until(lambda: all_sent(51), seconds=40)  # Redis is still down
        bell.start()
        post_all(10, start=51)
        assert smtp.wait_until(lambda: all_sent(61), seconds=30)
        assert workers.processes[0].poll() is None
    assert len(sink.accepted) == 61 == len(set(sink.message_ids))


@one_database
def test_the_bell_alone_is_enough_and_answers_again_after_a_restart(app, bell, hire):
    sink = smtp.Sink()
    with smtp.running(sink) as port:
        workers = hire(bell.url, port)
        workers.start(1, sweep_every=3600)
        post_all(1)
        assert smtp.wait_until(lambda: all_sent(1), seconds=30)
        bell.stop()
        bell.start()
        time.sleep(0.5)
        post_all(1, start=1)
        assert smtp.wait_until(lambda: workers.supervise() or all_sent(2), seconds=30)


@one_database
def test_a_flushed_redis_loses_nothing(app, bell, hire):
    sink = smtp.Sink()
    with smtp.running(sink) as port:
        workers = hire(bell.url, port)
        post_all(60)
        extensions.connection().flushall()
        workers.start(1)
        assert smtp.wait_until(lambda: all_sent(60), seconds=40)
    assert len(sink.accepted) == 60


@one_database
def test_a_redis_that_hangs_holds_nobody_and_every_message_leaves(app, bell, hire):
    """A frozen server takes the connection and never answers: the bell is given up in a fifth of a second."""
    sink = smtp.Sink()
    with smtp.running(sink) as port:
        workers = hire(bell.url, port)
        extensions.connection().ping()
        bell.process.send_signal(signal.SIGSTOP)
        try:
            started = time.monotonic()
            post_all(3, each=1)
            assert time.monotonic() - started < 3 * 2
        finally:
            bell.process.send_signal(signal.SIGCONT)
        workers.start(1)
        assert smtp.wait_until(lambda: all_sent(3), seconds=60)
    assert len(set(sink.message_ids)) == len(sink.accepted) == 3


@one_database
def test_one_row_rung_fifty_times_is_one_mail(app, bell, hire):
    sink = smtp.Sink()
    with smtp.running(sink) as port:
        workers = hire(bell.url, port)
        post_all(1)
        number = db.session.scalar(db.select(OutboxMessage.id))
        for _turn in range(50):
            extensions.ring("app.tasks.deliver", number)
        workers.start(2)
        assert smtp.wait_until(lambda: all_sent(1) and extensions.queue().is_empty(), seconds=30)
    assert len(sink.accepted) == 1


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (os.system, (f"touch {self.path}",))


def hostile_jobs(queue, marker):
    """Enqueue what somebody who can write to Redis would try."""
    touch = f"touch {marker}"
    queue.enqueue("os.system", touch)
    queue.enqueue("subprocess.check_output", ["touch", str(marker)])
    queue.enqueue("app.tasks.current_app", touch)
    queue.enqueue("app.notifications.outbox.sweep")
    called_back = Job.create("app.tasks.sweep", connection=queue.connection, serializer=JSONSerializer)
    called_back._success_callback_name = called_back._failure_callback_name = "tests.faults.worker_driver.die"
    queue.enqueue_job(called_back)
    for blob in (pickle.dumps(("os.system", None, (touch,), {})), pickle.dumps(Evil(marker)), b"\x00not json", b"[]", b'"x"'):
        job = Job.create("app.tasks.sweep", connection=queue.connection, serializer=JSONSerializer)
        queue.enqueue_job(job)
        queue.connection.hset(job.key, "data", blob)


@one_database
def test_writing_to_redis_is_not_running_code(app, bell, hire, tmp_path):
    marker = tmp_path / "owned"
    sink = smtp.Sink()
    with smtp.running(sink) as port:
        workers = hire(bell.url, port)
        hostile_jobs(extensions.queue(), marker)
        workers.start(1, sweep_every=3600)
        post_all(1)
        assert smtp.wait_until(lambda: all_sent(1), seconds=30)
        assert smtp.wait_until(lambda: not extensions.connection().llen("rq:queue:default:intermediate"), seconds=5)
        assert workers.processes[0].poll() is None
    assert not marker.exists() and not workers.deaths.exists()
    assert extensions.queue().failed_job_registry.count == 0


@one_database
@pytest.mark.parametrize("is_redis_up", [True, False])
def test_a_worker_told_to_stop_ends_by_itself(app, bell, hire, is_redis_up):
    with smtp.running(smtp.Sink()) as port:
        workers = hire(bell.url, port)
        workers.start(1)
        post_all(1)
        assert smtp.wait_until(lambda: all_sent(1), seconds=30)
        if not is_redis_up:
            bell.stop()
            time.sleep(1)
        workers.processes[0].send_signal(signal.SIGTERM)
        assert workers.processes[0].wait(15) == 0


@one_database
def test_the_queue_is_one_and_speaks_json(app, bell, hire):
    hire(bell.url, 1)
    extensions.ring("app.tasks.deliver", 42)
    queue = extensions.queue()
    assert isinstance(queue, Queue) and queue.serializer is JSONSerializer
    [job] = queue.jobs
    assert job.args in ((42,), [42]) and job.func_name == "app.tasks.deliver" and job.timeout == 120
