"""The one writer that turns approved signatures into public ones, in batches."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.clock import utcnow
from app.db import Database
from app.keys.queries import keyring
from app.sealing import Keyring
from app.signatures.listing import enlist, write_down
from app.signatures.models import Signature, State, Visibility
from app.signatures.particulars import Particulars
from app.signatures.tallies import Tally
from app.statements.models import Statement

BATCH = 200
_HELD = select(Statement.id).where(sa.or_(col(Statement.hidden_at).is_not(None), col(Statement.frozen_at).is_not(None)))
_DUE = (col(Signature.state) == State.APPROVED, col(Signature.statement_id).not_in(_HELD))
_LOCK = 0x756E6465  # "unde": one publisher among all nodes


def waiting(_now: Any) -> sa.Exists:
    """Whether anything is approved."""
    return sa.exists().where(*_DUE)


def publish_due(database: Database) -> int:
    """Publish what is approved; how many."""
    with database.transaction() as session:
        return publish_approved(session, utcnow())


def publish_approved(session: Session, now: datetime) -> int:
    """Publish one batch; how many signatures. Another node's publisher makes this one stand back."""
    if session.get_bind().dialect.name == "postgresql" and not session.execute(sa.select(sa.func.pg_try_advisory_xact_lock(_LOCK))).scalar_one():
        return 0
    order = (~col(Signature.first), col(Signature.position), col(Signature.decided_at), col(Signature.created_at))
    rows = session.exec(select(Signature).where(*_DUE).order_by(*order).limit(BATCH).with_for_update()).all()
    by_statement: dict[UUID, list[Signature]] = {}
    for signature in rows:
        by_statement.setdefault(signature.statement_id, []).append(signature)
    for statement_id, signatures in by_statement.items():
        _publish(session, statement_id, signatures, now)
    return len(rows)


def _publish(session: Session, statement_id: UUID, signatures: list[Signature], now: datetime) -> None:
    tally = session.get_one(Tally, statement_id, with_for_update=True)
    if session.exec(_HELD.where(Statement.id == statement_id)).first():
        return  # somebody threw a switch, which holds the tally too, since they were chosen
    ring: Keyring | None = None  # where nothing is sealed any more there may be none
    before = (tally.organisations, tally.individuals, tally.withheld_shown)
    named, withheld = list[tuple[Signature, Particulars]](), list[Signature]()
    for signature in signatures:
        signature.publish(now)
        tally.move(signature, 1)
        if signature.visibility is Visibility.PUBLIC and signature.particulars is not None:
            ring = ring or keyring(session, statement_id)
            named.append((signature, Particulars.load(ring.open(signature.particulars, signature.place("particulars")))))
        else:
            withheld.append(signature)
    write_down(session, withheld)
    enlist(session, tally, named, tally.list_revision + 1, now)
    if before != (tally.organisations, tally.individuals, tally.withheld_shown):
        tally.turn(now)
