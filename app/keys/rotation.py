"""Give a statement new keys while the site runs: new values at once, old ones in batches, the old key destroyed at the end."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.db import Database
from app.keys.actions import issue
from app.keys.models import SEALED, Sealed, StatementKeys
from app.keys.queries import by_number, count_outdated, count_sealed_by_older, hold, keyring, needed, outdated
from app.sealing import Keyring

BATCH = 500
_PAUSE = 0.05  # seconds at least, so that a flood of writers goes on


@dataclass(frozen=True)
class Rotated:
    """The current number, how many rows were sealed anew, how many do not open, and which old keys are still needed."""

    number: int
    rows: int
    broken: int
    kept: tuple[int, ...]


def rotate(database: Database, statement_id: UUID, now: datetime, tell: Callable[[int, int], None]) -> Rotated:
    """Carry an interrupted rotation to its end, or else make a new one; calls `tell(rows done, rows in all)`. Raises Gone.

    Values that do not open are left alone, and so is the key that is said to have sealed them.
    """
    with database.reading() as session:
        interrupted = count_sealed_by_older(session, statement_id)
    carried, broken = _carry(database, statement_id, tell) if interrupted else (0, 0)
    if not carried:
        with database.transaction() as session:
            begin(session, statement_id, now)
        carried, broken = _carry(database, statement_id, tell)
    number, *kept = finish(database, statement_id)
    return Rotated(number, carried, broken, tuple(kept))


def begin(session: Session, statement_id: UUID, now: datetime) -> None:
    """Make new keys the current ones, as soon as everyone who is writing with the present ones is done."""
    hold(session, statement_id, alone=True)
    issue(session, statement_id, now, by_number(session, statement_id)[0].number + 1)


def finish(database: Database, statement_id: UUID) -> list[int]:
    """Destroy the old keys that nothing needs any more; the numbers of those that stay, the current one first.

    Afterwards call `leave_no_trace`.
    """
    with database.reading() as session:
        data, index = needed(session, statement_id)  # since `begin` nothing can be added to these
    with database.transaction() as session:
        current, *older = (row.number for row in by_number(session, statement_id))
        # Not through the mapped rows: another rotation may end at the same moment and have done it already.
        rows, number = col(StatementKeys.statement_id) == statement_id, col(StatementKeys.number)
        session.execute(sa.update(StatementKeys).where(rows, number.in_(set(older) - data)).values(data_key=None))
        session.execute(sa.delete(StatementKeys).where(rows, number.in_(set(older) - data - index)))
    return [current, *(one for one in older if one in data | index)]


def _carry(database: Database, statement_id: UUID, tell: Callable[[int, int], None]) -> tuple[int, int]:
    """Sweep until all that opens is sealed by the current key; how many rows were sealed anew, how many do not open."""
    with database.reading() as session:
        total = count_outdated(session, statement_id)
    seen = carried = 0
    while True:
        broken = 0
        for batch in _sweep(database, statement_id):
            seen, carried, broken = seen + batch.rows, carried + batch.carried, broken + batch.broken
            tell(min(seen, total), total)
        with database.reading() as session:
            if count_sealed_by_older(session, statement_id) <= broken:
                return carried, broken
        time.sleep(_PAUSE)


@dataclass(frozen=True)
class _Batch:
    rows: int
    carried: int
    broken: int


def _sweep(database: Database, statement_id: UUID) -> Iterator[_Batch]:
    """Every outdated row once, in order of id, in transactions of their own; rows that somebody else has locked are passed over."""
    for kind in SEALED:
        after = UUID(int=0)
        while True:
            began = time.monotonic()
            with database.transaction() as session:
                ring = keyring(session, statement_id)
                wanted = select(kind.model).where(outdated(kind, statement_id, ring.number), kind.model.id > after)
                rows = session.exec(wanted.order_by(kind.model.id).limit(BATCH).with_for_update(skip_locked=True)).all()
                changes = [_anew(ring, kind, row) for row in rows]
                carried = [change for change in changes if change]
                _write(session, kind, carried)
            if not rows:
                break
            after = rows[-1].id
            yield _Batch(len(rows), len(carried), changes.count(None))
            time.sleep(max(_PAUSE, time.monotonic() - began))


def _anew(ring: Keyring, kind: Sealed, row: Any) -> dict[str, Any] | None:
    """What to write into a row, nothing when only its index is old and cannot be made anew; None when a value does not open."""
    held = {name: value for name in kind.columns if (value := getattr(row, name)) is not None}
    try:
        opened = {name: ring.open(value, row.place(name)) for name, value in held.items()}
    except (InvalidTag, ValueError):
        return None
    change = {name: ring.seal(opened[name], row.place(name)) for name, value in held.items() if not ring.made(value)}
    index = getattr(row, kind.index) if kind.index else None
    if index is not None and not ring.made(index) and (value := row.indexed(opened)) is not None:
        change[kind.index] = ring.index(value)
    return {"id": row.id, **change} if change else {}


def _write(session: Session, kind: Sealed, changes: list[dict[str, Any]]) -> None:
    """Write the changes. An index that is taken, by one who was told apart under an older rule, stays as it was."""
    if not changes:
        return
    try:
        with session.begin_nested():
            session.execute(sa.update(kind.model), changes)
    except IntegrityError:
        half = len(changes) // 2
        if half:
            _write(session, kind, changes[:half])
            _write(session, kind, changes[half:])
        elif changes[0].pop(kind.index, None) and len(changes[0]) > 1:
            _write(session, kind, changes)
