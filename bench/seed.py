"""Time to fill an installation: the demonstration, then a crowd of candidatures by thousands.

Usage: python bench/seed.py [--candidatures 10000]     (DATABASE_URL=postgresql://… fills an empty PostgreSQL database instead)
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def main():
    """Seed, add the crowd, print times and memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--candidatures", type=int, default=10_000)
    count = parser.parse_args().candidatures
    with tempfile.TemporaryDirectory(prefix="postulo-bench-") as folder:
        os.environ["DATA_DIR"] = folder
        from flask_migrate import upgrade

        from app import create_app
        from app.extensions import db
        from app.operations import demonstration
        from app.operations.demonstration import crowd

        with create_app().app_context():
            upgrade()
            print(f"database: {db.engine.dialect.name}")
            timed("demonstration", demonstration.seed)
            db.session.commit()
            seconds = timed(f"{count} candidatures", lambda: crowd.add(count))
            print(
                f"{count / seconds:.0f} candidatures a second; at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB of memory"
            )
    return 0


def timed(name, call):
    """Call, print how long it took, return it in seconds."""
    begun, cpu = time.perf_counter(), time.process_time()
    call()
    seconds = time.perf_counter() - begun
    print(f"{name}: {seconds:.1f} s ({time.process_time() - cpu:.1f} s of CPU here)")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
