"""The directory of organisations and the names they are known by."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlmodel import Field, SQLModel

from app.db import UTCDateTime


class Organisation(SQLModel, table=True):
    """An organisation whose signature became public.

    `domain` is the registrable domain of its own website, what it is told from others by; None while it has shown none. More of them are
    `OrganisationDomain`s. Other texts are "" until known. All of it was published on some list, so nothing here is sealed.
    """

    __tablename__ = "organisation"

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    domain: str | None = Field(default=None, max_length=255, unique=True)
    website: str = Field(default="", max_length=500)
    country: str = Field(default="", max_length=20)
    acronym: str = Field(default="", max_length=40)
    created_at: datetime = Field(sa_type=UTCDateTime)

    def learn(self, website: str, domain: str, country: str, acronym: str) -> None:
        """Fill what is empty; an organisation that has a domain learns only from who signs under it."""
        self.domain = self.domain or domain or None
        if (self.domain or "") == domain:
            self.website = self.website or website
            self.country = self.country or country
            self.acronym = self.acronym or acronym


class OrganisationName(SQLModel, table=True):
    """One name of an organisation: a language ("" for unknown) and `key`, the skeleton of the name as it was first written."""

    __tablename__ = "organisation_name"

    organisation_id: UUID = Field(foreign_key="organisation.id", primary_key=True, ondelete="CASCADE")
    language: str = Field(default="", primary_key=True, max_length=35)
    key: str = Field(primary_key=True, max_length=255, index=True)
    name: str = Field(max_length=4000)


class OrganisationDomain(SQLModel, table=True):
    """A further registrable domain of an organisation, by which it had an entry of its own before two of them were merged."""

    __tablename__ = "organisation_domain"

    domain: str = Field(primary_key=True, max_length=255)
    organisation_id: UUID = Field(foreign_key="organisation.id", index=True, ondelete="CASCADE")
