"""Several photographs become one piece, and nobody else waits while they are worked on."""

import io

import pytest
from sqlalchemy import create_engine, text

from app.errors import DomainError
from app.extensions import db
from app.models import FileVersion, Photograph
from app.operations import candidatures, checks, photographs, pieces
from app.storage import checker, vault
from app.storage.local import StorageFull
from tests.clients import PageClient
from tests.corpus.pictures import photograph
from tests.world import SECRET, pdf


@pytest.fixture
def album(app, world):
    """Alice's page of photographs for the piece LETTRE, as (client, address, candidature)."""
    candidature, client = world.apply(world.alice, world.maths), PageClient(app)
    client.sign_in("alice@exemple.fr", SECRET)
    return client, f"/candidatures/{candidature.public_id}/pieces/{world.letter.id}/photos", candidature


def sent(client, address):
    return client.post(address, {"photograph": (io.BytesIO(photograph()), "p.jpg")}, content_type="multipart/form-data")


def test_three_photographs_become_one_pdf_of_three_pages(album, world):
    client, address, candidature = album
    for _turn in range(3):
        assert sent(client, address).status_code == 302
    keys = set(db.session.scalars(db.select(Photograph.storage_key)))
    assert len(keys) == 3
    assert client.post(address, {"act": "assemble"}).status_code == 302
    version = pieces.line_of(candidature, world.letter.id).version
    checks.check_version(version.id)
    db.session.refresh(version)
    assert (version.check_state.value, version.page_count) == ("SAFE", 3)
    assert db.session.scalar(db.select(db.func.count()).select_from(Photograph)) == 0
    assert not any(vault().exists(key) for key in keys)


def test_photographs_gathered_twice_at_once_are_deposited_once(album, world, monkeypatch):
    """The button pressed twice: the second press ends while the first one works on the pages."""
    client, address, candidature = album
    sent(client, address)
    real = checker.assemble

    def pressed_again(*args, **kwargs):
        made = real(*args, **kwargs)
        monkeypatch.setattr(checker, "assemble", real)
        assert client.post(address, {"act": "assemble"}).status_code == 302
        return made

    monkeypatch.setattr(checker, "assemble", pressed_again)
    refused = client.post(address, {"act": "assemble"})
    assert refused.status_code == 422 and "déjà été réunies" in refused.text
    assert db.session.scalar(db.select(db.func.count()).select_from(FileVersion)) == 1
    assert pieces.line_of(candidature, world.letter.id).version is not None


def test_thirteen_photographs_are_too_many_and_none_are_too_few(album, world, monkeypatch):
    client, address, _candidature = album
    assert client.post(address, {"act": "assemble"}).status_code == 422
    monkeypatch.setattr(photographs, "MOST", 1)
    assert sent(client, address).status_code == 302
    assert sent(client, address).status_code == 422


def test_what_is_no_photograph_is_refused_and_not_kept(album):
    client, address, _candidature = album
    answer = client.post(address, {"photograph": (io.BytesIO(pdf()), "p.jpg")}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert list(vault().keys()) == []


def test_a_transmitted_dossier_takes_no_photograph(album, world):
    client, address, candidature = album
    sent(client, address)
    world.complete(candidature, world.alice)
    candidatures.transmit(candidature, actor=world.alice)
    db.session.commit()
    assert sent(client, address).status_code == 422
    assert client.post(address, {"act": "assemble"}).status_code == 422
    with pytest.raises(DomainError):
        photographs.add(candidature, world.letter, io.BytesIO(photograph()), actor=world.alice, let_go=lambda: None)


@pytest.mark.parametrize("slow", ["reduce_photograph", "assemble", "render_page"])
def test_nobody_waits_for_the_database_while_a_picture_is_worked_on(app, album, world, monkeypatch, slow):
    client, address, candidature = album
    sent(client, address)
    version = pieces.deposit(candidature, world.cv, io.BytesIO(pdf()), "a.pdf", actor=world.alice)
    db.session.commit()
    checks.check_version(version.id)
    real, written = getattr(checker, slow), []

    def watched(*args, **kwargs):
        engine = create_engine(app.config["SQLALCHEMY_DATABASE_URI"], connect_args={"timeout": 0.1} if db.engine.dialect.name == "sqlite" else {})
        with engine.begin() as link:
            link.execute(text("UPDATE candidature SET reminded_return_at = NULL"))
        engine.dispose()
        written.append(True)
        return real(*args, **kwargs)

    monkeypatch.setattr(checker, slow, watched)
    if slow == "render_page":
        assert client.get(address.replace(f"/{world.letter.id}/photos", f"/{world.cv.id}/page/1.png")).status_code == 200
    elif slow == "assemble":
        assert client.post(address, {"act": "assemble"}).status_code == 302
    else:
        assert sent(client, address).status_code == 302
    assert written == [True]


def test_a_full_disk_is_not_held_against_a_file(app, world, monkeypatch):
    candidature = world.apply(world.alice, world.maths)
    number = pieces.deposit(candidature, world.cv, io.BytesIO(pdf()), "a.pdf", actor=world.alice).id
    db.session.commit()

    def full(*args, **kwargs):
        raise StorageFull

    with monkeypatch.context() as disk:
        disk.setattr(type(vault()), "put", full)
        for _turn in range(checks.MAX_CHECKS + 2):
            checks.check_version(number)
            db.session.execute(db.update(FileVersion).values(check_lease_until=None))
            db.session.commit()
    version = db.session.get(FileVersion, number)
    assert (version.check_state.value, version.check_attempts) == ("RECEIVED", 0)
    checks.check_version(number)
    db.session.refresh(version)
    assert version.check_state.value == "SAFE"
