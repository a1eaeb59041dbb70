"""The console's pages that enter signatures collected elsewhere."""

from collections.abc import Sequence
from itertools import islice
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, StringConstraints
from sqlmodel import col, select
from starlette.responses import Response

from app.accounts import assents
from app.accounts.deps import Proven
from app.clock import utcnow
from app.db import Db, ReadDb
from app.errors import N_, DomainError
from app.i18n import Language
from app.secretariat import collecting
from app.secretariat.lines import FIELDS, Line, guess, lines
from app.secretariat.wording import sheet_names
from app.signatures.collected import Collection, Step
from app.signatures.models import Kind
from app.statements.desks import Desk, EditingDesk
from app.web.bounds import bounds_for
from app.web.forms import Problem, Submission, check, handed_in
from app.web.headers import NO_STORE
from app.web.responses import acting_page, see_other
from app.web.sheets import csv_lines
from app.web.tables import read_table
from app.web.templates import scope_language

router = APIRouter(prefix="/console/statements/{slug}/import", include_in_schema=False)
SHOWN, MOST = 10, 100


class Handing(BaseModel):
    """Who attests the sheet."""

    attested_by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Columns(BaseModel):
    """The number of the column of each field, empty for none; what stands where a cell is empty."""

    kind: int | None = None
    name: int | None = None
    role: int | None = None
    organisation: int | None = None
    website: int | None = None
    country: int | None = None
    visibility: int | None = None
    email: int | None = None
    language: int | None = None
    kind_else: Kind = Kind.INDIVIDUAL
    country_else: Annotated[str, StringConstraints(max_length=20)] = ""


async def _sheet(request: Request, desk: EditingDesk) -> tuple[Submission[Handing], bytes]:
    """What was typed, and the file; whose desk it is, is known before anything is read."""
    files = await handed_in(request)
    bounds = bounds_for(request.scope["path"])
    raw = await request.form(max_files=bounds.files, max_fields=bounds.fields, max_part_size=bounds.part)
    form = check(Handing, {key: value for key, value in raw.items() if isinstance(value, str)})
    if not files:
        return Submission(form.typed, None, {**form.problems, "file": Problem(N_("Please choose a file."))}), b""
    return form, files[0][1]


async def _columns(request: Request) -> Submission[Columns]:
    raw = await request.form(max_files=0, max_fields=40, max_part_size=4096)
    return check(Columns, {key: value for key, value in raw.items() if isinstance(value, str) and value})


Sheet = Annotated[tuple[Submission[Handing], bytes], Depends(_sheet)]
Mapping = Annotated[Submission[Columns], Depends(_columns)]


@router.get("")
def page(request: Request, desk: EditingDesk, db: ReadDb) -> Response:
    """The sheets so far, and the form to hand in another."""
    return _page(request, desk, db, Submission[Handing]())


@router.post("")
def hand_in(request: Request, desk: EditingDesk, reading: ReadDb, db: Db, sheet: Sheet) -> Response:
    """Keep a sheet and ask which column is what."""
    form, raw = sheet
    if form.data is None:
        return _page(request, desk, reading, form, 422)
    try:
        table = read_table(raw)
    except DomainError as error:
        return _page(request, desk, reading, Submission[Handing](form.typed, None, {"file": Problem(error.sentence, error.values)}), 422)
    made = collecting.hand_in(db, desk.statement, desk.staff, form.data.attested_by, table, utcnow())
    collecting.set_columns(made, guess(table[0]), utcnow())
    return _to(request, desk, made.id)


@router.get("/{collection_id}")
def sheet(request: Request, desk: EditingDesk, db: ReadDb, collection_id: UUID) -> Response:
    """Which column is what, how it would be read, how far it is."""
    found = collecting.sheet_of(db, desk.statement, collection_id, lock=False)
    table = collecting.table_of(db, found) if found.rows else []
    read = list(lines(table, found.columns, found.attested_by)) if table else []
    bad = [line for line in read if line.typed is None]
    words = scope_language(request.scope)
    context: dict[str, Any] = {"found": found, "header": table[0] if table else [], "good": list(islice((one for one in read if one.typed), SHOWN))}
    context |= _seconds(db, desk, found)
    context |= {"bad": bad[:MOST], "bad_count": len(bad), "countries": words.countries(), "fields": FIELDS, **sheet_names(words)}
    return acting_page(request, "secretariat/sheet.html", staff=desk.staff, statement=desk.statement, **context)


@router.post("/{collection_id}/columns")
def columns(request: Request, desk: EditingDesk, db: Db, collection_id: UUID, form: Mapping) -> Response:
    """Read it by these columns."""
    if form.data:
        collecting.set_columns(collecting.sheet_of(db, desk.statement, collection_id), form.data.model_dump(mode="json", exclude_none=True), utcnow())
    return _to(request, desk, collection_id)


@router.post("/{collection_id}/enter")
def enter(request: Request, desk: EditingDesk, db: Db, collection_id: UUID) -> Response:
    """Enter what can be read."""
    collecting.enter(db, collecting.sheet_of(db, desk.statement, collection_id), desk.staff, utcnow())
    return _to(request, desk, collection_id)


@router.post("/{collection_id}/ask")
def ask(request: Request, desk: EditingDesk, proven: Proven, db: Db, collection_id: UUID) -> Response:
    """Ask an administrator to agree that everybody of it leaves."""
    found = collecting.sheet_of(db, desk.statement, collection_id)
    assents.ask(db, collecting.TAKE_BACK, desk.staff, utcnow(), desk.statement.id, found.id)
    return _to(request, desk, collection_id)


@router.post("/{collection_id}/take-back")
def take_back(request: Request, desk: EditingDesk, proven: Proven, db: Db, collection_id: UUID) -> Response:
    """Take everybody of it off the list."""
    collecting.take_back(db, collecting.sheet_of(db, desk.statement, collection_id), desk.staff, utcnow())
    return _to(request, desk, collection_id)


@router.get("/{collection_id}/refused")
def refused(request: Request, desk: EditingDesk, db: ReadDb, collection_id: UUID) -> Response:
    """The rows that cannot be read, each with its number and why."""
    found, words = collecting.sheet_of(db, desk.statement, collection_id, lock=False), scope_language(request.scope)
    table = collecting.table_of(db, found)
    bad = [line for line in lines(table, found.columns, found.attested_by) if line.problems]
    rows = csv_lines(["row", "why", *table[0]], ([line.number, _why(line, words), *table[line.number - 1]] for line in bad))
    headers = {"Cache-Control": NO_STORE, "Content-Disposition": 'attachment; filename="refused.csv"'}
    return Response("".join(rows), 200, headers, "text/csv; charset=utf-8")


def _seconds(db: ReadDb, desk: Desk, found: Collection) -> dict[str, Any]:
    """Whether an administrator has to agree before it is taken back, and whether this person asked."""
    now = utcnow()
    second = found.added > collecting.FEW and not assents.given(db, collecting.TAKE_BACK, desk.staff, now, desk.statement.id, found.id)
    meant = (collecting.TAKE_BACK, str(found.id), desk.staff.id)
    return {"second": second, "asked": [one for one in assents.waiting(db, desk.staff, now) if (one.act, one.subject, one.asked_by) == meant]}


def _why(line: Line, words: Language) -> str:
    names = sheet_names(words)["field_titles"]
    return "; ".join(f"{names.get(field, field)}: {words.gettext(one.sentence, **one.values)}" for field, one in (line.problems or {}).items())


def _to(request: Request, desk: Desk, collection_id: UUID) -> Response:
    return see_other(request, f"/console/statements/{desk.statement.slug}/import/{collection_id}")


def _page(request: Request, desk: Desk, db: ReadDb, form: Submission[Handing], status: int = 200) -> Response:
    rows = select(Collection).where(Collection.statement_id == desk.statement.id).order_by(col(Collection.created_at).desc()).limit(50)
    found: Sequence[Collection] = db.exec(rows).all()
    names = sheet_names(scope_language(request.scope))
    return acting_page(request, "secretariat/sheets.html", status, staff=desk.staff, statement=desk.statement, found=found, form=form, steps=Step, **names)
