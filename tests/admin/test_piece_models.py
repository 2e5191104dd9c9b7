"""The model of a type of piece: put by an editor, checked, given to candidates, replaced, taken away."""

import io

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Centre, PieceType
from app.storage import vault
from tests.world import SECRET, both, pdf


def send(client, kind, content, name="Fiche d’engagement.pdf"):
    return client.post(f"/gestion/piecetype/{kind.id}/modele", {"model": (io.BytesIO(content), name)}, follow_redirects=True)


def test_a_model_is_put_seen_by_candidates_replaced_and_taken_away(eve, client, world):
    kind = world.letter.piece_type
    assert "le voient désormais" in send(eve, kind, pdf("Engagement")).text
    db.session.expire_all()
    first = kind.template_key
    assert kind.template_name.endswith(".pdf") and vault().exists(first)
    candidature = world.apply(world.alice, world.maths)
    client.sign_in("alice@exemple.fr", SECRET)
    page = client.get(f"/candidatures/{candidature.public_id}")
    assert "Voir le modèle à remplir" in page.text
    given = client.get(f"/candidatures/{candidature.public_id}/pieces/{world.letter.id}/modele")
    assert given.status_code == 200 and given.data.startswith(b"%PDF")
    assert "Remplacer le modèle" in send(eve, kind, pdf("Nouvel engagement")).text
    db.session.expire_all()
    assert kind.template_key != first and not vault().exists(first)
    assert eve.get(f"/gestion/piecetype/{kind.id}/modele.pdf").data.startswith(b"%PDF")
    eve.post(f"/gestion/piecetype/{kind.id}/modele/retirer")
    db.session.expire_all()
    assert (kind.template_key, kind.template_name) == (None, None)
    assert eve.get(f"/gestion/piecetype/{kind.id}/modele.pdf").status_code == 404
    told = [entry.changes for entry in db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "PieceType").order_by(AuditEntry.id))]
    assert [change["template_name"][0] is None for change in told] == [True, False, False]


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "a.pdf", "5 Mo au plus"),
        (b"%PDF-1.7" + b"x" * (5 * 1024 * 1024), "a.pdf", "5 Mo au plus"),
        (b"\xff\xd8\xff\xe0rien", "a.jpg", "enregistrez votre modèle en PDF"),
        (b"%PDF-1.7 rien", "a.pdf", "illisible"),
        (b"PK\x03\x04document", "a.pdf", "enregistrez-le"),
    ],
)
def test_what_is_no_model_is_refused_with_the_reason(eve, world, content, name, said):
    kind = world.letter.piece_type
    assert said in send(eve, kind, content, name).text
    db.session.expire_all()
    assert kind.template_key is None


def test_only_who_may_change_the_type_changes_its_model(charlie, world):
    kind = world.letter.piece_type  # of the whole university: Charlie has the right in Sciences alone
    assert send(charlie, kind, pdf()).status_code == 403
    assert charlie.post(f"/gestion/piecetype/{kind.id}/modele/retirer").status_code == 403
    assert "Fichier PDF du modèle" not in charlie.get(f"/gestion/piecetype/details/?id={kind.id}").text
    own = PieceType(code="SCI", name=both("De Sciences"), centre=db.session.get(Centre, world.sciences.id))
    foreign = PieceType(code="LET", name=both("De Lettres"), centre=db.session.get(Centre, world.letters.id))
    db.session.add_all([own, foreign])
    db.session.commit()
    assert send(charlie, own, pdf()).status_code == 200
    assert send(charlie, foreign, pdf()).status_code == 404
    db.session.expire_all()
    assert own.template_key is not None and foreign.template_key is None
