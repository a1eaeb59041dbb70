"""Issue the keys of a statement, and destroy them."""

import secrets
import time
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from app.db import Database
from app.keys.models import SEALED, StatementKeys
from app.keys.queries import hold, place
from app.sealing import wrap
from app.settings import get_settings

_TRIES = 60  # half a second apart


def issue(session: Session, statement_id: UUID, now: datetime, number: int = 1) -> None:
    """Make the data key and the index key of a new statement, or the next ones of a rotation."""
    root = get_settings().root_key()
    session.add(
        StatementKeys(
            statement_id=statement_id,
            number=number,
            data_key=wrap(root, secrets.token_bytes(32), place(statement_id, "data")),
            index_key=wrap(root, secrets.token_bytes(32), place(statement_id, "index")),
            created_at=now,
        )
    )


def shred(session: Session, statement_id: UUID) -> None:
    """Destroy every key of a statement and what was sealed by them; afterwards call `leave_no_trace`."""
    hold(session, statement_id, alone=True)
    for kind in SEALED:
        emptied = dict.fromkeys((*kind.columns, kind.index) if kind.index else kind.columns)
        session.execute(sa.update(kind.model).where(kind.of(statement_id)).values(emptied), execution_options={"synchronize_session": False})
    session.execute(sa.delete(StatementKeys).where(col(StatementKeys.statement_id) == statement_id))


def leave_no_trace(database: Database) -> bool:
    """Write anew the files in which a destroyed key may still stand; False while others are in the way: then call it again.

    SQLite: the write-ahead log is moved into the database, where `secure_delete` zeroed the row, and emptied. PostgreSQL:
    the table of keys is copied without its dead rows; the server's own log and its backups live their own time.
    """
    for _ in range(_TRIES):
        if database.empty_log() if database.embedded else _copy_without_the_dead(database):
            return True
        time.sleep(0.5)
    return False


def _copy_without_the_dead(database: Database) -> bool:
    told: list[str] = []
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as alone:
        driver: Any = alone.connection.driver_connection
        driver.add_notice_handler(lambda notice: told.append(notice.message_detail or ""))
        alone.detach()
        alone.exec_driver_sql("SET lock_timeout = '200ms'")  # whoever waits for the table makes everyone behind it wait
        try:
            alone.exec_driver_sql("VACUUM (FULL, VERBOSE) statement_keys")
        except OperationalError:
            return False
    return any(told) and all(detail.startswith("0 ") for detail in told if detail)  # it says how many an old snapshot kept
