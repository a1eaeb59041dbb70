"""Decisions of moderators."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select

from app.db import UTCDateTime, enum_type
from app.errors import N_, Conflict
from app.keys.models import sealed
from app.signatures.models import Signature, State


class Act(StrEnum):
    """What was decided."""

    APPROVE = "approve"
    REJECT = "reject"
    REMOVE = "remove"
    RESTORE = "restore"
    CORRECT = "correct"
    DECLINE = "decline"
    RELEASE = "release"
    ASK = "ask"
    SETTLE = "settle"


class Refusal(StrEnum):
    """Why a signature was rejected; a sentence for each is mailed, save for those that would teach a forger."""

    DUPLICATE = "duplicate"
    NO_NAME = "no-name"
    NO_MANDATE = "no-mandate"
    NOT_ASKED = "not-asked"
    IMPERSONATION = "impersonation"
    NONSENSE = "nonsense"


class Removal(StrEnum):
    """Why a published name was taken off."""

    ON_REQUEST = "on-request"
    NOT_AUTHORISED = "not-authorised"
    DUPLICATE = "duplicate"
    FALSE = "false"
    OTHER = "other"


def _of(statement_id: UUID) -> sa.ColumnElement[bool]:
    return col(Decision.signature_id).in_(select(Signature.id).where(Signature.statement_id == statement_id))


@sealed("words", of=_of)
class Decision(SQLModel, table=True):
    """Who decided what, why and when; the moderator's words are sealed, for they may name the signer."""

    __tablename__ = "decision"
    __table_args__ = (
        sa.Index("uq_decision_due", "signature_id", unique=True, sqlite_where=sa.text("due_at IS NOT NULL"), postgresql_where=sa.text("due_at IS NOT NULL")),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    signature_id: UUID = Field(foreign_key="signature.id", index=True)
    account_id: UUID = Field(foreign_key="account.id")
    act: Act = Field(sa_type=enum_type(Act, "act"))
    code: str = Field(default="", max_length=20)
    words: bytes | None = None
    decided_at: datetime = Field(sa_type=UTCDateTime)
    due_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    """When it takes effect; None once it has. Until then it can be taken back, and nobody else decides."""

    def place(self, column: str) -> str:
        """What a sealed value of this row is bound to."""
        return f"decision|{column}|{self.id}|{self.signature_id}"


class Claim(SQLModel, table=True):
    """Who is at a signature, and until when nobody else decides about it without taking it over."""

    __tablename__ = "claim"

    signature_id: UUID = Field(foreign_key="signature.id", primary_key=True, ondelete="CASCADE")
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    until: datetime = Field(sa_type=UTCDateTime)


class SavedFilter(SQLModel, table=True):
    """A filter of the queue that somebody gave a name; `query` is as in an address."""

    __tablename__ = "saved_filter"
    __table_args__ = (sa.UniqueConstraint("account_id", "name"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    name: str = Field(max_length=80)
    query: str = Field(max_length=300)


class Stage(StrEnum):
    """How far a removal campaign is."""

    COUNTING = "counting"
    COUNTED = "counted"
    RUNNING = "running"
    CANCELLED = "cancelled"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


WORKING = (Stage.COUNTING, Stage.RUNNING, Stage.UNDOING)


@sealed("said")
class Campaign(SQLModel, table=True):
    """Removing many signatures at once: exactly those that the dry run found. `said` is conditions and note, sealed, for they may name people."""

    __tablename__ = "campaign"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    statement_id: UUID = Field(foreign_key="statement.id", index=True)
    account_id: UUID = Field(foreign_key="account.id")
    stage: Stage = Field(default=Stage.COUNTING, sa_type=enum_type(Stage, "stage"))
    code: Removal = Field(sa_type=enum_type(Removal, "code"))
    said: bytes | None = None
    created_at: datetime = Field(sa_type=UTCDateTime)
    changed_at: datetime = Field(sa_type=UTCDateTime)
    cursor: UUID | None = None
    """The last signature that the dry run looked at."""
    looked: int = 0
    found: int = 0
    removed: int = 0
    restored: int = 0
    skipped: int = 0
    """Those that had moved on before their turn came."""

    def place(self, column: str) -> str:
        """What a sealed value of this row is bound to."""
        return f"campaign|{column}|{self.id}|{self.statement_id}"

    def step(self, before: tuple[Stage, ...], after: Stage, now: datetime) -> None:
        """Move on; raises Conflict where that is no next step."""
        if self.stage not in before:
            raise Conflict(N_("This campaign is not where this act belongs. Please look at it again."))
        self.stage, self.changed_at = after, now


class CampaignItem(SQLModel, table=True):
    """A signature that a campaign is about, and the state in which the dry run found it."""

    __tablename__ = "campaign_item"

    campaign_id: UUID = Field(foreign_key="campaign.id", primary_key=True, ondelete="CASCADE")
    signature_id: UUID = Field(foreign_key="signature.id", primary_key=True, ondelete="CASCADE", index=True)
    state: State = Field(sa_type=enum_type(State, "state"))
    done: bool | None = None
    """Whether it was removed; None before its turn, and again once it is restored."""


class Alert(SQLModel, table=True):
    """When those on duty were last alerted to something about a statement, so that a restart does not alert again."""

    __tablename__ = "alert"

    statement_id: UUID = Field(foreign_key="statement.id", primary_key=True, ondelete="CASCADE")
    kind: str = Field(primary_key=True, max_length=20)
    mailed_at: datetime = Field(sa_type=UTCDateTime)
