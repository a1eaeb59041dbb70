"""Queued mail."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db import UTCDateTime, enum_type
from app.errors import N_, Conflict
from app.keys.models import sealed
from app.rows import new_id


class MailState(StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"


def place(column: str, mail_id: UUID, statement_id: UUID | None) -> str:
    """What a sealed value in a column of a mail is bound to."""
    return f"outbox_mail|{column}|{mail_id}|{statement_id}"


@sealed("payload")
class Mail(SQLModel, table=True):
    """One mail: which template in which language; recipient and context sealed, and gone once it was sent.

    `lane` names the rate it has to keep to when it leaves, "" for none. `about` is the row that caused it, no foreign key: what it says may outlive the row.
    """

    __tablename__ = "outbox_mail"
    __table_args__ = (sa.Index("ix_outbox_mail_due", "state", "lane", "due_at"), sa.Index("ix_outbox_mail_finished", "state", "finished_at"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(max_length=40, index=True)
    language: str = Field(max_length=35)
    lane: str = Field(default="", max_length=20)
    statement_id: UUID | None = Field(default=None, index=True)
    about: UUID | None = Field(default=None, index=True)
    payload: bytes | None = None
    state: MailState = Field(default=MailState.QUEUED, sa_type=enum_type(MailState, "state"))
    attempts: int = 0
    due_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    leased_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    failure: str | None = Field(default=None, max_length=80)

    def place(self, column: str) -> str:
        """What a sealed value of this row is bound to."""
        return place(column, self.id, self.statement_id)

    def sent(self, now: datetime, keep: bool) -> None:
        """It left; its content goes unless this is the development mailbox."""
        self.state, self.finished_at, self.leased_until, self.failure = MailState.SENT, now, None, None
        if not keep:
            self.payload = None

    def failed(self, now: datetime, why: str, retry_at: datetime | None) -> None:
        """It did not leave: try again, or keep it as a dead letter."""
        self.attempts += 1
        self.put_off(why, retry_at or self.due_at)
        if retry_at is None:
            self.state, self.finished_at = MailState.DEAD, now

    def put_off(self, why: str, until: datetime) -> None:
        """It was not its turn; this costs it no try."""
        self.failure, self.due_at, self.leased_until = why, until, None

    def lapsed(self, now: datetime) -> None:
        """Its link ran out before it could leave: nothing is left to be sent."""
        self.state, self.finished_at, self.failure, self.leased_until, self.payload = MailState.DEAD, now, "expired", None, None

    def hindrance(self, now: datetime) -> str:
        """Why it cannot be queued again, as a catalog entry; empty for a dead letter that can."""
        if self.state is not MailState.DEAD:
            return N_("This mail is no dead letter any more.")
        if self.expires_at is not None and self.expires_at <= now:
            return N_("The link in this mail has run out.")
        return "" if self.payload else N_("The content of this mail was erased.")

    def retry(self, now: datetime) -> None:
        """A dead letter is queued again, with all its tries before it; raises Conflict."""
        if hindrance := self.hindrance(now):
            raise Conflict(hindrance)
        self.state, self.attempts, self.due_at, self.finished_at, self.failure = MailState.QUEUED, 0, now, None, None


class MailPace(SQLModel, table=True):
    """A clock that says when the next mail under a rate may leave; the rate's name is a mark under the house's key."""

    __tablename__ = "mail_pace"

    mark: bytes = Field(primary_key=True)
    free_at: datetime = Field(sa_type=UTCDateTime, index=True)
