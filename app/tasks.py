"""What workers run: identifiers in, one call out, harmless when repeated (trust R5)."""

from flask import current_app

from app.extensions import db
from app.notifications import outbox
from app.operations import batches, chores, jobs, pieces  # noqa: F401 -- chores: declares the scheduled jobs


def deliver(message_id):
    """Send one message of the outbox."""
    outbox.deliver(message_id)


def check_file(version_id):
    """Check one deposited file in the confined child."""
    pieces.check_version(version_id)


def run_job(job_id):
    """Work on one job for a slice."""
    jobs.run(job_id)


def run_batch(run_id):
    """Run a scheduled job that was asked for by hand."""
    batches.resume(run_id)


def sweep(*, is_stopping=lambda: False):
    """Do everything due that no bell announced: messages, files, long work, scheduled jobs; one that fails does not stop the others.

    Args:
        is_stopping: asked between two pieces of work; true ends the sweep early.
    """
    for work in (
        lambda: outbox.sweep(is_stopping=is_stopping),
        lambda: _check_files(is_stopping),
        lambda: jobs.sweep(is_stopping=is_stopping),
        lambda: batches.run_due(is_stopping=is_stopping),
    ):
        try:
            if not is_stopping():
                work()
        except Exception:  # noqa: BLE001 -- the next sweep tries again
            current_app.logger.exception("part of a sweep failed")
        finally:
            db.session.remove()


def _check_files(is_stopping):
    numbers = pieces.unchecked()
    db.session.rollback()  # no transaction stays open while a file is parsed
    for version_id in numbers:
        if is_stopping():
            return
        pieces.check_version(version_id)


ALLOWED = frozenset({"app.tasks.deliver", "app.tasks.check_file", "app.tasks.run_job", "app.tasks.run_batch", "app.tasks.sweep"})
