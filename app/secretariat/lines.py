"""Pure: a row of a handed-in sheet as a signature, or what is wrong with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.errors import N_
from app.i18n import LOCALES, canonical_tag, language, valid_tag
from app.signatures.forms import Typed
from app.signatures.identity import canonical_address, exact_address
from app.signatures.models import Kind, Visibility
from app.web.forms import Problem, check

FIELDS = ("kind", "name", "role", "organisation", "website", "country", "visibility", "email", "language")
_NAMES: Mapping[str, tuple[str, ...]] = {
    "kind": ("kind", "type", "від", "тып", "вид", "тип"),
    "name": ("name", "full name", "signatory", "person", "імя", "прозвішча", "піб", "фио", "имя", "фамилия"),
    "role": ("role", "position", "title", "пасада", "роля", "должность", "роль"),
    "organisation": ("organisation", "organization", "affiliation", "арганізацыя", "организация"),
    "website": ("website", "site", "web", "url", "сайт"),
    "country": ("country", "краіна", "страна"),
    "visibility": ("visibility", "named", "бачнасць", "видимость"),
    "email": ("e-mail", "email", "mail", "пошта", "почта"),
    "language": ("language", "мова", "язык"),
}
_ORGANISATIONS = ("organisation", "organization", "org", "арганізацыя", "организация")
_PEOPLE = ("individual", "person", "асоба", "чалавек", "человек", "лицо", "физлицо")
_UNNAMED = ("withheld", "anonymous", "hidden", "no", "не", "нет", "ананімна", "анонимно", "без імя", "без имени")
_KIND = N_("Please write “organisation” or “individual”.")
_EMAIL = N_("Please write a complete e-mail address, such as name@example.org.")
_LANGUAGE = N_("Please write a language tag such as en, be or ru.")


@dataclass(frozen=True)
class Line:
    """One row: its number in the sheet (the header is 1), what it says, and what is wrong with which field."""

    number: int
    typed: Typed | None
    visibility: Visibility = Visibility.PUBLIC
    canonical: str = ""
    language: str = ""
    problems: Mapping[str, Problem] | None = None
    title: str = ""


def guess(header: Sequence[str]) -> dict[str, int]:
    """Which column seems to hold which field, by the names at its top."""
    found: dict[str, int] = {}
    for place, title in enumerate(header):
        said = title.casefold().strip(" *:")
        field = next((one for one, names in _NAMES.items() if one not in found and any(said == name or said.startswith(f"{name} ") for name in names)), None)
        if field:
            found[field] = place
    return found


def lines(table: Sequence[Sequence[str]], columns: Mapping[str, Any], attested_by: str, start: int = 0, stop: int | None = None) -> Iterator[Line]:
    """The rows from `start` on, without the header; `columns` has the places of the fields, and `kind_else`, `country_else`."""
    for number, row in enumerate(table[1:][start:stop], start + 2):
        said = {name: row[columns[name]] if columns.get(name) is not None and columns[name] < len(row) else "" for name in FIELDS}
        yield _line(number, said, columns, attested_by)


def _line(number: int, said: Mapping[str, str], columns: Mapping[str, Any], attested_by: str) -> Line:
    problems: dict[str, Problem] = {}
    kind = _kind(said["kind"] or str(columns.get("kind_else", Kind.INDIVIDUAL)), problems)
    email = _address(said["email"], problems)
    tag = said["language"].strip()
    if tag and not valid_tag(tag):
        problems["language"] = Problem(_LANGUAGE)
    typed = {name: said[name] for name in ("name", "role", "organisation", "website")} | {"kind": kind, "mandate": attested_by}
    typed["country"] = _country(said["country"]) if said["country"] else str(columns.get("country_else", ""))
    judged = check(Typed, typed)
    problems |= judged.problems
    hidden = said["visibility"].casefold().strip() in _UNNAMED
    title = said["organisation"] if kind == Kind.ORGANISATION and said["organisation"] else said["name"]
    return Line(
        number,
        None if problems else judged.data,
        Visibility.WITHHELD if hidden else Visibility.PUBLIC,
        canonical_address(email) if email else "",
        canonical_tag(tag) if tag and "language" not in problems else "",
        problems or None,
        title,
    )


def _kind(said: str, problems: dict[str, Problem]) -> str:
    word = said.casefold().strip()
    if word in _ORGANISATIONS:
        return Kind.ORGANISATION.value
    if word not in _PEOPLE:
        problems["kind"] = Problem(_KIND)
    return Kind.INDIVIDUAL.value


def _address(said: str, problems: dict[str, Problem]) -> str:
    try:
        return exact_address(said) if said else ""
    except ValueError:
        problems["email"] = Problem(_EMAIL)
        return ""


def _country(said: str) -> str:
    return _countries().get(said.casefold().strip(), said)


@cache
def _countries() -> dict[str, str]:
    """Codes and names in every language of the site, to codes."""
    named = {name.casefold(): code for locale in LOCALES for code, name in language(locale).countries()}
    return named | {code.casefold(): code for code in named.values()}
