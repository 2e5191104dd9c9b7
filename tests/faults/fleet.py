"""Worker processes that are killed and started again, and what tests ask of the rows meanwhile."""

import os
import random
import subprocess
import sys
from pathlib import Path

from app.enums import MessageState
from app.extensions import db
from app.models import OutboxMessage
from app.notifications import outbox
from app.notifications.placeholders import SAMPLE

ROOT = Path(__file__).resolve().parents[2]


class Workers:
    """Worker processes that a supervisor starts again when they die."""

    def __init__(self, app, bell_url, mail_port, folder):
        settings = app.config["SETTINGS"]
        self.deaths, self.processes, self.kills = folder / "deaths", [], 0
        self.log = (folder / "log").open("ab")
        url = str(app.config["SQLALCHEMY_DATABASE_URI"])
        self.environment = {
            "PATH": os.environ["PATH"],
            "SECRET_KEY": settings.secret_key,
            "DATA_DIR": str(settings.data_dir),
            "PUBLIC_URL": settings.public_url,
            "DATABASE_URL": url,
            "REDIS_URL": bell_url,
            "MAIL_URL": f"smtp+plain://127.0.0.1:{mail_port}",
            "DEATHS": str(self.deaths),
            "PYTHONPATH": str(ROOT),
        }

    def start(self, count=1, **environ):
        for _number in range(count):
            self.processes.append(self._new({name.upper(): str(value) for name, value in environ.items()}))

    def _new(self, environ):
        command = [sys.executable, "-m", "tests.faults.worker_driver"]
        process = subprocess.Popen(command, cwd=ROOT, env={**self.environment, **environ}, stdout=self.log, stderr=self.log)
        process.environ = environ
        return process

    def supervise(self):
        """Start the dead again."""
        for place, process in enumerate(self.processes):
            if process.poll() is not None:
                self.processes[place] = self._new(process.environ)

    def kill_one(self):
        alive = [process for process in self.processes if process.poll() is None]
        random.choice(alive).kill()
        self.kills += 1

    def own_deaths(self, point):
        return self.deaths.read_text().count(point) if self.deaths.exists() else 0

    def end(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
        self.log.close()


def post_all(count, *, start=0, each=10):
    """Announce `count` things, `each` a transaction, as requests would; return the Message-IDs."""
    numbers = []
    for number in range(start, start + count):
        message = outbox.post("account_exists", recipient=f"c{number}@exemple.fr", language="fr", key=f"k{number}", context=SAMPLE)
        numbers.append(message.message_id)
        if number % each == each - 1:
            db.session.commit()
    db.session.commit()
    return numbers


def states():
    """Count the rows of each state, as they are now."""
    db.session.rollback()
    found = db.session.execute(db.select(OutboxMessage.state, db.func.count()).group_by(OutboxMessage.state)).all()
    db.session.rollback()
    return dict(found)


def all_sent(count):
    return states() == {MessageState.SENT: count}
