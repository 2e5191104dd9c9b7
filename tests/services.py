"""The real services that tests talk to, started for them alone on free ports, in folders of their own."""

import contextlib
import glob
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

IS_CI = os.environ.get("CI") == "true"
NEEDED = 3 * 1024**3  # bytes free in memory for a whole run with two workers


def memory():
    """Return the folder that Linux keeps in memory when it has room, else None: a database copied there is ten times quicker."""
    folder = "/dev/shm"  # noqa: S108 -- every file goes into a folder of its own, made by tempfile or pytest
    return folder if os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > NEEDED else None


def missing(what):
    """Skip for want of a service; in CI that is an error, never a skip."""
    if IS_CI:
        pytest.fail(f"{what} is missing, and CI skips nothing", pytrace=False)
    pytest.skip(f"{what} is missing")


def free_port():
    """Return a loopback port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def postgresql():
    """Give the address of a private PostgreSQL cluster; as root, it runs under the account `postgres` or `nobody`."""
    with postgresql_server() as server:
        yield server.url


@contextlib.contextmanager
def postgresql_server(within=None):
    """Give a private PostgreSQL cluster that a test may stop and start again at the same address.

    Args:
        within: folder that receives the cluster's own; None for the usual place, as measures need.
    """
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb")) or [shutil.which("initdb") or ""]
    if not found[-1]:
        missing("PostgreSQL")
    folder = Path(tempfile.mkdtemp(prefix="postulo-pg-", dir=within))
    server = PostgresServer(Path(found[-1]).parent, folder)
    server.start()
    try:
        yield server
    finally:
        server.stop("immediate", check=False)
        shutil.rmtree(folder, ignore_errors=True)


class PostgresServer:
    """A cluster in a folder of its own."""

    def __init__(self, binaries, folder):
        prefix = []
        if os.getuid() == 0:
            account = "postgres" if subprocess.run(["id", "postgres"], capture_output=True, check=False).returncode == 0 else "nobody"
            shutil.chown(folder, account)
            prefix = [shutil.which("runuser", path="/usr/sbin:/sbin:/usr/bin:/bin"), "-u", account, "--"]
        data, port = folder / "data", free_port()
        initdb = [*prefix, str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-U", "postulo", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run(initdb, check=True, capture_output=True, cwd="/")
        self.url = f"postgresql://postulo@127.0.0.1:{port}/postgres"
        self._options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c max_connections=60"
        self._control = [*prefix, str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]

    def start(self):
        subprocess.run([*self._control, "-o", self._options, "start"], check=True, capture_output=True, cwd="/")

    def stop(self, mode="fast", *, check=True):
        """Stop it.

        Args:
            mode: "fast" ends every session, "immediate" is a crash.
        """
        subprocess.run([*self._control, "-m", mode, "stop"], check=check, capture_output=True, cwd="/")

    def restart(self, mode="fast"):
        self.stop(mode)
        self.start()


@contextlib.contextmanager
def redis():
    """Give a running Redis as (address, process, start again)."""
    binary = shutil.which("redis-server")
    if binary is None:
        missing("Redis")
    folder = tempfile.mkdtemp(prefix="postulo-redis-")
    server = RedisServer(binary, folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


class RedisServer:
    """A private Redis that a test may stop and start again at the same address."""

    def __init__(self, binary, folder):
        self.path = f"{folder}/redis.sock"
        self.url = f"unix://{self.path}"
        self.command = [binary, "--port", "0", "--unixsocket", self.path, "--save", "", "--appendonly", "no", "--dir", folder]
        self.process = None

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        end_at = time.monotonic() + 10
        while not os.path.exists(self.path) and time.monotonic() < end_at:
            time.sleep(0.05)

    def stop(self):
        self.process.kill()
        self.process.wait()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
