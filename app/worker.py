"""The worker process: takes jobs of one queue, and sweeps every fifteen seconds whether or not Redis answers.

It runs jobs in its own process (RQ's SimpleWorker): each is one short call, and files are parsed in a child of their own.
"""

import logging
import signal
import threading

import redis
from flask import current_app
from rq import Queue, SimpleWorker
from rq.exceptions import DeserializationError
from rq.serializers import JSONSerializer

import config
from app import create_app, logs, tasks
from app.extensions import QUEUE, connection, db

SWEEP_EVERY = 15  # seconds
RETRY_EVERY = 5  # seconds between two tries to reach Redis

logger = logging.getLogger("postulo.worker")


class AppWorker(SimpleWorker):
    """Refuses any function outside the closed set: writing to Redis must not be running code (trust T27)."""

    stop = threading.Event()

    def execute_job(self, job, queue):
        if not is_allowed(job):
            logger.error("refused job %s", job.id)
            job.delete(remove_from_queue=False)
            self.connection.lrem(queue.intermediate_queue_key, 1, job.id)
            return
        super().execute_job(job, queue)

    def perform_job(self, job, queue, *args, **kwargs):
        """Run a job in an application context of its own: nothing remembered from the one before."""
        with current_app._get_current_object().app_context():
            try:
                return super().perform_job(job, queue, *args, **kwargs)
            finally:
                db.session.remove()

    def request_stop(self, signum, frame):
        self.stop.set()
        super().request_stop(signum, frame)


def is_allowed(job):
    """Whether a job names one of our functions, plainly: no callback or address to call that RQ would follow."""
    try:
        name = job.func_name
    except DeserializationError:
        return False
    extras = (job._success_callback_name, job._failure_callback_name, job._stopped_callback_name, job.webhooks)
    return name in tasks.ALLOWED and not any(extras)


def sweeping(app, stop):
    """Sweep until told to stop; a failed sweep is logged and the next one tries again."""
    while not stop.wait(SWEEP_EVERY):
        with app.app_context():
            try:
                tasks.sweep(is_stopping=stop.is_set)
            except Exception:
                logger.exception("sweep failed")
                db.session.remove()


def main():
    """Run until SIGTERM or SIGINT; an unreachable Redis is tried again, never fatal."""
    settings = config.Settings.from_environ()
    logs.configure(settings)
    app, stop = create_app(settings), AppWorker.stop
    sweeper = threading.Thread(target=sweeping, args=(app, stop), daemon=True)
    sweeper.start()
    with app.app_context():
        while not stop.is_set():
            _work(stop)
    sweeper.join(timeout=SWEEP_EVERY)


def _work(stop):
    for number in (signal.SIGTERM, signal.SIGINT):  # again each time: RQ puts its own while it works
        signal.signal(number, lambda *_: stop.set())
    link = connection(patience=None)
    if link is None:
        stop.wait(RETRY_EVERY)
        return
    try:
        worker = AppWorker([Queue(QUEUE, connection=link, serializer=JSONSerializer)], connection=link, serializer=JSONSerializer)
        worker.work(logging_level="WARNING")
        logger.info("left the queue")  # told to stop, or something unexpected that RQ has logged: then begin again
    except (redis.RedisError, OSError) as error:
        logger.warning("Redis not reachable: %s", type(error).__name__)
    stop.wait(RETRY_EVERY)


if __name__ == "__main__":
    main()
