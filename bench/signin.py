"""Measures sign-in: times of each kind of account (does a stranger learn anything?), CPU cost, sign-ins per second."""

import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from flask import Flask

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import config  # noqa: E402
from app import clock, create_app, reference  # noqa: E402
from app.extensions import db, limiter  # noqa: E402
from app.operations import accounts  # noqa: E402

SECRET, SAMPLES = "falaise-mandarine-orage-7", 30


def installation():
    """Return an application on a new SQLite file with one account of each kind."""
    folder = tempfile.mkdtemp(prefix="postulo-bench-")
    settings = config.Settings.from_environ({"SECRET_KEY": "b" * 40, "DATA_DIR": folder, "PUBLIC_URL": "http://localhost"})
    app = create_app(settings)
    limiter.enabled = False
    with app.app_context():
        from flask_migrate import upgrade

        upgrade(directory=str(Path(config.ROOT) / "migrations"))
        reference.load(db.session)
        hashed = accounts.hash_password(SECRET)
        for name, password, confirmed in (("local", hashed, True), ("sso", None, True), ("waiting", hashed, False)):
            accounts.create_candidate(
                last_name=name,
                first_name=name,
                email=f"{name}@exemple.fr",
                language="fr",
                hashed=password,
                confirmed_at=clock.now() if confirmed else None,
            )
        db.session.commit()
    return app


def posted(app, url, data):
    """Return (milliseconds of wall time, of CPU) of one POST by a new visitor; the page that gives the token is not counted."""
    client = app.test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(url).text).group(1)
    wall, cpu = time.perf_counter(), time.process_time()
    answer = client.post(url, data={"csrf_token": token, **data})
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if answer.status_code >= 500:
        raise SystemExit(f"{url} answered {answer.status_code}")
    return wall * 1000, cpu * 1000


def classes(app, title, url, kinds):
    """Print the median of each kind of account, in turn so that noise strikes all alike, and the widest gap."""
    times = {kind: [] for kind in kinds}
    for turn in range(SAMPLES):
        for kind, data in kinds.items():
            times[kind].append(posted(app, url, data(turn)))
    medians = {kind: statistics.median(wall for wall, _cpu in found) for kind, found in times.items()}
    cpu = statistics.median(cpu for found in times.values() for _wall, cpu in found)
    gap = max(medians.values()) - min(medians.values())
    print(f"{title:18}", *(f"{kind} {value:6.1f} ms" for kind, value in medians.items()), f"| widest gap {gap:4.1f} ms | CPU {cpu:5.1f} ms")


def person(email):
    return {"last_name": "Martin", "first_name": "Zoe", "email": email, "email_again": email, "password": SECRET}


def main():
    """Print one line for each form, then sign-ins per second beside a bare Flask page."""
    app = installation()
    who = {name: f"{name}@exemple.fr" for name in ("local", "sso", "waiting", "unknown")}
    classes(app, "sign-in, wrong", "/connexion", {k: lambda _turn, e=e: {"identifier": e, "password": "wrong"} for k, e in who.items()})
    classes(app, "lost identifiers", "/compte/identifiants-perdus", {k: lambda _turn, e=e: {"identifier": e} for k, e in who.items()})
    classes(app, "resend", "/compte/renvoyer-le-lien", {k: lambda _turn, e=e: {"email": e} for k, e in who.items()})
    known = {k: lambda _turn, e=who[k]: person(e) for k in ("local", "sso", "waiting")}
    classes(app, "register", "/compte/creer", known | {"unknown": lambda turn: person(f"new{turn}@exemple.fr")})
    right = [posted(app, "/connexion", {"identifier": who["local"], "password": SECRET}) for _turn in range(SAMPLES)]
    cpu = statistics.median(cpu for _wall, cpu in right)
    print(
        f"sign-in, right     {statistics.median(wall for wall, _cpu in right):6.1f} ms | CPU {cpu:5.1f} ms: {1000 / cpu:4.0f} a second on one core"
    )
    bare = Flask("bare")
    bare.get("/")(lambda: "hello")
    client, start = bare.test_client(), time.process_time()
    for _turn in range(1000):
        client.get("/")
    print(f"bare Flask page    {1000 / (time.process_time() - start):4.0f} a second on one core")


if __name__ == "__main__":
    main()
