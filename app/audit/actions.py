"""Write into the record, in the transaction of the act itself."""

import json
from datetime import datetime
from functools import partial
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app.audit import head
from app.audit.chain import START, Fact, digest
from app.audit.models import Entry
from app.audit.queries import last
from app.db import after_commit

_LOCK = 7_226_174_210  # an advisory lock of PostgreSQL: the chain has one end, so its writers take turns


def record(
    session: Session,
    act: str,
    now: datetime,
    account_id: UUID | None,
    statement_id: UUID | None = None,
    subject: object = "",
    **detail: object,
) -> None:
    """Note what somebody does; the head in the file moves on once it is committed."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    before = last(session)
    number, previous = (before.number, before.digest) if before else (0, START)
    fact = Fact(now, account_id, act, statement_id, str(subject), _said(detail))
    entry = Entry(number=number + 1, digest=digest(previous, number + 1, fact), **vars(fact))
    session.add(entry)
    session.flush()
    after_commit(session, partial(head.advance, entry.number, entry.digest, previous))


def forget_until(session: Session, number: int) -> None:
    """Delete the entries up to this one, whose time is over."""
    cut = session.get_one(Entry, number)
    anchor = cut.digest
    session.execute(sa.delete(Entry).where(col(Entry.number) <= number))
    after_commit(session, partial(head.start_after, number, anchor))


def _said(detail: dict[str, object]) -> str:
    return json.dumps(detail, ensure_ascii=False, default=str) if detail else ""
