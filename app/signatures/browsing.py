"""Read the public list page by page, in every order and under every filter, at the same cost for any length of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.db import dialect
from app.errors import N_, DomainError
from app.i18n import Language
from app.signatures import finding
from app.signatures.finding import COUNTED, FEW
from app.signatures.models import Kind, Signature
from app.signatures.queries import HIDDEN_LISTS, LISTED, PAGE
from app.signatures.tallies import CountryCount, SortKey
from app.web.paging import Page, decode_cursor, encode_cursor

NEAR = 20_000
"""So many numbers are looked through for a page before the index of names is asked again."""
ORDERS = ("signed", "name", "country")


@dataclass(frozen=True)
class Asked:
    """What a reader wants of one kind of signatories; `numbers` are those the search found, None where it found more than a few."""

    statement_id: UUID
    kind: Kind
    country: str = ""
    order: str = "signed"
    sought: str = ""
    numbers: tuple[int, ...] | None = None


def asked(session: Session, statement_id: UUID, kind: Kind, q: str, country: str, order: str) -> Asked:
    """What an address asks for; raises DomainError for an order the list does not know."""
    if order not in ORDERS:
        raise DomainError(N_("The list can be ordered by signing, by name or by country."))
    sought = finding.needle(q) if q else ""
    most = COUNTED if order == "signed" else FEW
    numbers = finding.numbers(session, statement_id, kind, sought, most) if sought else None
    return Asked(statement_id, kind, country, order, sought, None if numbers is None else tuple(numbers))


def count(session: Session, chosen: Asked) -> int | None:
    """How many signatories that are; None when the search found more than are counted in its order."""
    if not chosen.sought:
        return sum(found for code, found in by_country(session, chosen.statement_id, chosen.kind).items() if chosen.country in {"", code})
    if not chosen.numbers:
        return None if chosen.numbers is None else 0
    return session.exec(select(sa.func.count()).select_from(Signature).where(*_conditions(session, chosen))).one()


def by_country(session: Session, statement_id: UUID, kind: Kind | None = None) -> dict[str, int]:
    """How many named signatories each country has; those without one stand under ""."""
    rows = sa.select(col(CountryCount.country), sa.func.sum(CountryCount.signatories)).where(
        col(CountryCount.statement_id) == statement_id, col(CountryCount.signatories) > 0, col(CountryCount.statement_id).not_in(HIDDEN_LISTS)
    )
    rows = rows if kind is None else rows.where(col(CountryCount.kind) == kind)
    return {row[0]: int(row[1]) for row in session.execute(rows.group_by(col(CountryCount.country)))}


def page(session: Session, chosen: Asked, words: Language, after: str | None, limit: int = PAGE) -> Page[Signature]:
    """A page of the list; raises DomainError for a cursor we did not make."""
    mark = decode_cursor(after) if after else None
    if chosen.numbers == ():
        return Page([], None)
    found = (_sorted if _few(session, chosen) else _walked)(session, chosen, words, mark, limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    return Page([row[0] for row in found[:limit]], encode_cursor(last[0].number or 0, last[1]) if last else None)


Row = tuple[Signature, bytes]
Mark = tuple[int, bytes] | None


def _few(session: Session, chosen: Asked) -> bool:
    """Whether all that match are few enough to be sorted, which for the order of signing is never needed."""
    if chosen.order == "signed":
        return False
    return chosen.numbers is not None or (chosen.country != "" and (count(session, chosen) or 0) <= FEW)


def _conditions(session: Session, chosen: Asked) -> list[Any]:
    found = [col(Signature.statement_id) == chosen.statement_id, *LISTED, finding.of_kind(chosen.kind)]
    if chosen.country:
        found.append(col(Signature.country) == chosen.country)
    if chosen.numbers is not None:
        found.append(_numbered(session, list(chosen.numbers)))
    elif chosen.sought:
        found.append(finding.holds(session, chosen.sought))
    return found


def _numbered(session: Session, numbers: list[int]) -> sa.ColumnElement[bool]:
    """One parameter for any number of them."""
    if dialect(session) == "sqlite":
        return col(Signature.number).in_(sa.select(sa.column("value")).select_from(sa.func.json_each(str(numbers))))
    return col(Signature.number) == sa.any_(sa.literal(numbers, sa.ARRAY(sa.Integer)))


def _sorted(session: Session, chosen: Asked, words: Language, mark: Mark, limit: int) -> list[Row]:
    """Collect all that match and sort them."""
    shown = col(Signature.organisation if chosen.kind is Kind.ORGANISATION else Signature.name)
    few = session.execute(sa.select(col(Signature.id), col(Signature.number), col(Signature.country), shown).where(*_conditions(session, chosen)))
    place = _place(words) if chosen.order == "country" else bytes
    named = [(words.sort_key(name or "") if chosen.order == "name" else (country or "").encode(), number, row) for row, number, country, name in few]
    after = (place(mark[1]), mark[0]) if mark else None
    kept = sorted((place(key), number, row, key) for key, number, row in named if after is None or (place(key), number) > after)[:limit]
    rows = {row.id: row for row in session.exec(select(Signature).where(col(Signature.id).in_([row for _, _, row, _ in kept])))}
    return [(rows[row], key) for _, _, row, key in kept]


def _walked(session: Session, chosen: Asked, words: Language, mark: Mark, limit: int) -> list[Row]:
    """Walk along an index that has the order, from the mark on."""
    if chosen.order == "name":
        return _by_name(session, chosen, words, mark, limit)
    if chosen.order == "country":
        return _by_country(session, chosen, words, mark, limit)
    return [(row, b"") for row in _in_order(session, chosen, mark[0] if mark else 0, limit)]


def _in_order(session: Session, chosen: Asked, after: int, limit: int) -> list[Signature]:
    """A page in the order of signing, by the quickest way to the next numbers."""
    if chosen.sought and not chosen.country:
        if chosen.numbers is not None:
            chosen = replace(chosen, numbers=tuple(sorted(number for number in chosen.numbers if number > after)[:limit]))
        elif dialect(session) == "sqlite":
            coming = finding.following(session, chosen.statement_id, chosen.kind, chosen.sought, after, limit)
            chosen = replace(chosen, numbers=tuple(coming))
        elif near := _near(session, chosen, after, limit):
            return near
    return _signed(session, _conditions(session, chosen), after, limit)


def _near(session: Session, chosen: Asked, after: int, limit: int) -> list[Signature]:
    """On PostgreSQL: a full page of what many hold is mostly met soon on the way through the numbers, without a look at all of it; nothing if it is not."""
    conditions = _conditions(session, replace(chosen, sought=""))
    near = (finding.holds(session, chosen.sought, indexed=False), col(Signature.number) <= after + NEAR)
    found = _signed(session, [*conditions, *near], after, limit)
    return found if len(found) == limit else []


def _signed(session: Session, conditions: list[Any], after: int, limit: int) -> list[Signature]:
    rows = select(Signature).where(*conditions, col(Signature.number) > after).order_by(col(Signature.number))
    return list(session.exec(rows.limit(limit)))


def _by_name(session: Session, chosen: Asked, words: Language, mark: Mark, limit: int) -> list[Row]:
    key, number = col(SortKey.key), col(SortKey.number)
    own = (col(SortKey.statement_id) == chosen.statement_id, col(SortKey.language) == words.code, col(SortKey.kind) == chosen.kind)
    rows = sa.select(Signature, key).join_from(SortKey, Signature, col(SortKey.signature_id) == col(Signature.id))
    rows = rows.where(*own, *_conditions(session, chosen))
    if mark:
        rows = rows.where(sa.tuple_(key, number) > sa.tuple_(sa.literal(mark[1]), sa.literal(mark[0])))
    return [(row[0], row[1]) for row in session.execute(rows.order_by(key, number).limit(limit))]


def _by_country(session: Session, chosen: Asked, words: Language, mark: Mark, limit: int) -> list[Row]:
    """Country by country, each in the order of signing; only those that still come are looked at."""
    found: list[Row] = []
    place, conditions = _place(words), _conditions(session, chosen)
    codes = [chosen.country] if chosen.country else list(by_country(session, chosen.statement_id, chosen.kind))
    for key in sorted((code.encode() for code in codes), key=place):
        if len(found) >= limit or (mark and place(key) < place(mark[1])):
            continue
        here = col(Signature.country) == key.decode() if key else col(Signature.country).is_(None)
        after = mark[0] if mark and key == mark[1] else 0
        found += [(row, key) for row in _signed(session, [*conditions, here], after, limit - len(found))]
    return found


def _place(words: Language) -> Callable[[bytes], tuple[bool, bytes]]:
    """Where a country comes among all, as the readers of a language sort them; those who gave none come last."""

    @cache
    def place(key: bytes) -> tuple[bool, bytes]:
        code = key.decode("utf-8", "replace")
        return not code, words.sort_key(words.country(code))

    return place
