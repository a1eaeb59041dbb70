"""Figures about keys: a rotation under load, and what is left of a statement after its keys were destroyed."""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch
from uuid import UUID

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from sqlmodel import Session, col, select

from app.clock import utcnow
from app.db import Database
from app.keys import rotation
from app.keys.actions import leave_no_trace
from app.keys.models import SEALED, StatementKeys
from app.keys.queries import keyring
from app.keys.rotation import Rotated, rotate
from app.sealing import Keyring, derive, header
from app.secretariat.shredding import shred
from app.settings import get_settings
from app.signatures.identity import canonical_address
from app.signatures.models import LIVING, Signature
from app.statements.actions import close
from app.statements.models import Statement
from app.statements.queries import get
from tests import cast
from tests.proof.figures import exactly
from tests.signatures.hands import SIGN, posting, sign_many, together
from tests.site import Site

OTHER = "clean-rivers"
NONE = (
    "values that do not open",
    "values of an old key",
    "rows too many",
    "addresses in twice",
    "of them opened by all keys that are left",
    "of them matched by all keys that are left",
    "sealed values left in the database",
    "wrapped keys in the database's files after",
)
EXPECTED = dict.fromkeys(NONE, exactly(0))


def run(site: Site, rows: int = 1000) -> dict[str, object]:
    """Both, on a site whose database is empty; the figures by name."""
    crowd(site, rows)
    return {**rotation_under_load(site), **shredding(site)}


def person(number: int) -> dict[str, str]:
    """One of many who sign."""
    return cast.individual(name="Anna Prydumanaja", email=f"person{number}@post-office.org")


def crowd(site: Site, rows: int) -> None:
    """People who signed: a quarter each pending, waiting for a moderator, and twice in the list; of one half of those the address is erased."""
    site.publish(cast.statement(cast.FIRST))
    site.publish(cast.statement(slug=OTHER, title="Clean rivers"))
    sign_many(site, map(person, range(rows)))
    sign_many(site, map(person, range(10)), OTHER)
    with site.database.transaction() as session:
        signed = session.exec(select(Signature).where(Signature.statement_id == statement_id(session)).order_by(col(Signature.created_at), col(Signature.id)))
        for number, row in enumerate(row for row in signed if not row.first):
            if number % 4:
                row.confirm(utcnow())
            if number % 4 > 1:
                row.approve(utcnow())
            if number % 4 == 3:
                row.address = None
    site.work()


def statement_id(session: Session, slug: str = cast.SLUG) -> UUID:
    """The statement's own id."""
    return get(session, slug).id


@dataclass(frozen=True)
class Value:
    """A sealed value as it stands in its row."""

    place: str
    sealed: bytes


def values(session: Session, of: UUID) -> Iterator[Value]:
    """Every sealed value of a statement."""
    for kind in SEALED:
        for row in session.exec(select(kind.model).where(kind.of(of))):
            yield from (Value(row.place(name), sealed) for name in kind.columns if (sealed := getattr(row, name)) is not None)


def opening(ring: Keyring, found: list[Value]) -> int:
    """How many of the values these keys open."""
    return sum(_opens(ring, value) for value in found)


def _opens(ring: Keyring, value: Value) -> bool:
    try:
        ring.open(value.sealed, value.place)
    except InvalidTag:
        return False
    return True


def twice(site: Site, slug: str = cast.SLUG) -> int:
    """How many addresses hold more than one living signature, as far as they can still be opened."""
    with site.database.reading() as session:
        of = statement_id(session, slug)
        ring = keyring(session, of)
        rows = session.exec(select(Signature).where(Signature.statement_id == of, col(Signature.state).in_(LIVING), col(Signature.address).is_not(None)))
        people = Counter(canonical_address(ring.open(row.address or b"", row.place("address")).decode()) for row in rows)
    return sum(number > 1 for number in people.values())


def rotation_under_load(site: Site, batch: int = 25) -> dict[str, object]:
    """Rotate while old and new people sign; every value has to open afterwards, and nobody may be in twice."""
    with site.database.reading() as session:
        of = statement_id(session)
    before = len(site.rows())
    outcome: list[Rotated] = []
    began = time.monotonic()
    with patch.object(rotation, "BATCH", batch):
        turning = threading.Thread(target=lambda: outcome.append(rotate(site.database, of, utcnow(), lambda *_: None)))
        turning.start()
        new, slowest = _sign_until_over(site, turning)
        turning.join()
    took = time.monotonic() - began
    with site.database.reading() as session:
        found, ring = list(values(session, of)), keyring(session, of)
    return {
        "rows sealed anew": outcome[0].rows,
        "seconds": round(took, 1),
        "people who signed meanwhile": new,
        "slowest answer meanwhile, ms": round(slowest * 1000),
        "values": len(found),
        "values that do not open": len(found) - opening(ring, found),
        "values of an old key": sum(not value.sealed.startswith(header(ring.number)) for value in found),
        "rows too many": len(site.rows()) - before - new,
        "addresses in twice": twice(site),
    }


def _sign_until_over(site: Site, turning: threading.Thread) -> tuple[int, float]:
    """Six at a time: three new people, and three who signed before; how many were new, and the slowest answer in seconds."""
    new, slowest, old = 0, 0.0, len(site.rows()) // 2
    while turning.is_alive() or not new:
        people = [person(100_000 + new + n) for n in range(3)] + [person(secrets.randbelow(old)) for _ in range(3)]
        began = time.monotonic()
        answers = together(site, (posting(site.new_browser(f"12.{new // 250}.{new % 250}.{n}"), SIGN, who) for n, who in enumerate(people)))
        slowest = max(slowest, time.monotonic() - began)
        assert {answer.status_code for answer in answers} == {303}
        new += 3
    return new, slowest


def shredding(site: Site) -> dict[str, object]:
    """Close, copy every sealed value and index as a thief would, destroy the keys, and try all that is left on the copies."""
    with site.database.transaction() as session:
        of = close(session, cast.SLUG, utcnow() - timedelta(seconds=1), utcnow()).id
    with site.database.reading() as session:
        stolen, ring = list(values(session, of)), keyring(session, of)
        rows = session.exec(select(Signature).where(Signature.statement_id == of, col(Signature.address).is_not(None))).all()
        known = {row.address_index: canonical_address(ring.open(row.address or b"", row.place("address")).decode()) for row in rows}
        wrapped = [key for row in session.exec(select(StatementKeys).where(StatementKeys.statement_id == of)) for key in (row.data_key, row.index_key) if key]
    control = opening(ring, stolen), sum(index in ring.indexes(address) for index, address in known.items()), in_files(site.database, wrapped)
    with site.database.transaction() as session:
        shred(session, cast.SLUG, utcnow())
    clean = leave_no_trace(site.database)
    with site.database.reading() as session:
        left, remaining = list(values(session, of)), list(remaining_keys(session, ring.number))
    return {
        "sealed values copied before": len(stolen),
        "of them opened by the statement's keys": control[0],
        "of them opened by all keys that are left": sum(any(_opens(other, value) for other in remaining) for value in stolen),
        "indexes copied before": len(known),
        "of them matched by the statement's keys": control[1],
        "of them matched by all keys that are left": sum(any(index in other.indexes(address) for other in remaining) for index, address in known.items()),
        "sealed values left in the database": len(left),
        "wrapped keys in the database's files before": control[2],
        "wrapped keys in the database's files after": in_files(site.database, wrapped),
        "the log could be emptied": clean,
    }


def remaining_keys(session: Session, number: int) -> Iterator[Keyring]:
    """All keys that a seized server still has, each under the number that the lost values carry."""
    root = get_settings().root_key()
    rings = [keyring(session, None), *(keyring(session, of) for of in session.exec(select(Statement.id).where(Statement.slug != cast.SLUG)))]
    keys = {root, *(derive(root, purpose) for purpose in ("wrap", "house data", "house index"))}
    keys |= {key for ring in rings for key in (ring.data_key, ring.index_key, *ring.old_data.values(), *ring.old_index.values())}
    for key in keys:
        older = dict.fromkeys(range(1, number), key)
        yield Keyring(number, key, key, older, older)


def in_files(database: Database, wrapped: list[bytes]) -> int:
    """How many of the wrapped keys stand in the files of the database (on PostgreSQL: of the table of keys)."""
    if database.embedded:
        path = Path(database.engine.url.database or "")
        content = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    else:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as server:
            server.execute(sa.text("CHECKPOINT"))
            content = bytes(server.execute(sa.text("SELECT pg_read_binary_file(pg_relation_filepath('statement_keys'))")).scalar_one())
    return sum(key in content for key in wrapped)
