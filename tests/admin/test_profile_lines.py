"""The lines of a profile that staff writes for a candidate: by her rules, traced, seen by her, refused to whoever does not manage her."""

from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry
from tests.world import SECRET

STUDY = {"year": "2024", "diploma": "DUT Informatique", "institution": "IUT", "country_code": "BE", "obtained": "YES", "town": "", "mention": ""}


def base(world, step="cursus-externe"):
    return f"/gestion/candidat/{world.alice.candidate.dossier_number}/lignes/{step}"


def lines(world):
    db.session.rollback()
    db.session.expire_all()
    return world.alice.candidate.external_records


def test_a_line_is_added_corrected_and_removed_and_its_owner_sees_it(charlie, client, world):
    world.apply(world.alice, world.maths)
    before = len(lines(world))
    assert charlie.post(f"{base(world)}/ajouter", STUDY).status_code == 302
    row = lines(world)[-1]
    assert len(lines(world)) == before + 1 and "DUT Informatique" in charlie.get(base(world)).text
    changed = {**STUDY, "diploma": "BUT Informatique", "seen_version": row.version}
    assert charlie.post(f"{base(world)}/{row.id}", changed).status_code == 302
    assert lines(world)[-1].diploma == "BUT Informatique"
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "Candidate", AuditEntry.action == "update")).all()
    assert [set(entry.changes) for entry in entries] == [{"external"}] * 2 and {entry.actor_id for entry in entries} == {world.charlie.id}
    client.sign_in("alice@exemple.fr", SECRET)
    page = client.get("/profil").text
    assert "Corrigé par le service" in page and "Cursus externe</a>" in page.split("Corrigé par le service")[1]
    assert "BUT Informatique" in client.get("/profil/cursus-externe").text
    stale = charlie.post(f"{base(world)}/{row.id}", {**changed, "diploma": "Autre"})
    assert stale.status_code == 409 and 'value="Autre"' in stale.text and lines(world)[-1].diploma == "BUT Informatique"
    charlie.post(f"{base(world)}/{row.id}/retirer", {"seen_version": row.version - 1})
    assert len(lines(world)) == before + 1
    charlie.post(f"{base(world)}/{row.id}/retirer", {"seen_version": lines(world)[-1].version})
    assert len(lines(world)) == before


def test_her_own_rules_hold_and_what_was_typed_stays(charlie, world):
    world.apply(world.alice, world.maths)
    answer = charlie.post(f"{base(world)}/ajouter", {**STUDY, "year": "1900"})
    assert answer.status_code == 422 and "DUT Informatique" in answer.text
    for step in ("stages", "experiences"):
        assert charlie.get(f"{base(world, step)}/ajouter").status_code == 200
    assert charlie.get(base(world, "identite")).status_code == 404
    assert f'{base(world, "stages")}"' in charlie.get(f"/gestion/candidat/{world.alice.candidate.dossier_number}").text


def test_a_line_of_somebody_else_or_out_of_reach_is_absent(charlie, dora, frank, world):
    world.apply(world.alice, world.maths)
    world.apply(world.bob, world.history)
    assert charlie.post(f"{base(world)}/ajouter", STUDY).status_code == 302
    row = lines(world)[-1]
    assert dora.get(base(world)).status_code == 404 and dora.post(f"{base(world)}/{row.id}/retirer").status_code == 404
    assert frank.post(f"{base(world)}/ajouter", STUDY).status_code == 404
    bobs = f"/gestion/candidat/{world.bob.candidate.dossier_number}/lignes/cursus-externe/{row.id}"
    assert dora.get(bobs).status_code == 404
    assert lines(world)[-1].id == row.id
