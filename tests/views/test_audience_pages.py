"""What the public page of a formation says of whom a piece is asked, and the box by which a candidate returning to study says so."""

from app.enums import NationalityGroup, StatusGroup
from app.extensions import db
from tests.world import SECRET


def test_the_page_of_a_formation_says_of_whom_a_piece_is_asked(client, world):
    world.cv.nationality, world.cv.situation = NationalityGroup.FOREIGN, StatusGroup.MINOR
    db.session.commit()
    page = client.get(f"/offre/{world.maths.formation.code}").text
    assert "Étrangère, quelle qu’elle soit" in page and "Mineur" in page


def test_a_candidate_says_that_he_returns_to_study(client, world):
    client.sign_in("alice@exemple.fr", SECRET)
    page = client.get("/profil/identite").text
    assert 'name="is_lifelong"' in page and "formation continue" in page
    person = world.alice.candidate
    typed = {
        "nationality_code": "BE", "civility": "MS", "last_name": "Alpha", "first_name": "Alice", "birth_on": "2004-05-06",
        "birth_country_code": "BE", "birth_town": "Liège", "is_lifelong": "y",
    }  # fmt: skip
    assert client.post("/profil/identite", typed).status_code == 302
    db.session.refresh(person)
    assert person.is_lifelong
    assert client.post("/profil/identite", {name: value for name, value in typed.items() if name != "is_lifelong"}).status_code == 302
    db.session.refresh(person)
    assert not person.is_lifelong
