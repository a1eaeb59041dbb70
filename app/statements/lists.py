"""The lists of a statement file: who signed first, related articles, news."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from app.errors import N_, InvalidSource
from app.names import ORGANISATION_LIMIT, PERSON_LIMIT, NameProblem, check_line, check_name
from app.statements.frontmatter import Value, take

T = TypeVar("T")
SIGNATORY_KEYS = ("name", "role", "organisation", "country", "website", "language", "kind")
RELATED_KEYS = ("title", "url", "language")
NEWS_KEYS = ("date", "title", "summary", "url", "language")


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


def first_signatories(value: Value) -> tuple[FirstSignatory, ...]:
    """The founding signatories, each once."""
    found: dict[tuple[str, str, str], FirstSignatory] = {}
    for item in value.items():
        signatory = _each(item, _first_signatory)
        if signatory is None:
            continue
        who = (signatory.kind, signatory.name, signatory.organisation)
        if who in found:
            item.complain(N_("stands here a second time"))
        found.setdefault(who, signatory)
    return tuple(found.values())


def _each(item: Value, read: Callable[[Value], T]) -> T | None:
    """One member of a list; None, with a complaint, for what cannot be one."""
    try:
        return read(item)
    except InvalidSource as complaint:
        item.complaints.append(complaint)
        return None


def _first_signatory(item: Value) -> FirstSignatory:
    values = item.mapping(SIGNATORY_KEYS)
    before = len(item.complaints)
    organisation = take(values, "organisation", partial(_name, limit=ORGANISATION_LIMIT), "")
    kind = take(values, "kind", lambda v: v.choice(("organisation", "individual")), "organisation" if organisation else "individual")
    name = take(values, "name", partial(_name, limit=PERSON_LIMIT), "")
    needed = "organisation" if kind == "organisation" else "name"
    if not (organisation if kind == "organisation" else name) and len(item.complaints) == before:
        item.complain(N_("a first signatory of kind %(kind)s needs `%(key)s`"), kind=kind, key=needed)
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
        value.refuse(problem.sentence, **problem.values)


def _line(value: Value) -> str:
    try:
        return check_line(value.text(2000), ORGANISATION_LIMIT)
    except NameProblem as problem:
        value.refuse(problem.sentence, **problem.values)


def references(value: Value, dated: bool) -> tuple[Reference, ...]:
    """Related articles, or news when `dated`."""
    found = (_each(item, partial(_reference, dated=dated)) for item in value.items())
    return tuple(reference for reference in found if reference)


def _reference(item: Value, dated: bool) -> Reference:
    values = item.mapping(NEWS_KEYS if dated else RELATED_KEYS)
    for key in ("title", *(["date"] if dated else [])):
        if key not in values:
            item.complain(N_("`%(key)s` is required"), key=key)
    return Reference(
        take(values, "title", partial(Value.filled, limit=300), ""),
        take(values, "url", Value.url, ""),
        take(values, "language", Value.language, ""),
        take(values, "date", Value.day, None),
        take(values, "summary", partial(Value.text, limit=1000), ""),
    )
