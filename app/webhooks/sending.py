"""Send what waits: at least once, with the same id at every try; a slow address holds up no other."""

import json
import random
import ssl
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, cast
from uuid import UUID

import httpcore
import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.clock import utcnow
from app.db import Database
from app.errors import N_, Gone
from app.keys.queries import keyring
from app.web.layers import log_failure
from app.webhooks.guard import Guard, Refused, checked
from app.webhooks.models import PING, Delivery, DeliveryState, Endpoint, Standing
from app.webhooks.signing import headers

AT_ONCE = 8
LEASE = timedelta(minutes=2)
BACK_OFF = tuple(timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400))
PATIENCE, KEPT = timedelta(days=5), timedelta(days=30)
GONE = "410"
FAILURES = ("refused", "unreachable", "insecure", "slow", "broken")
_OURS = (("content-type", "application/json"), ("user-agent", "Undersigned"))


@dataclass(frozen=True)
class _Message:
    """What leaves: where to, and what."""

    url: str
    secrets: tuple[bytes, ...]
    body: bytes


@dataclass(frozen=True)
class _Tried:
    """What became of it: a status code or one of `FAILURES`, after so many milliseconds."""

    id: UUID
    outcome: str
    took_ms: int


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


def post(url: str, sent: Mapping[str, str], body: bytes, guard: Guard | None = None, trusted: ssl.SSLContext | None = None) -> str:
    """One POST to a checked address: the status code, or one of `FAILURES`. No redirect is followed, no proxy asked, no answer read."""
    try:
        with (
            httpcore.ConnectionPool(ssl_context=trusted or _trusted(), network_backend=guard or Guard()) as pool,
            pool.stream("POST", checked(url), headers=[*sent.items(), *_OURS], content=body) as answer,
        ):
            return str(answer.status)
    except Refused:
        return "refused"
    except ssl.SSLError:
        return "insecure"
    except httpcore.TimeoutException:
        return "slow"
    except httpcore.ConnectError as error:
        return "insecure" if isinstance(error.__cause__, ssl.SSLError) or "SSL" in str(error) else "unreachable"
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
        return "broken"


def waiting(now: Any, failing: bool = False) -> sa.Exists:
    """Whether the time of a message has come."""
    found: sa.Exists = _due(now, failing).order_by(None).exists()
    return found


def send_due(database: Database, failing: bool = False) -> int:
    """Send one message to each of some addresses, side by side; how many were tried.

    Those that are `failing` have a turn of their own, so that whoever answers late or never holds up no other.
    """
    now = utcnow()
    with database.transaction() as session:
        claimed = _claim(session, now, failing)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        return sum(threads.map(partial(send_now, database), claimed))


def send_now(database: Database, delivery_id: UUID) -> int:
    """Send one message that its own lease keeps from the jobs, and note what became of it; 1."""
    began = time.monotonic()
    try:
        with database.reading() as session:
            leaving = _message(session, session.get_one(Delivery, delivery_id), utcnow())
        sent = headers(leaving.secrets, f"msg_{delivery_id.hex}", int(utcnow().timestamp()), leaving.body)
        outcome = post(leaving.url, sent, leaving.body)
    except Exception as error:  # one that cannot be composed must not hold up the others
        log_failure("a webhook's message cannot be sent", error)
        outcome = "broken"
    with database.transaction() as session:
        _settle(session, _Tried(delivery_id, outcome, round((time.monotonic() - began) * 1000)), utcnow())
    return 1


def sweep_log(session: Session, now: datetime) -> int:
    """Forget what is more than thirty days old; how many messages."""
    return int(cast(Any, session.execute(sa.delete(Delivery).where(col(Delivery.created_at) < now - KEPT))).rowcount)


def _due(now: Any, failing: bool) -> Any:
    """The oldest message of each address that is told, if its time has come."""
    other = aliased(Delivery)
    free = sa.or_(col(Delivery.leased_until).is_(None), col(Delivery.leased_until) < now)
    order = sa.tuple_(col(other.created_at), col(other.id)) < sa.tuple_(col(Delivery.created_at), col(Delivery.id))
    before = sa.exists().where(col(other.endpoint_id) == col(Delivery.endpoint_id), col(other.state) == DeliveryState.QUEUED, order)
    found = select(Delivery).join(Endpoint, col(Endpoint.id) == Delivery.endpoint_id)
    trouble = col(Endpoint.failing_since).is_not(None) if failing else col(Endpoint.failing_since).is_(None)
    told = (Endpoint.standing == Standing.ACTIVE, trouble)
    return found.where(Delivery.state == DeliveryState.QUEUED, col(Delivery.due_at) <= now, free, ~before, *told).order_by(col(Delivery.due_at))


def _claim(session: Session, now: datetime, failing: bool) -> list[UUID]:
    chosen = list(session.exec(_due(now, failing).limit(AT_ONCE).with_for_update(skip_locked=True, of=Delivery)))
    for delivery in chosen:
        delivery.leased_until = now + LEASE
    return [delivery.id for delivery in chosen]


def _message(session: Session, delivery: Delivery, now: datetime) -> _Message:
    """What leaves for a delivery, with every secret that is valid; raises Gone once the statement's keys are destroyed."""
    endpoint = session.get_one(Endpoint, delivery.endpoint_id)
    ring = keyring(session, endpoint.statement_id)
    old = endpoint.old_secret if endpoint.old_until and endpoint.old_until > now else None
    sealed = ((endpoint.secret, "secret"), (old, "old_secret"))
    secrets = tuple(ring.open(value, endpoint.place(column)) for value, column in sealed if value)
    if not secrets:
        raise Gone(N_("The keys to this statement's private data were destroyed."))
    said = {"type": delivery.event, "timestamp": delivery.created_at.isoformat().replace("+00:00", "Z"), "data": delivery.data}
    return _Message(endpoint.url, secrets, json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode())


def _settle(session: Session, tried: _Tried, now: datetime) -> None:
    delivery = session.get(Delivery, tried.id, with_for_update=True)
    endpoint = session.get(Endpoint, delivery.endpoint_id, with_for_update=True) if delivery else None
    if delivery is None or endpoint is None:
        return  # the address was taken out meanwhile
    delivery.attempts, delivery.leased_until = delivery.attempts + 1, None
    delivery.outcome, delivery.took_ms = tried.outcome, tried.took_ms
    if tried.outcome[0] == "2":
        delivery.state, delivery.finished_at, endpoint.failing_since = DeliveryState.DELIVERED, now, None
    elif delivery.event == PING or delivery.attempts > len(BACK_OFF):
        delivery.state, delivery.finished_at = DeliveryState.FAILED, now
    else:
        delivery.due_at = now + BACK_OFF[delivery.attempts - 1] * random.uniform(1.0, 1.2)  # noqa: S311 - jitter
    if delivery.event != PING and delivery.state is not DeliveryState.DELIVERED:
        _despair(endpoint, tried.outcome, now)


def _despair(endpoint: Endpoint, outcome: str, now: datetime) -> None:
    """It failed once more: end it when it is gone, or has failed for too long."""
    endpoint.failing_since = endpoint.failing_since or now
    if outcome == GONE or endpoint.failing_since < now - PATIENCE:
        endpoint.standing = Standing.ENDED
