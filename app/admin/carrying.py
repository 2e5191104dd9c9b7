"""Where the back office carries out one operation: committed whole, or taken back whole with the reason left to the page."""

from contextlib import contextmanager

from flask import abort, flash

from app.errors import DomainError, NotAllowed
from app.extensions import db


@contextmanager
def carried_out():
    """Commit what the block did; without the right it is a 403.

    Raises:
        DomainError: the operation refused, and nothing of it is left.
    """
    try:
        yield
        db.session.commit()
    except NotAllowed:
        db.session.rollback()
        abort(403)
    except DomainError:
        db.session.rollback()
        raise


def carry_out(call, done):
    """Carry out one operation and say, on the page that follows, that it is done or why it was refused."""
    try:
        with carried_out():
            call()
        flash(done, "success")
    except DomainError as error:
        flash(str(error), "error")
