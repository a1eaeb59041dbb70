"""What is counted about a statement for everybody to read."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db import UTCDateTime


class Integrity(SQLModel, table=True):
    """How a list came about, in numbers that betray nobody; renewed by a job, so that no number moves with a single act.

    `received` and `confirmed` are rounded down to fives; the others count only signatures that were named once.
    """

    __tablename__ = "integrity"

    statement_id: UUID = Field(foreign_key="statement.id", primary_key=True)
    as_of: datetime = Field(sa_type=UTCDateTime)
    received: int = 0
    confirmed: int = 0
    published: int = 0
    withdrawn: int = 0
    removed: dict[str, int] = Field(default_factory=dict, sa_type=sa.JSON)
    """By reason."""


class HourlyCount(SQLModel, table=True):
    """The counts of a list at the end of an hour in which they moved."""

    __tablename__ = "hourly_count"

    statement_id: UUID = Field(foreign_key="statement.id", primary_key=True)
    hour: datetime = Field(sa_type=UTCDateTime, primary_key=True)
    organisations: int
    individuals: int
    withheld: int
