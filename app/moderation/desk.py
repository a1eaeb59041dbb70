"""The moderators' overviews: undelivered mail, and how far each statement's signatures came."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field, field_validator
from starlette.responses import Response

from app.accounts.deps import Moderator, Staff
from app.accounts.models import Person, Role
from app.clock import utcnow
from app.db import Db, ReadDb
from app.errors import N_, Conflict
from app.moderation import overview, queries
from app.moderation.deps import Resender
from app.moderation.labels import labels
from app.outbox.actions import retry, retry_all
from app.outbox.breaker import breaker
from app.outbox.queries import health
from app.settings import get_settings
from app.web.forms import Submission, submitted
from app.web.responses import acting_page, see_other
from app.web.templates import scope_language

router = APIRouter(prefix="/console", include_in_schema=False)
PageNumber = Annotated[int, Query(ge=1, le=10_000)]


class Shown(BaseModel):
    """The dead letters of a page: exactly these are meant."""

    ids: list[UUID] = Field(max_length=overview.LETTERS)

    @field_validator("ids", mode="before")
    @classmethod
    def _ids(cls, value: str) -> list[str]:
        return value.split(",")


@router.get("/mail")
def mail(request: Request, staff: Staff, db: ReadDb, page: PageNumber = 1, again: Annotated[int, Query(ge=0, le=overview.LETTERS)] = 0) -> Response:
    """How the mail does, and what was not delivered."""
    now = utcnow()
    letters = overview.dead_letters(db, staff.where(Role.VIEWER), page)
    able = [letter.mail.id for letter in letters if not letter.mail.hindrance(now)]
    context = {"letters": letters, "able": able, "again": again, "health": health(db, now), "now": now, **_server(request)}
    return _page(request, "moderation/dead_letters.html", staff, db, page, len(letters) == overview.LETTERS, **context)


@router.post("/mail/retry")
def send_all_again(request: Request, moderator: Moderator, db: Db, form: Annotated[Submission[Shown], Depends(submitted(Shown))]) -> Response:
    """Queue the dead letters of a page again."""
    count = retry_all(db, form.data.ids, utcnow(), moderator.where(Role.MODERATOR)) if form.data else 0
    if not count:
        raise Conflict(N_("None of these mails can be sent again."))
    return see_other(request, f"/console/mail?again={count}")


@router.post("/mail/{mail_id}/retry")
def send_again(request: Request, moderator: Resender, db: Db, mail_id: UUID) -> Response:
    """Queue one dead letter again."""
    retry(db, mail_id, utcnow())
    return see_other(request, "/console/mail?again=1")


@router.get("/statements")
def statements(request: Request, staff: Staff, db: ReadDb, page: PageNumber = 1) -> Response:
    """How far each statement's signatures came."""
    found = overview.funnels(db, staff.where(Role.VIEWER), page, utcnow())
    return _page(request, "moderation/funnel.html", staff, db, page, len(found) == overview.STATEMENTS, funnels=found)


def _server(request: Request) -> dict[str, Any]:
    """Who sends the mail, and how the mail server does as far as this process knows."""
    smtp_url = get_settings().smtp_url.get_secret_value()
    sender = "mailbox" if not smtp_url else "here" if request.app.state.database.embedded else "worker"
    server = breaker(smtp_url)
    return {"sender": sender, "server": server, "next_try": utcnow() + server.pause}


def _page(request: Request, template: str, staff: Person, db: ReadDb, page: int, more: bool, **context: Any) -> Response:
    common = {"staff": staff, "waiting": queries.waiting(db, staff.where(Role.VIEWER))[0], "may_decide": staff.somewhere(Role.MODERATOR)}
    return acting_page(request, template, 200, page=page, more=more, **common, **context, **labels(scope_language(request.scope)))
