"""2,000 names of invented organisations that are not one another, and known variants of some."""

import json
import random
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from tests.organisations.romanising import SYSTEMS, romanised

_DATA = Path(__file__).parents[1] / "data"
_LISTS = {"body": "bodies", "adjective": "adjectives", "topic": "topics", "place": "places", "name": "names"}
# Proper names that need no body beside them; they are not alike in two of the languages.
_ALONE = {0, 1, 3, 23, 26, 28}
_QUOTES = {"en": "“{}”", "de": "„{}“", "pl": "„{}”"}
_PATTERNS = (
    "{body} {topic}",
    "{adjective} {body} {topic}",
    "{body} {topic} {place}",
    "{adjective} {body} {name}",
    "{body} {name}",
    "{body} {name} {place}",
    "{name}",
)


def variants() -> list[tuple[str, str]]:
    """A name and another way to write it."""
    known = json.loads((_DATA / "organisation_names_variants.json").read_text(encoding="utf-8"))
    written = [(first, other) for first, *others in known["written"] for other in others]
    by_table = [(name, romanised(name, system)) for language, names in known["romanised"].items() for name in names for system in SYSTEMS[language]]
    return list(dict.fromkeys(written + by_table))


def distinct(count: int = 2000) -> list[str]:
    """Hand-written near misses, acronyms, and names put together from the same few words in six languages.

    Two names that share their proper name differ in the kind of body, the nation, the place or the field; one that is a proper name alone is
    nobody else's. A literal translation is not another organisation.
    """
    known = json.loads((_DATA / "organisation_names_distinct.json").read_text(encoding="utf-8"))
    names: list[str] = [name for group in known["near_misses"] for name in group] + known["acronyms"]
    return names + list(islice(_composed(known["languages"]), count - len(names)))


def _composed(languages: dict[str, dict[str, list[str]]]) -> Iterator[str]:
    chance = random.Random(2026)
    seen: set[tuple[object, ...]] = set()
    for language, words in cycle(languages.items()):
        pattern = chance.choice(_PATTERNS)
        alone = pattern == "{name}"
        parts = {part: chance.randrange(len(words[many])) for part, many in _LISTS.items() if "{" + part + "}" in pattern}
        meant = (language if alone else "", *sorted(parts.items()))
        if meant not in seen and (parts.get("name") in _ALONE) == alone:
            seen.add(meant)
            yield _written(language, pattern, {part: words[_LISTS[part]][place] for part, place in parts.items()})


def _written(language: str, pattern: str, parts: dict[str, str]) -> str:
    body, _, gender = parts.get("body", "").partition(" ")
    stem, *endings = parts.get("adjective", "").split("|")
    adjective = stem + dict(zip("mfn", endings, strict=False)).get(gender, "")
    name = _QUOTES.get(language, "«{}»").format(parts.get("name", ""))
    found = pattern.format_map(parts | {"body": body, "adjective": adjective, "name": name})
    return found[:1].upper() + found[1:]
