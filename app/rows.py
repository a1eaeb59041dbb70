"""Write many rows with one statement, under keys that cost little where there are many."""

import secrets
import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel

from app.db import dialect


def new_id() -> UUID:
    """A UUID of version 7 (RFC 9562, 5.7): keys of one moment stand side by side in each index, so a flood writes fewer pages.

    It tells when it was made, to the millisecond; so do the rows that have one, and no public address shows it.
    """
    moment, chance = time.time_ns() // 1_000_000, int.from_bytes(secrets.token_bytes(10))
    return UUID(int=moment << 80 | 7 << 76 | (chance >> 62 & 0xFFF) << 64 | 2 << 62 | chance & (1 << 62) - 1)


def insert_new(session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]], key: str) -> set[Any]:
    """Insert rows, leaving out those that break a uniqueness rule; the values of `key` of the rows that came in."""
    if not rows:
        return set()
    made = _insert_new(dialect(session), model, tuple(rows[0]), key)
    return set(session.connection().execute(made, _given(session, rows)).scalars())


def insert_all(session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows."""
    if rows:
        session.connection().execute(_insert(dialect(session), model, tuple(rows[0])), _given(session, rows))


def upsert_all(session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]], key: str) -> None:
    """Insert rows, or give the ones that exist these values."""
    if rows:
        session.connection().execute(_upsert(dialect(session), model, tuple(rows[0]), key), _given(session, rows))


def note(row: SQLModel, **columns: object) -> None:
    """Give columns of a row values that `update_all` will write: for the session to keep track of each costs ten times as much."""
    for name, value in columns.items():
        if getattr(row, name) != value:
            set_committed_value(row, name, value)


def settle(row: SQLModel, *names: str) -> None:
    """What was set in these columns will be written by `update_all`, and not by the session as well."""
    for name in names:
        set_committed_value(row, name, getattr(row, name))


def update_all(session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]], key: str) -> None:
    """Give rows that exist these values, each found by its `key`."""
    if rows:
        session.connection().execute(_update(dialect(session), model, tuple(rows[0]), key), _given(session, rows, "_s"))


def add_up(session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]], key: tuple[str, ...]) -> None:
    """Insert rows of counts, or add them to those that exist."""
    if rows:
        made = _insert(dialect(session), model, tuple(rows[0]))
        sums = {name: made.table.c[name] + made.excluded[name] for name in rows[0] if name not in key}
        session.connection().execute(made.on_conflict_do_update(index_elements=key, set_=sums), _given(session, rows))


@lru_cache
def _insert_new(dialect: str, model: type[SQLModel], names: tuple[str, ...], key: str) -> Any:
    made = _insert(dialect, model, names).on_conflict_do_nothing()
    return made.returning(made.table.c[key])


@lru_cache
def _upsert(dialect: str, model: type[SQLModel], names: tuple[str, ...], key: str) -> Any:
    made = _insert(dialect, model, names)
    return made.on_conflict_do_update(index_elements=[key], set_={name: made.excluded[name] for name in names if name != key})


@lru_cache
def _insert(dialect: str, model: type[SQLModel], names: tuple[str, ...]) -> Any:
    """Into the table and not through the mapped class, which would cost half as much again.

    PostgreSQL gets an array for each column: one short statement for any number of rows, which it plans once and the
    driver need not read through again.
    """
    table = sa.inspect(model).local_table
    if dialect == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table).from_select(list(names), sa.select(*_arrays(table, names).c))


@lru_cache
def _update(dialect: str, model: type[SQLModel], names: tuple[str, ...], key: str) -> Any:
    table = sa.inspect(model).local_table
    given: Any = {name: sa.bindparam(f"{name}_s") for name in names} if dialect == "sqlite" else _arrays(table, names).c
    return sa.update(table).where(table.c[key] == given[key]).values({name: given[name] for name in names if name != key})


def _arrays(table: sa.Table, names: tuple[str, ...]) -> Any:
    """The rows of `_given` as a table: an array for each column."""
    arrays = [sa.bindparam(f"{name}_s", type_=postgresql.ARRAY(_element(table.c[name].type))) for name in names]
    return sa.func.unnest(*arrays).table_valued(*names).render_derived()


def _given(session: Session, rows: Sequence[dict[str, Any]], mark: str = "") -> Any:
    """The rows as the parameters of `_insert`, or with the `mark` of `_update`, to which a column's own name means something else."""
    if dialect(session) == "sqlite":
        return [{f"{name}{mark}": value for name, value in row.items()} for row in rows] if mark else list(rows)
    return {f"{name}_s": [row[name] for row in rows] for name in rows[0]}


def _element(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """Without a length: a cast to one cuts off what is too long, where the column itself refuses it."""
    inner = kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind
    return sa.String() if type(inner) is sa.String else kind
