"""The rows of a statement's export: the public list, or everything that is kept about its signatures."""

import json
from collections.abc import Iterable, Iterator
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from sqlmodel import Session, col, func, select

from app.signatures.browsing import by_country
from app.signatures.models import Signature
from app.signatures.queries import address, everyone, particulars
from app.statements.models import Revision, Statement
from app.statements.queries import revision
from app.web.sheets import csv_lines
from app.web.workbook import MEDIA_TYPE, xlsx_pieces

_BATCH = 500
LISTED = ("number", "kind", "name", "role", "organisation", "website", "country", "language", "first", "source", "revision", "date")
"""The columns of the public CSV (contract "Public JSON")."""
WHOLE = (
    *("id", "number", "state", "kind", "visibility", "name", "role", "organisation", "website", "country", "language", "mandate", "email"),
    *("source", "first", "evidence", "flags", "revision", "page_language", "consent_version", "created", "confirmed", "decided", "published", "unreadable"),
)


class Format(StrEnum):
    """What a list can be exported as."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


MEDIA_TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.XLSX: MEDIA_TYPE, Format.JSON: "application/json"}
Row = Iterable[object]


def listed(session: Session, statement: Statement) -> Iterator[Row]:
    """The public list in the order of signing, a line for each column of `LISTED`."""
    number = revision(session, statement).number
    for row in everyone(session, statement.id):
        named = (row.name, row.role, row.organisation, row.website, row.country, row.language)
        yield row.number, row.kind.value, *named, row.first, row.source.value, number, row.created_at.date().isoformat()


def named(session: Session, statement: Statement) -> int:
    """How many rows `listed` has."""
    return sum(by_country(session, statement.id).values())


def whole(session: Session, statement: Statement) -> Iterator[Row]:
    """Every signature of a statement in whatever state, opened one by one in a reading transaction; raises Gone without keys.

    What does not open, for its bytes were damaged, is marked `unreadable` and costs nobody else's row.
    """
    numbers = {one.id: one.number for one in session.exec(select(Revision).where(Revision.statement_id == statement.id))}
    rows = select(Signature).where(Signature.statement_id == statement.id).order_by(col(Signature.id)).limit(_BATCH)
    page = session.exec(rows).all()
    while page:
        for row in page:
            yield _opened(session, row, numbers[row.revision_id])
        last = page[-1].id
        session.expunge_all()
        page = session.exec(rows.where(col(Signature.id) > last)).all()


def count(session: Session, statement: Statement) -> int:
    """How many rows `whole` has."""
    return session.exec(select(func.count()).select_from(Signature).where(Signature.statement_id == statement.id)).one()


def written(form: Format, columns: tuple[str, ...], rows: Iterable[Row]) -> Iterator[bytes]:
    """The rows in a format, piece by piece."""
    if form is Format.XLSX:
        return xlsx_pieces(columns, rows)
    lines = csv_lines(columns, rows) if form is Format.CSV else _json_lines(columns, rows)
    return (line.encode() for line in lines)


def _opened(session: Session, row: Signature, number: int) -> Row:
    try:
        typed, email, unreadable = particulars(session, row) or row.shown(), address(session, row), False
    except InvalidTag:
        typed, email, unreadable = row.shown(), None, True
    said = (typed.name, typed.role, typed.organisation, typed.website, typed.country, typed.language, typed.mandate)
    moments = (one.isoformat() if one else None for one in (row.created_at, row.confirmed_at, row.decided_at, row.published_at))
    stands = (str(row.id), row.number, row.state.value, row.kind.value, row.visibility.value)
    how = (row.source.value, row.first, row.evidence.value, row.flags, number, row.page_language, row.consent_version)
    return *stands, *said, email, *how, *moments, unreadable


def _json_lines(columns: tuple[str, ...], rows: Iterable[Row]) -> Iterator[str]:
    """An array of objects, one on each line."""
    yield "["
    for place, cells in enumerate(rows):
        yield ("," if place else "") + "\n" + json.dumps(dict(zip(columns, cells, strict=True)), ensure_ascii=False)
    yield "\n]\n"
