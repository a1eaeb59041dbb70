"""Read the record, and find what was done to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from app.audit import head
from app.audit.chain import Head, broken
from app.audit.models import Entry
from app.errors import N_, DomainError

SHOWN = 100


@dataclass(frozen=True)
class Filter:
    """Which entries; what is None is not asked about."""

    act: str | None = None
    account_id: UUID | None = None
    statement_id: UUID | None = None
    since: datetime | None = None
    before: int | None = None
    subject: str | None = None


def last(session: Session) -> Entry | None:
    """The newest entry."""
    return session.exec(select(Entry).order_by(col(Entry.number).desc()).limit(1)).first()


def newest(session: Session, wanted: Filter, count: int = SHOWN) -> list[Entry]:
    """The newest entries that match, newest first."""
    rows = select(Entry).order_by(col(Entry.number).desc()).limit(count)
    for column in ("act", "account_id", "statement_id", "subject"):
        value = getattr(wanted, column)
        if value is not None:
            rows = rows.where(getattr(Entry, column) == value)
    if wanted.since:
        rows = rows.where(col(Entry.at) >= wanted.since)
    if wanted.before:
        rows = rows.where(col(Entry.number) < wanted.before)
    return list(session.exec(rows))


def oldest_first(session: Session) -> Iterator[Entry]:
    """The whole record, a thousand entries at a time."""
    number = 0
    while rows := session.exec(select(Entry).where(col(Entry.number) > number).order_by(col(Entry.number)).limit(1000)).all():
        yield from rows
        number = rows[-1].number
        session.expunge_all()


def checked(session: Session) -> tuple[Head, list[int]]:
    """What this node's head vouches for, and the numbers in it that were changed, put elsewhere or taken away.

    Raises DomainError when the file with the head was changed, or is missing while there are entries.
    """
    kept = head.read()
    if kept is None and last(session) is not None:
        raise DomainError(N_("The file with the head of the record is missing: whether its end was cut cannot be known."))
    vouched = kept or Head()
    return vouched, list(dict.fromkeys(broken((entry.link() for entry in oldest_first(session)), vouched)))
