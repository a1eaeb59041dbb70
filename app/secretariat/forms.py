"""What the secretariat types."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, StringConstraints, field_validator

from app.accounts.models import Role
from app.errors import N_
from app.i18n import INTERNATIONAL, canonical_tag, country_codes, valid_tag
from app.names import ORGANISATION_LIMIT, check_line, check_name
from app.signatures.forms import checked
from app.signatures.identity import website_address
from app.web.forms import problem


class RightsForm(BaseModel):
    """A role for all statements, or for the one that is named; no role takes away what was given for all."""

    role: Role | None = None
    statement: UUID | None = None

    @field_validator("role", "statement", mode="before")
    @classmethod
    def _none(cls, value: str | None) -> str | None:
        return value or None


class InviteForm(RightsForm):
    """Whom to invite, and what for."""

    email: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254)]
    role: Role


class OrganisationForm(BaseModel):
    """What the directory says of an organisation."""

    acronym: str = ""
    website: str = ""
    country: str = ""

    @field_validator("acronym")
    @classmethod
    def _acronym(cls, value: str) -> str:
        return checked(check_line, value, 40)

    @field_validator("website")
    @classmethod
    def _website(cls, value: str) -> str:
        try:
            return website_address(value)
        except ValueError:
            raise problem(N_("Please write a web address such as example.org, or leave this empty.")) from None

    @field_validator("country")
    @classmethod
    def _country(cls, value: str) -> str:
        if value not in {"", INTERNATIONAL, *country_codes()}:
            raise problem(N_("Please choose a country from the list."))
        return value


class NameForm(BaseModel):
    """A name of an organisation, and its language if it is known."""

    language: str = ""
    name: str = ""

    @field_validator("language")
    @classmethod
    def _language(cls, value: str) -> str:
        tag = value.strip()
        if tag and not valid_tag(tag):
            raise problem(N_("Please write a language tag such as en, be or ru."))
        return canonical_tag(tag) if tag else ""

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not value.strip():
            raise problem(N_("Please write the organisation’s name as it should appear in the list."))
        return checked(check_name, value, ORGANISATION_LIMIT)


class UnnameForm(BaseModel):
    """Which name goes."""

    language: str = ""
    key: str


class MergeForm(BaseModel):
    """Which of the two entries stays."""

    keep: UUID
