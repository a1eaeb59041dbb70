"""The sign form and the confirmation form, with their messages."""

from collections.abc import Callable
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from app.errors import N_
from app.i18n import INTERNATIONAL, country_codes
from app.names import ORGANISATION_LIMIT, PERSON_LIMIT, NameProblem, check_line, check_name
from app.signatures.identity import canonical_address, exact_address, website_address
from app.signatures.models import Complaint, Kind, Visibility
from app.web.forms import problem

_NAME = N_("Please write your name.")
_ORGANISATION = N_("Please write the organisation’s name as it should appear in the list.")
_ROLE = N_("Please write your role in the organisation.")
_MANDATE = N_("An organisation signs through somebody who has its mandate. Please say on whose authority you sign.")
_COUNTRY = N_("Please choose a country from the list.")
_EMAIL = N_("Please write a complete e-mail address, such as name@example.org.")
_WEBSITE = N_("Please write a web address such as example.org, or leave this empty.")
_WORDS = 2000
_LONG = N_("This is too long: at most %(limit)s characters.")
_CONSENT = N_("Without your agreement we may not keep your signature.")


class Typed(BaseModel):
    """What the list or the moderators see; fields are checked in this order, so later ones know the kind."""

    model_config = ConfigDict(validate_default=True)

    kind: Kind
    name: str = ""
    role: str = ""
    organisation: str = ""
    website: str = ""
    country: str = ""
    mandate: str = ""

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not value.strip():
            raise problem(_NAME)
        return checked(check_name, value, PERSON_LIMIT)

    @field_validator("role")
    @classmethod
    def _role(cls, value: str, info: ValidationInfo) -> str:
        if not value.strip() and _organisational(info):
            raise problem(_ROLE)
        return checked(check_line, value, PERSON_LIMIT)

    @field_validator("organisation")
    @classmethod
    def _organisation(cls, value: str, info: ValidationInfo) -> str:
        if value.strip():
            return checked(check_name, value, ORGANISATION_LIMIT)
        if _organisational(info):
            raise problem(_ORGANISATION)
        return ""

    @field_validator("website")
    @classmethod
    def _website(cls, value: str, info: ValidationInfo) -> str:
        if not _organisational(info):
            return ""
        try:
            return website_address(value)
        except ValueError:
            raise problem(_WEBSITE) from None

    @field_validator("mandate")
    @classmethod
    def _mandate(cls, value: str, info: ValidationInfo) -> str:
        if not _organisational(info):
            return ""
        if not value.strip():
            raise problem(_MANDATE)
        return checked(check_line, value, ORGANISATION_LIMIT)

    @field_validator("country")
    @classmethod
    def _country(cls, value: str) -> str:
        if value not in country_codes() and value != INTERNATIONAL:
            raise problem(_COUNTRY)
        return value


class Signer(Typed):
    """Everything but the address."""

    visibility: Visibility = Visibility.PUBLIC
    consent: str = ""

    @field_validator("consent")
    @classmethod
    def _consent(cls, value: str) -> str:
        if not value:
            raise problem(_CONSENT)
        return value


class SignForm(Signer):
    """The form on the statement's page.

    `subject` is a field no person sees; `proof` is a proof of work, `since` a signed time (`screening`).
    """

    email: str = ""
    subject: str = ""
    proof: str = ""
    since: str = ""

    @field_validator("email")
    @classmethod
    def _email(cls, value: str) -> str:
        try:
            return exact_address(value)
        except ValueError:
            raise problem(_EMAIL) from None

    @cached_property
    def canonical(self) -> str:
        """The form of the address under which it is unique."""
        return canonical_address(self.email)


class CodeForm(BaseModel):
    """The code of a mail, in the digits of any script."""

    code: str = ""

    @field_validator("code")
    @classmethod
    def _digits(cls, value: str) -> str:
        return "".join(str(int(c)) for c in value if c.isdecimal())[:12]


class AnswerForm(CodeForm):
    """What an organisation answers to a moderator's question."""

    act: Literal["code", "yes", "no"] = "code"


class ReportForm(BaseModel):
    """What somebody says about a published signature; the address is optional."""

    model_config = ConfigDict(validate_default=True)

    reason: Complaint
    words: str = ""
    contact: str = ""
    subject: str = ""

    @field_validator("words")
    @classmethod
    def _words(cls, value: str) -> str:
        text = value.replace("\r", "").strip()
        if len(text) > _WORDS:
            raise problem(_LONG, limit=_WORDS)
        return "".join(c for c in text if c.isprintable() or c == "\n")

    @field_validator("contact")
    @classmethod
    def _contact(cls, value: str) -> str:
        try:
            return exact_address(value) if value.strip() else ""
        except ValueError:
            raise problem(_EMAIL) from None


class ConfirmForm(CodeForm):
    """What a person does at a mailed link."""

    act: Literal["code", "confirm", "mistaken", "not-me", "sign"] = "code"


class OwnForm(CodeForm):
    """What signers do on their own page; `reason` is what they may say when they withdraw."""

    act: Literal["code", "correct", "hide", "show", "withdraw", "download", "erase", "not-me"] = "code"
    reason: str = ""

    @field_validator("reason")
    @classmethod
    def _reason(cls, value: str) -> str:
        return "".join(c for c in value.strip() if c.isprintable() or c == "\n")[:1000]


def _organisational(info: ValidationInfo) -> bool:
    return info.data.get("kind") is Kind.ORGANISATION


def checked(rule: Callable[[str, int], str], value: str, limit: int) -> str:
    """What a rule of `names` makes of a field; its refusal is the field's problem."""
    try:
        return rule(value, limit)
    except NameProblem as refused:
        raise problem(refused.sentence, **refused.values) from None
