"""Count, for everybody to read, how each list came about."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.clock import utcnow
from app.db import Database
from app.moderation.models import Act, Decision, Removal
from app.publication.models import Integrity
from app.signatures.models import Origin, Signature, State
from app.statements.models import Statement

GROUP = 5


def reckon(database: Database) -> int:
    """Count every statement anew; for how many something has changed."""
    with database.reading() as session:
        found = {key: _numbers(session, key) for key in session.exec(select(Statement.id)).all()}
    with database.transaction() as session:
        return sum(_keep(session, key, numbers, utcnow()) for key, numbers in found.items())


def _keep(session: Session, statement_id: UUID, numbers: dict[str, Any], now: datetime) -> bool:
    kept = session.get(Integrity, statement_id)
    if kept is not None and all(getattr(kept, name) == value for name, value in numbers.items()):
        return False
    session.merge(Integrity(statement_id=statement_id, as_of=now, **numbers))
    return True


def _numbers(session: Session, statement_id: UUID) -> dict[str, Any]:
    own, named = col(Signature.statement_id) == statement_id, col(Signature.number).is_not(None)
    tests = {
        "received": col(Signature.source) == Origin.FORM,
        "confirmed": sa.and_(col(Signature.source) == Origin.FORM, col(Signature.confirmed_at).is_not(None)),
        "published": sa.and_(col(Signature.state) == State.PUBLISHED, named),
        "withdrawn": sa.and_(col(Signature.state) == State.WITHDRAWN, named),
        "removed": sa.and_(col(Signature.state) == State.REMOVED, named),
    }
    row = session.execute(sa.select(*(sa.func.sum(sa.case((test, 1), else_=0)) for test in tests.values())).where(own)).one()
    counted = dict(zip(tests, (count or 0 for count in row), strict=True))
    removed = counted.pop("removed")
    for name in ("received", "confirmed"):
        counted[name] -= counted[name] % GROUP
    return {**counted, "removed": _by_reason(session, statement_id, removed)}


def _by_reason(session: Session, statement_id: UUID, removed: int) -> dict[str, int]:
    """By the code of the last removal; what has none any more, or a first signatory that left the file, has another reason."""
    last = sa.func.row_number().over(partition_by=col(Decision.signature_id), order_by=col(Decision.decided_at).desc()).label("last")
    rows = (
        sa.select(col(Decision.code), last)
        .join(Signature)
        .where(
            col(Signature.statement_id) == statement_id,
            col(Signature.state) == State.REMOVED,
            col(Signature.number).is_not(None),
            col(Decision.act) == Act.REMOVE,
        )
    )
    newest = rows.subquery()
    rows_by_code = session.execute(sa.select(newest.c.code, sa.func.count()).where(newest.c.last == 1).group_by(newest.c.code)).all()
    found = {row[0]: row[1] for row in rows_by_code}
    counted = {code: found[code] for code in sorted(found) if code and code != Removal.OTHER}
    rest = removed - sum(counted.values())
    return counted | ({Removal.OTHER.value: rest} if rest else {})
