"""The embedded storage: a private folder, written by temporary file, fsync and rename (trust R8)."""

import hashlib
import os
import secrets
import shutil
import time
from pathlib import Path

CHUNK = 64 * 1024  # bytes
LOW_WATER = 0.10  # share of the disk that stays free (trust T9)
ORPHAN_AGE = 24 * 3600  # seconds


class TooLarge(Exception):
    """More bytes came than the limit allows."""


class StorageFull(Exception):
    """The disk is too full to take another file safely."""


class LocalStorage:
    """Blobs in `folder/ab/cd/<key>`, readable by this account alone."""

    def __init__(self, folder, record, *, low_water=LOW_WATER):
        self.folder, self.record, self.low_water = Path(folder), record, low_water

    def put(self, stream, *, limit):
        """Write a stream whole or not at all.

        Args:
            stream: binary file object, read once.
            limit: most bytes accepted.
        Raises:
            TooLarge: at the first byte past the limit. StorageFull: too little room.
        """
        key = secrets.token_hex(16)
        temporary, final = self.folder / f".{key}.part", self.path(key)
        try:
            self._check_room()
            size, digest = _write(stream, temporary, limit)
            final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            temporary.rename(final)
            for folder in (final.parent, final.parent.parent, self.folder):
                _sync(folder)
        except OSError as error:
            raise StorageFull from error
        finally:  # also when the sender goes away in the middle
            temporary.unlink(missing_ok=True)
        return self.record(key=key, size=size, sha256=digest)

    def _check_room(self):
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        usage = shutil.disk_usage(self.folder)
        if usage.free < usage.total * self.low_water:
            raise StorageFull

    def path(self, key):
        """Return where a key's file is; a key that is not ours raises ValueError."""
        if len(key) != 32 or not all(c in "0123456789abcdef" for c in key):
            raise ValueError("not a storage key")
        return self.folder / key[:2] / key[2:4] / key

    def open(self, key):
        """Open a blob for reading; FileNotFoundError when it is gone."""
        return open(self.path(key), "rb")

    def delete(self, key):
        """Remove a blob; nothing happens when it is already gone."""
        self.path(key).unlink(missing_ok=True)

    def keys(self):
        """Yield every key held."""
        for path in self.folder.glob("??/??/*"):
            yield path.name

    def exists(self, key):
        """Say whether a key's blob is there."""
        return self.path(key).is_file()

    def sweep(self, known, *, older_than=ORPHAN_AGE):
        """Remove blobs and temporary files that no row knows; return (how many, sorted keys of rows without a blob).

        Args:
            known: set of keys that rows own.
            older_than: seconds; what is younger may belong to a row not yet committed.
        """
        removed, oldest = 0, time.time() - older_than
        for path in [*self.folder.glob(".*.part"), *self.folder.glob("??/??/*")]:
            if path.name not in known and _written_at(path) < oldest:
                path.unlink(missing_ok=True)
                removed += 1
        return removed, sorted(key for key in known if not self.exists(key))


def _write(stream, path, limit):
    """Write a stream into a new private file, down to the disk; return its size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > limit:
                raise TooLarge
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def _written_at(path):
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # deleted meanwhile
        return float("inf")


def _sync(folder):
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
