"""The console's page with the panic switches of a statement."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts import assents
from app.accounts.deps import Proven
from app.accounts.models import Role
from app.clock import utcnow
from app.db import Db, ReadDb
from app.moderation import holding, queries
from app.statements.desks import AdministeringDesk, Desk, ModeratingDesk, ViewingDesk
from app.web.responses import acting_page, see_other

router = APIRouter(prefix="/console/statements/{slug}/panic", include_in_schema=False)


@router.get("")
def page(request: Request, desk: ViewingDesk, db: ReadDb, done: str = "") -> Response:
    """What is hidden or frozen, and the switches."""
    staff, statement = desk.staff, desk.statement
    second = assents.needed(db, utcnow()) and not assents.given(db, holding.SHOW, staff, utcnow(), statement.id)
    may = {"may_decide": staff.may(Role.MODERATOR, statement.id), "may_lift": staff.may(Role.ADMINISTRATOR, statement.id)}
    asked = [one for one in assents.waiting(db, staff, utcnow()) if (one.act, one.statement_id, one.asked_by) == (holding.SHOW, statement.id, staff.id)]
    waiting = queries.waiting(db, staff.where(Role.VIEWER))[0]
    return acting_page(request, "moderation/panic.html", staff=staff, statement=statement, second=second, asked=asked, done=done, waiting=waiting, **may)


@router.post("/hide")
def hide(request: Request, desk: ModeratingDesk, db: Db) -> Response:
    """Hide all names, at once."""
    holding.hide_names(db, desk.statement.id, desk.staff, utcnow())
    return _back(request, desk, "hidden")


@router.post("/ask")
def ask(request: Request, desk: AdministeringDesk, proven: Proven, db: Db) -> Response:
    """Ask a second person to agree that the names are shown again."""
    assents.ask(db, holding.SHOW, desk.staff, utcnow(), desk.statement.id)
    return _back(request, desk, "asked")


@router.post("/show")
def show(request: Request, desk: AdministeringDesk, proven: Proven, db: Db) -> Response:
    """Show them again."""
    holding.show_names(db, desk.statement.id, desk.staff, utcnow())
    return _back(request, desk, "shown")


@router.post("/freeze")
def freeze(request: Request, desk: ModeratingDesk, db: Db) -> Response:
    """Let the list stay as it is."""
    holding.freeze(db, desk.statement.id, desk.staff, utcnow())
    return _back(request, desk, "frozen")


@router.post("/thaw")
def thaw(request: Request, desk: AdministeringDesk, proven: Proven, db: Db) -> Response:
    """Let it move again."""
    holding.thaw(db, desk.statement.id, desk.staff, utcnow())
    return _back(request, desk, "thawed")


def _back(request: Request, desk: Desk, done: str) -> Response:
    return see_other(request, f"/console/statements/{desk.statement.slug}/panic?done={done}")
