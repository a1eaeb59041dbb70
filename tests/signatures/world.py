"""One statement on a real database that a state machine may play with: put back in milliseconds, and seen whole after every act."""

import atexit
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, select

from app.accounts.models import Account, Role
from app.db import Database
from app.keys.models import SEALED
from app.keys.queries import keyring
from app.migrations import migrate
from app.secretariat.actions import publish
from app.signatures import queries
from app.signatures.models import Signature
from app.statements.models import Statement
from app.statements.queries import get
from app.statements.source import load
from app.tables import metadata
from tests import cast

BEGINNING = datetime(2026, 11, 22, 12, tzinfo=UTC)
Row = dict[str, Any]
Face = dict[int, tuple[object, ...]]


@dataclass(frozen=True)
class Letter:
    """A mail as it was queued, opened."""

    name: str
    to: str
    about: UUID | None
    token: str
    code: str
    expires_at: datetime | None


@dataclass(frozen=True)
class Sight:
    """Everything the database holds at one moment: rows by table and key, opened values by table, row and column, the public list."""

    rows: Mapping[str, Mapping[tuple[Any, ...], Row]]
    opened: Mapping[tuple[str, UUID, str], bytes]
    face: Face
    came: Face = field(default_factory=dict)
    went: frozenset[int] = frozenset()

    @property
    def signatures(self) -> dict[UUID, Row]:
        """The rows of signatures."""
        return {key[0]: row for key, row in self.rows["signature"].items()}

    @property
    def tally(self) -> Row:
        """The only tally."""
        return next(iter(self.rows["tally"].values()))

    def letters_since(self, before: "Sight") -> list[Letter]:
        """The mails that were queued after another sight."""
        new = self.rows["outbox_mail"].keys() - before.rows["outbox_mail"].keys()
        return [self._letter(self.rows["outbox_mail"][key]) for key in new]

    def _letter(self, mail: Row) -> Letter:
        payload = json.loads(self.opened["outbox_mail", mail["id"], "payload"])
        context = payload["context"]
        return Letter(mail["name"], payload["to"], mail["about"], context.get("token", ""), context.get("code", "").replace(" ", ""), mail["expires_at"])


class World:
    """The database, and a clock that only its owner moves."""

    def __init__(self) -> None:
        self.database, template = _stage()
        self.database.engine.dispose()
        path = Path(self.database.engine.url.database or "")
        for leftover in ("-wal", "-shm"):
            Path(f"{path}{leftover}").unlink(missing_ok=True)
        shutil.copy(template, path)
        self.now = BEGINNING
        with self.database.reading() as session:
            self.statement_id = get(session, cast.SLUG).id
            self.moderator = session.exec(select(Account)).one()
        self.sight = self.look(0)

    def statement(self, session: Session) -> Statement:
        """The statement, in a transaction."""
        return session.get_one(Statement, self.statement_id)

    def look(self, known_revision: int) -> Sight:
        """What the database holds now; who came and went since a revision of the list, as mirrors are told."""
        with self.database.reading() as session:
            rows = {table.name: _rows(session, table) for table in metadata.sorted_tables}
            changes = queries.since(session, self.statement_id, known_revision, 0)
            listed = queries.in_order_of_signing(session, self.statement_id, 0).rows
            return Sight(rows, _opened(session, self.statement_id), _face(listed), _face(changes.page.rows), frozenset(changes.withdrawn))


@cache
def _stage() -> tuple[Database, Path]:
    """The one database of this process, whose engine keeps its compiled statements, and the file it begins from each time."""
    folder = Path(tempfile.mkdtemp(prefix="undersigned-life-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    source = folder / "statement.md"
    source.write_text(cast.statement(cast.FIRST), encoding="utf-8")
    template = Database(f"sqlite:///{folder / 'template.sqlite3'}")
    migrate(template)
    with template.transaction() as session:
        publish(session, load(source), BEGINNING - timedelta(days=1))
        session.add(Account(email="moderator@site.example", role=Role.MODERATOR, password_hash="none", created_at=BEGINNING))
    with template.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    template.engine.dispose()
    database = Database(f"sqlite:///{folder / 'life.sqlite3'}")
    # What is tested here is not the disk; waiting for it would be half of the time.
    sa.event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return database, folder / "template.sqlite3"


def _rows(session: Session, table: sa.Table) -> dict[tuple[Any, ...], Row]:
    keys = [column.name for column in table.primary_key]
    found = [dict(row) for row in session.execute(sa.select(table)).mappings()]
    return {tuple(row[key] for key in keys): row for row in found}


def _opened(session: Session, statement_id: UUID) -> dict[tuple[str, UUID, str], bytes]:
    ring = keyring(session, statement_id)
    return {
        (kind.model.__tablename__, row.id, name): ring.open(value, row.place(name))
        for kind in SEALED
        for row in session.exec(select(kind.model).where(kind.of(statement_id)))
        for name in kind.columns
        if (value := getattr(row, name)) is not None
    }


def _face(rows: list[Signature] | Any) -> Face:
    """What readers see of each signatory, by number."""
    return {row.number or 0: (row.kind, row.name, row.role, row.organisation, row.website, row.country, row.language, row.evidence) for row in rows}
