"""The last evening: sign-ins, uploads and transmissions per second through a real server, with their CPU, beside a bare Flask page.

Usage: python bench/rush.py [--people 40] [--together 8]
"""

import argparse
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import common  # noqa: E402

SIZE = 300_000  # bytes of each file sent
ROW = "{:<24}{:>10}{:>12}{:>12}{:>16}{:>16}"


def main():
    """Prepare the people, then measure each kind of request in turn; fail when one is refused."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--together", type=int, default=8)
    arguments = parser.parse_args()
    from tests import services

    with common.folder() as folder, services.postgresql() as cluster, services.redis() as redis:
        with common.database(cluster, "rush") as url:
            environ = common.environment(folder, DATABASE_URL=url, REDIS_URL=redis.url)
        people = prepare(folder, environ, arguments.people)
        print(ROW.format("request", "a second", "median ms", "p95 ms", "web CPU ms each", "SQL CPU ms each"))
        with common.gunicorn("bench.common.bare:app", environ) as (port, process):
            rate(Meter(process, None), "bare Flask page", [Bare(port)] * 3000, arguments.together)
        with common.gunicorn("wsgi:app", environ) as (port, process):
            rush(Meter(process, postmaster(cluster)), port, people, arguments.together)
    return 0


def prepare(folder, environ, count):
    """Return [(e-mail, address of a candidature that lacks its letter, address of its letter)] of invented people."""
    from app import create_app, reference
    from app.extensions import db
    from app.operations import pieces
    from config import Settings
    from tests.world import World

    common.application(folder, **{name: environ[name] for name in ("DATABASE_URL",)})
    with create_app(Settings.from_environ(environ)).app_context():
        reference.load(db.session)
        world, people = World.build(), []
        for number in range(count):
            user = world.candidate(f"rush{number}", "Zoé", f"Rush{number}")
            candidature = world.apply(user, world.maths)
            world.complete(candidature, user)
            pieces.remove(candidature, world.letter, actor=user)
            own = f"/candidatures/{candidature.public_id}"
            people.append((user.email, own, f"{own}/pieces/{world.letter.id}"))
            db.session.commit()
        db.session.remove()
    return people


def postmaster(cluster):
    """Return the process of the private cluster, found by its port."""
    port = cluster.split(":")[-1].split("/")[0]
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        words = command.read_bytes().split(b"\0") if command.exists() else []
        if words and words[0].endswith(b"postgres") and port.encode() in words:
            return type("Postmaster", (), {"pid": int(command.parent.name)})
    raise SystemExit("PostgreSQL is not found")


class Bare:
    """One request of the bare page, on a connection of its own kept by the thread that calls it."""

    kept: dict = {}

    def __init__(self, port):
        self.port = port

    def __call__(self):
        key = (threading.get_ident(), self.port)
        browser = self.kept.setdefault(key, common.Browser(self.port))
        assert browser.get("/")[0] == 200


class Meter:
    """CPU of the web server, and of the database when there is one."""

    def __init__(self, web, database):
        self.processes = [process for process in (web, database) if process is not None]

    def read(self):
        return [common.cpu_of(process) for process in self.processes]


def rate(meter, name, calls, together):
    """Make the calls and print their line."""
    before = meter.read()
    seconds, times = common.at_once(calls, together=together)
    spent = [(after - start) * 1000 / len(calls) for start, after in zip(before, meter.read(), strict=True)]
    cpu = [f"{value:.1f}" for value in spent] + [""]
    print(ROW.format(name, f"{len(calls) / seconds:.0f}", f"{common.median(times):.0f}", f"{common.p95(times):.0f}", *cpu[:2]), flush=True)


def rush(meter, port, people, together):
    """Everybody signs in, sends the missing letter, reads the dossier, transmits."""
    from tests.world import SECRET, pdf

    browsers = [common.Browser(port) for _person in people]
    for browser in browsers:
        browser.read_token("/connexion")
    file = pdf() + b"\n%" + b"x" * SIZE

    def expect(status, answer):
        if answer[0] != status:
            raise SystemExit(f"{answer[0]}: {answer[1][:500]}")

    pairs = list(zip(browsers, people, strict=True))
    rate(meter, "sign-in", [lambda b=b, p=p: expect(302, b.post("/connexion", {"identifier": p[0], "password": SECRET})) for b, p in pairs], together)
    for browser in browsers:
        browser.read_token("/aide")
    rate(meter, f"upload of {SIZE // 1000} kB", [lambda b=b, p=p: expect(302, b.upload(p[2], "lettre.pdf", file)) for b, p in pairs], together)
    rate(meter, "page of the dossier", [lambda b=b, p=p: expect(200, b.get(p[1])) for b, p in pairs], together)
    rate(meter, "transmission", [lambda b=b, p=p: expect(302, b.post(f"{p[1]}/transmettre", {"command_key": p[0]})) for b, p in pairs], together)
    rate(meter, "receipt", [lambda b=b, p=p: expect(200, b.get(f"{p[1]}/recu/1")) for b, p in pairs], together)


if __name__ == "__main__":
    sys.exit(main())
