"""YAML front matter with line marks: every complaint names file, line and key."""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from email_validator import EmailNotValidError, validate_email

from app.errors import InvalidSource
from app.i18n import INTERNATIONAL, canonical_tag, country_codes, valid_tag
from app.names import clean

T = TypeVar("T")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})\s+(\S+)")


def split(file: str, text: str) -> tuple[str, str]:
    """The front matter and the body of a file; raises InvalidSource."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        raise InvalidSource(file, 1, "", "the file must begin with a line of three hyphens (---) and the front matter")
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == "---":
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :])
    raise InvalidSource(file, 1, "", "the front matter has no end: a second line of three hyphens (---) is missing")


@dataclass(frozen=True)
class Value:
    """One YAML node, its key and its place."""

    file: str
    key: str
    node: yaml.Node

    @property
    def line(self) -> int:
        """The line in the file: the front matter begins on line 2."""
        return int(self.node.start_mark.line) + 2

    def refuse(self, why: str) -> NoReturn:
        """Raise InvalidSource at this place."""
        raise InvalidSource(self.file, self.line, self.key, why)

    def text(self, limit: int = 500) -> str:
        """One line of text, cleaned; "" for an empty value."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.refuse("must be a text")
        if self.node.tag.endswith(":null"):
            return ""
        joined = _joined(str(self.node.value))
        if joined is None:
            self.refuse("contains half of a character (a lone surrogate)")
        value = clean(joined)
        if "\n" in value:
            value = " ".join(value.split())
        if _CONTROL.search(value):
            self.refuse("contains an invisible control character")
        if len(value) > limit:
            self.refuse(f"is longer than {limit} characters")
        return value

    def filled(self, limit: int = 500) -> str:
        """A text that is not empty."""
        return self.text(limit) or self.refuse("must not be empty")

    def items(self) -> "list[Value]":
        """The members of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.refuse("must be a list (lines that begin with a hyphen)")
        return [Value(self.file, f"{self.key}[{n}]", node) for n, node in enumerate(self.node.value, 1)]

    def mapping(self, known: Iterable[str]) -> "dict[str, Value]":
        """The keys of a mapping; unknown and repeated ones are refused."""
        if not isinstance(self.node, yaml.MappingNode):
            self.refuse("must have keys (`key: value`)")
        known, found = list(known), {}
        for key_node, node in self.node.value:
            name = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            place = Value(self.file, f"{self.key}.{name}" if self.key else name, key_node)
            if name not in known:
                near = difflib.get_close_matches(name, known, 1, 0.5)
                place.refuse(f"unknown key; did you mean `{near[0]}`?" if near else f"unknown key; known are {', '.join(known)}")
            if name in found:
                place.refuse("stands here a second time")
            found[name] = Value(self.file, place.key, node)
        return found

    def choice(self, options: Iterable[str]) -> str:
        """One of a few words."""
        value, options = self.text(), list(options)
        return value if value in options else self.refuse(f"must be one of {', '.join(options)}, not `{value}`")

    def flag(self) -> bool:
        """True or false."""
        return self.choice(("true", "false")) == "true"

    def whole(self) -> int:
        """A positive whole number."""
        value = self.text()
        return int(value) if re.fullmatch(r"[1-9]\d{0,8}", value) else self.refuse("must be a whole number above zero")

    def day(self) -> date:
        """A date such as 2026-11-22."""
        try:
            return date.fromisoformat(self.text() if _DAY.fullmatch(self.text()) else "")
        except ValueError:
            self.refuse("must be a date such as 2026-11-22")

    def moment(self) -> tuple[datetime, str]:
        """A moment such as `2026-12-15 18:00 Europe/Minsk`: aware datetime and the zone's name."""
        found = _MOMENT.fullmatch(self.text())
        if not found:
            self.refuse("must be a moment with a zone, such as 2026-12-15 18:00 Europe/Minsk")
        try:
            zone = ZoneInfo(found[3])
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.refuse(f"`{found[3]}` is not a time zone; write for example Europe/Minsk")
        try:
            return datetime.strptime(f"{found[1]} {found[2]}", "%Y-%m-%d %H:%M").replace(tzinfo=zone).astimezone(UTC), found[3]
        except (ValueError, OverflowError):
            self.refuse("is not a moment of the calendar")

    def language(self) -> str:
        """A BCP 47 tag."""
        value = self.filled(35)
        return canonical_tag(value) if valid_tag(value) else self.refuse(f"`{value}` is not a language tag (BCP 47) such as en, be or ru")

    def country(self) -> str:
        """ISO 3166-1 alpha-2, XK or `international`."""
        value = self.text()
        known = {*country_codes(), INTERNATIONAL}
        return value if value in known else self.refuse(f"`{value}` is not a country code (two capital letters, XK, or international)")

    def url(self) -> str:
        """An http or https address; "" when empty."""
        value = self.text(500)
        try:
            parts = urlsplit(value)
            good = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username and " " not in value
        except ValueError:
            good = False
        return value if good or not value else self.refuse("must be an address that begins with https:// or http://")

    def address(self) -> str:
        """An e-mail address."""
        try:
            return validate_email(self.text(), check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError:
            self.refuse("is not a complete e-mail address")


def take(values: dict[str, Value], key: str, read: Callable[[Value], T], default: T) -> T:
    """Read an optional key."""
    return read(values[key]) if key in values else default


def parse(file: str, front: str) -> Value:
    """The root of the front matter; raises InvalidSource for broken YAML, at the line where it breaks."""
    try:
        loader = yaml.SafeLoader(front)
        node = loader.get_single_node()
    except yaml.reader.ReaderError as error:
        raise InvalidSource(file, front.count("\n", 0, error.position) + 2, "", "not valid YAML: a character that cannot stand there") from None
    except yaml.MarkedYAMLError as error:
        mark = error.context_mark if "unexpected end of stream" in (error.problem or "") else error.problem_mark or error.context_mark
        raise InvalidSource(file, (mark.line if mark else 0) + 2, "", f"not valid YAML: {error.problem}") from None
    except (ValueError, OverflowError, RecursionError):
        raise InvalidSource(file, loader.line + 2, "", "not valid YAML: this cannot be read") from None
    if node is None:
        raise InvalidSource(file, 2, "", "the front matter is empty")
    return Value(file, "", node)


def _joined(text: str) -> str | None:
    """`text` with surrogate pairs joined, as JSON escapes leave them; None when half of one is missing."""
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return None
