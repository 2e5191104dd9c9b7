"""The measures: closed to everybody but the collector, counted in the database, and naming nobody."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from app import clock
from app.enums import RunState
from app.extensions import db, ring
from app.models import BatchRun, FileVersion, Heartbeat, OutboxMessage
from app.notifications import transport
from app.operations import vitals
from tests.world import SECRET

TOKEN = "jeton-de-mesure-0123456789"


@pytest.fixture
def setting(app, monkeypatch):
    """Change a setting of the installation."""

    def change(**values):
        monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], **values))

    return change


def measures(client, **headers):
    """Return {measure with its labels: value}."""
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200 and answer.mimetype == "text/plain"
    lines = [line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _space, value in lines}


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_what_came_through_a_proxy_sees_an_unknown_page(client, header):
    unknown = client.get("/nulle-part")
    refused = client.get("/metrics", headers={header: "127.0.0.1"})
    assert refused.status_code == 404
    hide = lambda answer: answer.text.replace(answer.headers["X-Request-Id"], "")
    assert hide(refused) == hide(unknown)
    assert measures(client)


def test_another_machine_sees_an_unknown_page(client):
    assert client.get("/metrics", environ_overrides={"REMOTE_ADDR": "192.0.2.7"}).status_code == 404


def test_production_and_declared_proxies_need_the_token(client, setting):
    setting(trusted_proxies=1)
    assert client.get("/metrics").status_code == 404
    setting(trusted_proxies=0, public_url="https://localhost")
    assert client.get("/metrics").status_code == 404


def test_the_token_opens_from_anywhere_and_nothing_else_does(client, setting):
    setting(metrics_token=TOKEN, trusted_proxies=1, public_url="https://localhost")
    ask = lambda shown: client.get("/metrics", headers={"Authorization": shown, "X-Forwarded-For": "192.0.2.7"}).status_code
    assert ask(f"Bearer {TOKEN}") == 200
    wrong = ("", TOKEN, f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", "Bearer é")
    assert {ask(shown) for shown in wrong} == {404}
    assert client.get("/metrics").status_code == 404


def test_requests_are_counted_by_endpoint_and_status(client):
    name = 'postulo_requests_total{endpoint="offer.formation",status="404"}'
    before = measures(client).get(name, 0)
    for code in ("rien", "rien-non-plus"):
        client.get(f"/offre/{code}?canari=1")
    found = measures(client)
    assert found[name] == before + 2
    assert found['postulo_request_seconds_count{endpoint="offer.formation"}'] >= 2
    assert not any("canari" in key or "rien" in key for key in found)


def test_refused_sign_ins_and_lost_bells_are_counted(client, app, world, monkeypatch):
    before = measures(client)
    client.sign_in("alice@exemple.fr", "faux")
    monkeypatch.setitem(app.config, "REDIS_URL", "unix:///nowhere/redis.sock")
    app.extensions.pop("redis_connection", None)
    assert ring("app.tasks.deliver", 1) is False
    app.extensions.pop("redis_connection", None)
    after = measures(client)
    for name in ("postulo_sign_ins_refused_total", "postulo_bells_lost_total"):
        assert after[name] == before[name] + 1, name


def test_what_waits_and_what_failed_is_counted_in_the_database(client, world):
    candidature = world.apply(world.alice, world.maths)
    world.complete(candidature, world.alice)
    now = clock.now()
    db.session.execute(db.update(FileVersion).values(check_state="RECEIVED", served_key=None, created_at=now - timedelta(minutes=10)))
    db.session.execute(db.update(OutboxMessage).values(not_before=now - timedelta(minutes=5)))
    for turn, state in enumerate((RunState.FAILED, RunState.DONE, RunState.FAILED)):
        name = "withdraw" if turn == 2 else "purge_accounts"  # the first failure was made good
        db.session.add(BatchRun(name=name, period=str(turn), state=state, ended_at=now))
    db.session.commit()
    found = measures(client)
    assert found['postulo_outbox_messages{state="pending"}'] == db.session.scalar(db.select(db.func.count(OutboxMessage.id))) > 0
    assert 300 <= found["postulo_outbox_oldest_due_seconds"] < 400
    assert found["postulo_files_unchecked"] == db.session.scalar(db.select(db.func.count(FileVersion.id))) > 0
    assert 600 <= found["postulo_files_unchecked_oldest_seconds"] < 700
    assert (found["postulo_batches_failed"], found["postulo_files_set_aside"], found['postulo_jobs{state="failed"}']) == (1, 0, 0)


def test_workers_tell_that_they_live_and_that_mails_wait(client):
    assert client.get("/readyz").json["dependencies"]["worker"] == {"status": "absent"}
    for _turn in range(5):
        transport.breaker.failed()
    vitals.beat()
    assert db.session.scalar(db.select(db.func.count(Heartbeat.id))) == 1
    dependencies = client.get("/readyz").json["dependencies"]
    assert (dependencies["worker"]["status"], dependencies["mail"]["status"]) == ("ok", "paused")
    found = measures(client)
    assert found["postulo_mail_paused"] == 1 and found["postulo_worker_last_sweep_seconds"] < 60
    transport.breaker.passed()
    vitals.beat()
    assert measures(client)["postulo_mail_paused"] == 0
    db.session.execute(db.update(Heartbeat).values(at=clock.now() - timedelta(minutes=10)))
    db.session.commit()
    assert client.get("/readyz").json["dependencies"]["worker"]["status"] == "late"


def test_ready_tells_one_entry_for_each_dependency(client, monkeypatch):
    dependencies = client.get("/readyz").json["dependencies"]
    assert set(dependencies) == {"database", "queue", "storage", "worker", "mail", "checker", "antivirus"}
    assert dependencies["checker"] == {"status": "ok"} and dependencies["antivirus"] == {"status": "absent"}
    client.app.extensions.pop("checker_walls")
    monkeypatch.setattr("app.views.health.checker.missing_walls", lambda: ["network"])
    assert client.get("/readyz").json["dependencies"]["checker"] == {"status": "weak", "missing": ["network"]}
    client.app.extensions.pop("checker_walls")


def test_a_dead_database_is_a_measure(client, monkeypatch):
    def refuse(*_words, **_options):
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr("app.operations.vitals.outbox", refuse)
    assert measures(client)["postulo_database_up"] == 0


def test_the_measures_name_nobody(client, world):
    world.transmitted(world.alice, world.maths)
    client.sign_in("alice@exemple.fr", SECRET)
    client.get("/candidatures?canari=alice@exemple.fr")
    said = client.get("/metrics").text
    assert "candidatures.mine" in said
    assert not any(word in said for word in ("alice", "Alpha", SECRET, world.alice.candidate.dossier_number))
