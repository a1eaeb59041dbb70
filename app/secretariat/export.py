"""The console's page that gives a statement's signatures away: the public list to the staff, everything to an administrator."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from sqlmodel import Session
from starlette.responses import Response, StreamingResponse

from app.accounts import assents
from app.accounts.deps import Proven
from app.accounts.models import Role
from app.audit.actions import record
from app.clock import utcnow
from app.db import Db, ReadDb
from app.errors import N_, DomainError
from app.keys.queries import keyring
from app.secretariat import exporting
from app.secretariat.exporting import MEDIA_TYPES, Format, Row
from app.signatures.models import Kind
from app.signatures.queries import everyone
from app.statements.desks import AdministeringDesk, ViewingDesk
from app.statements.models import Statement
from app.statements.queries import reading
from app.web.forms import Submission, submitted
from app.web.headers import NO_STORE
from app.web.responses import acting_page, see_other
from app.web.templates import scope_language

router = APIRouter(prefix="/console/statements/{slug}/export", include_in_schema=False)
ACT = "export-all"
_FORMAT = N_("Please choose CSV, XLSX or JSON.")


class Wanted(BaseModel):
    """What everything is asked for as."""

    form: Format


Asked = Annotated[Submission[Wanted], Depends(submitted(Wanted))]


@router.get("")
def page(request: Request, desk: ViewingDesk, db: ReadDb) -> Response:
    """What may be taken from here, and what is missing for everything."""
    now, statement = utcnow(), desk.statement
    may = desk.staff.may(Role.ADMINISTRATOR, statement.id)
    ready = may and assents.given(db, ACT, desk.staff, now, statement.id)
    asked = (
        may
        and not ready
        and any(one.act == ACT and one.asked_by == desk.staff.id and one.statement_id == statement.id for one in assents.waiting(db, desk.staff, now))
    )
    others = assents.able(db, desk.staff, now, statement.id) if may and not ready else []
    two = assents.needed(db, now, statement.id)
    context: dict[str, Any] = {"may": may, "ready": ready, "asked": asked, "others": others, "two": two, "count": exporting.count(db, statement)}
    return acting_page(request, "secretariat/export.html", staff=desk.staff, statement=statement, **context)


@router.get("/list/{form}")
def public_list(request: Request, desk: ViewingDesk, form: Format) -> Response:
    """The public list, streamed."""
    return _streamed(request, desk.statement, form, "signatories", exporting.LISTED, exporting.listed)


@router.get("/print")
def print_ready(request: Request, desk: ViewingDesk, db: ReadDb) -> Response:
    """The public list for paper: organisations, then people, numbered."""
    shown = reading(db, desk.statement, scope_language(request.scope).code)
    groups: dict[Kind, list[object]] = {kind: [] for kind in Kind}
    for row in everyone(db, desk.statement.id):
        groups[row.kind].append(row)
    return acting_page(request, "secretariat/print.html", staff=desk.staff, shown=shown, groups=groups, now=utcnow())


@router.post("/ask")
def ask(request: Request, desk: AdministeringDesk, proven: Proven, db: Db) -> Response:
    """Ask another administrator to agree."""
    assents.ask(db, ACT, desk.staff, utcnow(), desk.statement.id)
    return see_other(request, f"/console/statements/{desk.statement.slug}/export")


@router.post("/all")
def everything(request: Request, desk: AdministeringDesk, proven: Proven, db: Db, asked: Asked) -> Response:
    """Everything that is kept, streamed; it uses up the second person's agreement and is in the record."""
    if asked.data is None:
        raise DomainError(_FORMAT)
    now, statement = utcnow(), desk.statement
    keyring(db, statement.id)  # without keys nothing could be opened: say so before an agreement is used up
    assents.spend(db, ACT, desk.staff, now, statement.id)
    record(db, ACT, now, desk.staff.id, statement.id, count=exporting.count(db, statement), form=asked.data.form.value)
    return _streamed(request, statement, asked.data.form, "all", exporting.WHOLE, exporting.whole)


def _streamed(
    request: Request, statement: Statement, form: Format, name: str, columns: tuple[str, ...], rows: Callable[[Session, Statement], Iterator[Row]]
) -> Response:
    def pieces() -> Iterator[bytes]:
        with request.app.state.database.reading() as session:
            yield from exporting.written(form, columns, rows(session, statement))

    headers = {"Cache-Control": NO_STORE, "Content-Disposition": f'attachment; filename="{statement.slug}-{name}.{form.value}"'}
    return StreamingResponse(pieces(), 200, headers, MEDIA_TYPES[form])
