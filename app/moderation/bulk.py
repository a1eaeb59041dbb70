"""The console's page for many decisions at once, bound to exactly the rows that it showed."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.accounts.deps import Moderator, Staff
from app.accounts.models import Person, Role
from app.clock import utcnow
from app.db import Db, ReadDb
from app.moderation import deciding, queries
from app.moderation.deciding import Row
from app.moderation.deps import Asked
from app.moderation.forms import ReasonForm
from app.moderation.models import Act
from app.moderation.queries import Wanted
from app.moderation.wording import names
from app.settings import get_settings
from app.web.forms import Submission, as_id, check
from app.web.responses import acting_page, see_other
from app.web.templates import scope_language

router = APIRouter(prefix="/console/bulk", include_in_schema=False)


async def _chosen(request: Request) -> tuple[list[Row], dict[str, str]]:
    """The rows that were ticked, and the other fields."""
    form = await request.form(max_files=0, max_fields=queries.BULK + 20, max_part_size=32 * 1024)
    rows = [value.partition(":") for value in form.getlist("row") if isinstance(value, str)]
    return [Row(one, mark) for key, _, mark in rows if (one := as_id(key))], {key: value for key, value in form.items() if isinstance(value, str)}


Chosen = Annotated[tuple[list[Row], dict[str, str]], Depends(_chosen)]


@router.get("")
def page(request: Request, staff: Staff, db: ReadDb, wanted: Asked, done: int = 0, missed: int = 0, at: str = "") -> Response:
    """The oldest that wait, as a table."""
    return _page(request, staff, db, wanted, done=done, missed=missed, at=at)


@router.post("/approve")
def approve(request: Request, moderator: Moderator, db: Db, wanted: Asked, chosen: Chosen) -> Response:
    """Approve what was ticked."""
    return _decided(request, moderator, db, wanted, chosen[0], Act.APPROVE)


@router.post("/reject")
def reject(request: Request, moderator: Moderator, reading: ReadDb, db: Db, wanted: Asked, chosen: Chosen) -> Response:
    """Reject what was ticked, with one reason for all."""
    form = check(ReasonForm, chosen[1])
    if form.data is None:
        return _page(request, moderator, reading, wanted, 422, form, {row.id for row in chosen[0]})
    return _decided(request, moderator, db, wanted, chosen[0], Act.REJECT, form.data)


@router.post("/undo")
def undo(request: Request, moderator: Moderator, db: Db, at: str = "") -> Response:
    """Take back what was decided in one go."""
    moment = _moment(at)
    count = deciding.undo_rows(db, moderator, moment, utcnow()) if moment else 0
    return see_other(request, f"/console/bulk?done=-{count}")


def _decided(request: Request, moderator: Person, db: Db, wanted: Wanted, rows: list[Row], act: Act, why: ReasonForm | None = None) -> Response:
    now = utcnow()
    done = deciding.decide_rows(db, rows, moderator, act, now, why.reason if why else "", why.code if why else None)
    return see_other(request, f"/console/bulk?{wanted.query()}&done={done}&missed={len(rows) - done}&at={now.timestamp()}")


def _page(
    request: Request,
    staff: Person,
    db: ReadDb,
    wanted: Wanted,
    status: int = 200,
    form: Submission[ReasonForm] | None = None,
    ticked: Collection[UUID] = (),
    **said: object,
) -> Response:
    where = staff.where(Role.VIEWER)
    found = queries.chosen(db, where, wanted)
    marks = {one.signature.id: queries.mark(one.signature) for one in found}
    context = {"items": found, "marks": marks, "statements": queries.waiting_by_slug(db, where), "wanted": wanted}
    common = {"staff": staff, "waiting": queries.waiting(db, where)[0], "may_decide": staff.somewhere(Role.MODERATOR), **names(scope_language(request.scope))}
    told = {"done": 0, "missed": 0, "at": "", "window": get_settings().undo_seconds, **said}
    return acting_page(request, "moderation/bulk.html", status, form=form or Submission[ReasonForm](), ticked=ticked, **context, **common, **told)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text), utcnow().tzinfo)
    except (ValueError, OverflowError, OSError):
        return None
