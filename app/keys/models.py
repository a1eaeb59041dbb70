"""Wrapped keys, one row for each statement and number."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.db import UTCDateTime


class StatementKeys(SQLModel, table=True):
    """The wrapped data key and index key of a statement.

    `statement_id` is no foreign key: this room stands below the statements, and keys must be destroyable on their own.
    """

    __tablename__ = "statement_keys"

    statement_id: UUID = Field(primary_key=True)
    number: int = Field(default=1, primary_key=True)
    data_key: bytes
    index_key: bytes
    created_at: datetime = Field(sa_type=UTCDateTime)
