"""The real worker with seconds scaled down and, when asked, a habit of dying between the server's 250 and the commit."""

import os
import random
import signal
from datetime import timedelta
from pathlib import Path

from app import worker
from app.notifications import outbox, transport
from app.operations import batches, candidature_exports, jobs

outbox.LEASE = jobs.LEASE = batches.LEASE = jobs.AGAIN = timedelta(seconds=float(os.environ.get("LEASE", "5")))
outbox.BACK_OFF, outbox.PAUSE = (0.2, 0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), timedelta(seconds=0.3)
transport.breaker.pause = 0.5
worker.SWEEP_EVERY, worker.RETRY_EVERY = float(os.environ.get("SWEEP_EVERY", "0.5")), 0.5


def die(point):
    """End at once, as a power cut would, leaving a line that says where."""
    with Path(os.environ["DEATHS"]).open("a") as file:
        file.write(f"{point}\n")
        file.flush()
        os.fsync(file.fileno())
    os.kill(os.getpid(), signal.SIGKILL)


def sometimes_dead(real, point, chance):
    """Return a method that ends the process before doing its work, with that chance."""
    return lambda *args: die(point) if random.random() < chance else real(*args)


for name, point in (("accepted", "after_250_before_commit"), ("mark", "before_data")):
    if point in os.environ.get("FAULT", ""):
        setattr(outbox.Claim, name, sometimes_dead(getattr(outbox.Claim, name), point, float(os.environ["CHANCE"])))



def dead_midway(real):
    """Return a generator of rows during which the process ends once, half a file being written."""

    def rows(*args):
        for number, row in enumerate(real(*args)):
            if number == 10 and not Path(os.environ["DEATHS"]).exists():
                die("export_midway")
            yield row

    return rows


if "export_midway" in os.environ.get("FAULT", ""):
    candidature_exports._lines = dead_midway(candidature_exports._lines)

if __name__ == "__main__":
    worker.main()
