"""Count every list anew at night, and alert those on duty where the kept counts have drifted from it."""

from collections import Counter
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, select

from app.clock import utcnow
from app.db import Database
from app.moderation.notices import DRIFT, alert
from app.signatures.models import Kind, Signature, State, Visibility
from app.signatures.tallies import CountryCount, Tally

log = structlog.get_logger()
Counts = dict[tuple[str, ...], int]
"""By kind, or as withheld; and by kind and country."""


def recount(database: Database) -> int:
    """How many lists have drifted. What looks wrong is counted again while nobody can move it."""
    with database.reading() as session:
        suspects = [key for key in session.exec(select(Tally.statement_id)) if _kept(session, key) != _counted(session, key)]
    return sum(_confirmed(database, key) for key in suspects)


def _confirmed(database: Database, statement_id: UUID) -> bool:
    with database.transaction() as session:
        session.get_one(Tally, statement_id, with_for_update=True)
        drifted = _kept(session, statement_id) != _counted(session, statement_id)
        if drifted:
            log.error("counts have drifted from the list", statement=str(statement_id))
            alert(session, [(statement_id, DRIFT)], utcnow())
        return drifted


def _kept(session: Session, statement_id: UUID) -> Counts:
    tally = session.get_one(Tally, statement_id)
    found: Counts = {(Kind.ORGANISATION,): tally.organisations, (Kind.INDIVIDUAL,): tally.individuals, ("withheld",): tally.withheld}
    for row in session.exec(select(CountryCount).where(CountryCount.statement_id == statement_id)):
        found[row.kind, row.country] = row.signatories
    return {key: count for key, count in found.items() if count}


def _counted(session: Session, statement_id: UUID) -> Counts:
    """Along the list's own index by country, which needs no memory for sorting a million rows."""
    kind, country, own = col(Signature.kind), col(Signature.country), col(Signature.statement_id) == statement_id
    named = sa.select(kind, country, sa.func.count()).where(own, col(Signature.folded).is_not(None)).group_by(kind, country)
    found: Counter[tuple[str, ...]] = Counter()
    for kind_, code, count in session.execute(named):
        found[kind_,] += count
        found[kind_, code or ""] += count
    withheld = sa.select(sa.func.count()).where(own, col(Signature.state) == State.PUBLISHED, col(Signature.visibility) == Visibility.WITHHELD)
    found["withheld",] = session.execute(withheld).scalar_one()
    return {key: count for key, count in found.items() if count}
