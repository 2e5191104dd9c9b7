"""Where files live: a small interface, its embedded folder, and the confined child that alone may parse them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from flask import current_app

from app.storage.local import LocalStorage
from config import ConfigurationError


@dataclass(frozen=True)
class Stored:
    """What was written: its random key, its size in bytes, its SHA-256 in hexadecimal."""

    key: str
    size: int
    sha256: str


class Storage(Protocol):
    """Immutable blobs under random keys; the row that owns a key also keeps its hash."""

    def put(self, stream: BinaryIO, *, limit: int) -> Stored: ...

    def open(self, key: str) -> BinaryIO: ...

    def path(self, key: str) -> Path:
        """Return a local file with the blob's bytes, for the checker's child (a remote storage makes a copy)."""

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> None: ...

    def keys(self) -> Iterator[str]: ...

    def sweep(self, known: set[str], *, older_than: int) -> tuple[int, list[str]]: ...


def from_url(url, data_dir):
    """Return the storage that STORAGE_URL names; an empty one is the private folder of the installation.

    Raises:
        ConfigurationError: a kind of storage that this version does not have.
    """
    if not url:
        return LocalStorage(data_dir / "vault", Stored)
    parts = urlsplit(url)
    if parts.scheme != "file" or not parts.path.startswith("/"):
        raise ConfigurationError("STORAGE_URL must be file:///an/absolute/folder, or unset for the folder of the installation.")
    return LocalStorage(Path(unquote(parts.path)), Stored)


def vault():
    """Return the storage of this application."""
    app = current_app._get_current_object()
    if "vault" not in app.extensions:
        settings = app.config["SETTINGS"]
        app.extensions["vault"] = from_url(settings.storage_url, settings.data_dir)
    return app.extensions["vault"]
