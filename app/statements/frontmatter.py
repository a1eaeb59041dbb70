"""YAML front matter with line marks: every complaint names file, line and key, and is a catalog entry."""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml
from email_validator import EmailNotValidError, validate_email

from app.errors import N_, InvalidSource
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
        raise InvalidSource(file, 1, "", N_("the file must begin with a line of three hyphens (---) and the front matter"))
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == "---":
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :])
    raise InvalidSource(file, 1, "", N_("the front matter has no end: a second line of three hyphens (---) is missing"))


@dataclass(frozen=True)
class Value:
    """One YAML node, its key and its place; what is wrong with the whole file gathers in `complaints`."""

    file: str
    key: str
    node: yaml.Node
    complaints: list[InvalidSource] = field(default_factory=list)

    @property
    def line(self) -> int:
        """The line in the file: the front matter begins on line 2."""
        return int(self.node.start_mark.line) + 2

    def refuse(self, why: str, /, **values: object) -> NoReturn:
        """Raise InvalidSource at this place; `why` is a catalog entry."""
        raise InvalidSource(self.file, self.line, self.key, why, **values)

    def complain(self, why: str, /, **values: object) -> None:
        """Note what is wrong here, and go on reading."""
        self.complaints.append(InvalidSource(self.file, self.line, self.key, why, **values))

    def inner(self, key: str, node: yaml.Node) -> "Value":
        """A value of the same file."""
        return Value(self.file, key, node, self.complaints)

    def text(self, limit: int = 500) -> str:
        """One line of text, cleaned; "" for an empty value."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.refuse(N_("must be a text"))
        if self.node.tag.endswith(":null"):
            return ""
        joined = _joined(str(self.node.value))
        if joined is None:
            self.refuse(N_("contains half of a character (a lone surrogate)"))
        value = clean(joined)
        if "\n" in value:
            value = " ".join(value.split())
        if _CONTROL.search(value):
            self.refuse(N_("contains an invisible control character"))
        if len(value) > limit:
            self.refuse(N_("is longer than %(limit)s characters"), limit=limit)
        return value

    def filled(self, limit: int = 500) -> str:
        """A text that is not empty."""
        return self.text(limit) or self.refuse(N_("must not be empty"))

    def items(self) -> "list[Value]":
        """The members of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.refuse(N_("must be a list (lines that begin with a hyphen)"))
        return [self.inner(f"{self.key}[{n}]", node) for n, node in enumerate(self.node.value, 1)]

    def mapping(self, known: Iterable[str]) -> "dict[str, Value]":
        """The keys of a mapping; unknown and repeated ones are complained of."""
        if not isinstance(self.node, yaml.MappingNode):
            self.refuse(N_("must have keys (`key: value`)"))
        known, found = list(known), {}
        for key_node, node in self.node.value:
            name = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else "?"
            place = self.inner(f"{self.key}.{name}" if self.key else name, key_node)
            if name not in known:
                place.unknown(name, known)
            elif name in found:
                place.complain(N_("stands here a second time"))
            else:
                found[name] = self.inner(place.key, node)
        return found

    def unknown(self, name: str, known: list[str]) -> None:
        """Complain of a key that nobody knows, and name the nearest."""
        near = difflib.get_close_matches(name, known, 1, 0.5)
        if near:
            self.complain(N_("unknown key; did you mean `%(key)s`?"), key=near[0])
        else:
            self.complain(N_("unknown key; known are %(keys)s"), keys=", ".join(known))

    def choice(self, options: Iterable[str]) -> str:
        """One of a few words."""
        value, options = self.text(), list(options)
        return value if value in options else self.refuse(N_("must be one of %(options)s, not `%(value)s`"), options=", ".join(options), value=value)

    def flag(self) -> bool:
        """True or false."""
        return self.choice(("true", "false")) == "true"

    def whole(self) -> int:
        """A positive whole number."""
        value = self.text()
        return int(value) if re.fullmatch(r"[1-9]\d{0,8}", value) else self.refuse(N_("must be a whole number above zero"))

    def day(self) -> date:
        """A date such as 2026-11-22."""
        try:
            return date.fromisoformat(self.text() if _DAY.fullmatch(self.text()) else "")
        except ValueError:
            self.refuse(N_("must be a date such as 2026-11-22"))

    def moment(self) -> tuple[datetime, str]:
        """A moment such as `2026-12-15 18:00 Europe/Minsk`: aware datetime and the zone's name."""
        found = _MOMENT.fullmatch(self.text())
        if not found:
            self.refuse(N_("must be a moment with a zone, such as 2026-12-15 18:00 Europe/Minsk"))
        try:
            zone = ZoneInfo(found[3])
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.refuse(N_("`%(zone)s` is not a time zone; write for example Europe/Minsk"), zone=found[3])
        try:
            return datetime.strptime(f"{found[1]} {found[2]}", "%Y-%m-%d %H:%M").replace(tzinfo=zone).astimezone(UTC), found[3]
        except (ValueError, OverflowError):
            self.refuse(N_("is not a moment of the calendar"))

    def language(self) -> str:
        """A BCP 47 tag."""
        value = self.filled(35)
        if not valid_tag(value):
            self.refuse(N_("`%(value)s` is not a language tag (BCP 47) such as en, be or ru"), value=value)
        return canonical_tag(value)

    def country(self) -> str:
        """ISO 3166-1 alpha-2, XK or `international`."""
        value = self.text()
        if value not in {*country_codes(), INTERNATIONAL}:
            self.refuse(N_("`%(value)s` is not a country code (two capital letters, XK, or international)"), value=value)
        return value

    def url(self) -> str:
        """An http or https address; "" when empty."""
        value = self.text(500)
        try:
            parts = urlsplit(value)
            good = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.username and " " not in value
        except ValueError:
            good = False
        return value if good or not value else self.refuse(N_("must be an address that begins with https:// or http://"))

    def address(self) -> str:
        """An e-mail address."""
        try:
            return validate_email(self.text(), check_deliverability=False, test_environment=True).normalized
        except EmailNotValidError:
            self.refuse(N_("is not a complete e-mail address"))


def take(values: dict[str, Value], key: str, read: Callable[[Value], T], default: T) -> T:
    """Read an optional key; what is wrong with it is complained of, and `default` stands for it."""
    if key not in values:
        return default
    try:
        return read(values[key])
    except InvalidSource as complaint:
        values[key].complaints.append(complaint)
        return default


def parse(file: str, front: str) -> Value:
    """The root of the front matter; raises InvalidSource for broken YAML, at the line where it breaks."""
    try:
        loader = yaml.SafeLoader(front)
        node = loader.get_single_node()
    except yaml.reader.ReaderError as error:
        raise InvalidSource(file, front.count("\n", 0, error.position) + 2, "", N_("not valid YAML: a character that cannot stand there")) from None
    except yaml.MarkedYAMLError as error:
        mark = error.context_mark if "unexpected end of stream" in (error.problem or "") else error.problem_mark or error.context_mark
        raise InvalidSource(file, (mark.line if mark else 0) + 2, "", N_("not valid YAML: %(problem)s"), problem=error.problem) from None
    except (ValueError, OverflowError, RecursionError):
        raise InvalidSource(file, loader.line + 2, "", N_("not valid YAML: this cannot be read")) from None
    if node is None:
        raise InvalidSource(file, 2, "", N_("the front matter is empty"))
    return Value(file, "", node)


def _joined(text: str) -> str | None:
    """`text` with surrogate pairs joined, as JSON escapes leave them; None when half of one is missing."""
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return None
