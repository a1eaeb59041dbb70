"""Accounts of the staff: their rights, their sessions, and what they prove themselves by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db import UTCDateTime, enum_type

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
FRESH = timedelta(minutes=10)


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
    """One person of the staff; `role` is for all statements, None where only single ones were given (`Grant`).

    Without a password there is a passkey, or an invitation that nobody has taken up yet.
    """

    __tablename__ = "account"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    email: str = Field(max_length=254, unique=True)
    role: Role | None = Field(default=None, sa_type=enum_type(Role, "role"))
    password_hash: str | None = Field(default=None, max_length=255)
    totp: bytes | None = None
    """The secret of the authenticator app, sealed by the house."""
    totp_step: int | None = None
    """The last time step (RFC 6238) whose code was used."""
    created_at: datetime = Field(sa_type=UTCDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    on_duty: bool = Field(default=True, sa_column_kwargs={"server_default": sa.true()})
    """Whether it gets the mails to the moderators of its statements."""
    language: str = Field(default="en", max_length=35, sa_column_kwargs={"server_default": "en"})
    """In which language."""
    raised_by: UUID | None = None
    """Who made it an administrator's account, or renewed its link, last."""
    raised_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    stepped_down_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    """When it ceased to be an administrator's account, by a change of rights or because it was closed."""

    def place(self, column: str) -> str:
        """What a sealed value of this row is bound to."""
        return f"account|{column}|{self.id}|house"


class Grant(SQLModel, table=True):
    """A role for one statement. It is no foreign key: this room stands below the statements."""

    __tablename__ = "account_grant"

    account_id: UUID = Field(foreign_key="account.id", primary_key=True, ondelete="CASCADE")
    statement_id: UUID = Field(primary_key=True)
    role: Role = Field(sa_type=enum_type(Role, "role"))


class StaffSession(SQLModel, table=True):
    """One signed-in browser; the cookie's secret is stored as its hash.

    `proven_at` is when all that is needed was last proven: None between the password and the second factor.
    """

    __tablename__ = "staff_session"

    token_hash: bytes = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid4, unique=True)
    account_id: UUID = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    created_at: datetime = Field(sa_type=UTCDateTime)
    seen_at: datetime = Field(sa_type=UTCDateTime)
    proven_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    browser: str = Field(default="", max_length=60)

    def alive(self, now: datetime) -> bool:
        """Idle at most 30 minutes, 12 hours in all; ten minutes to prove the second factor."""
        return now - self.seen_at < IDLE and now - self.created_at < (ABSOLUTE if self.proven_at else FRESH)

    def fresh(self, now: datetime) -> bool:
        """Whether the person proved lately who they are."""
        return self.proven_at is not None and now - self.proven_at < FRESH


class Passkey(SQLModel, table=True):
    """A WebAuthn credential; `sign_count` never goes back, or it is a copy."""

    __tablename__ = "passkey"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True, ondelete="CASCADE")
    credential_id: bytes = Field(unique=True)
    public_key: bytes
    sign_count: int
    name: str = Field(max_length=80)
    created_at: datetime = Field(sa_type=UTCDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


class RecoveryCode(SQLModel, table=True):
    """A printed code that stands for the second factor once; stored as a keyed hash."""

    __tablename__ = "recovery_code"

    code_hash: bytes = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True, ondelete="CASCADE")


class Invitation(SQLModel, table=True):
    """A link that lets its holder set up an account, once; a newer one ends it."""

    __tablename__ = "invitation"

    account_id: UUID = Field(foreign_key="account.id", primary_key=True, ondelete="CASCADE")
    token_hash: bytes = Field(unique=True)
    expires_at: datetime = Field(sa_type=UTCDateTime)


class Challenge(SQLModel, table=True):
    """A WebAuthn challenge that was given out and not answered yet; `account_id` where it is for one account alone."""

    __tablename__ = "passkey_challenge"

    challenge: bytes = Field(primary_key=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.id", ondelete="CASCADE")
    expires_at: datetime = Field(sa_type=UTCDateTime, index=True)


class Assent(SQLModel, table=True):
    """A grave act that one person asked for and another has to agree to; it is done once. `statement_id` is no foreign key, as in `Grant`."""

    __tablename__ = "assent"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    act: str = Field(max_length=40)
    statement_id: UUID | None = None
    subject: str = Field(default="", max_length=80)
    asked_by: UUID = Field(foreign_key="account.id", ondelete="CASCADE")
    asked_at: datetime = Field(sa_type=UTCDateTime)
    given_by: UUID | None = Field(default=None, foreign_key="account.id", ondelete="CASCADE")
    expires_at: datetime = Field(sa_type=UTCDateTime, index=True)


@dataclass(frozen=True)
class Person:
    """Who is signed in, and what they may do where."""

    account: Account
    session: StaffSession
    grants: Mapping[UUID, Role] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        """Whose acts these are."""
        return self.account.id

    def may(self, role: Role | str, statement_id: UUID | None = None) -> bool:
        """Whether they may do this for one statement; for all of them when none is named."""
        role = Role(role)
        given = [self.account.role, self.grants.get(statement_id) if statement_id else None]
        return any(one is not None and one.includes(role) for one in given)

    def somewhere(self, role: Role | str) -> bool:
        """Whether there is a statement for which they may."""
        role = Role(role)
        return self.may(role) or any(given.includes(role) for given in self.grants.values())

    def where(self, role: Role) -> set[UUID] | None:
        """The statements for which they may; None for all."""
        return None if self.may(role) else {statement for statement, given in self.grants.items() if given.includes(role)}
