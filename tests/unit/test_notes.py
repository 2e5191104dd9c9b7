"""Notes are signed, short, removed by their author or an administrator; tags are those of the centre, and two hands lose none."""

import pytest
from sqlalchemy import select

from app import journal, stories
from app.enums import Functionality
from app.errors import DomainError, NotAllowed
from app.extensions import db
from app.models import AuditEntry, CandidatureEvent, Note, Tag
from app.operations import notes


@pytest.fixture
def dossier(world):
    return world.apply(world.alice, world.maths)


@pytest.fixture
def tags(world):
    found = [Tag(name="Université"), Tag(name="Sciences", centre=world.sciences), Tag(name="Lettres", centre=world.letters), Tag(name="Retirée", is_active=False)]
    db.session.add_all(found)
    db.session.commit()
    return found


def actions(candidature):
    return list(db.session.scalars(select(CandidatureEvent.action).where(CandidatureEvent.candidature_id == candidature.id).order_by(CandidatureEvent.sequence)))


def test_a_note_is_dated_signed_audited_and_in_the_history(dossier, world):
    note = notes.add(dossier, "  À revoir.  ", actor=world.charlie)
    db.session.commit()
    assert (note.text, note.author) == ("À revoir.", world.charlie.staff_member) and note.at is not None
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.entity == "Note"))
    assert (entry.action, entry.actor_name, entry.changes) == ("create", "Staff Charlie", {"text": [None, "À revoir."]})
    assert actions(dossier)[-1] == "note"
    assert journal.verify(dossier.id)


def test_the_same_key_writes_one_note(dossier, world):
    for _time in range(2):
        notes.add(dossier, "Une fois", actor=world.charlie, command_key="k" * 16)
    assert db.session.query(Note).count() == 1


@pytest.mark.parametrize(("text", "is_good"), [("x" * 2000, True), ("x" * 2001, False), ("   ", False), (None, False)])
def test_a_note_has_from_one_to_2000_characters(text, is_good, dossier, world):
    if is_good:
        assert notes.add(dossier, text, actor=world.charlie)
        return
    with pytest.raises(DomainError):
        notes.add(dossier, text, actor=world.charlie)
    assert db.session.query(Note).count() == 0


def test_who_may_write_and_remove(dossier, world):
    note = notes.add(dossier, "De Charlie", actor=world.charlie)
    colleague = world.staff("colleague", (Functionality.CANDIDATURES, Functionality.NOTES), centre=world.sciences)
    for stranger in (world.dora, world.frank, world.alice):
        with pytest.raises(NotAllowed):
            notes.add(dossier, "Non", actor=stranger)
        with pytest.raises(NotAllowed):
            notes.remove(note, actor=stranger)
    with pytest.raises(NotAllowed, match="Seuls l’auteur"):
        notes.remove(note, actor=colleague)
    notes.remove(note, actor=world.eve)
    assert db.session.query(Note).count() == 0
    last = db.session.scalars(select(AuditEntry).where(AuditEntry.entity == "Note").order_by(AuditEntry.id.desc())).first()
    assert (last.action, last.changes["text"]) == ("delete", ["De Charlie", None])
    assert "De Charlie" not in str([event.details for event in dossier.events]), "what is removed does not live on in the history"


def test_the_candidate_is_told_of_none_of_it(dossier, tags, world):
    notes.add(dossier, "Secret", actor=world.charlie)
    notes.change_tags(dossier, actor=world.charlie, put=[tags[0]])
    events = db.session.scalars(select(CandidatureEvent).where(CandidatureEvent.action.in_(("note", "tags")))).all()
    assert len(events) == 2 and [stories.story(event, {}) for event in events] == [None, None]


def test_tags_offered_are_those_of_the_centre_and_of_the_university(dossier, tags):
    assert [tag.name for tag in notes.tags_for(dossier)] == ["Sciences", "Université"]


def test_tags_are_put_and_taken_off_in_one_event(dossier, tags, world):
    university, sciences, letters, retired = tags
    assert notes.change_tags(dossier, actor=world.charlie, put=[university, sciences])
    assert notes.change_tags(dossier, actor=world.charlie, put=[sciences], off=[university])
    assert [tag.name for tag in dossier.tags] == ["Sciences"]
    assert not notes.change_tags(dossier, actor=world.charlie, put=[sciences], off=[university]), "nothing to do is nothing done"
    assert actions(dossier).count("tags") == 2
    for foreign in (letters, retired):
        with pytest.raises(DomainError, match="Choisissez parmi"):
            notes.change_tags(dossier, actor=world.charlie, put=[foreign])
    with pytest.raises(NotAllowed):
        notes.change_tags(dossier, actor=world.frank, put=[university])
