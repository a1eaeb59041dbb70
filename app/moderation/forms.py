"""What a moderator types."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationInfo, field_validator

from app.errors import N_
from app.moderation.models import Refusal, Removal
from app.signatures.identity import exact_address
from app.web.forms import problem

_REASON = N_("Please choose a reason or write one: it is mailed to the signer.")
_ADDRESS = N_("Please write a complete e-mail address, such as name@example.org.")
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


class FilterForm(BaseModel):
    """What a filter of the queue is called."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
