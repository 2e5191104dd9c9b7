"""What workers run: identifiers in, one call out, harmless when repeated (trust R5)."""

from flask import current_app

from app.errors import DomainError
from app.extensions import db
from app.notifications import letter_pages, outbox
from app.operations import (  # noqa: F401 -- some only declare their jobs
    act_list,
    batches,
    campaigns,
    candidature_exports,
    checks,
    chores,
    documents_asked,
    external_forms,
    jobs,
    pieces,
    releases,
    reminders,
    vitals,
)


def deliver(message_id):
    """Send one message of the outbox."""
    outbox.deliver(message_id)


def check_file(version_id):
    """Check one deposited file in the confined child."""
    checks.check_version(version_id)


def issue_letter(letter_id):
    """Make one letter of an opinion that was published; one that no longer holds is left unmade."""
    try:
        letter_pages.issue(letter_id)
    except DomainError:
        db.session.rollback()


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
        vitals.beat,  # and at the end: what is between may take minutes
        lambda: outbox.sweep(is_stopping=is_stopping),
        lambda: _check_files(is_stopping),
        lambda: letter_pages.sweep(is_stopping=is_stopping),
        lambda: outbox.sweep(is_stopping=is_stopping),
        lambda: jobs.sweep(is_stopping=is_stopping),
        lambda: outbox.sweep(is_stopping=is_stopping),
        lambda: batches.run_due(is_stopping=is_stopping),
        vitals.beat,
    ):
        try:
            if not is_stopping():
                work()
        except Exception:  # noqa: BLE001 -- the next sweep tries again
            current_app.logger.exception("part of a sweep failed")
        finally:
            db.session.remove()


def _check_files(is_stopping):
    numbers = checks.unchecked()
    db.session.rollback()  # no transaction stays open while a file is parsed
    for version_id in numbers:
        if is_stopping():
            return
        checks.check_version(version_id)


ALLOWED = frozenset(
    {"app.tasks.deliver", "app.tasks.check_file", "app.tasks.issue_letter", "app.tasks.run_job", "app.tasks.run_batch", "app.tasks.sweep"}
)
