"""Signatures that were collected elsewhere: the sheet, who attests it, and how far its entering is."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db import UTCDateTime, enum_type
from app.errors import N_, Conflict
from app.keys.models import sealed


class Step(StrEnum):
    """How far a sheet is."""

    HANDED_IN = "handed-in"
    ENTERING = "entering"
    ENTERED = "entered"
    TAKING_BACK = "taking-back"
    TAKEN_BACK = "taken-back"


AT_WORK = (Step.ENTERING, Step.TAKING_BACK)


@sealed("rows")
class Collection(SQLModel, table=True):
    """One sheet. `rows` is a sealed, compressed JSON list of lists, the header first; it goes 7 days after the last step."""

    __tablename__ = "collection"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    statement_id: UUID = Field(foreign_key="statement.id", index=True)
    account_id: UUID = Field(foreign_key="account.id")
    attested_by: str = Field(max_length=200)
    step: Step = Field(default=Step.HANDED_IN, sa_type=enum_type(Step, "step"))
    columns: dict[str, Any] = Field(default_factory=dict, sa_type=sa.JSON)
    """Which column holds which field, and what stands where a cell is empty."""
    rows: bytes | None = None
    total: int
    at: int = 0
    """How many rows have had their turn."""
    added: int = 0
    known: int = 0
    """Those who stood in the list already, or were taken off it before."""
    refused: int = 0
    created_at: datetime = Field(sa_type=UTCDateTime)
    changed_at: datetime = Field(sa_type=UTCDateTime)

    def place(self, column: str) -> str:
        """What a sealed value of this row is bound to."""
        return f"collection|{column}|{self.id}|{self.statement_id}"

    def move(self, before: tuple[Step, ...], after: Step, now: datetime) -> None:
        """The next step; raises Conflict where it is none."""
        if self.step not in before or (after is Step.ENTERING and self.rows is None):
            raise Conflict(N_("This sheet is not where this act belongs. Please look at it again."))
        self.step, self.changed_at = after, now
