"""The public JSON, version 1 (contract "Public JSON"); a change here is a new version."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, PlainSerializer

from app.signatures.models import Signature
from app.signatures.tallies import Tally
from app.statements.models import Phase
from app.web.templates import absolute


def rfc3339(moment: datetime) -> str:
    """A moment in UTC, to the second (RFC 3339)."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


Moment = Annotated[datetime, PlainSerializer(rfc3339, return_type=str)]


NOTICE = Field(
    default=None,
    description="Only while no names are shown: a sentence that says so. The list is empty then, the counts stand.",
    exclude_if=lambda said: said is None,
)


class Counts(BaseModel):
    """Named organisations, named individuals, and signers counted but not named (in groups of at least five)."""

    organisations: int
    individuals: int
    withheld: int

    @classmethod
    def of(cls, tally: Tally) -> "Counts":
        """The public counts of a tally."""
        return cls(organisations=tally.organisations, individuals=tally.individuals, withheld=tally.withheld_shown)


class RevisionOut(BaseModel):
    """The revision that is signed now."""

    number: int
    fingerprint: str = Field(description="Lower-case hexadecimal SHA-256 of the canonical text of the original language.")
    published: Moment


class TextOut(BaseModel):
    """The words in one language."""

    language: str
    fingerprint: str
    url: str
    text_url: str


class RelatedOut(BaseModel):
    """A related article."""

    title: str
    url: str | None
    language: str | None


class NewsOut(RelatedOut):
    """A dated news item."""

    date: date
    summary: str | None


class StatementOut(BaseModel):
    """A statement, its texts and counts."""

    version: Literal[1] = 1
    url: str
    slug: str
    language: str
    languages: list[str]
    title: str
    summary: str | None
    addressees: list[str]
    date: date | None
    state: Phase
    opens: Moment | None
    closes: Moment | None
    revision: RevisionOut
    texts: list[TextOut]
    counts: Counts
    goal: int | None
    list_revision: int
    as_of: Moment
    notice: str | None = NOTICE
    related: list[RelatedOut]
    news: list[NewsOut]
    signatories_url: str
    feed_url: str


class SignatoryOut(BaseModel):
    """One named signatory."""

    number: int = Field(description="The place in the order of signing; never used again.")
    kind: Literal["organisation", "individual"]
    name: str | None = Field(description="A person: the signer, or the organisation's representative.")
    role: str | None
    organisation: str | None = Field(description="Who signs; for an individual the affiliation, for identification only.")
    website: str | None
    country: str | None = Field(description="ISO 3166-1 alpha-2, XK, or international.")
    language: str | None = Field(description="The language the name is written in, when known (BCP 47).")
    first: bool
    source: Literal["form", "secretariat", "import"]
    revision: int
    date: date

    @classmethod
    def of(cls, row: Signature, revision: int) -> "SignatoryOut":
        """The public face of a published signature."""
        shown = {name: getattr(row, name) for name in ("number", "name", "role", "organisation", "website", "country", "language", "first")}
        return cls(kind=row.kind.value, source=row.source.value, revision=revision, date=row.created_at.date(), **shown)


class SignatoriesOut(BaseModel):
    """A page of the list, by ascending number."""

    version: Literal[1] = 1
    statement: str
    list_revision: int
    as_of: Moment
    counts: Counts
    notice: str | None = NOTICE
    items: list[SignatoryOut]
    next: str | None


class HourOut(Counts):
    """The counts at the end of an hour in which they moved."""

    hour: Moment


class HistoryOut(BaseModel):
    """How the counts of a list moved, oldest hour first."""

    version: Literal[1] = 1
    statement: str
    items: list[HourOut]


class ChangesOut(SignatoriesOut):
    """What came to the list, and which numbers left it, since a revision."""

    withdrawn: list[int]


class ProblemOut(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str


def address(path: str, **query: object) -> str:
    """The full address of one of our pages."""
    given = "&".join(f"{key}={value}" for key, value in query.items() if value is not None)
    return absolute(path) + (f"?{given}" if given else "")
