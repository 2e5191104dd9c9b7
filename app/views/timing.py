"""Answers that take the same time whoever is asked about: a stranger's clock learns nothing of an account (trust T11)."""

import time
from functools import wraps

from flask import request

from app.extensions import db

FLOOR = 0.25  # seconds: well above what the longest of these answers takes


def evenly(view):
    """Give the answer to a POST no sooner than `FLOOR` after it came; no transaction is held meanwhile."""

    @wraps(view)
    def timed(*args, **kwargs):
        end_at = time.perf_counter() + FLOOR
        answer = view(*args, **kwargs)
        if request.method == "POST":
            db.session.rollback()
            time.sleep(max(0.0, end_at - time.perf_counter()))
        return answer

    return timed
