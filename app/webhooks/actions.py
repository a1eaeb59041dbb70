"""What the secretariat does with addresses: add, change the secret, pause, take out, try, send again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import N_, Conflict, NotFound
from app.keys.queries import keyring
from app.signatures.tallies import Tally
from app.statements.models import Phase, Statement
from app.webhooks.models import PING, Delivery, DeliveryState, Endpoint, Event, Standing
from app.webhooks.sending import LEASE
from app.webhooks.signing import new_secret, shown
from app.webhooks.telling import data, stand

MOST = 10
LOG = 50
OVERLAP = timedelta(hours=24)
_NONE = N_("There is no such webhook.")


def add(session: Session, statement: Statement, url: str, events: Sequence[Event], now: datetime) -> tuple[Endpoint, str]:
    """A new address for what happens from now on, and its secret as the receiver enters it; raises Conflict beyond ten, or for one that is there."""
    known = endpoints(session, statement.id)
    if len(known) >= MOST:
        raise Conflict(N_("A statement has at most ten webhooks."))
    if url in {one.url for one in known}:
        raise Conflict(N_("This address is there already."))
    secret, key = new_secret(), uuid4()
    endpoint = Endpoint(id=key, statement_id=statement.id, url=url, events=list(events), secret=b"", created_at=now, **_now(session, statement, now))
    endpoint.secret = keyring(session, statement.id).seal(secret, endpoint.place("secret"))
    session.add(endpoint)
    return endpoint, shown(secret)


def rotate(session: Session, endpoint: Endpoint, now: datetime) -> str:
    """A new secret; the old one signs beside it for a day."""
    ring, secret = keyring(session, endpoint.statement_id), new_secret()
    if endpoint.secret:
        old = ring.open(endpoint.secret, endpoint.place("secret"))
        endpoint.old_secret, endpoint.old_until = ring.seal(old, endpoint.place("old_secret")), now + OVERLAP
    endpoint.secret = ring.seal(secret, endpoint.place("secret"))
    return shown(secret)


def pause(endpoint: Endpoint) -> None:
    """Tell it nothing, until it is resumed."""
    endpoint.standing = Standing.PAUSED


def resume(session: Session, statement: Statement, endpoint: Endpoint, now: datetime) -> None:
    """Tell it again what happens from now on, and send what still waits."""
    endpoint.sqlmodel_update(_now(session, statement, now))
    endpoint.standing, endpoint.failing_since = Standing.ACTIVE, None


def _now(session: Session, statement: Statement, now: datetime) -> dict[str, Any]:
    return stand(session.get_one(Tally, statement.id), statement.phase(now) is Phase.CLOSED)


def forget(session: Session, endpoint: Endpoint) -> None:
    """Take it out, with its log."""
    session.execute(sa.delete(Delivery).where(col(Delivery.endpoint_id) == endpoint.id))
    session.delete(endpoint)


def ping(session: Session, statement: Statement, endpoint: Endpoint, now: datetime) -> Delivery:
    """A message that says nothing but that it came, for `send_now`; raises Conflict while the address is told nothing."""
    if endpoint.standing is not Standing.ACTIVE:
        raise Conflict(N_("This webhook is told nothing at the moment. Resume it first."))
    said = data(statement, session.get_one(Tally, statement.id))
    delivery = Delivery(endpoint_id=endpoint.id, event=PING, data=said, due_at=now, created_at=now, leased_until=now + LEASE)
    session.add(delivery)
    return delivery


def again(session: Session, endpoint: Endpoint, delivery_id: UUID, now: datetime) -> None:
    """Send a message that failed once more, with all its tries before it; raises NotFound, Conflict."""
    delivery = session.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None or delivery.endpoint_id != endpoint.id:
        raise NotFound(N_("There is no such message."))
    if delivery.state is DeliveryState.DELIVERED or delivery.attempts == 0:
        raise Conflict(N_("This message arrived, or was not tried yet."))
    delivery.state, delivery.attempts, delivery.due_at, delivery.finished_at = DeliveryState.QUEUED, 0, now, None


def endpoints(session: Session, statement_id: UUID) -> list[Endpoint]:
    """The addresses of a statement, oldest first."""
    return list(session.exec(select(Endpoint).where(Endpoint.statement_id == statement_id).order_by(col(Endpoint.created_at))))


def endpoint_of(session: Session, statement_id: UUID, endpoint_id: UUID, writing: bool = False) -> Endpoint:
    """One of them; raises NotFound."""
    found = session.get(Endpoint, endpoint_id, with_for_update=writing)
    if found is None or found.statement_id != statement_id:
        raise NotFound(_NONE)
    return found


@dataclass(frozen=True)
class Shown:
    """An address with the newest of what it was told."""

    endpoint: Endpoint
    log: list[Delivery]


def log(session: Session, endpoint: Endpoint, most: int = LOG) -> Shown:
    """The newest messages to an address."""
    newest = select(Delivery).where(Delivery.endpoint_id == endpoint.id).order_by(col(Delivery.created_at).desc(), col(Delivery.id)).limit(most)
    return Shown(endpoint, list(session.exec(newest)))
