"""The offer as people look for it: the text that the filter searches, and the tree it gives."""

import functools
from dataclasses import dataclass, field

from sqlalchemy import and_, event, func, inspect, select
from sqlalchemy.orm import Session, joinedload

from app.extensions import db
from app.models import Centre, Commission, DiplomaType, Formation, Offering
from app.search_text import normalised, words

SHOWN = 120  # lines unfolded at once: past it, the tree shows its centres and counts, and each opens on demand


def search_text(formation):
    """Return what the filter looks in: title, diploma in every language, establishment, town, keywords, code."""
    diploma = [text for _language, text in sorted((formation.diploma_type.name or {}).items())]  # JSONB keeps no order
    names = [formation.name, *diploma, formation.commission.centre.name]
    parts = (*names, formation.town, formation.keywords, formation.code)
    return normalised(" ".join(part for part in parts if part))


def rebuild_search_texts():
    """Write the search text of every formation again; return how many changed. The caller commits."""
    stale = 0
    for formation in db.session.scalars(_with_names()):
        wanted = search_text(formation)
        stale += formation.search_text != wanted
        formation.search_text = wanted
    db.session.flush()
    return stale


@event.listens_for(Session, "before_flush")
def _keep_search_texts(session, context, instances):
    """Follow every change of a name that a search text is made of, whoever makes it."""
    touched = {row for row in (*session.new, *session.dirty) if isinstance(row, Formation)}
    renamed = [row for row in session.dirty if isinstance(row, Centre | Commission | DiplomaType) and _is_renamed(row)]
    for row in renamed:
        touched.update(session.scalars(_with_names().where(_CARRIES[type(row)](row))))
    for formation in touched:
        _attach(session, formation)
        if formation.diploma_type is not None and formation.commission is not None:
            formation.search_text = search_text(formation)


_CARRIES = {
    Centre: lambda row: Commission.centre_id == row.id,
    Commission: lambda row: Formation.commission_id == row.id,
    DiplomaType: lambda row: Formation.diploma_type_id == row.id,
}


def _with_names():
    return (
        select(Formation)
        .join(Formation.commission)
        .options(joinedload(Formation.diploma_type), joinedload(Formation.commission).joinedload(Commission.centre))
    )


def _is_renamed(row):
    names = ("centre", "centre_id") if isinstance(row, Commission) else ("name",)
    return any(inspect(row).attrs[name].history.has_changes() for name in names)


def _attach(session, formation):
    """Give a formation made or moved by numbers alone the rows that these numbers name."""
    for name, model in (("commission", Commission), ("diploma_type", DiplomaType)):
        number = getattr(formation, f"{name}_id")
        by_number = inspect(formation).attrs[f"{name}_id"].history.has_changes()
        if number is not None and by_number and not inspect(formation).attrs[name].history.has_changes():
            setattr(formation, name, session.get(model, number))


@dataclass(frozen=True)
class Leaf:
    """One formation of the tree; its state is open, not_yet, closed or not_offered, and `at` when that ends or began."""

    code: str
    name: str
    town: str | None
    state: str
    at: object = None


@dataclass
class Branch:
    """A centre or a diploma type: how many formations it holds, and those that are unfolded."""

    key: int
    name: object
    count: int = 0
    children: dict = field(default_factory=dict)
    leaves: list = field(default_factory=list)


@dataclass(frozen=True)
class Tree:
    """What the page shows: branches in alphabetical order, the number found, and whether they open on demand."""

    branches: list
    found: int
    is_folded: bool


def tree(campaign, now, text="", *, centre_id=None):
    """Return the offer as centre › diploma type › formation, in two queries whatever its size.

    Args:
        text: words of the filter, in any order, without regard for case or accents.
        centre_id: the centre to unfold when there is too much to show at once.
    """
    looked_for = words(text)
    outline = _select(campaign, looked_for, Centre.id, Centre.name, func.count()).group_by(Centre.id, Centre.name)
    branches = {key: Branch(key, name, count) for key, name, count in db.session.execute(outline)}
    found = sum(branch.count for branch in branches.values())
    is_folded = found > SHOWN
    if found and (not is_folded or centre_id in branches):
        _unfold(branches, campaign, now, looked_for, centre_id if is_folded else None)
    ordered = sorted(branches.values(), key=lambda branch: _sorted_as(branch.name))
    return Tree(ordered, found, is_folded)


_sorted_as = functools.lru_cache(maxsize=4096)(normalised)  # hundreds of centres, at each keystroke


def _unfold(branches, campaign, now, looked_for, centre_id):
    own = (Formation.code, Formation.name, Formation.town, Commission.centre_id, DiplomaType.id, DiplomaType.name, Offering.id)
    dates = (func.coalesce(Offering.opens_at, Centre.opens_at), func.coalesce(Offering.closes_at, Centre.closes_at))
    chosen = _select(campaign, looked_for, *own, *dates)
    if centre_id is not None:
        chosen = chosen.where(Centre.id == centre_id)
    # a search text begins with the title without its accents: the order of a dictionary, the same on every database
    chosen = chosen.order_by(DiplomaType.position, DiplomaType.id, Formation.search_text, Formation.id)
    for code, name, town, centre, diploma, diploma_name, offering_id, opens_at, closes_at in db.session.execute(chosen):
        child = branches[centre].children.setdefault(diploma, Branch(diploma, diploma_name))
        child.count += 1
        is_offered = offering_id is not None
        child.leaves.append(Leaf(code, name, town, *_state(is_offered, opens_at, closes_at, campaign, now)))


def _select(campaign, looked_for, *columns):
    """Select formations in service with their place in the tree: their offering's commission, else their own."""
    in_campaign = Offering.campaign_id == (campaign.id if campaign else None)
    chosen = (
        select(*columns)
        .select_from(Formation)
        .join(Formation.diploma_type)
        .outerjoin(Offering, and_(Offering.formation_id == Formation.id, in_campaign, Offering.is_published))
        .join(Commission, Commission.id == func.coalesce(Offering.commission_id, Formation.commission_id))
        .join(Commission.centre)
        .where(Formation.is_active, Centre.is_active)
    )
    for word in looked_for:
        chosen = chosen.where(Formation.search_text.contains(word, autoescape=True))
    return chosen


def state_of(offering, now):
    """Return (state, instant) of an offering, in the words of a `Leaf`; `queries.is_open` is its twin in SQL."""
    return _state(offering.is_published, offering.opening, offering.closing, offering.campaign, now)


def _state(is_offered, opens_at, closes_at, campaign, now):
    if not is_offered or opens_at is None or closes_at is None or not campaign.is_running:
        return "not_offered", None
    starts, ends = max(opens_at, campaign.starts_at), min(closes_at, campaign.candidates_end_at or campaign.ends_at)
    if now >= ends:
        return "closed", ends
    return ("not_yet", starts) if now < starts else ("open", ends)
