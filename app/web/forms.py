"""Forms that can be shown again as typed: values, data or problems by field."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from starlette.datastructures import UploadFile

from app.errors import N_
from app.web.bounds import Bounds, bounds_for

_ENCODED = "application/x-www-form-urlencoded"
_ASK = N_("Please fill in this field.")
_CHOOSE = N_("Please choose one of the options.")
_LONG = N_("This is too long: at most %(limit)s characters.")
FormT = TypeVar("FormT", bound=BaseModel)


@dataclass(frozen=True)
class Problem:
    """A sentence about one field: a catalog entry and its values."""

    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Submission(Generic[FormT]):
    """What came in: as typed, and either valid data or problems."""

    typed: Mapping[str, str] = field(default_factory=dict)
    data: FormT | None = None
    problems: Mapping[str, Problem] = field(default_factory=dict)


def problem(sentence: str, **values: object) -> PydanticCustomError:
    """What a validator raises: a catalog entry, shown beside the field."""
    return PydanticCustomError("problem", sentence, {key: str(value) for key, value in values.items()})


def _explain(error: ErrorDetails) -> Problem:
    if error["type"] == "problem":
        return Problem(error["msg"], error.get("ctx", {}))
    if error["type"] == "string_too_long":
        return Problem(_LONG, {"limit": error["ctx"]["max_length"]})
    if error["type"] in {"literal_error", "enum"} and error["input"]:
        return Problem(_CHOOSE)
    return Problem(_ASK)


def check(form: type[FormT], typed: Mapping[str, str]) -> Submission[FormT]:
    """Validate what was typed."""
    try:
        return Submission(typed, form.model_validate(typed))
    except ValidationError as invalid:
        problems: dict[str, Problem] = {}
        for error in invalid.errors(include_url=False):
            problems.setdefault(".".join(map(str, error["loc"])) or "__all__", _explain(error))
        return Submission(typed, None, problems)


def submitted(form: type[FormT]) -> Callable[[Request], Awaitable[Submission[FormT]]]:
    """A dependency that reads and validates a form; a file or too many fields are a 400."""

    async def read(request: Request) -> Submission[FormT]:
        return check(form, await typed(request))

    return read


async def typed(request: Request) -> dict[str, str]:
    """The fields of a form as they were typed, within the bounds of its address; more is a 400."""
    bounds = bounds_for(request.scope["path"])
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == _ENCODED and _within(bounds, body := await request.body()):
        return dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True))  # at once and not byte by byte
    raw = await request.form(max_files=0, max_fields=bounds.fields, max_part_size=bounds.part)
    # Half a character cannot be stored; as a question mark in a diamond it is refused where it matters.
    return {key: _whole(value) for key, value in raw.items() if isinstance(value, str)}


def _within(bounds: Bounds, body: bytes) -> bool:
    fields = body.split(b"&")
    return len(fields) <= bounds.fields and max(map(len, fields)) <= bounds.part


async def handed_in(request: Request) -> list[tuple[str, bytes]]:
    """Name and bytes of the files of a form, within the bounds of its address."""
    bounds = bounds_for(request.scope["path"])
    async with request.form(max_files=bounds.files, max_fields=bounds.fields, max_part_size=bounds.part) as raw:
        files = [value for _, value in raw.multi_items() if isinstance(value, UploadFile) and value.filename]
        return [(_whole(str(file.filename)).rsplit("/", 1)[-1][:200], await file.read()) for file in files]


def as_id(text: str) -> UUID | None:
    """The id that a field or an address carries; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _whole(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
