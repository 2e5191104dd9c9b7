"""Opinions: one for each member, marks within bounds, a mean for the dossier, blind until one's own is given; and recusals."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from app import access, parameters, stories
from app.enums import Functionality, OpinionKind, Outcome, ScopeKind
from app.errors import Conflict, DomainError, NotAllowed
from app.extensions import db
from app.models import AuditEntry, Candidature, CandidatureEvent, Criterion, Opinion, Recusal, ScoringGrid
from app.operations import columns, decisions, opinions, selections
from tests.world import both

FAVOURABLE, RESERVED, UNFAVOURABLE = OpinionKind
MEMBER = (Functionality.CANDIDATURES, Functionality.OPINIONS)


@pytest.fixture
def dossier(world):
    return world.transmitted(world.alice, world.maths)


@pytest.fixture
def grid(world):
    grid = ScoringGrid(name="Grille")
    grid.criteria = [
        Criterion(label=both("Résultats"), maximum=20, weight=3, position=1),
        Criterion(label=both("Projet"), maximum=10, weight=1, position=2),
    ]
    db.session.add(grid)
    world.maths.scoring_grid = grid
    db.session.commit()
    return grid


def member(world, name):
    user = world.staff(name, MEMBER, centre=world.sciences)
    grant = user.staff_member.grants[0]
    grant.scope, grant.centre, grant.commission = ScopeKind.COMMISSION, None, world.maths.commission
    db.session.commit()
    return user


def marks(grid, *typed):
    return {criterion.id: text for criterion, text in zip(grid.criteria, typed, strict=True)}


def test_the_total_is_weighted_and_out_of_twenty(dossier, grid, world):
    opinion = opinions.give(dossier, FAVOURABLE, actor=world.charlie, marks=marks(grid, "15,5", "8"))
    assert opinion.total == Decimal("15.63")  # (15.5/20 × 3 + 8/10 × 1) / 4 × 20, to the hundredth
    assert dossier.score == Decimal("15.63")


def test_the_score_of_the_dossier_is_the_mean_of_the_totals(dossier, grid, world):
    opinions.give(dossier, FAVOURABLE, actor=world.charlie, marks=marks(grid, "20", "10"))
    opinions.give(dossier, UNFAVOURABLE, actor=world.eve, marks=marks(grid, "10", "5"))
    opinions.give(dossier, RESERVED, actor=member(world, "gus"), comment="Sans note")
    assert dossier.score == Decimal("15.00")
    found = opinions.summary(opinions.all_of(dossier))
    assert (found.average, found.spread) == (Decimal("15.00"), Decimal("5.00"))
    assert found.counts == {FAVOURABLE: 1, RESERVED: 1, UNFAVOURABLE: 1}


@pytest.mark.parametrize("typed", [("21", "5"), ("-1", "5"), ("12", ""), ("douze", "5"), ("NaN", "5"), ("Infinity", "5"), ("1e400", "5"), ("12", "10,01")])
def test_a_mark_out_of_bounds_keeps_nothing_and_names_its_criterion(typed, dossier, grid, world):
    with pytest.raises(DomainError, match="donnez une note de 0 à") as refused:
        opinions.give(dossier, FAVOURABLE, actor=world.charlie, marks=marks(grid, *typed))
    assert refused.value.field.startswith("mark-")
    db.session.rollback()
    assert db.session.query(Opinion).count() == 0 and dossier.score is None


@pytest.mark.parametrize("typed", [("0", "0"), ("20", "10"), ("12,345", "5.5")])
def test_marks_at_the_bounds_are_good(typed, dossier, grid, world):
    assert 0 <= opinions.give(dossier, RESERVED, actor=world.charlie, marks=marks(grid, *typed)).total <= 20


def test_an_opinion_changes_until_the_decision_is_published_and_its_version_is_checked(dossier, grid, world):
    first = opinions.give(dossier, RESERVED, actor=world.charlie, comment="Un", marks=marks(grid, "10", "5"))
    db.session.commit()
    seen = first.version
    opinions.give(dossier, FAVOURABLE, actor=world.charlie, comment="Deux", marks={}, seen_version=seen)
    db.session.commit()
    assert (first.kind, first.comment, first.total, first.scores, dossier.score) == (FAVOURABLE, "Deux", None, [], None)
    with pytest.raises(Conflict):
        opinions.give(dossier, UNFAVOURABLE, actor=world.charlie, seen_version=seen)
    with pytest.raises(Conflict):
        opinions.give(dossier, UNFAVOURABLE, actor=world.charlie)
    decisions.propose(dossier, world.kinds[Outcome.ON_HOLD], actor=world.charlie)
    decisions.validate(dossier, actor=world.charlie)
    decisions.publish(dossier, actor=world.charlie)
    with pytest.raises(DomainError, match="publiée"):
        opinions.give(dossier, UNFAVOURABLE, actor=world.charlie, seen_version=first.version)
    changes = [entry.changes for entry in db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "Opinion").order_by(AuditEntry.id))]
    assert changes[0]["kind"] == [None, "RESERVED"] and changes[1]["comment"] == ["Un", "Deux"]


def test_others_are_read_once_ones_own_is_given_except_by_managers(dossier, world):
    gus, hal = member(world, "gus"), member(world, "hal")
    opinions.give(dossier, FAVOURABLE, actor=gus, comment="De Gus")
    assert opinions.visible(dossier, hal) == []
    assert [opinion.comment for opinion in opinions.visible(dossier, world.charlie)] == ["De Gus"]
    assert opinions.visible(dossier, world.frank) == [], "without the right, none"
    parameters.change("OPINIONS_BLIND", False)
    assert len(opinions.visible(dossier, hal)) == 1
    parameters.change("OPINIONS_BLIND", True)
    opinions.give(dossier, RESERVED, actor=hal)
    assert len(opinions.visible(dossier, hal)) == 2


def test_the_mean_is_blind_as_the_opinions_are(dossier, grid, world):
    """In the list and its exports, in a filter and in the order: one's own opinion first, but for who proposes decisions."""
    hal = member(world, "hal")
    opinions.give(dossier, FAVOURABLE, actor=world.charlie, marks=marks(grid, "20", "10"))
    db.session.commit()

    def known(actor):
        cell = db.session.scalar(select(columns.COLUMNS["score"].selected(actor)).select_from(Candidature))
        spec = {"filter": {"search": "", "tab": "toutes", "where": {"score": {"from": "1"}}}}
        return cell, len(db.session.scalars(selections.selection(actor, spec)).all())

    assert known(hal) == (None, 0)
    assert known(world.charlie) == (Decimal("20.00"), 1)
    parameters.change("OPINIONS_BLIND", False)
    assert known(hal) == (Decimal("20.00"), 1)
    parameters.change("OPINIONS_BLIND", True)
    opinions.give(dossier, RESERVED, actor=hal)
    db.session.commit()
    assert known(hal) == (Decimal("20.00"), 1)


def test_only_members_in_scope_give_opinions(dossier, world):
    for stranger in (world.dora, world.frank, world.alice):
        with pytest.raises(NotAllowed):
            opinions.give(dossier, FAVOURABLE, actor=stranger)
        with pytest.raises(NotAllowed):
            opinions.recuse(dossier, actor=stranger, reason="x")


def reaches(user, dossier):
    return db.session.scalar(select(Candidature.id).where(Candidature.id == dossier.id, access.scope_for(Candidature, user))) is not None


def test_a_recusal_closes_the_dossier_takes_the_opinion_back_and_is_lifted_by_a_manager(dossier, grid, world):
    gus, hal = member(world, "gus"), member(world, "hal")
    opinions.give(dossier, FAVOURABLE, actor=gus, marks=marks(grid, "20", "10"))
    opinions.give(dossier, FAVOURABLE, actor=hal, marks=marks(grid, "10", "5"))
    for reason in ("", " ", "x" * 501):
        with pytest.raises(DomainError):
            opinions.recuse(dossier, actor=gus, reason=reason)
    recusal = opinions.recuse(dossier, actor=gus, reason="Un parent")
    db.session.commit()
    assert not reaches(gus, dossier) and reaches(hal, dossier)
    assert dossier.score == Decimal("10.00"), "the opinion of who recuses himself counts no more"
    with pytest.raises(NotAllowed):
        opinions.give(dossier, FAVOURABLE, actor=gus)
    with pytest.raises(NotAllowed, match="gestionnaire"):
        opinions.lift(recusal, dossier, actor=hal)
    opinions.lift(recusal, dossier, actor=world.charlie)
    db.session.commit()
    assert reaches(gus, dossier) and db.session.query(Recusal).count() == 0
    assert access.can(gus, Functionality.OPINIONS, dossier, write=True)


def test_a_manager_who_recuses_himself_judges_no_more(dossier, world):
    opinions.recuse(dossier, actor=world.charlie, reason="Conflit passé")
    with pytest.raises(DomainError, match="récusé"):
        opinions.give(dossier, FAVOURABLE, actor=world.charlie)


def test_candidates_are_told_of_none_of_it_and_the_history_tells_no_opinion(dossier, world):
    opinions.give(dossier, UNFAVOURABLE, actor=world.charlie, comment="Faible")
    opinions.recuse(dossier, actor=world.eve, reason="Un parent")
    events = db.session.scalars(select(CandidatureEvent).where(CandidatureEvent.action.in_(("opinion", "recuse")))).all()
    assert [stories.story(event, {}) for event in events] == [None, None]
    assert [event.details for event in events] == [None, None]
