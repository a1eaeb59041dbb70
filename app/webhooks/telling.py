"""What has happened since an address was told: found by comparing, so that no writer has to think of it and nothing is forgotten."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.clock import utcnow
from app.db import Database
from app.signatures.models import Signature
from app.signatures.tallies import Tally
from app.statements.models import Phase, Statement
from app.web.templates import absolute
from app.webhooks.models import Delivery, DeliveryState, Endpoint, Event, Standing

_STEPS = (1, 5)


def tell_due(database: Database) -> int:
    """Queue what there is to tell; how many messages. A look that finds nothing takes no turn from those who write."""
    now = utcnow()
    with database.reading() as session:
        behind = [endpoint.id for endpoint, tally, statement in _all(session) if _moved(endpoint, tally, statement, now)]
    if not behind:
        return 0
    with database.transaction() as session:
        return sum(_tell(session, key, now) for key in behind)


def stand(tally: Tally, closed: bool, most: int = 0) -> dict[str, Any]:
    """The `told_…` of an address that has been told everything; `most` is the highest count so far."""
    told = {"told_revision": tally.list_revision, "told_number": tally.last_number, "told_withheld": tally.withheld_shown}
    return told | {"told_most": max(most, total(tally)), "told_closed": closed}


def total(tally: Tally) -> int:
    """Everybody who is counted."""
    return tally.organisations + tally.individuals + tally.withheld_shown


def milestone(before: int, now: int, goal: int | None) -> int | None:
    """The last of 100, 500, 1,000, 5,000 … and the statement's goal that was reached between two counts."""
    steps = [step * 10**power for power in range(2, 8) for step in _STEPS] + ([goal] if goal else [])
    return max((step for step in steps if before < step <= now), default=None)


def data(statement: Statement, tally: Tally, **more: object) -> dict[str, Any]:
    """What every message says: no name, and nothing that is not public; the rest is read from the feed."""
    counts = {"organisations": tally.organisations, "individuals": tally.individuals, "withheld": tally.withheld_shown}
    return {"statement": absolute(f"/statements/{statement.slug}"), "list_revision": tally.list_revision, "counts": counts, **more}


def _all(session: Session) -> list[tuple[Endpoint, Tally, Statement]]:
    """The addresses that are told. Whoever still waits for a message gets the next one after it, which then says it all."""
    waits = select(Delivery.endpoint_id).where(Delivery.state == DeliveryState.QUEUED)
    found = select(Endpoint, Tally, Statement).join(Tally, col(Tally.statement_id) == Endpoint.statement_id)
    found = found.join(Statement, col(Statement.id) == Endpoint.statement_id)
    told = (Endpoint.standing == Standing.ACTIVE, col(Statement.unpublished_at).is_(None), col(Endpoint.id).not_in(waits))
    return list(session.exec(found.where(*told)))


def _moved(endpoint: Endpoint, tally: Tally, statement: Statement, now: datetime) -> bool:
    return tally.list_revision != endpoint.told_revision or (statement.phase(now) is Phase.CLOSED) != endpoint.told_closed


def _tell(session: Session, key: UUID, now: datetime) -> int:
    endpoint = session.get(Endpoint, key, with_for_update=True)
    if endpoint is None or endpoint.standing is not Standing.ACTIVE:
        return 0
    statement, tally = session.get_one(Statement, endpoint.statement_id), session.get_one(Tally, endpoint.statement_id)
    told = [
        Delivery(endpoint_id=endpoint.id, event=event, data=data(statement, tally, **more), due_at=now, created_at=now)
        for event, more in _events(session, endpoint, statement, tally, now)
        if event in endpoint.events
    ]
    session.add_all(told)
    endpoint.sqlmodel_update(stand(tally, statement.phase(now) is Phase.CLOSED, endpoint.told_most))
    return len(told)


def _events(session: Session, endpoint: Endpoint, statement: Statement, tally: Tally, now: datetime) -> Iterator[tuple[Event, dict[str, object]]]:
    anew = tally.since_from > endpoint.told_revision  # all names were hidden, or are shown again
    if tally.last_number > endpoint.told_number or tally.withheld_shown > endpoint.told_withheld or (anew and statement.hidden_at is None):
        yield Event.PUBLISHED, {}
    if _left(session, endpoint) or (anew and statement.hidden_at is not None):
        yield Event.WITHDRAWN, {}
    if reached := milestone(endpoint.told_most, total(tally), statement.goal):
        yield Event.MILESTONE, {"milestone": reached}
    if not endpoint.told_closed and statement.phase(now) is Phase.CLOSED:
        yield Event.CLOSED, {}


def _left(session: Session, endpoint: Endpoint) -> bool:
    """Whether a name has left the list since."""
    left = select(Signature.id).where(Signature.statement_id == endpoint.statement_id, col(Signature.delisted_revision) > endpoint.told_revision)
    return session.exec(left.limit(1)).first() is not None
