"""The record of what the staff did."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.audit.chain import Fact, Link
from app.db import UTCDateTime


class Entry(SQLModel, table=True):
    """One act, chained to the one before.

    It names accounts, statements and signatures by their ids alone, so that nothing in it is ever to be erased before
    its time. `account_id` and `statement_id` are no foreign keys: this room stands below theirs.
    """

    __tablename__ = "audit_entry"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UTCDateTime, index=True)
    account_id: UUID | None = Field(default=None, index=True)
    act: str = Field(max_length=40)
    statement_id: UUID | None = Field(default=None, index=True)
    subject: str = Field(default="", max_length=80)
    detail: str = Field(default="", max_length=500)
    digest: bytes

    def link(self) -> Link:
        """The entry as a link of the chain."""
        return Link(self.number, Fact(self.at, self.account_id, self.act, self.statement_id, self.subject, self.detail), self.digest)
