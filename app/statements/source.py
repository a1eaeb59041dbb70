"""The statement file: Markdown with front matter, translations beside it (contract "Statement file")."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.errors import N_, InvalidSource
from app.statements.canonical import canonical, fingerprint, tidy
from app.statements.frontmatter import Value, parse, split, take
from app.statements.lists import FirstSignatory, Reference, first_signatories, references

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TEXT_KEYS = ("language", "title", "summary", "addressees")
_KEYS = (
    *("slug", *_TEXT_KEYS, "date", "place", "signers", "moderation", "opens", "closes", "goal", "contact", "noindex"),
    *("demonstration", "first_signatories", "related", "news"),
)
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]")
KINDS = ("organisations", "individuals")
MAX_FILE = 512 * 1024


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


@dataclass(frozen=True)
class Paper:
    """One file: its name and its bytes."""

    name: str
    raw: bytes


def load(path: Path) -> Source:
    """Read a statement file and the translations `NAME.LANG.md` beside it; raises InvalidSource."""
    original = _paper(path)
    beside = re.compile(re.escape(path.stem) + r"\..+\.md")
    return build(original, [_paper(other) for other in sorted(path.parent.iterdir()) if beside.fullmatch(other.name)])


def _paper(path: Path) -> Paper:
    try:
        return Paper(path.name, path.read_bytes())
    except OSError as error:
        raise InvalidSource(path.name, 1, "", N_("cannot be read: %(reason)s"), reason=error.strerror) from None


def build(original: Paper, translations: Sequence[Paper] = ()) -> Source:
    """The statement that these files say; raises InvalidSource with every complaint about them."""
    source, complaints = examine(original, translations)
    if complaints:
        complaints[0].all = tuple(complaints)
        raise complaints[0]
    return source


def examine(original: Paper, translations: Sequence[Paper] = ()) -> tuple[Source, list[InvalidSource]]:
    """The statement as far as it can be read, and every complaint, in the order of reading."""
    complaints: list[InvalidSource] = []
    values, body = _read(original, complaints)
    _require(original, values, ("slug", "language", "title"), complaints)
    text = _text(values, body)
    others = _translations(translations, text, complaints)
    opens, closes = take(values, "opens", Value.moment, None), take(values, "closes", Value.moment, None)
    if opens and closes and opens[0] >= closes[0]:
        values["closes"].complain(N_("must be later than `opens`"))
    source = Source(
        slug=take(values, "slug", _slug, ""),
        original=text,
        translations=others,
        date=take(values, "date", Value.day, None),
        place=take(values, "place", Value.text, ""),
        signers=take(values, "signers", _signers, KINDS),
        automatic=take(values, "moderation", _automatic, ()),
        opens=opens,
        closes=closes,
        goal=take(values, "goal", Value.whole, None),
        contact=take(values, "contact", Value.address, ""),
        noindex=take(values, "noindex", Value.flag, default=False),
        demonstration=take(values, "demonstration", Value.flag, default=False),
        first_signatories=take(values, "first_signatories", first_signatories, ()),
        related=take(values, "related", partial(references, dated=False), ()),
        news=take(values, "news", partial(references, dated=True), ()),
    )
    return source, complaints


def _read(paper: Paper, complaints: list[InvalidSource], known: tuple[str, ...] = _KEYS) -> tuple[dict[str, Value], str]:
    """The keys of a file and its body; empty where the file cannot be read at all."""
    try:
        text = decoded(paper)
        front, body = split(paper.name, text)
        _look_at_body(paper.name, text, body, complaints)
        root = parse(paper.name, front)
        return Value(root.file, root.key, root.node, complaints).mapping(known), tidy(body)
    except InvalidSource as complaint:
        complaints.append(complaint)
        return {}, ""


def decoded(paper: Paper) -> str:
    """The text of a file, with line feeds; raises InvalidSource."""
    if len(paper.raw) > MAX_FILE:
        raise InvalidSource(paper.name, 1, "", N_("is larger than 512 KiB"))
    try:
        return paper.raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise InvalidSource(paper.name, paper.raw[: error.start].count(b"\n") + 1, "", N_("is not UTF-8")) from None


def _look_at_body(name: str, text: str, body: str, complaints: list[InvalidSource]) -> None:
    if hidden := _HIDDEN.search(body):
        line = text.count("\n") - body.count("\n", hidden.start()) + 1
        complaints.append(InvalidSource(name, line, "", N_("contains a control character (%(character)s)"), character=_control_name(hidden.group())))
    if not body.strip():
        complaints.append(InvalidSource(name, text.count("\n") + 1, "", N_("the text after the front matter is empty")))


def _control_name(character: str) -> str:
    return "NUL" if character == "\0" else f"U+{ord(character):04X}"


def _require(paper: Paper, values: dict[str, Value], keys: Iterable[str], complaints: list[InvalidSource]) -> None:
    """Complain of keys that are missing in a file that can be read."""
    if values or not complaints:
        complaints += [InvalidSource(paper.name, 1, key, N_("this key is required")) for key in keys if key not in values]


def _text(values: dict[str, Value], body: str) -> SourceText:
    return SourceText(
        language=take(values, "language", Value.language, ""),
        title=take(values, "title", partial(Value.filled, limit=300), ""),
        summary=take(values, "summary", partial(Value.text, limit=1000), ""),
        addressees=take(values, "addressees", lambda v: tuple(item.filled(300) for item in v.items()), ()),
        body=body,
    )


def _translations(papers: Sequence[Paper], original: SourceText, complaints: list[InvalidSource]) -> tuple[SourceText, ...]:
    """The translations, each language once."""
    found: dict[str, SourceText] = {}
    for paper in papers:
        text = _translation(paper, original, complaints)
        if text.language in found:
            complaints.append(InvalidSource(paper.name, 1, "language", N_("there is a second translation into `%(language)s`"), language=text.language))
        found.setdefault(text.language, text)
    return tuple(found.values())


def _translation(paper: Paper, original: SourceText, complaints: list[InvalidSource]) -> SourceText:
    own: list[InvalidSource] = []
    values, body = _read(paper, own, _TEXT_KEYS)
    _require(paper, values, ("language", "title"), own)
    text = _text(values, body)
    named = paper.name.split(".")[-2]
    if text.language and text.language.lower() != named.lower():
        values["language"].complain(N_("is `%(language)s`, but the file's name says `%(named)s`"), language=text.language, named=named)
    if text.language and text.language.lower() == original.language.lower():
        values["language"].complain(N_("is the language of the original"))
    complaints += own
    return text


def _slug(value: Value) -> str:
    slug = value.text(80)
    return slug if SLUG.fullmatch(slug) else value.refuse(N_("may hold small Latin letters, digits and single hyphens between them"))


def _signers(value: Value) -> tuple[str, ...]:
    kinds = tuple(item.choice(KINDS) for item in value.items())
    return kinds or value.refuse(N_("must name organisations, individuals or both"))


def _automatic(value: Value) -> tuple[str, ...]:
    chosen = value.mapping(KINDS)
    policies = {kind: take(chosen, kind, lambda policy: policy.choice(("moderated", "automatic")), "") for kind in chosen}
    return tuple(kind for kind, policy in policies.items() if policy == "automatic")
