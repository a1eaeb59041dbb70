"""How the counts of each list moved, hour by hour."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.clock import utcnow
from app.db import Database
from app.publication.models import HourlyCount
from app.signatures.tallies import Tally


def record(database: Database) -> int:
    """Keep the counts that have moved; how many lists those are. A look that finds nothing takes no turn from those who write."""
    hour = utcnow().replace(minute=0, second=0, microsecond=0)
    with database.reading() as session:
        moved = _moved(session)
    if moved:
        with database.transaction() as session:
            for tally in moved:
                session.merge(_counts(tally, hour))
    return len(moved)


def history(session: Session, statement_id: UUID) -> list[HourlyCount]:
    """The hours in which the counts moved, oldest first."""
    return list(session.exec(select(HourlyCount).where(HourlyCount.statement_id == statement_id).order_by(col(HourlyCount.hour))))


def _moved(session: Session) -> list[Tally]:
    """Those whose counts are not those of their last hour."""
    last = sa.select(sa.func.max(HourlyCount.hour)).where(col(HourlyCount.statement_id) == col(Tally.statement_id)).correlate(Tally).scalar_subquery()
    of_last = sa.and_(col(HourlyCount.statement_id) == col(Tally.statement_id), col(HourlyCount.hour) == last)
    kept = (col(HourlyCount.organisations), col(HourlyCount.individuals), col(HourlyCount.withheld))
    now = (col(Tally.organisations), col(Tally.individuals), col(Tally.withheld_shown))
    differ = sa.or_(*(before.is_distinct_from(after) for before, after in zip(kept, now, strict=True)))
    return list(session.exec(select(Tally).outerjoin(HourlyCount, of_last).where(differ)))


def _counts(tally: Tally, hour: datetime) -> HourlyCount:
    return HourlyCount(
        statement_id=tally.statement_id, hour=hour, organisations=tally.organisations, individuals=tally.individuals, withheld=tally.withheld_shown
    )
