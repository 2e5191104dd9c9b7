"""Opening accounts for candidates, correcting them, applying and acting in their place: traced, told, and never under their name."""

import io
from datetime import timedelta

import pytest

from app import clock, workflow
from app.enums import Answer, FileStatus, Outcome, PieceStatus, Source, Stage
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import AuditEntry, Candidate, Candidature, CandidatureEvent, OutboxMessage, User
from app.operations import accounts, decisions, on_behalf, person_search, pieces
from tests.world import SECRET, pdf

REASON = "Reçu par la poste"


def sent(kind):
    return db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)).all()


def opened(charlie):
    answer = charlie.post("/gestion/candidat/nouveau", {"last_name": "Nova", "first_name": "Nina", "email": "nina@exemple.fr", "language": "en"})
    assert answer.status_code == 302
    return db.session.scalar(db.select(User).where(User.email == "nina@exemple.fr"))


def test_an_account_opened_for_somebody_is_chosen_a_password_by_link(charlie, visitor, world):
    user = opened(charlie)
    assert user.confirmed_at is None and user.password is None
    message = sent("account_opened")[0]
    assert message.recipient == "nina@exemple.fr" and message.language == "en" and user.candidate.dossier_number in message.text
    link = message.secret_text or message.text
    path = link[link.index("/compte/nouveau-mot-de-passe/"):].split()[0].split(")")[0]
    assert visitor.post(path, {"password": "olive-tonnerre-sabot-12"}, page=path).status_code == 302
    assert accounts.sign_in("nina@exemple.fr", "olive-tonnerre-sabot-12") is not None
    assert db.session.scalar(db.select(AuditEntry.actor_id).where(AuditEntry.entity == "Candidate", AuditEntry.action == "create")) == world.charlie.id


def test_lost_identifiers_of_such_an_account_send_its_link_again(charlie, world):
    user = opened(charlie)
    accounts.send_identifiers(user.email)
    db.session.commit()
    assert len(sent("account_opened")) == 2


@pytest.mark.parametrize("email,words", [("alice@exemple.fr", "a déjà un compte"), ("pas une adresse", "pas valable")])
def test_an_account_is_not_opened_twice_nor_without_an_address(charlie, world, email, words):
    answer = charlie.post("/gestion/candidat/nouveau", {"last_name": "Nova", "first_name": "Nina", "email": email, "language": "fr"})
    assert answer.status_code == 422 and words in answer.text and 'value="Nova"' in answer.text


def test_who_opened_the_account_goes_on_with_it_until_the_person_applies_elsewhere(charlie, dora, world):
    user = opened(charlie)
    number = user.candidate.dossier_number
    assert charlie.get(f"/gestion/candidat/{number}").status_code == 200
    assert dora.get(f"/gestion/candidat/{number}").status_code == 404
    complete(user.candidate)
    world.apply(user, world.history)
    assert charlie.get(f"/gestion/candidat/{number}").status_code == 404
    assert dora.get(f"/gestion/candidat/{number}").status_code == 200


def complete(person):
    whole = db.session.scalar(db.select(Candidate).join(User).where(User.email == "bob@exemple.fr"))
    for name in ("civility", "birth_on", "birth_country_code", "nationality_code", "birth_town"):
        setattr(person, name, getattr(whole, name))
    on_behalf.SAVE["adresse"](person, {"country_code": "BE", "line1": "2 rue Basse", "town": "Liège", "postal_code": None, "line2": None, "commune_code": None})
    on_behalf.SAVE["baccalaureat"](person, {"series_code": "FOREIGN", "year": 2022})
    db.session.commit()


def test_a_member_who_only_reads_opens_and_changes_nothing(frank, world):
    candidature = world.apply(world.alice, world.maths)
    number = world.alice.candidate.dossier_number
    assert frank.get("/gestion/candidat/nouveau").status_code == 403
    page = frank.get(f"/gestion/candidat/{number}")
    assert page.status_code == 200 and "Corriger" not in page.text and "Candidater à sa place" not in page.text
    assert frank.get(f"/gestion/candidat/{number}/profil/identite").status_code == 404
    assert frank.get(f"/gestion/agir/{candidature.public_id}").status_code == 403
    assert frank.post(f"/gestion/agir/{candidature.public_id}/cancel", {"reason": REASON}).status_code == 403


def test_the_profile_is_corrected_by_its_own_rules_and_the_change_is_kept(charlie, world):
    world.apply(world.alice, world.maths)
    person = world.alice.candidate
    address = f"/gestion/candidat/{person.dossier_number}/profil/identite"
    shown = charlie.get(address).text
    seen = shown.split('name="seen_version" value="')[1].split('"')[0]
    values = {"nationality_code": "BE", "civility": "MS", "last_name": "Alpha", "first_name": "Alicia", "birth_on": "2004-05-06", "birth_country_code": "BE", "birth_town": "Liège", "seen_version": seen}
    assert charlie.post(address, values).status_code == 302
    db.session.refresh(person)
    assert person.first_name == "Alicia"
    assert db.session.scalar(db.select(AuditEntry).where(AuditEntry.action == "update", AuditEntry.entity == "Candidate")).changes["first_name"] == ["Alice", "Alicia"]
    stale = charlie.post(address, {**values, "first_name": "Autre"})
    assert stale.status_code == 409 and 'value="Autre"' in stale.text


def test_what_the_registry_gave_stays_locked(charlie, world):
    world.apply(world.alice, world.maths)
    person = world.alice.candidate
    person.identity_source = Source.SIS
    db.session.commit()
    on_behalf.save_profile(person, "identite", {"last_name": "Autre", "phone": "0612345678"}, actor=world.charlie)
    assert person.last_name == "Alpha" and person.phone == "0612345678"
    page = charlie.get(f"/gestion/candidat/{person.dossier_number}/profil/identite").text
    assert "vient de la scolarité" in page


def test_the_address_of_an_open_account_waits_for_its_owner(charlie, world):
    world.apply(world.alice, world.maths)
    number = world.alice.candidate.dossier_number
    assert charlie.post(f"/gestion/candidat/{number}/compte/adresse", {"email": "neuve@exemple.fr"}).status_code == 302
    db.session.refresh(world.alice)
    assert world.alice.email == "alice@exemple.fr" and sent("email_change")[0].recipient == "neuve@exemple.fr"
    taken = charlie.post(f"/gestion/candidat/{number}/compte/adresse", {"email": "bob@exemple.fr"})
    assert taken.status_code == 422 and "a déjà un compte" in taken.text


def test_the_address_of_an_account_nobody_opened_changes_at_once_and_it_can_be_validated(charlie, world):
    user = opened(charlie)
    number = user.candidate.dossier_number
    charlie.post(f"/gestion/candidat/{number}/compte/adresse", {"email": "nina.nova@exemple.fr"})
    charlie.post(f"/gestion/candidat/{number}/compte/valider")
    db.session.refresh(user)
    assert user.email == "nina.nova@exemple.fr" and user.confirmed_at is not None
    assert [message.recipient for message in sent("account_opened")] == ["nina@exemple.fr", "nina.nova@exemple.fr"]


def test_the_address_that_a_person_gave_herself_is_told_of_its_change(charlie, world):
    """She may object, whether or not she had validated the account; of one that staff opened for her she knows nothing yet."""
    world.apply(world.alice, world.maths)
    world.apply(world.bob, world.maths)
    world.bob.confirmed_at = None
    db.session.commit()
    for user, old in ((world.alice, "alice@exemple.fr"), (world.bob, "bob@exemple.fr")):
        charlie.post(f"/gestion/candidat/{user.candidate.dossier_number}/compte/adresse", {"email": f"neuve-{old}"})
        notice = sent("email_changed_notice")[-1]
        assert notice.recipient == old and f"neuve-{old}" in notice.text
    db.session.expire_all()
    assert (world.alice.email, world.bob.email) == ("alice@exemple.fr", "neuve-bob@exemple.fr")
    assert len(sent("email_changed_notice")) == 2


def apply_in_place(client, user, offering, kind="plain", reason=REASON):
    return client.post(f"/gestion/candidat/{user.candidate.dossier_number}/candidater", {"offering": offering.id, "kind": kind, "reason": reason})


def test_applying_in_somebodys_place_passes_dates_and_says_so(charlie, client, world):
    world.apply(world.alice, world.maths)
    _centre, late = world.offering("Sciences 2", "Licence Physique", clock.now())
    late.formation.commission.centre = late.commission.centre = world.sciences
    late.closes_at = clock.now() - timedelta(days=1)
    late.opens_at = world.campaign.starts_at
    db.session.commit()
    answer = apply_in_place(charlie, world.alice, late)
    assert answer.status_code == 302
    assert "Vous avez passé outre" in charlie.get(answer.headers["Location"]).text
    candidature = db.session.scalar(db.select(Candidature).where(Candidature.offering_id == late.id))
    event = db.session.scalar(db.select(CandidatureEvent).where(CandidatureEvent.candidature_id == candidature.id, CandidatureEvent.action == "create"))
    assert event.actor_id == world.charlie.id and event.actor_kind == "STAFF" and event.details["in_place"] == REASON
    client.sign_in("alice@exemple.fr", SECRET)
    assert f"le service, à votre place : {REASON}" in client.get(f"/candidatures/{candidature.public_id}").text
    assert REASON in sent("acted_for_you")[0].text


def test_a_reason_is_asked_and_a_profile_not_complete_stops_staff_too(charlie, world):
    world.apply(world.alice, world.maths)
    assert apply_in_place(charlie, world.alice, world.maths, reason="  ").status_code == 422
    user = opened(charlie)
    answer = apply_in_place(charlie, user, world.maths)
    assert answer.status_code == 422 and "profil/adresse" in answer.text


def test_nobody_applies_where_he_does_not_act(charlie, world):
    world.apply(world.alice, world.maths)
    assert apply_in_place(charlie, world.alice, world.history).status_code == 422  # not among the choices
    with pytest.raises(NotAllowed):
        on_behalf.apply_for(world.alice.candidate, world.history, actor=world.charlie, reason=REASON)
    with pytest.raises(NotAllowed):
        on_behalf.propose_admission(world.alice.candidate, world.history, actor=world.charlie, reason=REASON)


def test_an_admission_proposed_is_complete_favourable_and_silent_until_published(charlie, world):
    world.maths.commission.alerts_proposal = True
    db.session.commit()
    person = on_behalf_person(charlie, world)
    before = len(person.user.candidate.candidatures)
    assert apply_in_place(charlie, person.user, world.maths, kind="admission").status_code == 302
    candidature = db.session.scalar(db.select(Candidature).where(Candidature.candidate_id == person.id))
    draft = decisions.draft_of(candidature)
    assert before == 0 and candidature.file_status == FileStatus.COMPLETE and candidature.outcome is None
    assert draft.stage == Stage.PROPOSED and draft.decision_type.outcome == Outcome.ADMITTED
    assert {message.kind for message in db.session.scalars(db.select(OutboxMessage).where(OutboxMessage.candidature_id == candidature.id))} == {"commission_alert_proposal"}
    with pytest.raises(DomainError, match="déjà une candidature"):
        on_behalf.propose_admission(person, world.maths, actor=world.charlie, reason=REASON)


def on_behalf_person(charlie, world):
    user = opened(charlie)
    complete(user.candidate)
    return user.candidate


def test_a_whole_dossier_is_done_in_the_candidates_place(charlie, client, world):
    candidature = world.apply(world.alice, world.maths)
    base = f"/gestion/agir/{candidature.public_id}"
    assert charlie.get(base).status_code == 200
    for line in pieces.lines(candidature):
        data = {"required": line.required.id, "reason": REASON}
        if line.required.piece_type.is_conditional:
            assert charlie.post(f"{base}/non-concerne", {**data, "value": "yes"}).status_code == 302
        else:
            assert charlie.post(f"{base}/deposer", {**data, "file": (io.BytesIO(pdf()), "a.pdf")}, content_type="multipart/form-data").status_code == 302
    assert charlie.post(f"{base}/transmit", {"reason": REASON}).status_code == 422
    assert charlie.post(f"{base}/remplir", {"form": world.form.id, "why": "Parce que.", "reason": REASON}).status_code == 302
    assert charlie.post(f"{base}/transmit", {"reason": "À sa demande, par téléphone", "command_key": "k" * 16}).status_code == 302
    db.session.refresh(candidature)
    assert candidature.file_status == FileStatus.RECEIVED
    events = db.session.scalars(db.select(CandidatureEvent).where(CandidatureEvent.candidature_id == candidature.id, CandidatureEvent.actor_id == world.charlie.id)).all()
    assert {event.action for event in events} == {"deposit", "not_concerned", "form", "transmit"}
    assert all(event.actor_kind == "STAFF" and event.details["in_place"] for event in events)
    messages = sent("acted_for_you")
    assert len(messages) == 1 and messages[0].recipient == "alice@exemple.fr" and "À sa demande, par téléphone" in messages[0].text
    client.sign_in("alice@exemple.fr", SECRET)
    assert "le service, à votre place : À sa demande, par téléphone" in client.get(f"/candidatures/{candidature.public_id}").text
    assert workflow.journal.verify(candidature.id)


def test_an_offer_is_confirmed_then_given_up_in_the_candidates_place(charlie, world):
    candidature = world.transmitted(world.alice, world.maths)
    decisions.propose(candidature, world.kinds[Outcome.ADMITTED], actor=world.charlie)
    decisions.validate(candidature, actor=world.charlie)
    decisions.publish(candidature, actor=world.charlie)
    db.session.commit()
    base = f"/gestion/agir/{candidature.public_id}"
    assert charlie.post(f"{base}/confirm", {"reason": REASON}).status_code == 302
    db.session.refresh(candidature)
    assert candidature.answer == Answer.CONFIRMED
    assert charlie.post(f"{base}/withdraw", {"reason": REASON, "withdrawal_reason": world.elsewhere.id}).status_code == 302
    db.session.refresh(candidature)
    assert candidature.answer == Answer.WITHDRAWN and candidature.withdrawal_reason_id == world.elsewhere.id


def test_every_act_needs_a_reason_and_a_dossier_in_reach(charlie, dora, world):
    candidature = world.apply(world.alice, world.maths)
    base = f"/gestion/agir/{candidature.public_id}"
    refused = charlie.post(f"{base}/cancel", {"reason": ""})
    assert refused.status_code == 422 and "le candidat le lira" in refused.text
    assert dora.get(base).status_code == 404 and dora.post(f"{base}/cancel", {"reason": REASON}).status_code == 404
    assert charlie.post(f"{base}/publish", {"reason": REASON}).status_code == 404
    db.session.refresh(candidature)
    assert candidature.cancelled_at is None


def test_a_candidates_own_act_carries_no_staff_reason(world):
    candidature = world.apply(world.alice, world.maths)
    with on_behalf.acting(REASON):
        pieces.set_not_concerned(candidature, world.language, True, actor=world.alice)
    event = db.session.scalar(db.select(CandidatureEvent).where(CandidatureEvent.action == "not_concerned"))
    assert "in_place" not in event.details and candidature.pieces[0].status == PieceStatus.NOT_CONCERNED
    assert person_search.one(world.dora, world.alice.candidate.dossier_number) is None
