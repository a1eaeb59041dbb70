"""Open the keys of a statement, or the house's own; what the older ones are still needed for."""

from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, Gone
from app.keys.models import SEALED, Sealed, StatementKeys
from app.sealing import HEADER, Keyring, derive, header, unwrap
from app.settings import get_settings

# Built once: every batch of signatures asks these.
_KEYS = select(StatementKeys).where(StatementKeys.statement_id == sa.bindparam("statement")).order_by(col(StatementKeys.number).desc())
_KEY = sa.bindparam("key", type_=sa.BigInteger)
_LOCKS = {True: sa.select(sa.func.pg_advisory_xact_lock(_KEY)), False: sa.select(sa.func.pg_advisory_xact_lock_shared(_KEY))}


def place(statement_id: UUID, purpose: str) -> str:
    """What a wrapped key is bound to."""
    return f"statement_keys|{purpose}|{statement_id}"


def keyring(session: Session, statement_id: UUID | None) -> Keyring:
    """The keys of a statement; of the house itself for None. Raises Gone when they were destroyed.

    In a writing transaction they are held, so what is sealed with them before its end is found by a rotation. Never
    seal with keys from another transaction.
    """
    root = get_settings().root_key()
    if statement_id is None:
        return Keyring(0, derive(root, "house data"), derive(root, "house index"))
    if not session.get_bind().get_execution_options().get("read_only"):
        return _opened(session, statement_id, root)
    # A read sees one snapshot: what it opens once serves all the rows of its page.
    rings: dict[UUID, Keyring] = session.info.setdefault("keyrings", {})
    if statement_id not in rings:
        rings[statement_id] = _opened(session, statement_id, root)
    return rings[statement_id]


def _opened(session: Session, statement_id: UUID, root: bytes) -> Keyring:
    hold(session, statement_id)
    rows = by_number(session, statement_id)
    data = {row.number: unwrap(root, row.data_key, place(statement_id, "data")) for row in rows if row.data_key}
    index = {row.number: unwrap(root, row.index_key, place(statement_id, "index")) for row in rows}
    current = rows[0].number
    return Keyring(current, data.pop(current), index.pop(current), data, index)


def by_number(session: Session, statement_id: UUID) -> list[StatementKeys]:
    """The wrapped keys, the current ones first; raises Gone when they were destroyed."""
    rows = session.exec(_KEYS, params={"statement": statement_id}).all()
    if not rows:
        raise Gone(N_("The keys to this statement's private data were destroyed."))
    return list(rows)


def hold(session: Session, statement_id: UUID, alone: bool = False) -> None:
    """Let nobody change the keys before this transaction ends; with `alone` nobody else may be using them either.

    On PostgreSQL an advisory lock, which unlike a lock on the rows is fair: a rotation gets its turn in a flood. A read
    has a snapshot of its own, and SQLite has one writer at a time; they need no lock.
    """
    bind = session.get_bind()
    if bind.dialect.name == "postgresql" and not bind.get_execution_options().get("read_only"):
        session.connection().execute(_LOCKS[alone], {"key": int.from_bytes(statement_id.bytes[:8], "big", signed=True)})


def outdated(kind: Sealed, statement_id: UUID, number: int) -> sa.ColumnElement[bool]:
    """The rows with a value that an older key sealed, or an index that may be made anew."""
    index = [sa.and_(_older(kind, kind.index, number), sa.or_(*(_column(kind, name).is_not(None) for name in kind.columns)))] if kind.index else []
    return sa.and_(kind.of(statement_id), sa.or_(*(_older(kind, name, number) for name in kind.columns), *index))


def count_outdated(session: Session, statement_id: UUID) -> int:
    """How many rows a rotation has to look at."""
    number = by_number(session, statement_id)[0].number
    return sum(session.scalar(sa.select(sa.func.count()).select_from(kind.model).where(outdated(kind, statement_id, number))) or 0 for kind in SEALED)


def count_sealed_by_older(session: Session, statement_id: UUID) -> int:
    """How many rows hold a value that an older key sealed."""
    number = by_number(session, statement_id)[0].number
    wanted = [(kind, sa.or_(*(_older(kind, name, number) for name in kind.columns))) for kind in SEALED]
    return sum(session.scalar(sa.select(sa.func.count()).select_from(kind.model).where(kind.of(statement_id), older)) or 0 for kind, older in wanted)


def needed(session: Session, statement_id: UUID) -> tuple[set[int], set[int]]:
    """The numbers of the keys that still have a sealed value, and of those that still have an index."""
    data = {number for kind in SEALED for name in kind.columns for number in _numbers(session, kind, name, statement_id)}
    index = {number for kind in SEALED if kind.index for number in _numbers(session, kind, kind.index, statement_id)}
    return data, index


def _numbers(session: Session, kind: Sealed, name: str, statement_id: UUID) -> set[int]:
    heads = session.scalars(sa.select(_head(kind, name)).where(kind.of(statement_id), _column(kind, name).is_not(None)).distinct())
    return {int.from_bytes(head[1:], "big") for head in heads}


def _older(kind: Sealed, name: str, number: int) -> sa.ColumnElement[bool]:
    return _head(kind, name) != header(number)


def _head(kind: Sealed, name: str) -> sa.ColumnElement[bytes]:
    return sa.func.substr(_column(kind, name), 1, HEADER, type_=sa.LargeBinary)


def _column(kind: Sealed, name: str) -> sa.ColumnElement[bytes]:
    found: sa.ColumnElement[bytes] = getattr(kind.model, name)
    return found
