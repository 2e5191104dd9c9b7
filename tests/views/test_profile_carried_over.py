"""The profile of last year, at the first candidature of a new campaign: read again and confirmed, once."""

from app.extensions import db
from app.models import Candidature, ProfileConfirmation
from app.operations import campaigns
from tests.views.test_profile import ADDRESS
from tests.world import SECRET


def next_campaign(world):
    copy = campaigns.clone(world.campaign, code="2028", name={"fr": "Campagne 2028"}, days=0, actor=world.eve)
    campaigns.open_now(copy, actor=world.eve)
    db.session.commit()
    return copy


def confirmed(campaign):
    return db.session.scalar(db.select(db.func.count()).select_from(ProfileConfirmation).where(ProfileConfirmation.campaign_id == campaign.id))


def test_a_profile_carried_over_is_confirmed_once_a_campaign(client, world):
    world.apply(world.alice, world.maths)
    copy = next_campaign(world)
    address = f"/candidatures/nouvelle/{world.maths.formation.code}"
    client.sign_in("alice@exemple.fr", SECRET)
    asked = client.get(address)
    assert "toujours exact" in asked.text and "1 rue Haute" in asked.text and "/profil/adresse" in asked.text
    refused = client.post(address, {})
    assert refused.status_code == 422 and "Relisez" in refused.text and confirmed(copy) == 0
    assert client.post(address, {"profile_confirmed": "1"}).status_code == 302 and confirmed(copy) == 1
    assert "toujours exact" not in client.get(f"/candidatures/nouvelle/{world.history.formation.code}").text
    assert db.session.scalar(db.select(db.func.count()).select_from(Candidature)) == 2


def test_who_fills_it_in_this_campaign_is_not_asked(client, world):
    world.apply(world.alice, world.maths)
    copy = next_campaign(world)
    db.session.delete(world.alice.candidate.address)
    db.session.commit()
    client.sign_in("alice@exemple.fr", SECRET)
    client.post("/profil/adresse", ADDRESS | {"country_code": "BE", "line1": "2 rue Basse", "town": "Liège", "postal_code": "", "commune_code": ""})
    assert confirmed(copy) == 1
    assert "toujours exact" not in client.get(f"/candidatures/nouvelle/{world.maths.formation.code}").text
