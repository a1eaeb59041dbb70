"""The console's page about what needs a second person."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts import assents, queries
from app.accounts.deps import Proven, Staff
from app.accounts.models import Assent
from app.clock import utcnow
from app.db import Db, ReadDb
from app.secretariat.wording import grave_acts
from app.statements.queries import every
from app.web.responses import acting_page, see_other
from app.web.templates import scope_language

router = APIRouter(prefix="/console/assents", include_in_schema=False)


@router.get("")
def page(request: Request, staff: Staff, db: ReadDb, done: str = "") -> Response:
    """What was asked for, by whom, until when."""
    asked = assents.waiting(db, staff, utcnow())
    people = {one.id: one.email for one in queries.everyone(db)}
    slugs = {one.id: one.slug for one in every(db)}
    context: dict[str, Any] = {"asked": [(one, *_place(one, slugs)) for one in asked], "people": people, "needed": assents.needed(db, utcnow()), "done": done}
    return acting_page(request, "secretariat/assents.html", staff=staff, acts=grave_acts(scope_language(request.scope)), **context)


@router.post("/{assent_id}/give")
def give(request: Request, staff: Staff, proven: Proven, db: Db, assent_id: UUID) -> Response:
    """Agree as the second person."""
    assents.give(db, assent_id, staff, utcnow())
    return see_other(request, "/console/assents?done=given")


@router.post("/{assent_id}/refuse")
def refuse(request: Request, staff: Staff, db: Db, assent_id: UUID) -> Response:
    """Refuse, or take back what one asked for."""
    assents.refuse(db, assent_id, staff, utcnow())
    return see_other(request, "/console/assents?done=refused")


def _place(asked: Assent, slugs: Mapping[UUID, str]) -> tuple[str, str]:
    """The page that tells what it is about, and its statement."""
    slug = slugs.get(asked.statement_id, "") if asked.statement_id else ""
    home = f"/console/statements/{slug}"
    pages = {"show-names": f"{home}/panic", "export-all": f"{home}/export", "campaign": f"/console/campaigns/{asked.subject}"}
    pages["take-back-sheet"] = f"{home}/import/{asked.subject}"
    return pages.get(asked.act, home), slug
