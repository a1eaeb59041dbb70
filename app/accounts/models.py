"""Accounts of the staff and their sessions."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from sqlmodel import Field, SQLModel

from app.db import UTCDateTime, enum_type

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)


class Role(StrEnum):
    """What an account may do; each includes the one before."""

    VIEWER = "viewer"
    MODERATOR = "moderator"
    EDITOR = "editor"
    ADMINISTRATOR = "administrator"

    def includes(self, other: "Role") -> bool:
        """Whether this role may do what `other` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class Account(SQLModel, table=True):
    """One person of the staff."""

    __tablename__ = "account"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    email: str = Field(max_length=254, unique=True)
    role: Role = Field(sa_type=enum_type(Role, "role"))
    password_hash: str = Field(max_length=255)
    created_at: datetime = Field(sa_type=UTCDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class StaffSession(SQLModel, table=True):
    """One signed-in browser; the cookie's secret is stored as its hash."""

    __tablename__ = "staff_session"

    token_hash: bytes = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    created_at: datetime = Field(sa_type=UTCDateTime)
    seen_at: datetime = Field(sa_type=UTCDateTime)

    def alive(self, now: datetime) -> bool:
        """Idle at most 30 minutes, 12 hours in all."""
        return now - self.seen_at < IDLE and now - self.created_at < ABSOLUTE
