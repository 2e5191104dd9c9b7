"""The embedded storage keeps a file whole or not at all, and forgets only what nobody owns."""

import hashlib
import io
import os
import re
import stat
import time
from collections import namedtuple

import pytest

from app import storage
from app.storage import local
from app.storage.local import StorageFull, TooLarge
from config import ConfigurationError

LIMIT = 5 * 1024 * 1024


@pytest.fixture
def folder(tmp_path):
    return storage.from_url("", tmp_path)


def files(folder):
    return [path for path in folder.folder.rglob("*") if path.is_file()]


def test_put_then_open(folder):
    """What is put comes back, with its size and fingerprint, under a key that says nothing of it."""
    content = os.urandom(200_000)
    stored = folder.put(io.BytesIO(content), limit=LIMIT)
    assert (stored.size, stored.sha256) == (200_000, hashlib.sha256(content).hexdigest())
    assert re.fullmatch("[0-9a-f]{32}", stored.key) and stored.key not in stored.sha256
    with folder.open(stored.key) as file:
        assert file.read() == content
    assert list(folder.keys()) == [stored.key] and folder.exists(stored.key)


def test_only_this_account_reads(folder):
    """Files are 0600 and folders 0700."""
    path = folder.path(folder.put(io.BytesIO(b"x"), limit=1).key)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(parent.stat().st_mode) for parent in (path.parent, folder.folder)} == {0o700}


def test_same_bytes_twice_are_two_blobs(folder):
    """Two people who send the same file have each their own (P41)."""
    first, second = (folder.put(io.BytesIO(b"same"), limit=10) for _ in range(2))
    folder.delete(first.key)
    assert not folder.exists(first.key) and folder.open(second.key).read() == b"same"
    folder.delete(first.key)


def test_limit_is_exact(folder):
    """The last byte allowed passes, the next is refused, and nothing of it stays (P01, P02)."""
    assert folder.put(io.BytesIO(b"x" * 70_000), limit=70_000).size == 70_000
    with pytest.raises(TooLarge):
        folder.put(io.BytesIO(b"x" * 70_001), limit=70_000)
    assert len(files(folder)) == 1


def test_a_huge_stream_stops_at_the_limit(folder):
    """No more than the limit and a chunk is read of a stream without end (P03)."""

    class Endless:
        taken = 0

        def read(self, size):
            self.taken += size
            return b"x" * size

    stream = Endless()
    with pytest.raises(TooLarge):
        folder.put(stream, limit=LIMIT)
    assert stream.taken <= LIMIT + local.CHUNK and files(folder) == []


@pytest.mark.parametrize("error", [ConnectionResetError, RuntimeError, KeyboardInterrupt])
def test_a_sender_who_leaves_keeps_nothing(folder, error):
    """A stream that fails in its middle leaves no temporary file."""

    class Broken:
        parts = iter([b"x" * 1000])

        def read(self, size):
            if part := next(self.parts, None):
                return part
            raise error

    with pytest.raises((error, StorageFull)):
        folder.put(Broken(), limit=LIMIT)
    assert files(folder) == []


def test_a_full_disk_refuses_and_keeps_what_is_there(folder, monkeypatch):
    """Under the low-water mark nothing more is taken; what is there is read as before (T9)."""
    kept = folder.put(io.BytesIO(b"kept"), limit=10)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(local.shutil, "disk_usage", lambda _path: usage(1000, 901, 99))
    with pytest.raises(StorageFull):
        folder.put(io.BytesIO(b"more"), limit=10)
    assert folder.open(kept.key).read() == b"kept" and len(files(folder)) == 1
    monkeypatch.setattr(local.shutil, "disk_usage", lambda _path: usage(1000, 900, 100))
    folder.put(io.BytesIO(b"more"), limit=10)


def test_a_disk_that_fails_is_told(folder, monkeypatch):
    """An error of the disk at the last moment is StorageFull, and the file is not there."""

    def fail(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(local.os, "fsync", fail)
    with pytest.raises(StorageFull):
        folder.put(io.BytesIO(b"x"), limit=10)
    assert files(folder) == []


def test_the_bytes_are_on_the_disk_before_the_name(folder, monkeypatch):
    """The file is synchronised, then named, then its folders are synchronised (R8)."""
    done = []
    sync, rename = os.fsync, local.Path.rename
    monkeypatch.setattr(local.os, "fsync", lambda number: (done.append(os.readlink(f"/proc/self/fd/{number}")), sync(number)))
    monkeypatch.setattr(local.Path, "rename", lambda path, to: (done.append("rename"), rename(path, to))[1])
    path = folder.path(folder.put(io.BytesIO(b"x"), limit=1).key)
    assert done[0].endswith(".part") and done[1] == "rename"
    assert done[2:] == [str(path.parent), str(path.parent.parent), str(folder.folder)]


@pytest.mark.parametrize("key", ["", "..", "../../etc/passwd", "a" * 31, "A" * 32, "g" * 32, "a" * 33, "/" + "a" * 31])
def test_a_key_that_is_not_ours(folder, key):
    """Nothing outside the folder can be named."""
    for act in (folder.open, folder.delete, folder.exists, folder.path):
        with pytest.raises(ValueError, match="key"):
            act(key)


def test_sweep(folder):
    """Old orphans and old temporary files go; young ones and those of rows stay; lost blobs are named."""
    owned, orphan, young = (folder.put(io.BytesIO(b"x"), limit=1).key for _ in range(3))
    rest = folder.folder / f".{'0' * 32}.part"
    rest.write_bytes(b"half")
    old = time.time() - 25 * 3600
    for path in (folder.path(owned), folder.path(orphan), rest):
        os.utime(path, (old, old))
    assert folder.sweep({owned, "f" * 32}) == (2, ["f" * 32])
    assert set(folder.keys()) == {owned, young} and not rest.exists()
    assert folder.sweep({owned}, older_than=-1) == (1, [])
    assert set(folder.keys()) == {owned}


def test_address_of_the_storage(tmp_path):
    """Unset is a private folder of the installation; file:// is another folder; what we do not have is refused by name."""
    assert storage.from_url("", tmp_path).folder == tmp_path / "vault"
    assert storage.from_url("file:///srv/my%20files", tmp_path).folder == local.Path("/srv/my files")
    for url in ("s3://bucket", "file:relative"):
        with pytest.raises(ConfigurationError, match="STORAGE_URL"):
            storage.from_url(url, tmp_path)
