"""The console's pages about removal campaigns."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app.accounts import assents
from app.accounts.deps import Moderator, Proven, Staff
from app.accounts.models import Person, Role
from app.clock import utcnow
from app.db import Db, ReadDb
from app.errors import DomainError
from app.moderation import campaigns, findings, queries
from app.moderation.deps import CampaignHead, CampaignReader, CampaignStaff
from app.moderation.forms import CampaignForm
from app.moderation.wording import campaign_names, names
from app.statements.queries import every
from app.statements.queries import get as statement_of
from app.web.forms import Problem, Submission, submitted
from app.web.responses import acting_page, see_other
from app.web.templates import scope_language

router = APIRouter(prefix="/console/campaigns", include_in_schema=False)
Drafting = Annotated[Submission[CampaignForm], Depends(submitted(CampaignForm))]
PageNumber = Annotated[int, Query(ge=1, le=10_000)]


@router.get("")
def page(request: Request, staff: Staff, db: ReadDb, statement: str = "", near: str = "") -> Response:
    """The campaigns so far, and the form of a new one; `near` names a signature whose network is meant."""
    return _page(request, staff, db, Submission[CampaignForm]({"statement": statement[:80], "near": near[:36]}))


@router.post("")
def draft(request: Request, moderator: Moderator, reading: ReadDb, db: Db, form: Drafting) -> Response:
    """Begin the dry run."""
    if form.data is None:
        return _page(request, moderator, reading, form, 422)
    try:
        statement = statement_of(reading, form.data.statement)
        conditions = findings.conditions(reading, statement, form.data)
    except DomainError as error:
        return _page(request, moderator, reading, Submission[CampaignForm](form.typed, None, {"statement": Problem(error.sentence)}), 422)
    if not moderator.may(Role.MODERATOR, statement.id):
        return _page(request, moderator, reading, form, 403)
    made = campaigns.draft(db, statement, moderator, conditions, form.data.code, form.data.note, utcnow())
    return _to(request, made.id)


@router.get("/{campaign_id}")
def campaign(request: Request, staff: CampaignReader, db: ReadDb, campaign_id: UUID, page: PageNumber = 1) -> Response:
    """How far it is, whom it is about, and what can be done."""
    found = findings.campaign(db, campaign_id, page)
    head = staff.may(Role.ADMINISTRATOR, found.campaign.statement_id)
    second = head and not assents.given(db, campaigns.ACT, staff, utcnow(), found.campaign.statement_id, found.campaign.id)
    asked = [one for one in assents.waiting(db, staff, utcnow()) if (one.act, one.subject, one.asked_by) == (campaigns.ACT, str(campaign_id), staff.id)]
    context: dict[str, Any] = {
        "found": found,
        "page": page,
        "head": head,
        "second": second,
        "asked": asked,
        "countries": dict(scope_language(request.scope).countries()),
    }
    return acting_page(request, "moderation/campaign.html", **context, **_common(request, staff, db))


@router.post("/{campaign_id}/ask")
def ask(request: Request, staff: CampaignHead, proven: Proven, db: Db, campaign_id: UUID) -> Response:
    """Ask a second administrator to agree."""
    assents.ask(db, campaigns.ACT, staff, utcnow(), campaigns.held(db, campaign_id).statement_id, campaign_id)
    return _to(request, campaign_id)


@router.post("/{campaign_id}/start")
def start(request: Request, staff: CampaignHead, proven: Proven, db: Db, campaign_id: UUID) -> Response:
    """Remove whom the dry run found."""
    campaigns.start(db, campaign_id, staff, utcnow())
    return _to(request, campaign_id)


@router.post("/{campaign_id}/cancel")
def cancel(request: Request, staff: CampaignStaff, db: Db, campaign_id: UUID) -> Response:
    """Stop after the batch at work."""
    campaigns.cancel(db, campaign_id, staff, utcnow())
    return _to(request, campaign_id)


@router.post("/{campaign_id}/undo")
def undo(request: Request, staff: CampaignHead, db: Db, campaign_id: UUID) -> Response:
    """Give everybody back the state they had."""
    campaigns.undo(db, campaign_id, staff, utcnow())
    return _to(request, campaign_id)


def _to(request: Request, campaign_id: UUID) -> Response:
    return see_other(request, f"/console/campaigns/{campaign_id}")


def _page(request: Request, staff: Person, db: ReadDb, form: Submission[CampaignForm], status: int = 200) -> Response:
    may = staff.where(Role.MODERATOR)
    slugs = [(one.slug, one.slug) for one in every(db) if may is None or one.id in may]
    found = findings.campaigns(db, staff.where(Role.VIEWER))
    countries = scope_language(request.scope).countries()
    return acting_page(request, "moderation/campaigns.html", status, found=found, form=form, slugs=slugs, countries=countries, **_common(request, staff, db))


def _common(request: Request, staff: Person, db: ReadDb) -> dict[str, Any]:
    words = scope_language(request.scope)
    waiting = queries.waiting(db, staff.where(Role.VIEWER))[0]
    return {"staff": staff, "waiting": waiting, "may_decide": staff.somewhere(Role.MODERATOR), **names(words), "stage_names": campaign_names(words)}
