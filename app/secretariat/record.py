"""The console's pages about the record of what the staff did."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.accounts import queries as account_queries
from app.accounts.deps import Administrator
from app.audit import queries
from app.audit.actions import record
from app.audit.models import Entry
from app.audit.queries import Filter
from app.audit.wording import acts
from app.clock import utcnow
from app.db import Db, ReadDb
from app.errors import DomainError
from app.statements.queries import every
from app.web.forms import as_id
from app.web.headers import NO_STORE
from app.web.responses import acting_page
from app.web.sheets import csv_lines
from app.web.templates import scope_language

router = APIRouter(prefix="/console/record", include_in_schema=False)
COLUMNS = ("number", "at", "account", "act", "statement", "subject", "detail", "digest")


def _filter(act: str = "", account: str = "", statement: str = "", since: str = "", subject: str = "", before: str = "") -> Filter:
    """The filter of an address; what makes no sense is not asked about."""
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
    return Filter(act[:40] or None, as_id(account), as_id(statement), _day(since), number, subject[:80].replace("\0", "") or None)


Asked = Annotated[Filter, Depends(_filter)]


@router.get("")
def page(request: Request, staff: Administrator, db: ReadDb, wanted: Asked) -> Response:
    """The newest entries that match, and whether the record is whole."""
    entries = queries.newest(db, wanted)
    asked = {key: request.query_params.get(key, "") for key in ("act", "account", "statement", "since", "subject")}
    context: dict[str, Any] = {"entries": entries, "more": len(entries) == queries.SHOWN, "asked": asked, "act_names": acts(scope_language(request.scope))}
    return acting_page(request, "secretariat/record.html", staff=staff, **context, **_named(db), **_state(db))


@router.get("/export")
def export(staff: Administrator, reading: ReadDb, db: Db, wanted: Asked) -> Response:
    """The entries that match as CSV, oldest first, with their digests; that it was taken is an entry too."""
    record(db, "export-record", utcnow(), staff.id)
    names = _named(reading)
    lines = csv_lines(COLUMNS, (_cells(entry, names) for entry in reversed(queries.newest(reading, wanted, 50_000))))
    headers = {"Cache-Control": NO_STORE, "Content-Disposition": 'attachment; filename="record.csv"'}
    return Response("".join(lines), 200, headers, "text/csv; charset=utf-8")


def _cells(entry: Entry, names: dict[str, Any]) -> list[object]:
    account, statement = names["accounts"].get(entry.account_id, entry.account_id), names["statements"].get(entry.statement_id, entry.statement_id)
    return [entry.number, entry.at.isoformat(), account or "", entry.act, statement or "", entry.subject, entry.detail, entry.digest.hex()]


def _named(db: ReadDb) -> dict[str, Any]:
    return {"accounts": {one.id: one.email for one in account_queries.everyone(db)}, "statements": {one.id: one.slug for one in every(db)}}


def _state(db: ReadDb) -> dict[str, Any]:
    """Whether the record is whole: the head, the damaged numbers, or what is wrong with the file."""
    try:
        head, wrong = queries.checked(db)
    except DomainError as error:
        return {"head": None, "wrong": [], "trouble": error}
    return {"head": head, "wrong": wrong, "trouble": None}


def _day(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
