"""What moved between two states of a text: names that changed, paragraphs that changed."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.statements.written import TEXT_FIELDS, Typed

_BREAK = re.compile(r"\n[ \t]*\n+")


@dataclass(frozen=True)
class Change:
    """One place where the source moved on: the paragraphs before, and now."""

    before: str
    now: str


def changed(old: Mapping[str, str], new: Mapping[str, str]) -> set[str]:
    """The names whose text differs; nothing and an empty text are one."""
    return {name for name in {*old, *new} if old.get(name, "") != new.get(name, "")}


def words_of(typed: Mapping[str, str]) -> Typed:
    """What a translation translates."""
    return {name: typed[name] for name in TEXT_FIELDS[1:] if typed.get(name)}


def moved(seen: Mapping[str, str], source: Mapping[str, str]) -> list[Change]:
    """The paragraphs of the source that are not as they were."""
    before, now = _paragraphs(seen), _paragraphs(source)
    steps = difflib.SequenceMatcher(None, before, now, autojunk=False).get_opcodes()
    return [Change("\n\n".join(before[a:b]), "\n\n".join(now[c:d])) for kind, a, b, c, d in steps if kind != "equal"]


def _paragraphs(typed: Mapping[str, str]) -> list[str]:
    return [part.strip() for name in TEXT_FIELDS[1:] for part in _BREAK.split(typed.get(name, "")) if part.strip()]
