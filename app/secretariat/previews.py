"""Links that show a draft to partners: made and taken back in the console, opened by whoever holds one."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, field_validator
from starlette.responses import Response

from app.clock import utcnow
from app.db import Db, ReadDb
from app.errors import N_
from app.secretariat import drafting, drafts
from app.secretariat.deps import Drafting
from app.secretariat.previewing import letter
from app.web.forms import Submission, problem, submitted
from app.web.responses import acting_page, see_other
from app.web.templates import absolute, link

router = APIRouter(include_in_schema=False)
_DAYS = N_("Please write a number of days from 1 to 30.")


class DaysForm(BaseModel):
    """How long a link shows the draft."""

    days: int = Field(ge=1, le=30)

    @field_validator("days", mode="before")
    @classmethod
    def _whole(cls, value: str) -> int:
        days = int(value) if value.isascii() and value.strip().isdigit() and len(value) < 4 else 0
        if not 1 <= days <= 30:
            raise problem(_DAYS)
        return days


Lending = Annotated[Submission[DaysForm], Depends(submitted(DaysForm))]


@router.post("/console/drafts/{draft_id}/links")
def lend(request: Request, desk: Drafting, db: Db, form: Lending) -> Response:
    """A new link; it is shown this once."""
    address = ""
    if form.data:
        token = drafting.show_to_partners(db, desk.sheet.row, form.data.days, desk.staff, utcnow())
        address = absolute(link(request.scope, f"/preview/{token}"))
    return acting_page(request, "secretariat/lent.html", 200 if form.data else 422, staff=desk.staff, sheet=desk.sheet, form=form, address=address)


@router.post("/console/drafts/{draft_id}/links/{link_id}/end")
def end(request: Request, desk: Drafting, db: Db, link_id: UUID) -> Response:
    """Take a link back."""
    drafting.take_back_link(db, desk.sheet.row, link_id, desk.staff, utcnow())
    return see_other(request, f"/console/drafts/{desk.sheet.row.id}?done=link-ended#partners")


@router.get("/preview/{token}")
def shown(request: Request, db: ReadDb, token: str) -> Response:
    """The draft as its page would be, with a banner and without a form."""
    found, sheet = drafts.shown_by(db, token, utcnow())
    page = letter(*sheet.papers(), request.scope.get("language"), utcnow())
    request.scope["own_language"] = page.statement.language
    return acting_page(request, "secretariat/lent_draft.html", until=found.expires_at, address=f"/preview/{token}", **page.context())
