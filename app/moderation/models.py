"""Decisions of moderators."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel, col, select

from app.db import UTCDateTime, enum_type
from app.keys.models import sealed
from app.signatures.models import Signature


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


class Alert(SQLModel, table=True):
    """When those on duty were last alerted to something about a statement, so that a restart does not alert again."""

    __tablename__ = "alert"

    statement_id: UUID = Field(foreign_key="statement.id", primary_key=True, ondelete="CASCADE")
    kind: str = Field(primary_key=True, max_length=20)
    mailed_at: datetime = Field(sa_type=UTCDateTime)
