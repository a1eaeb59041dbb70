"""The database: engine, transactions, column types. The only caller of commit."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import Depends, Request
from psycopg.types.array import ListBinaryDumper
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlmodel import Session, SQLModel, col

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# More than twice the requests that `web.layers.InFlight` lets in, with few kept idle: a PostgreSQL server has a hundred for all nodes.
# The connection used last is used first: its cache is warm.
_POOL = {"pool_size": 10, "max_overflow": 30, "pool_use_lifo": True}
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "secure_delete=ON",
    "trusted_schema=OFF",
    "temp_store=MEMORY",
    "cache_size=-4000",  # 4 MB of a connection, of which ten are kept; the rest is in the memory of the system
    "wal_autocheckpoint=8000",  # pages: in a flood most of them are written again before they go to the file
)


_AFTER = "after commit"


class UTCDateTime(sa.TypeDecorator[datetime]):
    """An aware moment in UTC on every database; refuses naive values."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        """SQLite's text of a moment without SQLAlchemy's three steps to it: a signature binds seven."""
        return _sqlite_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else _aware(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _aware(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("naive datetime")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


@lru_cache(1024)  # most moments of a batch are one
def _sqlite_text(value: datetime | None) -> str | None:
    return None if value is None else _aware(value).isoformat(" ", "microseconds")[:26]  # without its +00:00


def enum_type(kind: type[Enum], name: str) -> sa.Enum:
    """A column type that stores the values of `kind` as text, held by a CHECK constraint."""
    return sa.Enum(kind, values_callable=lambda k: [member.value for member in k], native_enum=False, length=20, create_constraint=True, name=name)


def _sqlite_driver() -> ModuleType:
    """A DB-API module whose SQLite has no WAL-reset bug (fixed in 3.51.3, 3.50.7 and 3.44.6); raises RuntimeError."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        dbapi2 = sqlite3
    version: tuple[int, ...] = dbapi2.sqlite_version_info
    if version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45):
        return dbapi2  # type: ignore[no-any-return]
    raise RuntimeError(f"SQLite {dbapi2.sqlite_version} can lose committed rows (WAL-reset bug); install pysqlite3 or use PostgreSQL")


def make_engine(url: str) -> Engine:
    """An engine with the durability settings of this project; parameters never reach its error messages."""
    if not url.startswith("sqlite"):
        engine = sa.create_engine(url, hide_parameters=True, pool_pre_ping=True, **_POOL)
        event.listen(engine, "connect", _send_binary)
        return engine
    path = Path(sa.make_url(url).database or "")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)  # SQLite gives its WAL the same rights
    engine = sa.create_engine(url, module=_sqlite_driver(), hide_parameters=True, **_POOL)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _send_binary(connection: Any, _record: object) -> None:
    connection.adapters.register_dumper(list, ListBinaryDumper)  # as text each element of an array is quoted by a regular expression


def _configure(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would hide ours
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A write transaction takes its lock at once: an upgrade half-way could only fail.
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("read_only") else "BEGIN IMMEDIATE")


class Database:
    """One database and its transactions."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        # One snapshot for all that a page reads, so that a list and its revision are of one moment; SQLite's reads are so already.
        snapshot = {} if self.embedded else {"isolation_level": "REPEATABLE READ"}
        self._reads = self.engine.execution_options(read_only=True, **snapshot)

    @property
    def embedded(self) -> bool:
        """Whether this is the SQLite file, which allows one server process."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Return commits, raise rolls back."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session
            session.commit()
            for act in session.info.get(_AFTER, ()):
                act()

    def log_size(self) -> int:
        """Bytes of SQLite's write-ahead log; it grows while there is always somebody reading."""
        log = Path(f"{self.engine.url.database}-wal")
        return log.stat().st_size if self.embedded and log.exists() else 0

    def empty_log(self) -> bool:
        """Empty SQLite's write-ahead log, where what was erased would live on; False while a reader is in the way."""
        if not self.embedded:
            return True
        connection = self.engine.raw_connection()  # not inside a transaction
        connection.detach()
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=200")  # while it waits for readers nobody writes, and who waits to write may be a reader
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (busy, *_rest) = cursor.fetchone() or (1,)
        connection.close()
        return not busy

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent view that never waits for a writer and never writes."""
        with Session(self._reads, expire_on_commit=False) as session:
            yield session


def take_turn(database: Database, wanted: Any, work: Callable[[Session, Any], None]) -> int:
    """Let `work` do a batch of the first row that `wanted` finds, held meanwhile; whether there was one that no other node is at."""
    with database.transaction() as session:
        found = session.exec(wanted.limit(1).with_for_update(skip_locked=True)).first()
        if found is not None:
            work(session, found)
        return int(found is not None)


def after_commit(session: Session, act: Callable[[], None]) -> None:
    """Do something once the transaction is committed, and not if it never is."""
    session.info.setdefault(_AFTER, []).append(act)


@contextmanager
def together(session: Session) -> Iterator[None]:
    """Send the writes inside, none of which returns a row, to PostgreSQL in one go; each answer waited for costs more than most writes."""
    if dialect(session) == "sqlite":
        yield
        return
    driver: Any = session.connection().connection.driver_connection
    with driver.pipeline():
        yield


def among(dialect: str, column: Any, name: str) -> Any:
    """The condition that `column` is in the list given as `name`; on PostgreSQL one statement for any length, which it plans once."""
    if dialect == "sqlite":
        return col(column).in_(sa.bindparam(name, expanding=True))
    kind: Any = sa.inspect(column).type
    return col(column) == sa.any_(sa.bindparam(name, type_=postgresql.ARRAY(kind)))


def unable(error: Exception) -> bool:
    """Whether the database is away, its disk is full, or others write for too long; a wrong statement is none of these.

    To SQLite that is an operational error too, with the code SQLITE_ERROR (https://sqlite.org/rescode.html).
    """
    return isinstance(error, sa.exc.OperationalError) and getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != 1


def dialect(session: Session) -> str:
    """The name of its database's language: `sqlite` or `postgresql`."""
    return session.get_bind().dialect.name


def _transaction(request: Request) -> Iterator[Session]:
    with request.app.state.database.transaction() as session:
        yield session


def _reading(request: Request) -> Iterator[Session]:
    with request.app.state.database.reading() as session:
        yield session


# scope="function": the commit comes before the answer, and a failed commit is never reported as success.
Db = Annotated[Session, Depends(_transaction, scope="function")]
ReadDb = Annotated[Session, Depends(_reading, scope="function")]
