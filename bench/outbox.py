"""Measures the outbox: messages written, then sent by one or several processes to a mail server of this machine.

Usage: python bench/outbox.py [--messages 1000] [--senders 1,2]     (DATABASE_URL=postgresql://… uses an empty PostgreSQL database instead)
"""

import argparse
import multiprocessing
import os
import resource
import socket
import sys
import tempfile
import time
from pathlib import Path

from aiosmtpd.controller import Controller

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


class Sink:
    """Accepts everything and counts."""

    def __init__(self):
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        return "250 OK"


def application():
    """Return the application of the environment."""
    from app import create_app

    return create_app()


def write(count, *, each):
    """Write messages, `each` in a transaction; return the seconds."""
    from app.extensions import db
    from app.notifications import outbox
    from app.notifications.placeholders import SAMPLE

    prefix = os.urandom(4).hex()
    started = time.perf_counter()
    for number in range(count):
        outbox.post("candidature_created", recipient=f"c{number}@exemple.fr", language="fr", key=f"{prefix}:{number}", context=SAMPLE)
        if number % each == each - 1:
            db.session.commit()
    db.session.commit()
    return time.perf_counter() - started


def send(ready, start, done):
    """Be one sender: sweep until nothing is left; say the peak of memory in MB."""
    with application().app_context():
        from app.notifications import outbox

        ready.release()
        start.wait()
        while outbox.due(1):
            outbox.sweep()
    done.put(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def send_all(senders):
    """Empty the outbox with so many processes; return (seconds, peak memory of one)."""
    spawn = multiprocessing.get_context("spawn")
    ready, start, done = spawn.Semaphore(0), spawn.Event(), spawn.Queue()
    processes = [spawn.Process(target=send, args=(ready, start, done)) for _number in range(senders)]
    for process in processes:
        process.start()
    for _process in processes:
        ready.acquire()
    started = time.perf_counter()
    start.set()
    peaks = [done.get() for _process in processes]
    for process in processes:
        process.join()
    return time.perf_counter() - started, max(peaks)


def main():
    """Write, send, print; fail when a message is missing or doubled."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--senders", default="1,2")
    arguments = parser.parse_args()
    sink = Sink()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port, server_hostname="sink")
    with tempfile.TemporaryDirectory(prefix="postulo-bench-") as folder:
        controller.start()
        os.environ |= {"DATA_DIR": folder, "SECRET_KEY": "b" * 40, "MAIL_URL": f"smtp+plain://127.0.0.1:{port}", "REDIS_URL": ""}
        try:
            measure(arguments, sink)
        finally:
            controller.stop()


def measure(arguments, sink):
    """Print one line for each way to write, then for each number of senders."""
    from flask_migrate import upgrade

    with application().app_context():
        from app.extensions import db

        upgrade(directory=str(ROOT / "migrations"))
        kind = db.engine.dialect.name
        db.session.remove()
        expected = 0
        for senders, each in zip(map(int, arguments.senders.split(",")), (1, 100) * 10, strict=False):
            seconds = write(arguments.messages, each=each)
            print(f"{kind:10} written, {each:3} in a transaction  {arguments.messages / seconds:8.0f} messages/s")
            db.session.remove()
            seconds, peak = send_all(senders)
            expected += arguments.messages
            print(f"{kind:10} sent by {senders} process(es)          {arguments.messages / seconds:8.0f} messages/s   peak {peak} MB each")
            if sink.count != expected:
                raise SystemExit(f"{sink.count} accepted, {expected} expected")


if __name__ == "__main__":
    main()
