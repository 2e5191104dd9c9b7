"""The vocabulary that tables are written in: base, column types, mixins, screen metadata, after-commit bell."""

import logging
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Annotated

from sqlalchemy import JSON, DateTime, Enum, ForeignKey, Integer, MetaData, String, Text, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

from app import clock

logger = logging.getLogger(__name__)
NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# False while a request that only reads is served: SQLite then begins deferred (trust M13).
write_intent: ContextVar[bool] = ContextVar("write_intent", default=True)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


JsonType = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class UtcDateTime(TypeDecorator):
    """An instant: aware in Python, UTC in the database; a naive value is a programming error."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime given for an instant")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value, dialect):
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Translated(TypeDecorator):
    """A text in several languages: {"fr": …, "en": …}; French is obligatory (domain A5)."""

    impl = JsonType
    cache_ok = True

    def process_bind_param(self, value, dialect):
        if value is not None and not value.get("fr"):
            raise ValueError("a translated text needs its French version")
        return value


def text_in(value, language):
    """Return a translated text in a language, in French when that translation is missing, '' for none."""
    if not value:
        return ""
    return value.get(language) or value.get("fr") or ""


def labelled(vocabulary):
    """Return the column type of a closed vocabulary, kept as its name and guarded by a CHECK."""
    return Enum(vocabulary, native_enum=False, create_constraint=True, length=40, name=vocabulary.__name__.lower())


pk = Annotated[int, mapped_column(Integer, primary_key=True)]
instant = Annotated[datetime, mapped_column(UtcDateTime)]
created = Annotated[datetime, mapped_column(UtcDateTime, default=clock.now, index=True)]
public_id = Annotated[str, mapped_column(String(32), unique=True, default=lambda: token_urlsafe(16))]
label = Annotated[str, mapped_column(String(200))]
code = Annotated[str, mapped_column(String(50), unique=True)]
short = Annotated[str, mapped_column(String(100))]
text = Annotated[str, mapped_column(Text)]
translated = Annotated[dict, mapped_column(Translated)]
json = Annotated[dict, mapped_column(JsonType)]
ordered = Annotated[dict, mapped_column(JSON(none_as_null=True))]  # never JSONB, which sorts the keys
yes = Annotated[bool, mapped_column(default=True)]
no = Annotated[bool, mapped_column(default=False)]


def ref(target, *, nullable=False, index=True, ondelete=None, **kwargs):
    """Return a foreign-key column to `table.column`, indexed."""
    return mapped_column(ForeignKey(target, ondelete=ondelete), nullable=nullable, index=index, **kwargs)


class Versioned:
    """A row that refuses a stale writer: SQLAlchemy compares and increases `version` at each UPDATE (domain D8)."""

    version: Mapped[int] = mapped_column(default=1, server_default="1", info={"form": False})

    @declared_attr.directive
    def __mapper_args__(cls):
        return {"version_id_col": cls.version}


def field(label, *, help=None, section=None, list=False, filter=None, search=False, export=True, form=True, personal=False):
    """Return the `info` of a column: what people read and which screens show it (design §5).

    Args:
        label: French name shown in lists, forms, exports and the data dictionary.
        help: one sentence for the person who fills it.
        section: title of the group it stands in on a form.
        list, search, export, form: which screens carry it.
        filter: whether its list is filtered by it; None, as it is shown.
        personal: holds personal data (register and purge read it).
    """
    keys = ("label", "help", "section", "list", "filter", "search", "export", "form", "personal")
    given = (label, help, section, list, filter, search, export, form, personal)
    return dict(zip(keys, given, strict=True))


@dataclass(frozen=True)
class Managed:
    """How the back office presents a model; read by the generator of screens."""

    plural: str
    menu: str
    right: str
    scope: str | None = None
    order: int = 100
    create: bool = True
    edit: bool = True


def managed(plural, *, menu, right, scope=None, order=100, create=True, edit=True):
    """Return the screen metadata of a model.

    Args:
        plural: French title of the list and of its menu entry.
        menu: French title of the menu it stands in.
        right: name of the `Functionality` that opens it (read) and changes it (write).
        scope: name of the scope rule of `access` (None: only a grant on everything opens it).
        order: place in the menu.
        create, edit: whether the screens to add and to change exist at all.
    """
    return Managed(plural=plural, menu=menu, right=right, scope=scope, order=order, create=create, edit=edit)


def plain(row, names):
    """Return columns of a row as JSON values that `put_back` reads."""
    values = {name: getattr(row, name) for name in names}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def put_back(row, kept):
    """Give columns of a row the values that `plain` kept."""
    for name, value in kept.items():
        column = row.__table__.c[name].type
        if value is not None and isinstance(column, UtcDateTime):
            value = datetime.fromisoformat(value)
        elif value is not None and isinstance(column, Enum):
            value = column.enum_class(value)
        setattr(row, name, value)


def after_commit(session, call):
    """Run `call` once this session's transaction is durable; forget it on rollback (trust R1)."""
    session.info.setdefault("after_commit", []).append(call)


@event.listens_for(Session, "after_commit")
def _ring(session):
    if session.in_nested_transaction():  # a savepoint is not durable yet
        return
    for call in session.info.pop("after_commit", ()):
        try:
            call()
        except Exception:  # noqa: BLE001 -- what is durable is done: a bell that breaks is for the sweep, not for the person
            logger.exception("a call after commit failed")


@event.listens_for(Session, "after_rollback")
def _forget(session):
    if session.in_nested_transaction():  # a savepoint gives up; what was announced before it may still be committed
        return
    session.info.pop("after_commit", None)
