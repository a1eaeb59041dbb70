"""The console's page about what is kept, and until when."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.deps import Staff
from app.accounts.models import Role
from app.clock import utcnow
from app.db import ReadDb
from app.moderation.queries import waiting
from app.upkeep.schedule import kept
from app.web.responses import acting_page

router = APIRouter(prefix="/console", include_in_schema=False)


@router.get("/kept")
def page(request: Request, staff: Staff, db: ReadDb) -> Response:
    """Every rule of the schedule with the rows it holds now."""
    return acting_page(request, "upkeep/kept.html", staff=staff, waiting=waiting(db, staff.where(Role.VIEWER))[0], kept=kept(db, utcnow()), now=utcnow())
