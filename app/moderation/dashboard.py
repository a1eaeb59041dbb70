"""The console's dashboard of one statement, and what came from one network."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.models import Role
from app.audit.actions import record
from app.clock import utcnow
from app.db import ReadDb
from app.moderation import board, queries
from app.moderation.deps import Reader
from app.moderation.labels import labels
from app.moderation.wording import names
from app.outbox.breaker import breaker
from app.settings import get_settings
from app.statements.desks import ViewingDesk
from app.web.responses import acting_page
from app.web.templates import scope_language

router = APIRouter(prefix="/console", include_in_schema=False)


@router.get("/statements/{slug}")
def dashboard(request: Request, desk: ViewingDesk, db: ReadDb) -> Response:
    """Everything about one statement at a glance."""
    staff, statement, now = desk.staff, desk.statement, utcnow()
    server = breaker(get_settings().smtp_url.get_secret_value())
    context: dict[str, Any] = {
        "statement": statement,
        "phase": statement.phase(now),
        "now": now,
        "board": board.board(db, statement, now),
        "queue": board.queue(db, statement.id, now),
        "post": board.post(db, statement.id, now),
        "bursts": board.bursts(db, statement.id, now),
        "deadlines": board.deadlines(statement, now),
        "next_try": now + server.pause if server.pause > timedelta() else None,
    }
    common: dict[str, Any] = {"staff": staff, "waiting": queries.waiting(db, staff.where(Role.VIEWER))[0]}
    return acting_page(request, "moderation/dashboard.html", 200, **common, **context, **labels(scope_language(request.scope)))


@router.get("/signatures/{signature_id}/network")
def network(request: Request, staff: Reader, db: ReadDb, signature_id: UUID) -> Response:
    """What came from the same network; the address names one signature, for the mark of a network is in no address."""
    statement, items, count = board.of_cluster(db, signature_id)
    with request.app.state.database.transaction() as writing:
        record(writing, "look-at-cluster", utcnow(), staff.id, statement.id, signature_id, found=count)
    context: dict[str, Any] = {"statement": statement, "items": items, "count": count, "waiting": queries.waiting(db, staff.where(Role.VIEWER))[0]}
    return acting_page(request, "moderation/network.html", 200, staff=staff, **context, **names(scope_language(request.scope)))
