"""Drafts of statements, their translations, and the links that show them to partners.

A draft is no statement: nothing public reads these tables. What was typed is sealed by the house, for it may name people.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Field, SQLModel

from app.db import UTCDateTime
from app.sealing import Keyring
from app.signatures.retention import rule

KEPT = rule("drafts").after or timedelta()
"""How long a draft is kept that nobody touches."""


class Draft(SQLModel, table=True):
    """A statement being written; `version` moves on with every saving, so that nobody overwrites what they have not seen.

    `content` is JSON, sealed: `typed` (names and strings as in `app.statements.written`) and `touched` (the version at
    which each name changed last). `statement_id` is the published statement that it edits.
    """

    __tablename__ = "draft"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    statement_id: UUID | None = Field(default=None, foreign_key="statement.id", index=True, ondelete="CASCADE")
    content: bytes = b""
    version: int = 1
    created_by: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    created_at: datetime = Field(sa_type=UTCDateTime)
    saved_by: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    saved_at: datetime = Field(sa_type=UTCDateTime)

    @property
    def goes_at(self) -> datetime:
        """When it is erased unless somebody saves it."""
        return self.saved_at + KEPT

    def place(self, column: str) -> str:
        """What a sealed value of this row is bound to."""
        return f"draft|{column}|{self.id}|house"


class DraftText(SQLModel, table=True):
    """A translation beside a draft, with a version of its own; `seen` is the source as it was when this was last saved."""

    __tablename__ = "draft_text"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    draft_id: UUID = Field(foreign_key="draft.id", index=True, ondelete="CASCADE")
    content: bytes = b""
    seen: bytes = b""
    version: int = 1
    created_at: datetime = Field(sa_type=UTCDateTime)
    saved_by: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    saved_at: datetime = Field(sa_type=UTCDateTime)

    def place(self, column: str) -> str:
        """What a sealed value of this row is bound to."""
        return f"draft_text|{column}|{self.id}|house"


class PreviewLink(SQLModel, table=True):
    """A link that shows a draft to somebody without an account, until it ends."""

    __tablename__ = "preview_link"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    draft_id: UUID = Field(foreign_key="draft.id", index=True, ondelete="CASCADE")
    token_hash: bytes = Field(unique=True)
    created_by: UUID | None = Field(default=None, foreign_key="account.id", ondelete="SET NULL")
    created_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime = Field(sa_type=UTCDateTime)


def seal(ring: Keyring, row: Draft | DraftText, column: str, value: Mapping[str, Any]) -> bytes:
    """JSON that only the house can read."""
    return ring.seal(json.dumps(value).encode(), row.place(column))


def opened(ring: Keyring, row: Draft | DraftText, column: str) -> dict[str, Any]:
    """The inverse of `seal`."""
    return dict(json.loads(ring.open(getattr(row, column), row.place(column))))
