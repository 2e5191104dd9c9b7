"""What waits for each person: counted over his rights and scope, leading to the list, and written to him once a day."""

from datetime import timedelta

import pytest

from app import clock, parameters
from app.enums import Colour, FileStatus, Functionality, MessageState, OpinionKind, Outcome, PromotionMode, ScopeKind
from app.extensions import db
from app.models import Grant, OutboxMessage, Recusal, SilenceAlert, StaffMember
from app.operations import candidatures, decisions, digests, inbox, opinions
from tests.hall import Hall
from tests.test_consistency import count_queries


def waiting(actor):
    return {line.kind: line.count for line in inbox.lines(actor)}


@pytest.fixture
def busy(world):
    """One thing of each kind in Sciences, nothing in Letters."""
    hall = Hall.with_people(world, 6, capacity=2)
    hall.admit(0, 1)
    hall.list_up({2: 1})
    world.maths.promotion_mode = PromotionMode.PROPOSED
    hall.of[1].individual_confirm_by = clock.closing_of(clock.local_day(clock.now()) + timedelta(days=1))
    db.session.commit()
    hall.withdraw(0)
    decisions.propose(hall.candidature(3), world.kinds[Outcome.ADMITTED], actor=world.charlie)
    decisions.propose(hall.candidature(4), world.kinds[Outcome.ADMITTED], actor=world.charlie)
    decisions.validate(hall.of[4], actor=world.charlie)
    candidatures.set_status(hall.candidature(5), FileStatus.COMPLETE, actor=world.charlie)
    world.transmitted(world.alice, world.maths)
    db.session.add(SilenceAlert(days=30, colour=Colour.RED))
    parameters.change("SILENCE_FROM", "CREATED")
    hall.of[5].created_at = clock.now() - timedelta(days=31)
    db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.candidature_id == hall.of[5].id)).first().state = MessageState.FAILED
    db.session.commit()
    return hall


ALL = {"lapsing": 1, "places": 1, "to_publish": 1, "to_validate": 1, "to_examine": 1, "pieces": 2, "to_decide": 1, "silent": 1, "mails": 1}


def test_each_thing_waits_for_whoever_may_do_it_in_his_scope(world, busy):
    assert waiting(world.charlie) == ALL
    assert waiting(world.eve) == ALL
    assert waiting(world.dora) == {}
    assert waiting(world.frank) == {}


def test_a_right_opens_its_own_lines_only(world, busy):
    member = world.staff("gina", (Functionality.CANDIDATURES, Functionality.PUBLISH_DECISION), centre=world.sciences)
    db.session.commit()
    assert waiting(member) == {"to_publish": 1}


def test_opinions_are_owed_by_the_members_of_the_commission(world, busy):
    member = world.staff("hana", (Functionality.CANDIDATURES, Functionality.OPINIONS))
    profile = member.staff_member.grants[0].profile
    member.staff_member.grants[:] = [Grant(profile=profile, scope=ScopeKind.COMMISSION, commission=world.maths.commission)]
    db.session.commit()
    assert waiting(member) == {"opinions": 1}
    opinions.give(busy.of[5], OpinionKind.FAVOURABLE, actor=member)
    db.session.commit()
    assert waiting(member) == {}
    candidatures.set_status(busy.of[4], FileStatus.COMPLETE, actor=world.charlie)
    db.session.commit()
    assert waiting(member) == {"opinions": 1}
    db.session.add(Recusal(candidature_id=busy.of[4].id, staff_member_id=member.staff_member_id))
    db.session.commit()
    db.session.expire_all()
    assert waiting(member) == {}


def test_two_statements_whatever_waits(world, busy):
    inbox.lines(world.charlie)
    assert count_queries(lambda: inbox.lines(world.charlie)) <= 2


def test_the_page_says_it_in_sentences_that_lead_there(charlie, dora, busy):
    page = charlie.get("/gestion/").text
    for words in ("1 dossier à examiner", "2 pièces à revoir", "1 avis à valider", "1 place à proposer", "1 offre qui expire d’ici demain soir", "1 courriel n’est pas parti"):
        assert words in page.replace("\u202f", " ").replace("\xa0", " ")
    for part in page.split('<ul class="inbox">')[1].split("</ul>")[0].split('href="')[1:]:
        assert charlie.get(part.split('"')[0].replace("&amp;", "&")).status_code == 200
    assert "tout est à jour" in dora.get("/gestion/").text


def test_the_silent_line_leads_to_the_dossiers_that_it_counts(charlie, busy):
    page = charlie.get("/gestion/candidature/?tab=silence").text
    assert "Nom5" in page and "Alpha Alice" not in page and "jours ou plus sans avis" in page


# --- the daily summary ---


class Run:
    """What a batch counts on: it commits each."""

    def __init__(self):
        self.done = 0

    def count(self, done=1):
        db.session.commit()
        self.done += done


def summaries():
    return db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.kind == "staff_digest").order_by(OutboxMessage.id)).all()


def test_the_summary_leaves_once_a_day_to_whom_something_waits(world, busy):
    world.eve.language = "en"
    db.session.commit()
    run = Run()
    digests.send_due(clock.now(), run)
    digests.send_due(clock.now(), run)
    assert run.done == 2 and {mail.recipient for mail in summaries()} == {world.charlie.email, world.eve.email}
    french, english = summaries()
    assert "1 avis à publier" in french.text.replace("\xa0", " ") and "/gestion/preferences/" in french.text
    assert english.language == "en" and "1 decision to publish" in english.text
    digests.send_due(clock.now() + timedelta(days=1), run)
    assert len(summaries()) == 4


def test_a_summary_that_fails_stops_no_other_and_is_written_next_time(world, busy, monkeypatch):
    real, run = inbox.lines, Run()

    def poisoned(user):
        if user.id == world.charlie.id:
            raise RuntimeError("boom")
        return real(user)

    with monkeypatch.context() as broken:
        broken.setattr(inbox, "lines", poisoned)
        digests.send_due(clock.now(), run)
    assert [mail.recipient for mail in summaries()] == [world.eve.email] and run.done == 1
    digests.send_due(clock.now(), run)
    assert {mail.recipient for mail in summaries()} == {world.charlie.email, world.eve.email}


def test_no_summary_for_who_wants_none_or_has_left(world, busy):
    world.charlie.staff_member.has_digest = False
    world.eve.staff_member.active_until = clock.local_day(clock.now()) - timedelta(days=1)
    db.session.commit()
    digests.send_due(clock.now(), Run())
    assert summaries() == []


def test_preferences_are_ones_own(charlie, world):
    assert charlie.post("/gestion/preferences/", {"language": "en"}).status_code == 302
    db.session.expire_all()
    assert (world.charlie.language, world.charlie.staff_member.has_digest) == ("en", False)
    assert "My preferences" in charlie.get("/gestion/preferences/").text
    assert charlie.post("/gestion/preferences/", {"language": "xx", "has_digest": "1"}).status_code == 404
    db.session.expire_all()
    assert not world.charlie.staff_member.has_digest
    assert db.session.scalar(db.select(StaffMember).where(StaffMember.id == world.dora.staff_member_id)).has_digest
