"""What changed since a transmission, before and after, in the words of the profile."""

import io

from app.enums import PieceStatus
from app.extensions import db
from app.models import ExternalRecord
from app.operations import answers, candidatures, differences, pieces
from tests.world import pdf


def told(changes):
    return {(change.part, change.what): (change.before, change.after) for change in changes}


def test_nothing_changed_is_nothing(dossier):
    assert differences.between(dossier, dossier.transmissions[0]) == []


def test_profile_answers_and_pieces_are_told_before_and_after(dossier, world):
    person = dossier.candidate
    person.phone, person.address.line1 = "01 02 03 04 05", "2 rue Basse"
    person.external_records.append(ExternalRecord(year=2024, diploma="BTS", institution="Lycée", country_code="FR", obtained="YES"))
    db.session.flush()
    letter = next(piece for piece in dossier.pieces if piece.required_piece.piece_type.code == "LETTRE")
    pieces.review([letter], PieceStatus.REFUSED, actor=world.charlie, comment="Illisible")
    candidatures.ask_corrections(dossier, actor=world.charlie)
    pieces.deposit(dossier, letter.required_piece, io.BytesIO(pdf("Une autre lettre")), "nouvelle.pdf", actor=world.alice)
    answers.save(dossier, world.form, {"why": "Autrement.", "home": "yes"}, actor=world.alice, complete=True)
    db.session.commit()
    found = told(differences.between(dossier, dossier.transmissions[0]))
    assert found["Coordonnées", "Téléphone"] == ("", "01 02 03 04 05")
    before, after = found["Coordonnées", "Adresse"]
    assert before.startswith("1 rue Haute") and after.startswith("2 rue Basse")
    assert any(part == "Études ailleurs" and "BTS" in words[1] and words[0] == "" for (part, _what), words in found.items())
    assert found["Projet", "Pourquoi ?"] == ("Parce que.", "Autrement.")
    assert found["Projet", "Logement"] == ("", "Oui")
    before, after = found["Pièces", "LETTRE"]
    assert before.startswith("a.pdf") and after.startswith("nouvelle.pdf")
    assert len(found) == 6
    candidatures.transmit(dossier, actor=world.alice)
    db.session.commit()
    first, second = dossier.transmissions
    assert told(differences.between(dossier, first, second)) == found, "between two transmissions, the same"
    assert differences.between(dossier, second) == []
