"""What the scheduled jobs do: purges, automatic withdrawals, sweeps; each in short transactions, counted one by one."""

from datetime import timedelta

from flask import current_app
from flask_babel import lazy_gettext as _
from sqlalchemy import delete, func, or_, select

from app import parameters, workflow
from app.documents import pictures
from app.enums import Outcome, RunState
from app.errors import DomainError
from app.extensions import db
from app.models import BatchRun, Candidature, Commission, Decision, FileVersion, Job, JobLine, Letter, Photograph, PieceType
from app.operations import accounts, candidatures, digests, jobs, promotions
from app.operations.batches import Batch, register
from app.storage import vault

CHUNK = 200
PREVIEW = "preview"  # the kind of job that only looks


def purge_accounts(now, run):
    """Delete the accounts that nobody validated in time."""
    while done := accounts.purge_unvalidated(now, limit=CHUNK):
        run.count(done)


def withdraw(now, run):
    """Record the withdrawal of those who did not answer in time, tolerance included (domain T12)."""
    limit = now - timedelta(seconds=parameters.get("DEADLINE_GRACE_SECONDS"))
    each(_unanswered().where(_answer_by() <= limit), candidatures.withdraw_automatically, run)


def ranks(now, run):
    """Write the real ranks of every complementary list again, and keep the calls in order (domain B4.6)."""
    listed = select(Candidature.offering_id).where(or_(Candidature.outcome == Outcome.WAITLISTED, Candidature.real_rank.is_not(None)))
    for offering_id in db.session.scalars(listed.distinct().order_by(Candidature.offering_id)).all():
        run.count(promotions.refresh(offering_id))


def sweep_files(now, run):
    """Remove from the vault the files that no row names and that are over a day old (trust R8)."""
    columns = (
        *(FileVersion.original_key, FileVersion.served_key, FileVersion.preview_key, Photograph.storage_key, PieceType.template_key),
        *(Job.storage_key, Letter.storage_key, Commission.signature_key),
    )
    known = {key for column in columns for key in db.session.scalars(select(column).where(column.is_not(None)))}
    known |= {key for key in (pictures.logo_key(),) if key}
    db.session.rollback()  # on SQLite a transaction left open would stop every writer during the walk
    removed, missing = vault().sweep(known)
    run.count(removed)
    if missing:
        current_app.logger.error("%s files named by rows are missing from the vault", len(missing))
        return str(_("Des fichiers nommés manquent dans la réserve : %(number)s.", number=len(missing)))
    return None


def forget_jobs(now, run):
    """Delete the files of jobs past their time, then the previews of a day ago (they change nothing)."""
    while done := jobs.forget_expired(now, CHUNK):
        run.count(done)
    ended = select(Job.id).where(Job.kind == PREVIEW, Job.state.not_in(jobs.LIVE), Job.ended_at < now - timedelta(days=1))
    while numbers := db.session.scalars(ended.limit(20)).all():
        db.session.execute(delete(JobLine).where(JobLine.job_id.in_(numbers)))
        db.session.execute(delete(Job).where(Job.id.in_(numbers)))
        run.count(len(numbers))


def purge_history(now, run):
    """Delete the runs older than the parameter says; the last of each job stays (its period is never run again)."""
    limit = now - timedelta(days=parameters.get("BATCH_HISTORY_DAYS"))
    last = select(func.max(BatchRun.id)).group_by(BatchRun.name)
    old = select(BatchRun.id).where(BatchRun.ended_at < limit, BatchRun.state != RunState.RUNNING, BatchRun.id.not_in(last))
    while numbers := db.session.scalars(old.limit(CHUNK)).all():
        db.session.execute(delete(BatchRun).where(BatchRun.id.in_(numbers)))
        run.count(len(numbers))


def _unanswered():
    return (
        select(Candidature.id)
        .join(Decision, Candidature.published_decision_id == Decision.id)
        .where(Candidature.outcome == Outcome.ADMITTED, Candidature.answer.is_(None), Candidature.cancelled_at.is_(None))
    )


def _answer_by():
    return func.coalesce(Candidature.individual_confirm_by, Decision.confirm_by)


def each(chosen, call, run):
    """Do something to each candidature chosen, locked, in a transaction of its own that counts it; one that refuses is passed over.

    Args:
        chosen: a select of numbers of candidatures, those still to do.
        call: called with the candidature; `DomainError` passes it over.
    """
    last = 0
    while numbers := db.session.scalars(chosen.where(Candidature.id > last).order_by(Candidature.id).limit(CHUNK)).all():
        for number in numbers:
            if _done(chosen, number, call):
                run.count()
        last = numbers[-1]


def _done(chosen, number, call):
    """Do something to one candidature, still to do once it is locked; one that fails does not stop the others."""
    try:
        candidature = db.session.get(Candidature, number)
        workflow.lock(candidature, seats=True)
        if db.session.scalar(chosen.where(Candidature.id == number)) is None:  # somebody acted meanwhile
            db.session.rollback()
            return False
        call(candidature)
        db.session.flush()
        return True
    except DomainError:
        db.session.rollback()
    except Exception:  # noqa: BLE001 -- logged; the others go on, and the next period tries this one again
        db.session.rollback()
        current_app.logger.exception("batch: candidature %s passed over", number)
    return False


for batch in (
    Batch("purge_accounts", _("Comptes non validés"), _("Supprime les comptes que personne n’a validés à temps."), purge_accounts, hour=22),
    Batch(
        "withdraw",
        _("Désistement automatique"),
        _("Enregistre le désistement des candidats admis qui n’ont pas répondu à temps."),
        withdraw,
        minute=10,  # most deadlines are at midnight, and the tolerance is of some minutes at most
        every_minutes=60,
    ),
    Batch(
        "ranks",
        _("Rangs des listes complémentaires"),
        _("Recalcule les rangs réels et remet les appels dans l’ordre des listes."),
        ranks,
        hour=0,
        minute=30,
    ),
    Batch(
        "digest",
        _("Résumé du jour"),
        _("Écrit à chaque gestionnaire ce qui l’attend, quand quelque chose l’attend."),
        digests.send_due,
        hour=7,
    ),
    Batch(
        "sweep_files",
        _("Fichiers sans propriétaire"),
        _("Retire de la réserve les fichiers qu’aucun dossier ne nomme plus."),
        sweep_files,
        hour=3,
    ),
    Batch(
        "forget_jobs",
        _("Fichiers de travaux périmés"),
        _("Retire les fichiers de travaux dont le délai de téléchargement est passé, et les aperçus d’actes groupés."),
        forget_jobs,
        every_minutes=60,
    ),
    Batch(
        "purge_history",
        _("Historique des traitements"),
        _("Efface les passages plus anciens que le paramètre ne le demande."),
        purge_history,
        hour=4,
    ),
):
    register(batch)
