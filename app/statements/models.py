"""Statement, revision, text, and the articles and news that accompany them."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db import UTCDateTime
from app.errors import N_, Conflict, Gone


class Phase(StrEnum):
    """Whether a statement takes signatures now."""

    SCHEDULED = "scheduled"
    OPEN = "open"
    CLOSED = "closed"


class NotOpen(Conflict):
    """The statement takes no signatures now."""

    title = N_("This statement does not take signatures now")


class Statement(SQLModel, table=True):
    """An appeal that is signed; its words live in `Text`."""

    __tablename__ = "statement"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    slug: str = Field(max_length=80, unique=True)
    language: str = Field(max_length=35)
    issued_on: date | None = None
    place: str = Field(default="", max_length=500)
    takes_organisations: bool = True
    takes_individuals: bool = True
    automatic_organisations: bool = False
    automatic_individuals: bool = False
    opens_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    closes_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    zone: str = Field(default="", max_length=60)
    goal: int | None = None
    contact: str = Field(default="", max_length=254)
    noindex: bool = False
    demonstration: bool = False
    created_at: datetime = Field(sa_type=UTCDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    unpublished_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    unpublish_reason: str = Field(default="", max_length=500)
    edition: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often it was published: what stands beside its row, its texts and references, changes only then."""
    hidden_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    """Since when no name of its list is shown anywhere and no signature is taken."""
    frozen_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    """Since when nothing comes into its list and no correction is made; who leaves it leaves at once."""

    def phase(self, now: datetime) -> Phase:
        """Open from `opens_at` until `closes_at` or until it was closed by hand."""
        ends = [moment for moment in (self.closes_at, self.closed_at) if moment]
        if ends and now >= min(ends):
            return Phase.CLOSED
        return Phase.SCHEDULED if self.opens_at and now < self.opens_at else Phase.OPEN

    def ends_at(self) -> datetime | None:
        """When it closes or closed."""
        return min((moment for moment in (self.closes_at, self.closed_at) if moment), default=None)

    def must_stand(self) -> None:
        """Raises Gone when it was taken down."""
        if self.unpublished_at:
            raise Gone(N_("This statement was taken down. Reason: %(reason)s"), reason=self.unpublish_reason)

    def must_be_open(self, now: datetime) -> None:
        """Raises Gone when it was taken down, NotOpen when it takes no signatures now."""
        self.must_stand()
        phase = self.phase(now)
        if phase is Phase.SCHEDULED:
            raise NotOpen(N_("It is not open yet. Its page says when it opens."))
        if phase is Phase.CLOSED:
            raise NotOpen(N_("It is closed: the list of signatories stands as it is, and your name was not taken."))
        if self.hidden_at:
            raise NotOpen(N_("It takes no signatures at the moment. Nothing of what you typed was kept; please come back later."))

    @property
    def held(self) -> bool:
        """Whether the publisher waits: the names are hidden, or the list is frozen."""
        return self.hidden_at is not None or self.frozen_at is not None

    def takes(self, kind: str) -> bool:
        """Whether signers of this kind (`organisation`, `individual`) are asked for."""
        return self.takes_organisations if kind == "organisation" else self.takes_individuals

    def automatic(self, kind: str) -> bool:
        """Whether a confirmed signature of this kind is published without a moderator."""
        return self.automatic_organisations if kind == "organisation" else self.automatic_individuals

    def close(self, at: datetime, now: datetime) -> None:
        """Take no signatures from `at` on; raises Conflict for one that is closed, which would open it again."""
        if self.phase(now) is Phase.CLOSED:
            raise Conflict(N_("This statement is closed already."))
        self.closed_at = at

    def unpublish(self, reason: str, now: datetime) -> None:
        """Take it down; raises Conflict when it is down already."""
        if self.unpublished_at:
            raise Conflict(N_("This statement was taken down already."))
        self.unpublished_at, self.unpublish_reason = now, reason


class Revision(SQLModel, table=True):
    """One immutable state of the words, in one or more languages; signatures are bound to it."""

    __tablename__ = "revision"
    __table_args__ = (sa.UniqueConstraint("statement_id", "number"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    statement_id: UUID = Field(foreign_key="statement.id", index=True)
    number: int
    fingerprint: str = Field(max_length=64)
    published_at: datetime = Field(sa_type=UTCDateTime)


class Text(SQLModel, table=True):
    """A revision's words in one language; `html` was sanitised when it was written."""

    __tablename__ = "text"
    __table_args__ = (sa.UniqueConstraint("revision_id", "language"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    revision_id: UUID = Field(foreign_key="revision.id")
    language: str = Field(max_length=35)
    title: str = Field(max_length=300)
    summary: str = Field(default="", max_length=1000)
    addressees: list[str] = Field(default_factory=list, sa_type=sa.JSON)
    canonical: bytes
    fingerprint: str = Field(max_length=64)
    html: str = Field(sa_type=sa.Text)


class Reference(SQLModel, table=True):
    """A related article, or a news item when it carries a date."""

    __tablename__ = "reference"

    id: int | None = Field(default=None, primary_key=True)
    statement_id: UUID = Field(foreign_key="statement.id", index=True)
    position: int
    issued_on: date | None = None
    title: str = Field(max_length=300)
    summary: str = Field(default="", max_length=1000)
    url: str = Field(default="", max_length=500)
    language: str = Field(default="", max_length=35)
