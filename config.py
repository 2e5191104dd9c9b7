"""Typed reads of the environment: unset means the embedded default, a wrong value stops the start with a sentence."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent
MINIMUM_SECRET = 32  # bytes (trust §4, item 71)
MINIMUM_TOKEN = 24  # characters


class ConfigurationError(Exception):
    """A setting is wrong or missing; the sentence names the variable and what to write."""


@dataclass(frozen=True)
class Settings:
    """Everything the environment decides; secrets never appear in its text form.

    Attributes:
        data_dir: private folder of the embedded defaults (database, vault, mails).
        *_url: addresses of the services; an empty one means the embedded default (design §6).
        trusted_proxies: number of reverse proxies in front, 0 when none.
        metrics_token: what a collector of measures must show; empty: measures are given to this machine alone.
    """

    secret_key: str
    public_url: str
    data_dir: Path
    database_url: str
    redis_url: str
    mail_url: str
    mail_sender: str
    storage_url: str
    clamd_url: str
    cas_url: str
    sis_url: str
    limesurvey_url: str
    trusted_proxies: int
    metrics_token: str

    def __repr__(self):
        return f"Settings(public_url={self.public_url!r})"

    @property
    def is_production(self):
        """Whether the public address is https: Secure cookies, HSTS and the self-check follow (design §6)."""
        return self.public_url.startswith("https://")

    @property
    def is_sqlite(self):
        return self.database_url.startswith("sqlite:")

    @property
    def has_demonstration_mail(self):
        """Whether mails are files that a local page may show: never in production."""
        return not self.mail_url and not self.is_production

    @property
    def host(self):
        return urlsplit(self.public_url).hostname

    @classmethod
    def from_environ(cls, environ=None):
        """Read the settings.

        Args:
            environ: mapping to read instead of the process's environment.
        Raises:
            ConfigurationError: a value is wrong, or a secret is missing in production.
        """
        environ = os.environ if environ is None else environ
        public_url = _url(environ, "PUBLIC_URL", "http://127.0.0.1:8000", ("http", "https")).rstrip("/")
        data_dir = Path(environ.get("DATA_DIR") or ROOT / "var").resolve()
        is_production = public_url.startswith("https://")
        return cls(
            secret_key=_secret(environ, data_dir, is_production),
            public_url=public_url,
            data_dir=data_dir,
            database_url=_database(environ, data_dir),
            redis_url=_url(environ, "REDIS_URL", "", ("redis", "rediss", "unix")),
            mail_url=_url(environ, "MAIL_URL", "", ("smtp", "smtps", "smtp+plain")),
            mail_sender=environ.get("MAIL_SENDER") or f"ne-pas-repondre@{_mail_host(public_url)}",
            storage_url=_url(environ, "STORAGE_URL", "", ("file",)),
            clamd_url=_url(environ, "CLAMD_URL", "", ("tcp", "unix")),
            cas_url=_url(environ, "CAS_URL", "", ("http", "https")),
            sis_url=_url(environ, "SIS_URL", "", ("file", "http", "https")),
            limesurvey_url=_url(environ, "LIMESURVEY_URL", "", ("http", "https")),
            trusted_proxies=_number(environ, "TRUSTED_PROXIES", 0, 5),
            metrics_token=_token(environ, "METRICS_TOKEN"),
        )


def _url(environ, name, default, schemes):
    value = (environ.get(name) or "").strip()
    if not value:
        return default
    if urlsplit(value).scheme not in schemes:
        raise ConfigurationError(f"{name} must start with one of: {', '.join(s + '://' for s in schemes)}.")
    return value


def _number(environ, name, low, high):
    value = (environ.get(name) or str(low)).strip()
    if not value.isdecimal() or not low <= int(value) <= high:
        raise ConfigurationError(f"{name} must be a whole number from {low} to {high}.")
    return int(value)


def _token(environ, name):
    value = (environ.get(name) or "").strip()
    if value and (len(value) < MINIMUM_TOKEN or not value.isascii()):
        raise ConfigurationError(f"{name} is too easy to guess: give at least {MINIMUM_TOKEN} random letters or digits.")
    return value


def _mail_host(public_url):
    host = urlsplit(public_url).hostname
    return host if any(c.isalpha() for c in host) and "." in host else "postulo.example"


def _database(environ, data_dir):
    value = _url(environ, "DATABASE_URL", "", ("sqlite", "postgresql", "postgres", "postgresql+psycopg"))
    if not value:
        return f"sqlite:///{data_dir / 'postulo.sqlite'}"
    scheme, rest = value.split(":", 1)
    return f"postgresql+psycopg:{rest}" if scheme in ("postgresql", "postgres") else value


def _secret(environ, data_dir, is_production):
    value = environ.get("SECRET_KEY") or ""
    if value and len(value.encode()) < MINIMUM_SECRET:
        raise ConfigurationError(f"SECRET_KEY is too short: give at least {MINIMUM_SECRET} random bytes.")
    if value:
        return value
    if is_production:
        raise ConfigurationError("SECRET_KEY is missing: production (PUBLIC_URL in https) needs one of 32 random bytes or more.")
    return _kept_secret(data_dir / "secret_key")


def _kept_secret(path):
    """Return the secret of an embedded installation, made once and kept beside its data."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


def flask_config(settings):
    """Return the Flask configuration that follows from the settings (cookies, uploads, limits, libraries)."""
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True},
        "REDIS_URL": settings.redis_url,
        "TRUSTED_HOSTS": [settings.host, *(() if settings.is_production else ("127.0.0.1", "localhost"))],
        "SESSION_COOKIE_NAME": "__Host-postulo" if settings.is_production else "postulo",
        "SESSION_COOKIE_SECURE": settings.is_production,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "MAX_CONTENT_LENGTH": 11 * 1024 * 1024,  # bytes: the largest piece that the parameter allows, and its form
        "MAX_FORM_MEMORY_SIZE": 500_000,  # bytes
        "MAX_FORM_PARTS": 200,
        "WTF_CSRF_TIME_LIMIT": None,  # a token lives as long as its session: long edits are not lost
        "BABEL_DEFAULT_LOCALE": "fr",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Paris",
        "RATELIMIT_STORAGE_URI": settings.redis_url.replace("unix://", "redis+unix://") or "memory://",
        "RATELIMIT_STORAGE_OPTIONS": {"socket_connect_timeout": 0.2, "socket_timeout": 0.2} if settings.redis_url else {},  # seconds
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_HEADERS_ENABLED": False,
    }
