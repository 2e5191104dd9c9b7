"""The release of validated opinions: gathered over a scope, looked at whole before, published once each, recalled while held (features G8)."""

from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload

from app import access, clock
from app.enums import Answer, CheckState, FileStatus, Functionality, JobState, LineState, Outcome, PieceStatus, Stage
from app.errors import Conflict, DomainError, NotAllowed
from app.extensions import db
from app.formats import translated
from app.models import (
    Candidate,
    Candidature,
    CandidatureEvent,
    Centre,
    Commission,
    Decision,
    DecisionType,
    FileVersion,
    Formation,
    Job,
    JobLine,
    MailTemplate,
    Offering,
    SubmittedPiece,
    User,
)
from app.notifications import catalogue, letter_wording, letters
from app.operations import acts, decisions, jobs, seats

FILTERS = {"centre": Centre.id, "commission": Commission.id, "offering": Offering.id, "type": DecisionType.id}
SHOWN = 20  # candidatures named beside each remark
PUBLISH = Functionality.PUBLISH_DECISION


@dataclass
class Remark:
    """Something to know before releasing: how many candidatures, and the first of them.

    Attributes:
        is_aside: whether these candidatures are left out of the release.
    """

    sentence: str
    count: int
    rows: list = field(default_factory=list)
    is_aside: bool = False


@dataclass
class Report:
    """What a release would publish.

    Attributes:
        count: opinions that would be published.
        outcomes: [(outcome, count)]. formations: [(offering, {outcome: count}, seats)].
        remarks: what is odd.
    """

    count: int
    outcomes: list
    formations: list
    remarks: list


def _validated(actor, filters):
    """Return the select of the candidatures in scope that have a validated opinion, narrowed by filters."""
    scope = and_(access.scope_for(Candidature, actor), access.scope_for(Candidature, actor, write=True, right=PUBLISH))
    narrowed = [column == filters[name] for name, column in FILTERS.items() if filters.get(name)]
    return (
        select(Candidature.id)
        .join(Decision, and_(Decision.candidature_id == Candidature.id, Decision.stage == Stage.VALIDATED))
        .join(DecisionType, Decision.decision_type_id == DecisionType.id)
        .join(Offering, Candidature.offering_id == Offering.id)
        .join(Formation, Offering.formation_id == Formation.id)
        .join(Commission, Offering.commission_id == Commission.id)
        .join(Centre, Commission.centre_id == Centre.id)
        .where(scope, *narrowed)
    )


GONE = or_(Candidature.cancelled_at.is_not(None), and_(Candidature.answer.is_not(None), Candidature.answer == Answer.WITHDRAWN))


def choices(actor):
    """Return {filter: [(number, name)]} of what has something to release in the actor's scope."""
    wanted = (Centre.id, Centre.name, Commission.id, Commission.name, Offering.id, Formation.name, DecisionType.id, DecisionType.name)
    rows = db.session.execute(_validated(actor, {}).with_only_columns(*wanted).distinct()).all()
    found = {name: {} for name in FILTERS}
    for row in rows:
        for place, name in enumerate(FILTERS):
            found[name][row[2 * place]] = row[2 * place + 1]
    return {name: sorted(pairs.items(), key=lambda pair: str(pair[1])) for name, pairs in found.items()}


def report(actor, filters):
    """Return the `Report` of what an actor would release; constant number of queries.

    Args:
        filters: {"centre", "commission", "offering", "type": number or None}.
    """
    chosen = _validated(actor, filters)
    ready = chosen.where(~GONE)
    counted = ready.with_only_columns(Offering.id, DecisionType.outcome, func.count()).group_by(Offering.id, DecisionType.outcome)
    rows = db.session.execute(counted).tuples().all()
    outcomes, by_offering = {}, {}
    for number, outcome, count in rows:
        outcomes[outcome] = outcomes.get(outcome, 0) + count
        by_offering.setdefault(number, {})[outcome] = count
    formations = _formations(by_offering)
    remarks = [*_remarks(chosen, ready), *_over_capacity(formations), *_without_words(ready)]
    ordered = [(outcome, outcomes[outcome]) for outcome in Outcome if outcome in outcomes]
    return Report(sum(outcomes.values()), ordered, formations, [remark for remark in remarks if remark.count])


def _formations(by_offering):
    options = (joinedload(Offering.formation), joinedload(Offering.commission).joinedload(Commission.centre))
    offerings = db.session.scalars(select(Offering).where(Offering.id.in_(by_offering)).options(*options)).all()
    taken = seats.of_many(list(by_offering)) if by_offering else {}
    lines = [(offering, by_offering[offering.id], taken[offering.id]) for offering in offerings]
    return sorted(lines, key=lambda line: (line[0].commission.centre.name, line[0].formation.name))


def _remarks(chosen, ready):
    pieces = select(SubmittedPiece.id).outerjoin(FileVersion, SubmittedPiece.file_version_id == FileVersion.id)
    unchecked = or_(SubmittedPiece.status == PieceStatus.SUBMITTED, FileVersion.check_state.in_((CheckState.RECEIVED, CheckState.CHECKING)))
    pieces = pieces.where(SubmittedPiece.candidature_id == Candidature.id, unchecked)
    unfinished = Candidature.file_status.in_((FileStatus.WAITING, FileStatus.INCOMPLETE))
    gone = _("Le candidat s’est désisté ou a annulé depuis : ces avis ne sont pas publiés ici.")
    return [
        _remark(chosen.where(GONE), gone, is_aside=True),
        _remark(ready.where(unfinished), _("Dossier incomplet ou pas encore transmis.")),
        _remark(ready.where(pieces.exists()), _("Une pièce n’a pas été examinée, ou son fichier pas encore vérifié.")),
        _remark(
            ready.where(Candidature.outcome.is_not(None)),
            _("L’avis en remplace un autre, déjà publié ; la réponse du candidat est redemandée."),
        ),
    ]


def _remark(chosen, sentence, *, is_aside=False):
    count = db.session.scalar(select(func.count()).select_from(chosen.subquery()))
    return Remark(sentence, count, _named(chosen) if count else [], is_aside)


def _named(chosen):
    numbers = db.session.scalars(chosen.order_by(Candidature.id).limit(SHOWN)).all()
    options = (joinedload(Candidature.candidate), joinedload(Candidature.offering).joinedload(Offering.formation))
    return db.session.scalars(select(Candidature).where(Candidature.id.in_(numbers)).options(*options).order_by(Candidature.id)).all()


def _over_capacity(formations):
    for offering, counts, taken in formations:
        extra = counts.get(Outcome.ADMITTED, 0) + taken.taken - (taken.capacity or 0)
        if taken.capacity is not None and counts.get(Outcome.ADMITTED) and extra > 0:
            sentence = _(
                "%(formation)s : %(offers)s avis favorables pour %(free)s places libres sur %(capacity)s.",
                formation=offering.formation.name,
                offers=counts[Outcome.ADMITTED],
                free=max(0, taken.free),
                capacity=taken.capacity,
            )
            yield Remark(sentence, extra)


def _without_words(ready):
    """Yield a remark for each decision type and language that has no mail, or no letter, in the candidate's own language."""
    grouped = ready.join(Candidate, Candidature.candidate_id == Candidate.id).join(User, User.candidate_id == Candidate.id)
    columns = (DecisionType.id, User.language, Commission.centre_id, or_(Commission.has_letters, Commission.mails_letters))
    rows = db.session.execute(grouped.with_only_columns(*columns, func.count()).group_by(*columns)).all()
    numbers = {row[0] for row in rows}
    options = (joinedload(DecisionType.mail_template), joinedload(DecisionType.letter_template))
    kinds = {kind.id: kind for kind in db.session.scalars(select(DecisionType).where(DecisionType.id.in_(numbers)).options(*options))}
    own = {row.code: row for row in db.session.scalars(select(MailTemplate).where(MailTemplate.is_active))}
    mails, papers = {}, {}
    for number, language, centre_id, has_letters, count in rows:
        key = (kinds[number], language)
        if not _has_mail(*key, own):
            mails[key] = mails.get(key, 0) + count
        if has_letters and not _has_letter(*key, centre_id):
            papers[key] = papers.get(key, 0) + count
    no_mail = _("« %(kind)s » n’a pas de courriel en « %(language)s » : il partira en français.")
    no_letter = _("« %(kind)s » n’a pas de lettre en « %(language)s » : elle sera en français.")
    for found, sentence in ((mails, no_mail), (papers, no_letter)):
        for (kind, language), count in found.items():
            yield Remark(str(sentence) % {"kind": translated(kind.name), "language": language}, count)


def _has_mail(kind, language, own):
    row = kind.mail_template or own.get(f"decision_{kind.outcome.value.lower()}")
    return bool(row.subject.get(language) and row.body.get(language)) if row is not None else language in catalogue.LANGUAGES


def _has_letter(kind, language, centre_id):
    """Whether the letter of a decision type exists in a language; an opinion that gives no letter lacks none."""
    nature = letters.KINDS.get(kind.outcome)
    own = kind.letter_template if kind.letter_template is not None and kind.letter_template.is_active else None
    if nature is None and own is None:
        return True
    row = own or letter_wording.template_of(nature, centre_id)
    return bool(row.title.get(language) and row.body.get(language)) if row is not None else language in catalogue.LANGUAGES


def samples(actor, filters):
    """Return [(outcome, letter)]: the mail of the first candidature of each outcome, as it would read; nothing is kept.

    The caller is in a transaction that may write, and rolls it back.
    """
    first = _validated(actor, filters).where(~GONE).with_only_columns(DecisionType.outcome, func.min(Candidature.id))
    found = dict(db.session.execute(first.group_by(DecisionType.outcome)).tuples().all())
    shown = []
    for outcome in Outcome:
        row = db.session.get(Candidature, found.get(outcome, 0))
        letters_of = acts.trial(lambda row=row: decisions.publish(row, actor=actor), row.id) if row is not None else []
        shown += [(outcome, letter) for letter in letters_of]
    return shown


# --- the release itself ---


def ask(actor, filters, *, seen, at=None):
    """Ask a worker to publish what the report showed, at once or at an instant; the caller commits.

    Args:
        seen: how many opinions the report showed. at: instant (UTC) not before which to publish; None for at once.
    Raises:
        NotAllowed: the actor may publish nowhere. Conflict: the opinions are no longer those that were shown.
        DomainError: nothing to publish, too many at once, or the instant is past.
    """
    if not access.can(actor, PUBLISH, write=True):
        raise NotAllowed(acts.NO_RIGHT)
    if at is not None and at <= clock.now():
        raise DomainError(_("Cette date est passée : choisissez une date à venir."), field="at")
    order = (Offering.id, Decision.rank.nulls_first(), Candidature.id)
    numbers = db.session.scalars(_validated(actor, filters).where(~GONE).order_by(*order)).all()
    if len(numbers) != seen:
        raise Conflict(_("Les avis validés ont changé depuis que vous avez ouvert cette page : relisez le rapport, puis recommencez."))
    if not 0 < len(numbers) <= acts.MOST:
        raise DomainError(_("Rien n’est à publier ici, ou plus de %(most)s avis : filtrez.", most=acts.MOST))
    title = _("Publier %(count)s avis", count=len(numbers))
    given = {"act": "publish", "values": {}, "filters": filters}
    return jobs.ask("release", actor=actor, title=title, parameters=given, candidature_ids=numbers, not_before=at)


def _check_same(candidature, job):
    """Refuse an opinion that is no longer the one that the report showed."""
    draft = decisions.draft_of(candidature)
    if draft is None or draft.stage != Stage.VALIDATED:
        raise DomainError(_("L’avis n’est plus à publier : il a été retiré, ou publié entre-temps."))
    if draft.validated_at > job.created_at:
        raise DomainError(_("Cet avis a été validé après le rapport : il sera dans la prochaine publication."))
    if candidature.answer == Answer.WITHDRAWN or candidature.cancelled_at is not None:
        raise DomainError(_("Le candidat s’est désisté ou a annulé : l’avis n’est pas publié."))


def _release(candidature, job, actor, line):
    return acts.do(candidature, job, actor, line, check=_check_same)


jobs.register(jobs.Kind("release", each=_release, ended=acts.let_leave))


def planned(actor):
    """Return the releases that somebody asked for and that have not begun, the soonest first."""
    chosen = select(Job).where(Job.kind == "release", Job.created_by_id == actor.id, Job.state == JobState.WAITING)
    return db.session.scalars(chosen.order_by(Job.not_before, Job.id)).all()


def done(job):
    """Return [(outcome, count)] of what a release published and that still stands."""
    outcome = CandidatureEvent.after["outcome"].as_string()
    chosen = select(outcome, func.count()).join(JobLine, JobLine.event_id == CandidatureEvent.id)
    chosen = chosen.where(JobLine.job_id == job.id, JobLine.state == LineState.DONE)
    counts = dict(db.session.execute(chosen.group_by(outcome)).tuples().all())
    return [(outcome, counts[outcome.value]) for outcome in Outcome if outcome.value in counts]
