"""What is kept beside the signatures of a list: their place in sorted orders, the counts of their countries, the tally."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db import UTCDateTime, enum_type
from app.signatures.models import Kind, Signature, Visibility

GROUP = 5


class SortKey(SQLModel, table=True):
    """A signatory's ICU collation key in one language of the site; organisations and people are lists of their own."""

    __tablename__ = "signatory_sort_key"
    __table_args__ = (sa.Index("ix_signatory_sort_key_order", "statement_id", "language", "kind", "key", "number"),)

    signature_id: UUID = Field(foreign_key="signature.id", primary_key=True, ondelete="CASCADE")
    language: str = Field(primary_key=True, max_length=35)
    statement_id: UUID
    kind: Kind = Field(sa_type=enum_type(Kind, "kind"))
    key: bytes
    number: int


class CountryCount(SQLModel, table=True):
    """How many of a kind are named in a list from one country; `country` is empty for those who gave none."""

    __tablename__ = "country_count"

    statement_id: UUID = Field(foreign_key="statement.id", primary_key=True)
    kind: Kind = Field(sa_type=enum_type(Kind, "kind"), primary_key=True)
    country: str = Field(primary_key=True, max_length=20)
    signatories: int


class Tally(SQLModel, table=True):
    """The counts of a statement and the revision of its list."""

    __tablename__ = "tally"

    statement_id: UUID = Field(foreign_key="statement.id", primary_key=True)
    place: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Which list it is in SQLite's search index, whose rows have one number for list and signatory."""
    list_revision: int = 0
    as_of: datetime = Field(sa_type=UTCDateTime)
    last_number: int = 0
    organisations: int = 0
    individuals: int = 0
    withheld: int = 0
    withheld_shown: int = 0
    since_from: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """The oldest revision from which a mirror can follow; whoever knows an older one reads the list anew."""

    def move(self, signature: Signature, step: int) -> None:
        """Count a signature in (1) or out (-1)."""
        if signature.visibility is Visibility.WITHHELD:
            self.withheld += step
            self._regroup()
        elif signature.kind is Kind.ORGANISATION:
            self.organisations += step
        else:
            self.individuals += step

    def next_number(self) -> int:
        """The next place in the order of signing."""
        self.last_number += 1
        return self.last_number

    def turn(self, now: datetime) -> int:
        """A new revision of the list; its number."""
        self.list_revision += 1
        self.as_of = now
        return self.list_revision

    def begin_anew(self, now: datetime) -> None:
        """A new revision, from which every mirror has to read the whole list."""
        self.since_from = self.turn(now)

    def _regroup(self) -> None:
        # Withheld signers come and go in groups of five, so that no single step of the count betrays one.
        if abs(self.withheld - self.withheld_shown) >= GROUP:
            self.withheld_shown = self.withheld
