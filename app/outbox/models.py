"""Queued mail."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlmodel import Field, SQLModel

from app.db import UTCDateTime, enum_type


class MailState(StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    SENT = "sent"
    DEAD = "dead"


def place(mail_id: UUID, statement_id: UUID | None) -> str:
    """What a mail's sealed payload is bound to."""
    return f"outbox_mail|payload|{mail_id}|{statement_id}"


class Mail(SQLModel, table=True):
    """One mail: which template in which language; recipient and context sealed, and gone once it was sent.

    `lane` names the rate it has to keep to when it leaves, "" for none. `about` is the row that caused it, no foreign key: what it says may outlive the row.
    """

    __tablename__ = "outbox_mail"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(max_length=40, index=True)
    language: str = Field(max_length=35)
    lane: str = Field(default="", max_length=20)
    statement_id: UUID | None = Field(default=None, index=True)
    about: UUID | None = Field(default=None, index=True)
    payload: bytes | None = None
    state: MailState = Field(default=MailState.QUEUED, sa_type=enum_type(MailState, "state"))
    attempts: int = 0
    due_at: datetime = Field(sa_type=UTCDateTime, index=True)
    expires_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    leased_until: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    failure: str | None = Field(default=None, max_length=80)

    @property
    def place(self) -> str:
        """What the sealed payload is bound to."""
        return place(self.id, self.statement_id)

    def sent(self, now: datetime, keep: bool) -> None:
        """It left; its content goes unless this is the development mailbox."""
        self.state, self.finished_at, self.leased_until, self.failure = MailState.SENT, now, None, None
        if not keep:
            self.payload = None

    def failed(self, now: datetime, why: str, retry_at: datetime | None) -> None:
        """It did not leave: try again, or keep it as a dead letter."""
        self.attempts += 1
        self.failure, self.leased_until = why, None
        if retry_at is None:
            self.state, self.finished_at = MailState.DEAD, now
        else:
            self.due_at = retry_at


class MailPace(SQLModel, table=True):
    """A clock that says when the next mail under a rate may leave; the rate's name is a mark under the house's key."""

    __tablename__ = "mail_pace"

    mark: bytes = Field(primary_key=True)
    free_at: datetime = Field(sa_type=UTCDateTime, index=True)
