"""What is kept beside signatures: mailed links and questions with their locks, reports, spent proofs of work, muted addresses."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlmodel import Field, SQLModel

from app.db import UTCDateTime, enum_type
from app.keys.models import sealed
from app.signatures.models import Answer, Complaint

MAX_TRIES = 5
LOCK = timedelta(minutes=15)


class Locked(SQLModel):
    """What every mailed link has: its hashes, and the lock after five wrong codes."""

    token_hash: bytes = Field(primary_key=True)
    signature_id: UUID = Field(foreign_key="signature.id", index=True, ondelete="CASCADE")
    code_hash: bytes
    cookie_hash: bytes = Field(index=True)
    created_at: datetime = Field(sa_type=UTCDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    tries: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UTCDateTime)

    def locked(self, now: datetime) -> bool:
        """Whether too many wrong codes were typed a short while ago."""
        return self.locked_until is not None and now < self.locked_until

    def wrong_code(self, now: datetime) -> None:
        """Count a wrong code; the fifth locks for 15 minutes."""
        self.tries += 1
        if self.tries >= MAX_TRIES:
            self.tries, self.locked_until = 0, now + LOCK


class MailedLink(Locked, table=True):
    """One mailed link and code; only hashes are stored.

    It confirms a pending signature until `expires_at` (never, where that is empty), and afterwards manages it as long as
    the signature lives.
    """

    __tablename__ = "mailed_link"


class Inquiry(Locked, table=True):
    """A moderator asks an organisation, at an address it publishes itself, whether this was signed in its name."""

    __tablename__ = "inquiry"

    answer: Answer | None = Field(default=None, sa_type=enum_type(Answer, "answer"))
    answered_at: datetime | None = Field(default=None, sa_type=UTCDateTime)


@sealed("words")
class Report(SQLModel, table=True):
    """Somebody says that a published signature is wrong; their words and address are sealed."""

    __tablename__ = "report"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    statement_id: UUID = Field(foreign_key="statement.id")
    signature_id: UUID = Field(foreign_key="signature.id", index=True, ondelete="CASCADE")
    reason: Complaint = Field(sa_type=enum_type(Complaint, "reason"))
    words: bytes | None = None
    created_at: datetime = Field(sa_type=UTCDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UTCDateTime, index=True)

    def place(self, column: str) -> str:
        """What a sealed value of this row is bound to."""
        return f"report|{column}|{self.id}|{self.statement_id}"


class UsedChallenge(SQLModel, table=True):
    """A proof of work that was spent: each counts once."""

    __tablename__ = "used_challenge"

    mark: bytes = Field(primary_key=True)
    expires_at: datetime = Field(sa_type=UTCDateTime, index=True)


class Muted(SQLModel, table=True):
    """An address whose owner wants no more mail about a statement, as a mark under the house's key."""

    __tablename__ = "muted_address"

    mark: bytes = Field(primary_key=True)
    statement_id: UUID = Field(foreign_key="statement.id", index=True)
    created_at: datetime = Field(sa_type=UTCDateTime)
