"""The console's page with the panic switches of a statement."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from app.accounts import assents
from app.accounts.deps import Proven
from app.accounts.models import Assent, Role
from app.accounts.queries import account
from app.clock import utcnow
from app.db import Db, ReadDb
from app.moderation import switches
from app.moderation.queries import waiting
from app.moderation.switches import SHOW
from app.statements.desks import AdministeringDesk, Desk, ModeratingDesk, ViewingDesk
from app.web.responses import acting_page, see_other

router = APIRouter(prefix="/console/statements/{slug}/panic", include_in_schema=False)


def _lifting(desk: AdministeringDesk, proven: Proven) -> Desk:
    """An administrator of the statement who proved lately who they are."""
    return desk


LiftingDesk = Annotated[Desk, Depends(_lifting)]


@router.get("")
def page(request: Request, desk: ViewingDesk, db: ReadDb, done: str = "") -> Response:
    """How the switches stand."""
    staff, statement, now = desk.staff, desk.statement, utcnow()
    context: dict[str, Any] = {
        "statement": statement,
        "done": done,
        "may_throw": staff.may(Role.MODERATOR, statement.id),
        "may_lift": staff.may(Role.ADMINISTRATOR, statement.id),
        "fresh": staff.session.fresh(now),
        "two": assents.needed(db, now, statement.id),
        "asked": [(one, account(db, one.asked_by).email) for one in _asked(db, desk)],
    }
    return acting_page(request, "moderation/panic.html", 200, staff=staff, waiting=waiting(db, staff.where(Role.VIEWER))[0], **context)


@router.post("/hide")
def hide(request: Request, desk: ModeratingDesk, db: Db) -> Response:
    """No name anywhere, at once."""
    switches.hide_names(db, desk.statement.id, desk.staff, utcnow())
    return _back(request, desk, "hidden")


@router.post("/freeze")
def freeze(request: Request, desk: ModeratingDesk, db: Db) -> Response:
    """Nothing new in the list."""
    switches.freeze_list(db, desk.statement.id, desk.staff, utcnow())
    return _back(request, desk, "frozen")


@router.post("/thaw")
def thaw(request: Request, desk: LiftingDesk, db: Db) -> Response:
    """The list moves again."""
    switches.thaw_list(db, desk.statement.id, desk.staff, utcnow())
    return _back(request, desk, "thawed")


@router.post("/show")
def show(request: Request, desk: LiftingDesk, db: Db) -> Response:
    """Show the names again, or ask another administrator to agree."""
    if not assents.given(db, SHOW, desk.staff, utcnow(), desk.statement.id):
        assents.ask(db, SHOW, desk.staff, utcnow(), desk.statement.id)
        return _back(request, desk, "asked")
    switches.show_names(db, desk.statement.id, desk.staff, utcnow())
    return _back(request, desk, "shown")


def _asked(db: Session, desk: Desk) -> list[Assent]:
    """Who wants the names to be shown."""
    return [one for one in assents.waiting(db, desk.staff, utcnow()) if (one.act, one.statement_id) == (SHOW, desk.statement.id)]


def _back(request: Request, desk: Desk, done: str) -> Response:
    return see_other(request, f"/console/statements/{desk.statement.slug}/panic?done={done}")
