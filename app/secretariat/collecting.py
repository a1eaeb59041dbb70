"""Enter signatures that were collected elsewhere, in batches, and take all of a sheet back."""

import json
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.accounts import assents
from app.accounts.models import Person
from app.audit.actions import record
from app.clock import utcnow
from app.db import Database, among, dialect, take_turn
from app.errors import N_, Gone, NotFound
from app.keys.queries import keyring
from app.rows import insert_new, new_id
from app.sealing import Keyring
from app.secretariat.lines import Line, lines
from app.signatures.collected import AT_WORK, Collection, Step
from app.signatures.forms import Typed
from app.signatures.listing import delist_all
from app.signatures.models import LIVING, Kind, Origin, Signature, State, place
from app.signatures.particulars import Particulars
from app.statements.models import Statement
from app.statements.queries import revision

BATCH, FEW = 200, 25
TAKE_BACK = "take-back-sheet"
"""What takes two people for a sheet of more than `FEW`: a list may lose as many names by it as by a removal campaign."""
_AT_WORK = col(Collection.step).in_(AT_WORK)


def hand_in(session: Session, statement: Statement, person: Person, attested_by: str, table: Sequence[Sequence[str]], now: datetime) -> Collection:
    """Keep a sheet, sealed."""
    made = Collection(statement_id=statement.id, account_id=person.id, attested_by=attested_by, total=len(table) - 1, created_at=now, changed_at=now)
    made.rows = keyring(session, statement.id).seal(zlib.compress(json.dumps(table, ensure_ascii=False).encode()), made.place("rows"))
    session.add(made)
    record(session, "hand-in-sheet", now, person.id, statement.id, made.id, rows=made.total)
    return made


def sheet_of(session: Session, statement: Statement, collection_id: UUID, lock: bool = True) -> Collection:
    """A sheet of this statement, with `lock` held for this transaction; raises NotFound."""
    found = session.get(Collection, collection_id, with_for_update=lock or None)
    if found is None or found.statement_id != statement.id:
        raise NotFound(N_("There is no such sheet."))
    return found


def table_of(session: Session, collection: Collection) -> list[list[str]]:
    """The rows, opened in memory, the header first; raises Gone once they are erased."""
    if collection.rows is None:
        raise Gone(N_("The rows of this sheet are erased."))
    return cast(list[list[str]], json.loads(zlib.decompress(keyring(session, collection.statement_id).open(collection.rows, collection.place("rows")))))


def set_columns(collection: Collection, columns: Mapping[str, Any], now: datetime) -> None:
    """Say which column holds what; raises Conflict once it is being entered."""
    collection.move((Step.HANDED_IN,), Step.HANDED_IN, now)
    collection.columns = dict(columns)


def enter(session: Session, collection: Collection, person: Person, now: datetime) -> None:
    """Begin to enter what can be read; raises Conflict."""
    collection.move((Step.HANDED_IN,), Step.ENTERING, now)
    record(session, "enter-sheet", now, person.id, collection.statement_id, collection.id)


def take_back(session: Session, collection: Collection, person: Person, now: datetime) -> None:
    """Begin to take everybody of the sheet off the list; raises Conflict, and Forbidden where it needs a second person who has not agreed."""
    if collection.added > FEW:
        assents.spend(session, TAKE_BACK, person, now, collection.statement_id, collection.id)
    collection.move((Step.ENTERED,), Step.TAKING_BACK, now)
    record(session, TAKE_BACK, now, person.id, collection.statement_id, collection.id)


def waiting(_now: Any) -> sa.Exists:
    """Whether there is a sheet to go on with."""
    return sa.exists().where(_AT_WORK)


def collections_due(database: Database) -> int:
    """One batch of one sheet; whether there was one."""
    return take_turn(database, select(Collection).where(_AT_WORK).order_by(col(Collection.changed_at)), _batch_of)


def _batch_of(session: Session, collection: Collection) -> None:
    (_enter if collection.step is Step.ENTERING else _take_back)(session, collection, utcnow())


def _enter(session: Session, collection: Collection, now: datetime) -> None:
    statement = session.get_one(Statement, collection.statement_id)
    batch = list(lines(table_of(session, collection), collection.columns, collection.attested_by, collection.at, collection.at + BATCH))
    rows = _rows(session, statement, collection, [line for line in batch if line.typed], now)
    added = len(insert_new(session, Signature, rows, "id"))
    refused = sum(line.typed is None for line in batch)
    collection.added, collection.refused = collection.added + added, collection.refused + refused
    collection.known, collection.at = collection.known + len(batch) - refused - added, collection.at + len(batch)
    if collection.at >= collection.total:
        collection.move((Step.ENTERING,), Step.ENTERED, now)


def _rows(session: Session, statement: Statement, collection: Collection, readable: Sequence[Line], now: datetime) -> list[dict[str, Any]]:
    """The rows of those who are new, in the order of their index: so two nodes never wait in a circle."""
    ring, text = keyring(session, statement.id), revision(session, statement).id
    said = [(line, _particulars(line, statement)) for line in readable]
    known = _known(session, statement.id, [index for line, typed in said for index in _indexes(ring, line, typed)])
    fresh = {ring.index(typed.mark(_kind(line))): (line, typed) for line, typed in said if known.isdisjoint(_indexes(ring, line, typed))}
    return [_row(collection, text, ring, index, *fresh[index], now) for index in sorted(fresh)]


def _particulars(line: Line, statement: Statement) -> Particulars:
    typed = cast(Typed, line.typed)
    return Particulars(typed.name, typed.role, typed.organisation, typed.website, typed.country, typed.mandate, line.language or statement.language)


def _kind(line: Line) -> Kind:
    return cast(Typed, line.typed).kind


def _indexes(ring: Keyring, line: Line, typed: Particulars) -> set[bytes]:
    """Under what a signature of this person may be known: the mark of who they are, and their address, which is kept nowhere."""
    return {*ring.indexes(typed.mark(_kind(line))), *(ring.indexes(line.canonical) if line.canonical else ())}


def _known(session: Session, statement_id: UUID, indexes: Sequence[bytes]) -> set[bytes]:
    """Of these, who stands there or waits to; and whom a moderator took off, for they do not come back by a sheet."""
    given = among(dialect(session), Signature.address_index, "indexes")
    rows = select(Signature.address_index).where(Signature.statement_id == statement_id, given, col(Signature.state).in_((*LIVING, State.REMOVED)))
    return {index for index in session.exec(rows, params={"indexes": list(indexes)}) if index is not None}


def _row(collection: Collection, text: UUID, ring: Keyring, index: bytes, line: Line, typed: Particulars, now: datetime) -> dict[str, Any]:
    key = new_id()
    return {
        "id": key,
        "statement_id": collection.statement_id,
        "revision_id": text,
        "state": State.APPROVED,
        "kind": _kind(line),
        "visibility": line.visibility,
        "source": Origin.IMPORT,
        "page_language": typed.language,
        "particulars": ring.seal(typed.dump(), place("particulars", key, collection.statement_id)),
        "address_index": index,
        "collection_id": collection.id,
        "attested_by": collection.attested_by,
        "created_at": now,
        "decided_at": now + timedelta(microseconds=line.number),  # the list follows the sheet's order
    }


def _take_back(session: Session, collection: Collection, now: datetime) -> None:
    mine = select(Signature).where(Signature.collection_id == collection.id, col(Signature.state).in_((State.APPROVED, State.PUBLISHED)))
    batch = session.exec(mine.order_by(col(Signature.id)).limit(BATCH).with_for_update()).all()
    delist_all(session, [signature for signature in batch if signature.state is State.PUBLISHED], now)
    for signature in batch:
        if signature.state is State.APPROVED:
            signature.withdraw(now)
        signature.forget_person()
    if len(batch) < BATCH:
        collection.move((Step.TAKING_BACK,), Step.TAKEN_BACK, now)
