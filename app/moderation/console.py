"""The moderators' pages: the queue, one signature, the published names."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app.accounts.deps import Moderator, Staff
from app.accounts.models import Account, Role
from app.clock import utcnow
from app.db import Db, ReadDb
from app.moderation import actions, queries
from app.moderation.forms import InquiryForm, RejectForm, RemoveForm
from app.moderation.wording import names
from app.signatures.wording import complaints
from app.web.forms import Submission, submitted
from app.web.responses import acting_page, see_other
from app.web.templates import scope_language

router = APIRouter(prefix="/console", include_in_schema=False)
Rejection = Annotated[Submission[RejectForm], Depends(submitted(RejectForm))]
Asking = Annotated[Submission[InquiryForm], Depends(submitted(InquiryForm))]
Removing = Annotated[Submission[RemoveForm], Depends(submitted(RemoveForm))]


@router.get("")
def queue(request: Request, staff: Staff, db: ReadDb, done: str = "") -> Response:
    """The queue; the oldest signature is open."""
    items = queries.queue(db)
    card = queries.card(db, items[0].signature.id) if items else None
    return _page(request, staff, db, card, items, done=done)


@router.get("/signatures/{signature_id}")
def signature(request: Request, staff: Staff, db: ReadDb, signature_id: UUID) -> Response:
    """One signature."""
    return _page(request, staff, db, queries.card(db, signature_id), queries.queue(db))


@router.get("/published")
def published(request: Request, staff: Staff, db: ReadDb, q: str = "", page: Annotated[int, Query(ge=1, le=10_000)] = 1) -> Response:
    """Published names, to find one that has to go."""
    items = queries.published(db, q.replace("\0", ""), page)
    context: dict[str, Any] = {"items": items, "q": q, "page": page, "more": len(items) == queries.SHOWN, "waiting": queries.waiting(db)[0]}
    return acting_page(request, "moderation/published.html", staff=staff, **context)


@router.post("/signatures/{signature_id}/approve")
def approve(request: Request, moderator: Moderator, db: Db, signature_id: UUID) -> Response:
    """Into the list."""
    actions.approve(db, signature_id, moderator, utcnow())
    return see_other(request, "/console?done=approved")


@router.post("/signatures/{signature_id}/reject")
def reject(request: Request, moderator: Moderator, reading: ReadDb, db: Db, signature_id: UUID, form: Rejection) -> Response:
    """Keep it out, with a reason."""
    if form.data is None:
        return _page(request, moderator, reading, queries.card(reading, signature_id), queries.queue(reading), 422, form)
    actions.reject(db, signature_id, moderator, form.data.reason, utcnow())
    return see_other(request, "/console?done=rejected")


@router.post("/signatures/{signature_id}/remove")
def remove(request: Request, moderator: Moderator, reading: ReadDb, db: Db, signature_id: UUID, form: Removing) -> Response:
    """Off the list, at once."""
    if form.data is None:
        return _page(request, moderator, reading, queries.card(reading, signature_id), queries.queue(reading), 422, form)
    actions.remove(db, signature_id, moderator, form.data.code, form.data.note, utcnow())
    return see_other(request, f"/console/signatures/{signature_id}")


@router.post("/signatures/{signature_id}/restore")
def restore(request: Request, moderator: Moderator, db: Db, signature_id: UUID) -> Response:
    """Take back a rejection or a removal."""
    actions.restore(db, signature_id, moderator, utcnow())
    return see_other(request, f"/console/signatures/{signature_id}")


@router.post("/signatures/{signature_id}/accept-correction")
def accept_correction(request: Request, moderator: Moderator, db: Db, signature_id: UUID) -> Response:
    """What the signer corrected stands from now on."""
    actions.accept_correction(db, signature_id, moderator, utcnow())
    return see_other(request, "/console?done=corrected")


@router.post("/signatures/{signature_id}/decline-correction")
def decline_correction(request: Request, moderator: Moderator, reading: ReadDb, db: Db, signature_id: UUID, form: Rejection) -> Response:
    """The list stays as it is, with a reason."""
    if form.data is None:
        return _page(request, moderator, reading, queries.card(reading, signature_id), queries.queue(reading), 422, form)
    actions.decline_correction(db, signature_id, moderator, form.data.reason, utcnow())
    return see_other(request, "/console?done=declined")


@router.post("/signatures/{signature_id}/inquire")
def inquire(request: Request, moderator: Moderator, reading: ReadDb, db: Db, signature_id: UUID, form: Asking) -> Response:
    """Ask the organisation whether it signed."""
    if form.data is None:
        return _page(request, moderator, reading, queries.card(reading, signature_id), queries.queue(reading), 422, form)
    actions.inquire(db, signature_id, moderator, form.data.to, utcnow())
    return see_other(request, f"/console/signatures/{signature_id}")


@router.get("/reports")
def reports(request: Request, staff: Staff, db: ReadDb, done: str = "") -> Response:
    """Names of the lists that somebody reported."""
    context: dict[str, Any] = {"items": queries.reports(db), "waiting": queries.waiting(db)[0], "may_decide": staff.role.includes(Role.MODERATOR)}
    context["reasons"] = complaints(scope_language(request.scope))
    return acting_page(request, "moderation/reports.html", staff=staff, done=done, **context)


@router.post("/reports/{report_id}/settle")
def settle(request: Request, moderator: Moderator, db: Db, report_id: UUID) -> Response:
    """Nothing more to do about a report."""
    actions.settle(db, report_id, moderator, utcnow())
    return see_other(request, "/console/reports?done=settled")


@router.get("/screened")
def screened(request: Request, staff: Staff, db: ReadDb, done: str = "") -> Response:
    """What the screening holds back: nobody was told, nothing was mailed."""
    context: dict[str, Any] = {"items": queries.screened(db), "waiting": queries.waiting(db)[0], "may_decide": staff.role.includes(Role.MODERATOR)}
    context |= names(scope_language(request.scope))
    return acting_page(request, "moderation/screened.html", staff=staff, done=done, **context)


@router.post("/signatures/{signature_id}/release")
def release(request: Request, moderator: Moderator, db: Db, signature_id: UUID) -> Response:
    """It was a person after all: mail the link."""
    actions.release(db, signature_id, moderator, utcnow())
    return see_other(request, "/console/screened?done=released")


def _page(
    request: Request,
    staff: Account,
    db: ReadDb,
    card: queries.Card | None,
    items: list[queries.Item],
    status: int = 200,
    form: Submission[RejectForm] | Submission[RemoveForm] | Submission[InquiryForm] | None = None,
    done: str = "",
) -> Response:
    context: dict[str, Any] = {
        "staff": staff,
        "card": card,
        "items": items,
        "waiting": queries.waiting(db)[0],
        "now": utcnow(),
        "done": done,
        "may_decide": staff.role.includes(Role.MODERATOR),
    }
    named = names(scope_language(request.scope))
    return acting_page(request, "moderation/queue.html", status, form=form or Submission[RejectForm](), **context, **named)
