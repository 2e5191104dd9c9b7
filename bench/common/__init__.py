"""What the benches share: services of their own, applications filled for them, servers, browsers that carry tokens, the CPU of processes."""

import contextlib
import http.client
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # what was started is then ended too
TICKS = os.sysconf("SC_CLK_TCK")
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def application(folder, **environ):
    """Return the application of a new installation in a folder, its database brought to the last migration."""
    from flask_migrate import upgrade

    from app import create_app
    from app.extensions import db, limiter
    from config import Settings

    app = create_app(Settings.from_environ(environment(folder, **environ)))
    limiter.enabled = False
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        db.session.remove()
    return app


def environment(folder, **environ):
    """Return the settings of an installation of a bench."""
    return {"SECRET_KEY": "b" * 40, "DATA_DIR": str(folder), "PUBLIC_URL": "http://127.0.0.1", **environ}


@contextlib.contextmanager
def database(cluster, name):
    """Give the address of a new database of a private cluster."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.engine import make_url

    engine = create_engine(make_url(cluster).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as link:
        link.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    yield cluster.rsplit("/", 1)[0] + f"/{name}"


def every_formation(campaign):
    """Open the real formations of the open data in a campaign; the caller commits. Return the report of the import."""
    from datetime import timedelta

    from app import clock
    from app.extensions import db
    from app.models import Centre
    from app.operations import offer_import

    report = offer_import.import_rows(offer_import.read((ROOT / "data" / "formations-open-data.csv").read_bytes()), campaign)
    now = clock.now()
    for number, centre in enumerate(db.session.scalars(db.select(Centre))):
        centre.opens_at, centre.closes_at = now - timedelta(days=1), now + timedelta(days=30 + number % 9)
    return report


@contextlib.contextmanager
def gunicorn(target, environ, *, workers=2):
    """Give (port, process) of a web server of its own, as production runs it."""
    from tests.services import free_port

    port = free_port()
    options = f"--bind 127.0.0.1:{port} --workers {workers} --threads 8 --worker-class gthread --keep-alive 60 --log-level error --no-control-socket"
    command = [sys.executable, "-m", "gunicorn", *options.split(), target]
    with running(command, environ) as process:
        end_at = time.monotonic() + 30
        while not _answers(port) and time.monotonic() < end_at:
            time.sleep(0.1)
        yield port, process


@contextlib.contextmanager
def running(command, environ):
    """Give a process of the project, ended with all that it started."""
    whole = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ}
    process = subprocess.Popen(command, cwd=ROOT, env=whole, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _answers(port):
    try:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        link.request("GET", "/healthz")
        return bool(link.getresponse().status)
    except OSError:
        return False


class Browser:
    """One person's connection, kept open, with its cookies and the token of its session."""

    def __init__(self, port):
        self.link, self.cookies, self.token = http.client.HTTPConnection("127.0.0.1", port, timeout=60), {}, ""

    def get(self, path):
        return self._ask("GET", path)

    def read_token(self, path):
        self.token = TOKEN.search(self.get(path)[1]).group(1)

    def post(self, path, data):
        return self._ask("POST", path, urlencode({"csrf_token": self.token, **data}), "application/x-www-form-urlencoded")

    def upload(self, path, name, data):
        mark = "xxxxPOSTULOxxxx"
        head = f'--{mark}\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{self.token}\r\n'
        head += f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/pdf\r\n\r\n'
        return self._ask("POST", path, head.encode() + data + f"\r\n--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}")

    def _ask(self, method, path, body=None, kind=None):
        """Return (status, text) of one request."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **({"Content-Type": kind} if kind else {})}
        self.link.request(method, path, body, headers)
        answer = self.link.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _equals, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, text


def cpu_of(process):
    """Return the seconds of CPU of a process and of its children, the ended ones included."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents[int(stat.parent.name)] = (int(fields[1]), sum(map(int, fields[11:15])))
    family, found = {process.pid}, True
    while found:
        found = {pid for pid, (parent, _time) in parents.items() if parent in family and pid not in family}
        family |= found
    return sum(parents[pid][1] for pid in family if pid in parents) / TICKS


def at_once(calls, *, together=8):
    """Make calls from several threads, each taking the next one; return (seconds, times of each in ms)."""
    waiting, times, lock = list(reversed(calls)), [], threading.Lock()

    def take():
        while True:
            with lock:
                if not waiting:
                    return
                call = waiting.pop()
            begun = time.perf_counter()
            call()
            times.append((time.perf_counter() - begun) * 1000)

    threads = [threading.Thread(target=take) for _number in range(together)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(times) != len(calls):
        raise SystemExit(f"{len(calls) - len(times)} requests of {len(calls)} failed")
    return time.perf_counter() - begun, times


def p95(times):
    """Return the value that one time in twenty exceeds."""
    return sorted(times)[int(len(times) * 0.95) - 1]


def median(times):
    return statistics.median(times)


def folder():
    """Give a temporary folder, removed at the end."""
    return tempfile.TemporaryDirectory(prefix="postulo-bench-")
