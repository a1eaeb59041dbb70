"""A statement as it is typed: flat names with strings, never refused; and the file that says the same.

A name is a key of the statement file, `body`, `signers.KIND`, `moderation.KIND`, or `GROUP.NUMBER.KEY` for the lists.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from app.errors import InvalidSource
from app.statements.frontmatter import parse, split
from app.statements.lists import NEWS_KEYS, RELATED_KEYS, SIGNATORY_KEYS
from app.statements.source import KINDS, Source, SourceText

Typed = dict[str, str]
Row = dict[str, str]
GROUPS: Mapping[str, tuple[str, ...]] = {"first_signatories": SIGNATORY_KEYS, "related": RELATED_KEYS, "news": NEWS_KEYS}
TEXT_FIELDS = ("language", "title", "summary", "addressees", "body")
PLAIN = ("slug", "language", "title", "summary", "date", "place", "opens", "closes", "goal", "contact", "noindex", "demonstration")
CHOICES = tuple(f"{key}.{kind}" for key in ("signers", "moderation") for kind in KINDS)
EMPTY: Mapping[str, str] = {f"signers.{kind}": "yes" for kind in KINDS}
_ROW = re.compile(rf"({'|'.join(GROUPS)})\.([1-9][0-9]{{0,3}})\.([a-z]+)")
_PLACE = re.compile(r"([a-z_]+)\[(\d+)\](?:\.(\w+))?")


class _Dumper(yaml.SafeDumper):
    """Writes every value as plainly as it can be read again: only what would be nothing needs quotation marks."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - the base class has it so


_Dumper.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""])


def known(typed: Mapping[str, str]) -> Typed:
    """What belongs to a statement among the fields of a form, with line feeds; the lists are numbered anew."""
    names = {*PLAIN, *CHOICES, "addressees", "body"}
    lines = {name: value.replace("\r\n", "\n").replace("\r", "\n") for name, value in typed.items()}
    kept = {name: value for name, value in lines.items() if name in names and value}
    for group in GROUPS:
        kept |= _numbered(group, rows(lines, group))
    return kept


def rows(typed: Mapping[str, str], group: str) -> list[Row]:
    """The members of a list, in order; their keys are complete."""
    found: dict[int, Row] = {}
    for name, value in typed.items():
        part = _ROW.fullmatch(name)
        if part and part[1] == group and part[3] in GROUPS[group]:
            found.setdefault(int(part[2]), dict.fromkeys(GROUPS[group], ""))[part[3]] = value
    return [found[number] for number in sorted(found)]


def with_rows(typed: Mapping[str, str], group: str, members: Sequence[Row]) -> Typed:
    """The same with another list."""
    return {name: value for name, value in typed.items() if not name.startswith(f"{group}.")} | _numbered(group, members)


def _numbered(group: str, members: Sequence[Row]) -> Typed:
    return {f"{group}.{number}.{key}": row.get(key, "") for number, row in enumerate(members, 1) for key in GROUPS[group]}


def original(typed: Mapping[str, str]) -> str:
    """The statement file; what is empty is left out."""
    front: dict[str, object] = {key: typed[key] for key in PLAIN[:4] if _filled(typed, key)}
    if addressees := _lines(typed):
        front["addressees"] = addressees
    front |= {key: typed[key] for key in PLAIN[4:6] if _filled(typed, key)}
    if len(signers := [kind for kind in KINDS if typed.get(f"signers.{kind}")]) < len(KINDS):
        front["signers"] = signers
    if policies := {kind: typed[f"moderation.{kind}"] for kind in KINDS if typed.get(f"moderation.{kind}") not in {None, "", "moderated"}}:
        front["moderation"] = policies
    front |= {key: typed[key] for key in PLAIN[6:] if _filled(typed, key) and typed[key] != "false"}
    for group in GROUPS:
        if members := [{key: value for key, value in row.items() if value} for row in rows(typed, group) if any(row.values())]:
            front[group] = members
    return _file(front, typed.get("body", ""))


def translation(typed: Mapping[str, str]) -> str:
    """The file of a translation."""
    front: dict[str, object] = {key: typed[key] for key in TEXT_FIELDS[:3] if _filled(typed, key)}
    if addressees := _lines(typed):
        front["addressees"] = addressees
    return _file(front, typed.get("body", ""))


def _filled(typed: Mapping[str, str], key: str) -> bool:
    return bool(typed.get(key, "").strip())


def _lines(typed: Mapping[str, str]) -> list[str]:
    return [line.strip() for line in typed.get("addressees", "").split("\n") if line.strip()]


def _file(front: Mapping[str, object], body: str) -> str:
    written = yaml.dump(front, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10_000) if front else "# \n"
    return f"---\n{written}---\n{body}\n"


def field_of(complaint: InvalidSource, typed: Mapping[str, str]) -> str:
    """The field that a complaint of the loader is about: `news[2].url` is `news.2.url`, counting the empty rows of a form too."""
    if not complaint.key:
        return "body"
    place = _PLACE.fullmatch(complaint.key)
    if place is None:
        return complaint.key
    group = place[1]
    if group not in GROUPS:
        return group
    filled = [number for number, row in enumerate(rows(typed, group), 1) if any(row.values())]
    number = filled[int(place[2]) - 1] if int(place[2]) <= len(filled) else 1
    return f"{group}.{number}.{place[3] or complaint.values.get('key') or GROUPS[group][0]}"


def typed_text(text: SourceText) -> Typed:
    """A text as somebody would type it."""
    found = {"language": text.language, "title": text.title, "summary": text.summary, "addressees": "\n".join(text.addressees), "body": text.body}
    return {name: value for name, value in found.items() if value}


def typed_source(source: Source) -> Typed:
    """A statement, without its translations, as somebody would type it."""
    flags = {"noindex": source.noindex, "demonstration": source.demonstration}
    found = {
        "slug": source.slug,
        "date": source.date.isoformat() if source.date else "",
        "place": source.place,
        "opens": _moment(source.opens),
        "closes": _moment(source.closes),
        "goal": str(source.goal or ""),
        "contact": source.contact,
        **{f"signers.{kind}": "yes" for kind in source.signers},
        **{f"moderation.{kind}": "automatic" for kind in source.automatic},
        **{name: "true" for name, value in flags.items() if value},
    }
    typed = typed_text(source.original) | {name: value for name, value in found.items() if value}
    for group, members in (("first_signatories", source.first_signatories), ("related", source.related), ("news", source.news)):
        typed |= _numbered(group, [{key: str(value) for key, value in vars(one).items() if value and key in GROUPS[group]} for one in members])
    return typed


def _moment(moment: tuple[datetime, str] | None) -> str:
    return f"{moment[0].astimezone(ZoneInfo(moment[1])):%Y-%m-%d %H:%M} {moment[1]}" if moment else ""


def dump(source: Source) -> str:
    """The statement file that is read as this source again, its translations beside it."""
    return original(typed_source(source))


def dump_text(text: SourceText) -> str:
    """The file of one of its translations."""
    return translation(typed_text(text))


def as_typed(text: str) -> Typed:
    """What a file says, as far as it can be read; one that cannot be is all body."""
    try:
        front, body = split("", text)
        root = parse("", front).node
    except InvalidSource:
        return {**EMPTY, "body": text}
    if not isinstance(root, yaml.MappingNode):
        return {**EMPTY, "body": text}
    return known(_front(root) | {"body": body.strip("\n")})


def _front(root: yaml.MappingNode) -> Typed:
    found: Typed = dict(EMPTY)
    for key_node, node in root.value:
        key = _scalar(key_node)
        if key in GROUPS and isinstance(node, yaml.SequenceNode):
            found |= _numbered(key, [_mapping(item) for item in node.value])
        elif key == "addressees":
            found[key] = "\n".join(map(_scalar, node.value)) if isinstance(node, yaml.SequenceNode) else _scalar(node)
        elif key == "signers" and isinstance(node, yaml.SequenceNode):
            found |= {f"signers.{kind}": "yes" if kind in map(_scalar, node.value) else "" for kind in KINDS}
        elif key == "moderation":
            found |= {f"moderation.{kind}": policy for kind, policy in _mapping(node).items()}
        else:
            found[key] = _scalar(node)
    return found


def _mapping(node: yaml.Node) -> Row:
    pairs = node.value if isinstance(node, yaml.MappingNode) else [(yaml.ScalarNode("", "name"), node)]
    return {_scalar(key): _scalar(value) for key, value in pairs}


def _scalar(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode) or node.tag.endswith(":null"):
        return ""
    return str(node.value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def arranged(typed: Mapping[str, str], act: str) -> Typed:
    """What a button of a list does: `add:GROUP`, `remove:GROUP:N`, `up:GROUP:N`, `down:GROUP:N`; anything else does nothing."""
    what, _, rest = act.partition(":")
    group, _, number = rest.partition(":")
    if group not in GROUPS:
        return dict(typed)
    members, place = rows(typed, group), int(number) - 1 if number.isascii() and number.isdigit() else -1
    if what == "add":
        members.append({})
    elif 0 <= place < len(members):
        row = members.pop(place)
        if what != "remove":
            members.insert(max(0, place + {"up": -1, "down": 1}.get(what, 0)), row)
    return with_rows(typed, group, members)
