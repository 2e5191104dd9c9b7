"""The life of a campaign: copied from another, planned, opened, closed, archived; one runs at most and nothing is deleted (D19, B9.3)."""

from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from sqlalchemy import func, inspect, select

from app import access, clock, formats
from app.enums import Functionality
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import Campaign, Candidature, Centre, Offering, RequiredForm, RequiredPiece
from app.operations import audit, preflight
from app.operations.batches import Batch, register
from app.operations.campaign_dates import OWN, dated, offerings_of, shifted
from app.orm import text_in

CLOSE, ARCHIVE = "close", "archive"  # what becomes of the campaign that runs when another opens
FAR = 3660  # days: no campaign is copied further


# --- copied ---


def clone(campaign, *, code, name, days, actor, shifts_centres=False):
    """Copy a campaign with its offerings and what they ask, its dates moved; audited; the caller commits.

    Args:
        code: of the new campaign, nobody else's. name: its translated name.
        days: by how many days every date moves (see `campaign_dates.rounded`).
        shifts_centres: move also the default dates of the centres that the actor manages; the offerings that relied on
            them until now, in other campaigns, are first given these dates as their own: nothing changes for them.
    Raises:
        NotAllowed: without the right. DomainError: the code is taken or empty, or the dates go too far; its `field` names it.
    """
    _entitled(actor)
    _check_copy(code, name, days)
    copy = _copy(campaign, days, code=code.strip(), name=name, is_running=False, copied_from_id=campaign.id)
    for mark in ("activates_at", "closed_at", "archived_at"):
        setattr(copy, mark, None)
    db.session.add(copy)
    db.session.flush()
    counts = _copy_content(campaign, copy, days)
    changes = {"copied_from": [None, campaign.code], "days": [None, days], **{name: [None, number] for name, number in counts.items()}}
    audit.record("clone", copy, actor=actor, changes=changes)
    if shifts_centres:
        _shift_centres(copy, days, actor)
    return copy


def _check_copy(code, name, days):
    code = (code or "").strip()
    if not code or len(code) > 50:
        raise DomainError(_("Donnez un code à la nouvelle campagne, de 50 caractères au plus."), field="code")
    if db.session.scalar(select(Campaign.id).where(Campaign.code == code)) is not None:
        raise DomainError(_("Une campagne porte déjà ce code : choisissez-en un autre."), field="code")
    if not text_in(name, "fr").strip():
        raise DomainError(_("Donnez un nom à la nouvelle campagne, en français au moins."), field="name")
    if abs(days) > FAR:
        raise DomainError(_("Les dates peuvent être décalées de dix ans au plus."), field="days")


def _copy(row, days, **given):
    """Return a new row with the columns of another, its dates moved."""
    model = type(row)
    skipped = {"id", "version", *given}
    values = {column.key: getattr(row, column.key) for column in inspect(model).column_attrs if column.key not in skipped}
    values |= {name: shifted(values[name], days) for name in dated(model) if name in values}
    return model(**values, **given)


def _copy_content(campaign, copy, days):
    """Copy offerings, required pieces and required forms; return how many of each."""
    pairs = [(row, _copy(row, days, campaign_id=copy.id)) for row in offerings_of(campaign)]
    db.session.add_all(new for _old, new in pairs)
    db.session.flush()
    offerings, counts = {old.id: new.id for old, new in pairs}, {"offerings": len(pairs)}
    for title, model in (("required_pieces", RequiredPiece), ("required_forms", RequiredForm)):
        rows = db.session.scalars(select(model).where(model.campaign_id == campaign.id).order_by(model.id)).all()
        db.session.add_all(_copy(row, days, campaign_id=copy.id, offering_id=offerings.get(row.offering_id)) for row in rows)
        counts[title] = len(rows)
    db.session.flush()
    return counts


def centres_of(actor):
    """Return the centres whose default dates an actor may move, those without dates left out."""
    chosen = select(Centre).where(access.scope_for(Centre, actor, write=True)).order_by(Centre.name)
    return [centre for centre in db.session.scalars(chosen) if any(getattr(centre, name) is not None for name in dated(Centre))]


def _shift_centres(copy, days, actor):
    centres = centres_of(actor)
    for other in db.session.scalars(select(Campaign).where(Campaign.id != copy.id)).all():
        for offering in offerings_of(other):
            if offering.commission.centre in centres:
                _hold_dates(offering)
    for centre in centres:
        for name in dated(Centre):
            setattr(centre, name, shifted(getattr(centre, name), days))
        changes = audit.changes_of(centre)
        db.session.flush()
        audit.record("update", centre, actor=actor, changes=changes)
    db.session.flush()


def _hold_dates(offering):
    """Give an offering as its own the dates that it has from its centre until now."""
    for name in OWN:
        if getattr(offering, name) is None:
            setattr(offering, name, getattr(offering.commission.centre, name))


# --- planned, opened, closed, archived ---


def plan(campaign, at, *, actor, has_read=True):
    """Have a campaign open by itself at an instant (UTC), the running one being closed then; None gives the plan up.

    Args:
        has_read: see `open_now`.
    Raises:
        NotAllowed: without the right. DomainError: it cannot open, the instant is past or after its end, another is planned.
    """
    _entitled(actor)
    _lock()
    before = campaign.activates_at
    if at is not None:
        _check_openable(campaign, at)
        if at <= clock.now():
            raise DomainError(_("Cette date est passée : choisissez une date à venir, ou ouvrez la campagne maintenant."), field="at")
        other = db.session.scalar(select(Campaign).where(Campaign.activates_at.is_not(None), Campaign.id != campaign.id).limit(1))
        if other is not None:
            raise DomainError(
                _("L’ouverture de « %(name)s » est déjà prévue : annulez-la d’abord.", name=formats.translated(other.name)), field="at"
            )
        _check_sound(campaign, has_read)
    campaign.activates_at = at
    _record("plan", campaign, actor, activates_at=[before, at])


def open_now(campaign, *, actor, previous=CLOSE, has_read=True):
    """Open a campaign; the running one is closed, or archived; the caller commits.

    Args:
        previous: `CLOSE` or `ARCHIVE`, what becomes of the running one.
        has_read: whether the warnings of the pre-flight were read; what blocks always refuses.
    Raises:
        NotAllowed: without the right. DomainError: it runs already, is archived, its end is past, or the pre-flight refuses.
    """
    _entitled(actor)
    _lock()
    _check_openable(campaign, clock.now())
    _check_sound(campaign, has_read)
    running = db.session.scalar(select(Campaign).where(Campaign.is_running))
    if running is not None:
        (archive if previous == ARCHIVE else close)(running, actor=actor)
    campaign.is_running, campaign.activates_at, campaign.closed_at = True, None, None
    _record("open", campaign, actor, is_running=[False, True])


def close(campaign, *, actor):
    """Close the running campaign: nobody applies any more, the dossiers go on; it can be opened again.

    Raises:
        NotAllowed: without the right. DomainError: it does not run.
    """
    _entitled(actor)
    _lock()
    if not campaign.is_running:
        raise DomainError(_("Cette campagne n’est pas en cours : il n’y a rien à fermer."))
    campaign.is_running, campaign.closed_at = False, clock.now()
    _record("close", campaign, actor, is_running=[True, False])


def archive(campaign, *, actor):
    """Archive a campaign for good: everything stays readable, nothing changes any more.

    Raises:
        NotAllowed: without the right. DomainError: it is archived already.
    """
    _entitled(actor)
    _lock()
    check_not_archived(campaign)
    now, was_running = clock.now(), campaign.is_running
    campaign.is_running, campaign.activates_at, campaign.archived_at = False, None, now
    campaign.closed_at = campaign.closed_at or now
    _record("archive", campaign, actor, is_running=[was_running, False], archived_at=[None, now])


def check_not_archived(campaign):
    """Refuse to change what is archived.

    Raises:
        DomainError: the campaign is archived.
    """
    if campaign is not None and campaign.archived_at is not None:
        raise DomainError(_("Cette campagne est archivée : elle se lit, mais rien n’y change plus."))


def _check_openable(campaign, at):
    check_not_archived(campaign)
    if campaign.is_running:
        raise DomainError(_("Cette campagne est déjà en cours."))
    if campaign.ends_at <= at:
        raise DomainError(
            _("La fin de cette campagne (%(day)s) est passée : changez ses dates d’abord.", day=formats.deadline(campaign.ends_at)),
            field="at",
        )


def _check_sound(campaign, has_read):
    blocking, warning = preflight.counts(preflight.faults_of(campaign))
    if blocking:
        raise DomainError(blocked(campaign, blocking), field="faults")
    if warning and not has_read:
        raise DomainError(
            ngettext(
                "Lisez d’abord %(num)d avertissement, puis cochez la case.",
                "Lisez d’abord les %(num)d avertissements, puis cochez la case.",
                warning,
            ),
            field="has_read",
        )


def blocked(campaign, count):
    """Return the sentence saying that faults keep a campaign from opening."""
    return ngettext(
        "« %(name)s » ne peut ouvrir : %(num)d point bloquant. Corrigez-le d’abord (« Vérifier la campagne »).",
        "« %(name)s » ne peut ouvrir : %(num)d points bloquants. Corrigez-les d’abord (« Vérifier la campagne »).",
        count,
        name=formats.translated(campaign.name),
    )


def _entitled(actor):
    if actor is not access.SYSTEM and not access.can(actor, Functionality.CAMPAIGNS, write=True):
        raise NotAllowed(_("Vous n’avez pas le droit de gérer les campagnes."))


def _lock():
    """Hold every campaign (they are few), as others may have left them: two openings follow each other."""
    db.session.flush()
    db.session.scalars(select(Campaign).order_by(Campaign.id).with_for_update().execution_options(populate_existing=True)).all()


def _record(action, campaign, actor, **changes):
    db.session.flush()
    written = {name: [value.isoformat() if hasattr(value, "isoformat") else value for value in pair] for name, pair in changes.items()}
    audit.record(action, campaign, actor=actor, changes=written)


def counts_of(campaign):
    """Return (offerings, published offerings, candidatures not cancelled) of a campaign."""
    published = func.count().filter(Offering.is_published)
    offered = db.session.execute(select(func.count(), published).where(Offering.campaign_id == campaign.id)).one()
    live = select(func.count(Candidature.id)).where(Candidature.campaign_id == campaign.id, Candidature.cancelled_at.is_(None))
    return *offered, db.session.scalar(live)


# --- by itself ---


def activate(now, run):
    """Open the campaign whose instant has come, once; the one that ran is closed. One that a fault blocks waits for it to be mended."""
    while True:
        _lock()
        due = db.session.scalar(select(Campaign).where(Campaign.activates_at <= now, Campaign.archived_at.is_(None)).limit(1))
        if due is None:
            db.session.rollback()
            return None
        if due.is_running or due.ends_at <= clock.now():
            due.activates_at = None
        elif blocking := preflight.counts(preflight.faults_of(due))[0]:
            sentence = blocked(due, blocking)
            db.session.rollback()
            return sentence
        else:
            open_now(due, actor=access.SYSTEM)
        run.count()


register(
    Batch(
        "activate",
        _("Ouverture des campagnes"),
        _("Ouvre la campagne dont la date d’ouverture prévue est atteinte, et ferme celle qui était en cours."),
        activate,
        every_minutes=5,
    )
)
