"""A signature and its states."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from app.db import UTCDateTime, enum_type
from app.errors import N_, Conflict
from app.keys.models import sealed
from app.rows import new_id
from app.signatures.evidence import Evidence
from app.signatures.identity import canonical_address
from app.signatures.particulars import Particulars


class State(StrEnum):
    """Where a signature stands; `screened` is pending's shadow, whose author is told nothing and mailed nothing."""

    SCREENED = "screened"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    APPROVED = "approved"
    PUBLISHED = "published"
    REJECTED = "rejected"
    REMOVED = "removed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Kind(StrEnum):
    """Who signs."""

    ORGANISATION = "organisation"
    INDIVIDUAL = "individual"


class Visibility(StrEnum):
    """Named in the list, or counted and never named."""

    PUBLIC = "public"
    WITHHELD = "withheld"


class Origin(StrEnum):
    """How a signature came in."""

    FORM = "form"
    SECRETARIAT = "secretariat"
    IMPORT = "import"


class Answer(StrEnum):
    """What an organisation says to a moderator's question."""

    YES = "yes"
    NO = "no"


class Complaint(StrEnum):
    """Why somebody reports a published signature."""

    NOT_AUTHORISED = "not-authorised"
    NOT_THEM = "not-them"
    OFFENSIVE = "offensive"
    TWICE = "twice"
    OTHER = "other"


STANDING = (State.CONFIRMED, State.APPROVED, State.PUBLISHED)
LIVING = (State.PENDING, State.CONFIRMED, State.APPROVED, State.PUBLISHED)
# SQLite uses the index of those that hold an address only where a query says the very same (https://sqlite.org/partialindex.html, 3).
LIVING_ROW = sa.text("state IN ('pending', 'confirmed', 'approved', 'published')")
# What waits for a moderator; the index and the queue's queries have to say the very same, for the same reason.
WAITING_ROW = sa.text("(signature.state = 'confirmed' OR signature.corrected_at IS NOT NULL)")
_WAITING_INDEX = sa.text("(state = 'confirmed' OR corrected_at IS NOT NULL)")
_LEFT = sa.text("delisted_revision IS NOT NULL")
_ERASED = N_("What was typed has been erased. The person would have to sign again.")
_MOVED = N_("Meanwhile this signature was decided otherwise. Please look at it again.")


def _listed_index(name: str, *columns: str, only: str = "") -> sa.Index:
    named = sa.text(f"folded IS NOT NULL{only}")
    return sa.Index(f"ix_signature_listed_{name}", *columns, sqlite_where=named, postgresql_where=named)


def place(column: str, signature_id: UUID, statement_id: UUID) -> str:
    """What a sealed value in a column of a signature is bound to."""
    return f"signature|{column}|{signature_id}|{statement_id}"


@sealed("particulars", "correction", "parting", "address", index="address_index")
class Signature(SQLModel, table=True):
    """One act of signing one revision.

    What was typed is one sealed value, as are a correction that waits for a moderator and what a signer wrote on leaving;
    the public columns below are filled when the signature is published and emptied when it leaves the list. `number` is
    its place in the order of signing, never used again. `flags` are what the door noted, `cluster` marks the network
    under a key of the day.
    """

    __tablename__ = "signature"
    __table_args__ = (
        sa.UniqueConstraint("statement_id", "number"),
        sa.Index("uq_signature_living_address", "statement_id", "address_index", unique=True, sqlite_where=LIVING_ROW, postgresql_where=LIVING_ROW),
        sa.Index("ix_signature_queue", "state", "confirmed_at"),
        sa.Index("ix_signature_waiting", "confirmed_at", "corrected_at", "id", sqlite_where=_WAITING_INDEX, postgresql_where=_WAITING_INDEX),
        sa.Index("ix_signature_sounds", "statement_id", "sounds", sqlite_where=sa.text("sounds IS NOT NULL"), postgresql_where=sa.text("sounds IS NOT NULL")),
        sa.Index("ix_signature_domain", "domain", sqlite_where=sa.text("domain IS NOT NULL"), postgresql_where=sa.text("domain IS NOT NULL")),
        # The ways through the public list. A signature enters them when it is named there, so they cost those who sign nothing.
        _listed_index("kind", "statement_id", "kind", "number"),
        _listed_index("country", "statement_id", "kind", "country", "number"),
        _listed_index("change", "statement_id", "listed_revision"),
        _listed_index("first", "statement_id", "position", only=" AND first"),
        sa.Index("ix_signature_left", "statement_id", "delisted_revision", "number", sqlite_where=_LEFT, postgresql_where=_LEFT),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    statement_id: UUID = Field(foreign_key="statement.id")
    revision_id: UUID = Field(foreign_key="revision.id")
    state: State = Field(default=State.PENDING, sa_type=enum_type(State, "state"))
    kind: Kind = Field(sa_type=enum_type(Kind, "kind"))
    visibility: Visibility = Field(default=Visibility.PUBLIC, sa_type=enum_type(Visibility, "visibility"))
    source: Origin = Field(default=Origin.FORM, sa_type=enum_type(Origin, "source"))
    first: bool = False
    position: int = 0
    page_language: str = Field(max_length=35)
    consent_version: str = Field(default="", max_length=20)
    particulars: bytes | None = None
    correction: bytes | None = None
    parting: bytes | None = None
    address: bytes | None = None
    address_index: bytes | None = None
    organisation_id: UUID | None = Field(default=None, foreign_key="organisation.id", index=True)
    evidence: Evidence = Field(default=Evidence.DECLARED, sa_type=enum_type(Evidence, "evidence"))
    collection_id: UUID | None = Field(default=None, foreign_key="collection.id", index=True)
    attested_by: str | None = Field(default=None, max_length=200)
    flags: str = Field(default="", max_length=120)
    cluster: str | None = Field(default=None, max_length=32, index=True)
    mailed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    created_at: datetime = Field(sa_type=UTCDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    decided_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    corrected_at: datetime | None = Field(default=None, sa_type=UTCDateTime, index=True)

    number: int | None = None
    listed_revision: int | None = None
    delisted_revision: int | None = None
    name: str | None = Field(default=None, max_length=2400)
    role: str | None = Field(default=None, max_length=4000)
    organisation: str | None = Field(default=None, max_length=4000)
    website: str | None = Field(default=None, max_length=500)
    domain: str | None = Field(default=None, max_length=255)
    country: str | None = Field(default=None, max_length=20)
    language: str | None = Field(default=None, max_length=35)
    folded: str | None = Field(default=None, sa_type=sa.Text)
    """What the list is searched in (`finding.searchable`); it is there exactly while the signature is named in the list."""
    sounds: str | None = Field(default=None, max_length=2400)
    """A named person's name as it sounds, to find the same one in another script."""

    def place(self, column: str) -> str:
        """What a sealed value of this row is bound to."""
        return place(column, self.id, self.statement_id)

    def indexed(self, opened: Mapping[str, bytes]) -> str | None:
        """What its index is made from, out of its opened values; None when that was erased."""
        if self.source is Origin.FORM:
            return canonical_address(opened["address"].decode()) if "address" in opened else None
        return Particulars.load(opened["particulars"]).mark(self.kind) if "particulars" in opened else None

    def shown(self) -> Particulars:
        """What the list shows of it, whatever became of the sealed particulars."""
        return Particulars(self.name or "", self.role or "", self.organisation or "", self.website or "", self.country or "", language=self.language or "")

    def release(self, now: datetime) -> None:
        """A moderator lets what the screening held back be confirmed after all."""
        self._move(State.SCREENED, State.PENDING)
        self.mailed_at = now

    def marks(self) -> list[str]:
        """What the door noted, for the moderator."""
        return self.flags.split()

    def suspicious(self) -> bool:
        """Whether a moderator should look even where others are published without one; that scripts were off is no suspicion."""
        return bool({"replay", "trap", "fast", "disposable"} & set(self.marks()))

    def confirm(self, now: datetime) -> None:
        """The person behind the address said yes."""
        self._move(State.PENDING, State.CONFIRMED)
        self.confirmed_at = now

    def expire(self) -> None:
        """Nobody confirmed, or decided, in time: forget what was typed."""
        self._move((State.PENDING, State.SCREENED, State.CONFIRMED), State.EXPIRED)
        self.forget_person()

    def approve(self, now: datetime) -> None:
        """A moderator, or the statement's policy, lets it into the list."""
        self._move(State.CONFIRMED, State.APPROVED)
        self.decided_at = now

    def reject(self, now: datetime) -> None:
        """A moderator keeps it out."""
        self._move(State.CONFIRMED, State.REJECTED)
        self.decided_at = now

    def publish(self, now: datetime) -> None:
        """The publisher put it into the list."""
        self._move(State.APPROVED, State.PUBLISHED)
        self.published_at = now

    def remove(self, now: datetime) -> None:
        """A moderator or the secretariat takes it off the list."""
        self._move(State.PUBLISHED, State.REMOVED)
        self.decided_at = now

    def withdraw(self, now: datetime) -> None:
        """Its signer takes it back: everything they typed is forgotten."""
        self._move((State.CONFIRMED, State.APPROVED, State.PUBLISHED), State.WITHDRAWN)
        self.decided_at = now
        self.forget_person()

    def restore(self, now: datetime) -> None:
        """A moderator takes back a rejection or a removal; raises Conflict when what was typed is erased already."""
        if self.particulars is None or (self.source is Origin.FORM and self.address_index is None):
            raise Conflict(_ERASED)  # without the index nobody could tell whether the person has signed again
        self._move((State.REJECTED, State.REMOVED), State.CONFIRMED if self.state is State.REJECTED else State.APPROVED)
        self.decided_at = None if self.state is State.CONFIRMED else now

    def unname(self, list_revision: int) -> None:
        """The name leaves the list with this revision; the number stays."""
        if self.number is not None:
            self.delisted_revision = list_revision
        self.name = self.role = self.organisation = self.website = self.domain = self.country = self.language = None
        self.folded = self.sounds = None

    def forget_person(self) -> None:
        """Erase what was typed, the address and its index."""
        self.particulars = self.address = self.address_index = self.correction = self.corrected_at = self.cluster = None

    def _move(self, before: State | tuple[State, ...], after: State) -> None:
        if self.state not in (before if isinstance(before, tuple) else (before,)):
            raise Conflict(_MOVED)
        self.state = after
