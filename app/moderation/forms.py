"""What a moderator types."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationInfo, field_validator, model_validator

from app.errors import N_
from app.moderation.models import Refusal, Removal
from app.signatures.identity import exact_address, registrable_domain
from app.web.forms import problem

_REASON = N_("Please choose a reason or write one: it is mailed to the signer.")
_ADDRESS = N_("Please write a complete e-mail address, such as name@example.org.")
_DOMAIN = N_("Please write a domain, such as example.org.")
_SOME = N_("Please set at least one condition: without one everybody would be meant.")
_LIMIT = 1000
_LONG = N_("This is too long: at most %(limit)s characters.")


def _text(value: str) -> str:
    text = "\n".join(line.rstrip() for line in value.replace("\r", "").split("\n")).strip()
    if len(text) > _LIMIT:
        raise problem(_LONG, limit=_LIMIT)
    return "".join(c for c in text if c.isprintable() or c == "\n")


class ReasonForm(BaseModel):
    """A reason of the table, words of the moderator's own, or both."""

    model_config = ConfigDict(validate_default=True)
    code: Refusal | None = None
    reason: str = ""

    @field_validator("code", mode="before")
    @classmethod
    def _code(cls, value: str | None) -> str | None:
        return value or None

    @field_validator("reason")
    @classmethod
    def _reason(cls, value: str, given: ValidationInfo) -> str:
        text = _text(value)
        if not text and not given.data.get("code"):
            raise problem(_REASON)
        return text


class InquiryForm(BaseModel):
    """Where to ask an organisation."""

    model_config = ConfigDict(validate_default=True)
    to: str = ""

    @field_validator("to")
    @classmethod
    def _to(cls, value: str) -> str:
        try:
            return exact_address(value)
        except ValueError:
            raise problem(_ADDRESS) from None


class RemoveForm(BaseModel):
    """A reason code, and a note for the record."""

    code: Removal
    note: str = ""

    @field_validator("note")
    @classmethod
    def _note(cls, value: str) -> str:
        return _text(value)


class CampaignForm(BaseModel):
    """Conditions of a removal campaign: moments in UTC, a domain, a signature whose network is meant, a name with * for anything."""

    model_config = ConfigDict(validate_default=True)
    statement: str = ""
    since: datetime | None = None
    until: datetime | None = None
    domain: str = ""
    near: UUID | None = None
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    country: Annotated[str, StringConstraints(max_length=20)] = ""
    flag: Annotated[str, StringConstraints(max_length=20)] = ""
    code: Removal
    note: str = ""

    @field_validator("since", "until", "near", mode="before")
    @classmethod
    def _none(cls, value: str | None) -> str | None:
        return value or None

    @field_validator("since", "until")
    @classmethod
    def _utc(cls, value: datetime | None) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value

    @field_validator("domain")
    @classmethod
    def _domain(cls, value: str) -> str:
        domain = registrable_domain(value.strip().lower().removeprefix("@")) if value.strip() else ""
        if value.strip() and not domain:
            raise problem(_DOMAIN)
        return domain

    @field_validator("note")
    @classmethod
    def _note(cls, value: str) -> str:
        return _text(value)

    @model_validator(mode="after")
    def _some(self) -> "CampaignForm":
        if not any((self.since, self.until, self.domain, self.near, self.name.strip("* "), self.country, self.flag)):
            raise problem(_SOME)
        return self


class FilterForm(BaseModel):
    """What a filter of the queue is called."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
