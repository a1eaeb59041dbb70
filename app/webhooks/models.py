"""Addresses that want to be told, and what they were told."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db import UTCDateTime, enum_type
from app.keys.models import sealed


class Event(StrEnum):
    """What there is to tell."""

    PUBLISHED = "signatures.published"
    WITHDRAWN = "signatures.withdrawn"
    CLOSED = "statement.closed"
    MILESTONE = "statement.milestone"


PING = "test.ping"
"""The event that a press of the test button sends."""


class Standing(StrEnum):
    """Whether an address is told anything."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    """It said 410, or failed for five days."""


@sealed("secret", "old_secret")
class Endpoint(SQLModel, table=True):
    """An address for the events of one statement. The `told_…` columns say what it was told; what comes after is found by comparing."""

    __tablename__ = "webhook"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    statement_id: UUID = Field(foreign_key="statement.id", index=True)
    url: str = Field(max_length=500)
    events: list[str] = Field(sa_type=sa.JSON)
    secret: bytes | None
    """Gone with the statement's keys, once these are destroyed; then it is told nothing more."""
    old_secret: bytes | None = None
    """Signs as well until `old_until`, so that a receiver can change over."""
    old_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    standing: Standing = Field(default=Standing.ACTIVE, sa_type=enum_type(Standing, "standing"))
    failing_since: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)
    told_revision: int
    told_number: int
    told_withheld: int
    told_most: int
    """The highest count so far: a milestone that was reached is not reached again."""
    told_closed: bool

    def place(self, column: str) -> str:
        """What a sealed value of this row is bound to."""
        return f"webhook|{column}|{self.id}|{self.statement_id}"


class DeliveryState(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    DELIVERED = "delivered"
    FAILED = "failed"


class Delivery(SQLModel, table=True):
    """One message to one address; its id is the `webhook-id` of every try. Nothing in it betrays anybody."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (sa.Index("ix_webhook_delivery_due", "state", "due_at"), sa.Index("ix_webhook_delivery_log", "endpoint_id", "created_at"))

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    endpoint_id: UUID = Field(foreign_key="webhook.id", ondelete="CASCADE")
    event: str = Field(max_length=40)
    data: dict[str, Any] = Field(sa_type=sa.JSON)
    state: DeliveryState = Field(default=DeliveryState.QUEUED, sa_type=enum_type(DeliveryState, "state"))
    attempts: int = 0
    due_at: datetime = Field(sa_type=UTCDateTime)
    leased_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    outcome: str | None = Field(default=None, max_length=40)
    """What the last try met: a status code, or one of `sending.FAILURES`."""
    took_ms: int | None = None
