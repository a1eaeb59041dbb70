"""The statement file: Markdown with front matter, translations beside it (contract "Statement file")."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.errors import InvalidSource
from app.names import ORGANISATION_LIMIT, PERSON_LIMIT, NameProblem, check_line, check_name
from app.statements.canonical import canonical, fingerprint, tidy
from app.statements.frontmatter import Value, parse, split, take

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TEXT_KEYS = ("language", "title", "summary", "addressees")
_KEYS = (
    *("slug", *_TEXT_KEYS, "date", "place", "signers", "moderation", "opens", "closes", "goal", "contact", "noindex"),
    *("demonstration", "first_signatories", "related", "news"),
)
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]")
_KINDS = ("organisations", "individuals")
_MAX_FILE = 512 * 1024


@dataclass(frozen=True)
class SourceText:
    """A text in one language."""

    language: str
    title: str
    summary: str
    addressees: tuple[str, ...]
    body: str

    @property
    def canonical(self) -> bytes:
        """The bytes that are signed."""
        return canonical(self.title, self.addressees, self.summary, self.body)

    @property
    def fingerprint(self) -> str:
        """Their SHA-256."""
        return fingerprint(self.canonical)


@dataclass(frozen=True)
class FirstSignatory:
    """A founding signatory, as the secretariat enters it."""

    kind: str
    name: str
    role: str
    organisation: str
    website: str
    country: str
    language: str


@dataclass(frozen=True)
class Reference:
    """A related article, or a news item when it has a date."""

    title: str
    url: str
    language: str
    date: dt.date | None = None
    summary: str = ""


@dataclass(frozen=True)
class Source:
    """A whole statement, read and checked."""

    slug: str
    original: SourceText
    translations: tuple[SourceText, ...]
    date: dt.date | None
    place: str
    signers: tuple[str, ...]
    automatic: tuple[str, ...]
    opens: tuple[dt.datetime, str] | None
    closes: tuple[dt.datetime, str] | None
    goal: int | None
    contact: str
    noindex: bool
    demonstration: bool
    first_signatories: tuple[FirstSignatory, ...]
    related: tuple[Reference, ...]
    news: tuple[Reference, ...]


def load(path: Path) -> Source:
    """Read a statement file and the translations `NAME.LANG.md` beside it; raises InvalidSource."""
    values, body = _read(path)
    for key in ("slug", "language", "title"):
        if key not in values:
            raise InvalidSource(path.name, 1, key, "this key is required")
    original = _text(path, values, body)
    translations = _translations(path, original)
    opens, closes = take(values, "opens", Value.moment, None), take(values, "closes", Value.moment, None)
    if opens and closes and opens[0] >= closes[0]:
        values["closes"].refuse("must be later than `opens`")
    return Source(
        slug=_slug(values["slug"]),
        original=original,
        translations=translations,
        date=take(values, "date", Value.day, None),
        place=take(values, "place", Value.text, ""),
        signers=take(values, "signers", _signers, _KINDS),
        automatic=take(values, "moderation", _automatic, ()),
        opens=opens,
        closes=closes,
        goal=take(values, "goal", Value.whole, None),
        contact=take(values, "contact", Value.address, ""),
        noindex=take(values, "noindex", Value.flag, default=False),
        demonstration=take(values, "demonstration", Value.flag, default=False),
        first_signatories=take(values, "first_signatories", _first_signatories, ()),
        related=take(values, "related", partial(_references, dated=False), ()),
        news=take(values, "news", partial(_references, dated=True), ()),
    )


def _read(path: Path, known: tuple[str, ...] = _KEYS) -> tuple[dict[str, Value], str]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InvalidSource(path.name, 1, "", f"cannot be read: {error.strerror}") from None
    if len(raw) > _MAX_FILE:
        raise InvalidSource(path.name, 1, "", "is larger than 512 KiB")
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise InvalidSource(path.name, raw[: error.start].count(b"\n") + 1, "", "is not UTF-8") from None
    front, body = split(path.name, text)
    if hidden := _HIDDEN.search(body):
        raise InvalidSource(
            path.name, text.count("\n") - body.count("\n", hidden.start()) + 1, "", f"contains a control character ({_control_name(hidden.group())})"
        )
    if not body.strip():
        raise InvalidSource(path.name, text.count("\n") + 1, "", "the text after the front matter is empty")
    return parse(path.name, front).mapping(known), tidy(body)


def _control_name(character: str) -> str:
    return "NUL" if character == "\0" else f"U+{ord(character):04X}"


def _text(path: Path, values: dict[str, Value], body: str) -> SourceText:
    for key in ("language", "title"):
        if key not in values:
            raise InvalidSource(path.name, 1, key, "this key is required")
    return SourceText(
        language=values["language"].language(),
        title=values["title"].filled(300),
        summary=take(values, "summary", partial(Value.text, limit=1000), ""),
        addressees=take(values, "addressees", lambda v: tuple(item.filled(300) for item in v.items()), ()),
        body=body,
    )


def _translations(path: Path, original: SourceText) -> tuple[SourceText, ...]:
    """The files `NAME.LANG.md` beside `NAME.md`, by name; raises InvalidSource, also for two in one language."""
    beside = re.compile(re.escape(path.stem) + r"\..+\.md")
    found: dict[str, SourceText] = {}
    for other in sorted(path.parent.iterdir()):
        if beside.fullmatch(other.name):
            text = _translation(other, original)
            if text.language in found:
                raise InvalidSource(other.name, 1, "language", f"there is a second translation into `{text.language}`")
            found[text.language] = text
    return tuple(found.values())


def _translation(path: Path, original: SourceText) -> SourceText:
    values, body = _read(path, _TEXT_KEYS)
    text = _text(path, values, body)
    named = path.name.split(".")[-2]
    if text.language.lower() != named.lower():
        values["language"].refuse(f"is `{text.language}`, but the file's name says `{named}`")
    if text.language.lower() == original.language.lower():
        values["language"].refuse("is the language of the original")
    return text


def _slug(value: Value) -> str:
    slug = value.text(80)
    return slug if SLUG.fullmatch(slug) else value.refuse("may hold small Latin letters, digits and single hyphens between them")


def _signers(value: Value) -> tuple[str, ...]:
    kinds = tuple(item.choice(_KINDS) for item in value.items())
    return kinds or value.refuse("must name organisations, individuals or both")


def _automatic(value: Value) -> tuple[str, ...]:
    chosen = value.mapping(_KINDS)
    return tuple(kind for kind, policy in chosen.items() if policy.choice(("moderated", "automatic")) == "automatic")


def _first_signatories(value: Value) -> tuple[FirstSignatory, ...]:
    found: dict[tuple[str, str, str], FirstSignatory] = {}
    for item in value.items():
        signatory = _first_signatory(item)
        who = (signatory.kind, signatory.name, signatory.organisation)
        if who in found:
            item.refuse("stands here a second time")
        found[who] = signatory
    return tuple(found.values())


def _first_signatory(item: Value) -> FirstSignatory:
    values = item.mapping(("name", "role", "organisation", "country", "website", "language", "kind"))
    organisation = take(values, "organisation", partial(_name, limit=ORGANISATION_LIMIT), "")
    kind = take(values, "kind", lambda v: v.choice(("organisation", "individual")), "organisation" if organisation else "individual")
    name = take(values, "name", partial(_name, limit=PERSON_LIMIT), "")
    if not (organisation if kind == "organisation" else name):
        item.refuse(f"a first signatory of kind {kind} needs `{'organisation' if kind == 'organisation' else 'name'}`")
    return FirstSignatory(
        kind,
        name,
        take(values, "role", _line, ""),
        organisation,
        take(values, "website", Value.url, ""),
        take(values, "country", Value.country, ""),
        take(values, "language", Value.language, ""),
    )


def _name(value: Value, limit: int) -> str:
    try:
        return check_name(value.filled(2000), limit)
    except NameProblem as problem:
        value.refuse(str(problem))


def _line(value: Value) -> str:
    try:
        return check_line(value.text(2000), ORGANISATION_LIMIT)
    except NameProblem as problem:
        value.refuse(str(problem))


def _references(value: Value, dated: bool) -> tuple[Reference, ...]:
    return tuple(_reference(item, dated) for item in value.items())


def _reference(item: Value, dated: bool) -> Reference:
    values = item.mapping(("date", "title", "summary", "url", "language") if dated else ("title", "url", "language"))
    for key in ("title", *(["date"] if dated else [])):
        if key not in values:
            item.refuse(f"`{key}` is required")
    return Reference(
        values["title"].filled(300),
        take(values, "url", Value.url, ""),
        take(values, "language", Value.language, ""),
        take(values, "date", Value.day, None),
        take(values, "summary", partial(Value.text, limit=1000), ""),
    )
