"""The screen of seats: numbers and names of one's own scope, acts that hold to the seats, a simulation that writes nothing."""

import re

import pytest

from app.enums import Outcome, PromotionMode, PromotionState
from app.extensions import db
from app.models import AuditEntry, Candidature, CandidatureEvent, Promotion
from app.operations import campaigns, decisions, seats
from tests.admin.pages import form_of
from tests.hall import Hall
from tests.test_consistency import count_queries


@pytest.fixture
def hall(world):
    """Two places taken, persons 2, 3 and 4 on the list."""
    hall = Hall.with_people(world, 6, capacity=2)
    hall.admit(0, 1)
    hall.list_up({2: 20, 3: 10, 4: 30})
    return hall


@pytest.fixture
def proposed(hall, world):
    world.maths.promotion_mode = PromotionMode.PROPOSED
    db.session.commit()
    hall.withdraw(0)
    return hall


def address(hall, verb=""):
    return f"/gestion/places/{hall.offering.id}" + (f"/{verb}" if verb else "")


def test_the_seats_of_a_closed_campaign_are_still_managed_until_it_is_archived(charlie, eve, hall, world):
    campaigns.close(world.campaign, actor=world.eve)
    db.session.commit()
    page = charlie.get("/gestion/places/").text
    assert "Licence Mathématiques" in page and "Campagne 2027" in page
    assert charlie.get(address(hall)).status_code == 200
    campaigns.archive(world.campaign, actor=world.eve)
    db.session.commit()
    assert "Licence Mathématiques" not in charlie.get("/gestion/places/").text


def test_the_list_gives_the_numbers_of_ones_scope_only(charlie, dora, hall):
    page = charlie.get("/gestion/places/").text
    assert "Licence Mathématiques" in page and "Licence Histoire" not in page
    assert "0 confirmées, 2 offres sans réponse sur 2 places" in page
    assert "Licence Mathématiques" not in dora.get("/gestion/places/").text
    assert "Licence Mathématiques" in charlie.get("/gestion/places/?q=math").text
    assert "Aucune formation" in charlie.get("/gestion/places/?q=zzz&page=99999999999999999999").text


def test_another_centre_a_reader_and_impossible_numbers_find_nothing(dora, frank, charlie, hall):
    for client, code in ((dora, 404), (frank, 403)):
        assert client.get(address(hall)).status_code == code
        for verb in ("places", "accepter", "ecarter", "tout-accepter", "tout-ecarter", "appeler", "ordre", "mode"):
            assert client.post(address(hall, verb), {"capacity": "9", "count": "1", "over_capacity": "1", "mode": "NONE"}).status_code == code
    for number in ("0", "99999999999999999999", "x", "-1", "1.5"):
        assert charlie.get(f"/gestion/places/{number}").status_code == 404
    assert charlie.post(address(hall, "detruire"), {}).status_code == 404
    db.session.expire_all()
    assert hall.offering.capacity == 2 and hall.offering.promotion_mode == PromotionMode.AUTOMATIC and hall.promotions() == []


def test_the_page_shows_ranks_and_explains_each_call(charlie, hall):
    hall.withdraw(0)
    page = charlie.get(address(hall)).text
    assert re.search(r'<td class="num">1</td><td class="num">20</td><td><a href="[^"]+">Nom2 Prénom2', page)
    assert "Place libérée par le désistement de Nom0 Prénom0" in page and "rang 10 → place proposée à" in page


def test_a_manager_accepts_the_place_proposed(charlie, proposed):
    page = charlie.get(address(proposed)).text
    number, seen = re.search(r'name="promotion" value="(\d+)"><input type="hidden" name="seen" value="([^"]+)"', page).groups()
    assert charlie.post(address(proposed, "accepter"), {"promotion": number, "seen": seen}).status_code == 302
    db.session.expire_all()
    assert proposed.of[3].outcome == Outcome.ADMITTED
    again = charlie.post(address(proposed, "accepter"), {"promotion": number, "seen": seen})
    assert again.status_code == 409 and "déjà été décidée" in again.text


def test_a_page_of_before_calls_nobody_else(charlie, proposed):
    number = proposed.promotions()[0].id
    seen = proposed.of[3].public_id
    proposed.withdraw(3)
    answer = charlie.post(address(proposed, "accepter"), {"promotion": str(number), "seen": seen})
    assert answer.status_code == 409 and "La liste a changé" in answer.text
    db.session.expire_all()
    assert proposed.of[2].outcome == Outcome.WAITLISTED


def test_a_promotion_of_another_offering_is_not_found(charlie, proposed, world):
    other = Promotion(offering_id=world.history.id, candidature_id=proposed.of[2].id, cause="CALL", state=PromotionState.PROPOSED)
    db.session.add(other)
    db.session.commit()
    for verb in ("accepter", "ecarter"):
        assert charlie.post(address(proposed, verb), {"promotion": str(other.id)}).status_code == 404
        assert charlie.post(address(proposed, verb), {"promotion": "9" * 20}).status_code == 404


def test_a_place_is_left_empty_or_all_are_offered(charlie, proposed):
    proposed.withdraw(1)
    first = proposed.promotions()[0].id
    db.session.commit()
    assert charlie.post(address(proposed, "ecarter"), {"promotion": str(first)}).status_code == 302
    assert charlie.post(address(proposed, "tout-accepter"), {}).status_code == 302
    db.session.expire_all()
    assert [made.state.value for made in proposed.promotions()] == ["DISMISSED", "DONE"]
    assert charlie.post(address(proposed, "tout-ecarter"), {}).status_code == 302


def test_the_number_of_places_is_changed_seen_and_audited(charlie, hall):
    answer = charlie.post(address(hall, "places"), {"capacity": "x", "seen": "2"})
    assert answer.status_code == 422 and "nombre entier" in answer.text
    assert charlie.post(address(hall, "places"), {"capacity": "3", "seen": "7"}).status_code == 409
    assert charlie.post(address(hall, "places"), {"capacity": "3", "seen": "2"}).status_code == 302
    db.session.expire_all()
    assert hall.offering.capacity == 3 and hall.of[3].outcome == Outcome.ADMITTED
    entry = db.session.scalar(db.select(AuditEntry).where(AuditEntry.entity == "Offering"))
    assert entry.changes == {"capacity": [2, 3]}
    assert charlie.post(address(hall, "places"), {"capacity": "", "seen": "3"}).status_code == 302
    db.session.expire_all()
    assert hall.offering.capacity is None


def test_places_added_on_the_generated_form_reach_the_list_too(charlie, hall):
    url = f"/gestion/offering/edit/?id={hall.offering.id}"
    assert charlie.post(url, form_of(charlie.get(url)) | {"capacity": "3"}).status_code == 302
    db.session.expire_all()
    assert hall.offering.capacity == 3 and hall.of[3].outcome == Outcome.ADMITTED


def test_calling_above_the_seats_asks_for_the_box(charlie, hall):
    refused = charlie.post(address(hall, "appeler"), {"count": "1"})
    assert refused.status_code == 422 and "au-delà des places" in refused.text
    assert charlie.post(address(hall, "appeler"), {"count": "1", "over_capacity": "1"}).status_code == 302
    db.session.expire_all()
    assert hall.promotions()[0].is_over_capacity and seats.of(hall.offering).free == -1
    assert "au-delà des places" in charlie.get(address(hall)).text


def test_drafts_are_reordered_and_told_apart(charlie, hall, world):
    for number, rank in ((5, 40), (0, 40)):
        decisions.propose(hall.candidature(number), world.kinds[Outcome.WAITLISTED], actor=world.charlie, rank=rank)
    db.session.commit()
    last = decisions.draft_of(hall.of[0]).id
    assert charlie.post(address(hall, "ordre"), {"decision": str(last), "step": "up"}).status_code == 302
    db.session.expire_all()
    assert [decisions.draft_of(hall.of[number]).rank for number in (0, 5)] == [40, 41]
    assert charlie.post(address(hall, "ordre"), {"decision": str(last), "step": "up"}).status_code == 422
    assert charlie.post(address(hall, "ordre"), {"decision": str(last), "step": "away"}).status_code == 404
    told = db.session.scalars(db.select(CandidatureEvent.candidature_id).where(CandidatureEvent.action == "rank")).all()
    assert told == [hall.of[5].id]


def test_the_simulation_says_who_and_writes_nothing(charlie, hall):
    before = db.session.scalar(db.select(db.func.count()).select_from(CandidatureEvent))
    page = charlie.get(address(hall) + "?refus=2").text
    assert "2 personnes seraient appelées" in page and "rang 10" in page
    for strange in ("-3", "x", "9" * 30, ""):
        assert charlie.get(address(hall) + f"?refus={strange}").status_code == 200
    assert db.session.scalar(db.select(db.func.count()).select_from(CandidatureEvent)) == before and hall.promotions() == []


def test_a_person_who_may_not_open_a_dossier_does_not_read_its_name(signed_in, hall, world):
    grant = world.charlie.staff_member.grants[0]
    grant.profile.visible_statuses = ["COMPLETE"]
    db.session.commit()
    page = signed_in(world.charlie).get(address(hall)).text
    assert "Nom2" not in page and "dossier hors de votre vue" in page


def test_the_pages_cost_the_same_with_few_persons_and_with_many(charlie, hall, world):
    urls = ("/gestion/places/", address(hall))
    charlie.get(urls[0])
    few = [count_queries(lambda url=url: charlie.get(url)) for url in urls]
    hall.people += [world.candidate(f"z{number}", "Z", f"Z{number}") for number in range(8)]
    hall.list_up({number: number for number in range(6, 14)})
    hall.withdraw(0)
    hall.withdraw(1)
    assert [count_queries(lambda url=url: charlie.get(url)) for url in urls] <= [number + 1 for number in few]
    assert db.session.scalar(db.select(db.func.count()).select_from(Candidature)) == 13
