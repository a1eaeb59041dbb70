"""The mailbox of a development machine: what would have been sent. It does not exist in production."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.db import ReadDb
from app.outbox import queries
from app.web.responses import acting_page

router = APIRouter(prefix="/dev/mailbox", include_in_schema=False)


@router.get("")
def mailbox(request: Request, db: ReadDb) -> Response:
    """Every kept mail, newest first."""
    return acting_page(request, "outbox/mailbox.html", letters=queries.mailbox(db))


@router.get("/{mail_id}")
def letter(request: Request, db: ReadDb, mail_id: UUID) -> Response:
    """One mail."""
    return acting_page(request, "outbox/letter.html", letter=queries.letter(db, mail_id))
