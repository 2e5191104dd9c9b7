"""Acts on several candidatures at once: each through the workflow, each refusal told on its line, one commit."""

from dataclasses import dataclass

from flask import abort
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.enums import FileStatus, Functionality
from app.errors import DomainError
from app.extensions import db
from app.models import Candidature, Offering
from app.operations import candidatures, decisions

MOST = 200  # candidatures of one act (domain B8.1)


@dataclass(frozen=True)
class BulkAct:
    """One act: what its button says, the right that shows it, and its call (candidature, actor)."""

    verb: str
    right: Functionality
    call: object


ACTS = {
    "complete": BulkAct(
        _("Marquer « complet »"),
        Functionality.FILE_STATUS,
        lambda candidature, actor: candidatures.set_status(candidature, FileStatus.COMPLETE, actor=actor),
    ),
    "publish": BulkAct(
        _("Publier les avis validés"),
        Functionality.PUBLISH_DECISION,
        lambda candidature, actor: decisions.publish(candidature, actor=actor),
    ),
}


def rows_of(public_ids, scope):
    """Return the candidatures named, all of them in scope: a stranger among them makes the whole act a 404 (trust U06).

    Raises:
        DomainError: none is named, or too many.
    """
    names = set(public_ids)
    if not 0 < len(names) <= MOST:
        raise DomainError(_("Cochez de 1 à %(most)s candidatures.", most=MOST))
    rows = db.session.scalars(
        select(Candidature)
        .where(Candidature.public_id.in_(names), scope)
        .options(joinedload(Candidature.candidate), joinedload(Candidature.offering).joinedload(Offering.formation))
        .order_by(Candidature.offering_id, Candidature.id)  # one order of locks for everybody
    ).all()
    return rows if len(rows) == len(names) else abort(404)


def carry_out(act, rows, *, actor):
    """Do an act on each row in a savepoint of its own; the caller commits.

    Returns:
        (rows done, [(row refused, sentence), …]).
    """
    done, refused = [], []
    for row in rows:
        try:
            with db.session.begin_nested():
                act.call(row, actor)
            done.append(row)
        except DomainError as error:
            refused.append((row, str(error)))
    return done, refused
