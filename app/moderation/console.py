"""The moderators' pages: the queue, one signature, the published names."""

from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app.accounts.deps import Moderator, Staff
from app.accounts.models import Person, Role
from app.audit.actions import record
from app.clock import utcnow
from app.db import Db, ReadDb
from app.moderation import actions, deciding, queries
from app.moderation.card import Card
from app.moderation.card import card as card_of
from app.moderation.deps import Asked, Decider, Reader, Settler
from app.moderation.forms import FilterForm, InquiryForm, ReasonForm, RemoveForm
from app.moderation.labels import labels
from app.moderation.models import Act
from app.moderation.queries import Wanted
from app.moderation.search import OPENED, search
from app.moderation.wording import names
from app.signatures.wording import complaints
from app.web.forms import Submission, submitted
from app.web.responses import acting_page, see_other
from app.web.templates import scope_language

router = APIRouter(prefix="/console", include_in_schema=False)


@dataclass(frozen=True)
class Position:
    """Where in the queue somebody is: after which signature, and what they did last, about which."""

    after: UUID | None = None
    done: str = ""
    about: UUID | None = None
    wanted: Wanted = field(default_factory=Wanted)

    def query(self, **more: object) -> str:
        """The filter and what else an address has to carry, as its query."""
        return "&".join(filter(None, (self.wanted.query(), urlencode(more))))


def _seen(wanted: Asked, after: UUID | None = None, done: str = "", about: UUID | None = None) -> Position:
    return Position(after, done, about, wanted)


Seen = Annotated[Position, Depends(_seen)]
Rejection = Annotated[Submission[ReasonForm], Depends(submitted(ReasonForm))]
Asking = Annotated[Submission[InquiryForm], Depends(submitted(InquiryForm))]
Removing = Annotated[Submission[RemoveForm], Depends(submitted(RemoveForm))]
Saving = Annotated[Submission[FilterForm], Depends(submitted(FilterForm))]


@router.get("")
def queue(request: Request, staff: Staff, db: ReadDb, seen: Seen) -> Response:
    """The queue, or what of it matches; the oldest signature that nobody else is at is open."""
    items = _queue(db, staff, seen)
    taken = queries.claims(db, items, utcnow())
    free = next((item for item in items if taken.get(item.signature.id, (staff.id, ""))[0] == staff.id), None)
    return _page(request, staff, db, card_of(db, free.signature.id) if free else None, items, seen=seen)


@router.get("/signatures/{signature_id}")
def signature(request: Request, staff: Reader, db: ReadDb, signature_id: UUID, seen: Seen) -> Response:
    """One signature."""
    return _page(request, staff, db, card_of(db, signature_id), _queue(db, staff, seen), seen=seen)


@router.get("/published")
def published(request: Request, staff: Staff, db: ReadDb, q: str = "", page: Annotated[int, Query(ge=1, le=10_000)] = 1) -> Response:
    """Published names, to find one that has to go."""
    items = queries.published(db, staff.where(Role.VIEWER), q.replace("\0", ""), page)
    context: dict[str, Any] = {"items": items, "q": q, "page": page, "more": len(items) == queries.SHOWN, "waiting": _waiting(db, staff)}
    return acting_page(request, "moderation/published.html", staff=staff, **context)


@router.get("/search")
def search_page(request: Request, staff: Staff, db: ReadDb, q: Annotated[str, Query(max_length=254)] = "") -> Response:
    """One box for everything."""
    asked = q.replace("\0", "").strip()
    found = search(db, staff.where(Role.VIEWER), asked) if asked else None
    if found:
        with request.app.state.database.transaction() as writing:
            record(writing, "search", utcnow(), staff.id, looks=found.looks, found=len(found.items))
    context = {"found": found, "q": asked, "opened": OPENED, **_common(db, staff), **names(scope_language(request.scope))}
    return acting_page(request, "moderation/search.html", **context)


@router.post("/signatures/{signature_id}/approve")
def approve(request: Request, moderator: Decider, db: Db, signature_id: UUID, seen: Seen) -> Response:
    """Into the list, and on to the next."""
    deciding.decide(db, signature_id, moderator, Act.APPROVE, utcnow())
    return _next(request, "approved", signature_id, seen)


@router.post("/signatures/{signature_id}/reject")
def reject(request: Request, moderator: Decider, reading: ReadDb, db: Db, signature_id: UUID, form: Rejection, seen: Seen) -> Response:
    """Keep it out, with a reason."""
    if form.data is None:
        return _again(request, moderator, reading, signature_id, form, seen)
    deciding.decide(db, signature_id, moderator, Act.REJECT, utcnow(), form.data.reason, form.data.code)
    return _next(request, "rejected", signature_id, seen)


@router.post("/signatures/{signature_id}/undo")
def undo(request: Request, moderator: Decider, db: Db, signature_id: UUID, seen: Seen) -> Response:
    """Take one's decision back before it takes effect."""
    deciding.undo(db, signature_id, moderator, utcnow())
    return see_other(request, f"/console/signatures/{signature_id}?{seen.query(done='undone')}")


@router.post("/signatures/{signature_id}/claim")
def claim(request: Request, moderator: Decider, db: Db, signature_id: UUID, seen: Seen) -> Response:
    """Be at it, also where somebody else was."""
    deciding.claim(db, signature_id, moderator, utcnow())
    return see_other(request, f"/console/signatures/{signature_id}?{seen.query()}")


@router.post("/filters")
def save_filter(request: Request, moderator: Moderator, reading: ReadDb, db: Db, form: Saving, seen: Seen) -> Response:
    """Give the filter of the address a name."""
    if form.data is None:
        return _page(request, moderator, reading, None, _queue(reading, moderator, seen), 422, form, seen)
    actions.save_filter(db, moderator, form.data.name, seen.wanted.query())
    return see_other(request, f"/console?{seen.query()}")


@router.post("/filters/{filter_id}/forget")
def forget_filter(request: Request, moderator: Moderator, db: Db, filter_id: UUID) -> Response:
    """Forget one of one's own filters."""
    actions.forget_filter(db, moderator, filter_id)
    return see_other(request, "/console")


@router.post("/signatures/{signature_id}/remove")
def remove(request: Request, moderator: Decider, reading: ReadDb, db: Db, signature_id: UUID, form: Removing) -> Response:
    """Off the list, at once."""
    if form.data is None:
        return _again(request, moderator, reading, signature_id, form)
    actions.remove(db, signature_id, moderator, form.data.code, form.data.note, utcnow())
    return see_other(request, f"/console/signatures/{signature_id}")


@router.post("/signatures/{signature_id}/restore")
def restore(request: Request, moderator: Decider, db: Db, signature_id: UUID) -> Response:
    """Take back a rejection or a removal."""
    actions.restore(db, signature_id, moderator, utcnow())
    return see_other(request, f"/console/signatures/{signature_id}")


@router.post("/signatures/{signature_id}/accept-correction")
def accept_correction(request: Request, moderator: Decider, db: Db, signature_id: UUID) -> Response:
    """What the signer corrected stands from now on."""
    actions.accept_correction(db, signature_id, moderator, utcnow())
    return see_other(request, "/console?done=corrected")


@router.post("/signatures/{signature_id}/decline-correction")
def decline_correction(request: Request, moderator: Decider, reading: ReadDb, db: Db, signature_id: UUID, form: Rejection) -> Response:
    """The list stays as it is, with a reason."""
    if form.data is None:
        return _again(request, moderator, reading, signature_id, form)
    actions.decline_correction(db, signature_id, moderator, form.data.reason, utcnow())
    return see_other(request, "/console?done=declined")


@router.post("/signatures/{signature_id}/inquire")
def inquire(request: Request, moderator: Decider, reading: ReadDb, db: Db, signature_id: UUID, form: Asking) -> Response:
    """Ask the organisation whether it signed."""
    if form.data is None:
        return _again(request, moderator, reading, signature_id, form)
    actions.inquire(db, signature_id, moderator, form.data.to, utcnow())
    return see_other(request, f"/console/signatures/{signature_id}")


@router.get("/reports")
def reports(request: Request, staff: Staff, db: ReadDb, done: str = "") -> Response:
    """Names of the lists that somebody reported."""
    context = {"items": queries.reports(db, staff.where(Role.VIEWER)), "reasons": complaints(scope_language(request.scope)), **_common(db, staff)}
    return acting_page(request, "moderation/reports.html", done=done, **context)


@router.post("/reports/{report_id}/settle")
def settle(request: Request, moderator: Settler, db: Db, report_id: UUID) -> Response:
    """Nothing more to do about a report."""
    actions.settle(db, report_id, moderator, utcnow())
    return see_other(request, "/console/reports?done=settled")


@router.get("/screened")
def screened(request: Request, staff: Staff, db: ReadDb, done: str = "") -> Response:
    """What the screening holds back: nobody was told, nothing was mailed."""
    context = {"items": queries.screened(db, staff.where(Role.VIEWER)), **names(scope_language(request.scope)), **_common(db, staff)}
    return acting_page(request, "moderation/screened.html", done=done, **context)


@router.post("/signatures/{signature_id}/release")
def release(request: Request, moderator: Decider, db: Db, signature_id: UUID) -> Response:
    """It was a person after all: mail the link."""
    actions.release(db, signature_id, moderator, utcnow())
    return see_other(request, "/console/screened?done=released")


def _queue(db: ReadDb, staff: Person, seen: Position = Position()) -> list[queries.Item]:
    return queries.queue(db, staff.where(Role.VIEWER), seen.after, seen.wanted)


def _next(request: Request, done: str, signature_id: UUID, seen: Position) -> Response:
    return see_other(request, f"/console?{seen.query(done=done, about=signature_id, after=signature_id)}")


def _waiting(db: ReadDb, staff: Person) -> int:
    return queries.waiting(db, staff.where(Role.VIEWER))[0]


def _common(db: ReadDb, staff: Person) -> dict[str, Any]:
    return {"staff": staff, "waiting": _waiting(db, staff), "may_decide": staff.somewhere(Role.MODERATOR)}


def _again(request: Request, moderator: Person, reading: ReadDb, signature_id: UUID, form: Submission[Any], seen: Position = Position()) -> Response:
    return _page(request, moderator, reading, card_of(reading, signature_id), _queue(reading, moderator, seen), 422, form, seen)


def _page(
    request: Request,
    staff: Person,
    db: ReadDb,
    card: Card | None,
    items: list[queries.Item],
    status: int = 200,
    form: Submission[Any] | None = None,
    seen: Position = Position(),
) -> Response:
    now = utcnow()
    if card:
        with request.app.state.database.transaction() as writing:
            record(writing, "open", now, staff.id, card.statement.id, card.signature.id)
    context: dict[str, Any] = {
        "staff": staff,
        "card": card,
        "items": items,
        "waiting": _waiting(db, staff),
        "now": now,
        "seen": seen,
        "taken": queries.claims(db, [*items, *([card] if card else [])], now),
        "saved": queries.saved_filters(db, staff.id),
        "statements": queries.waiting_by_slug(db, staff.where(Role.VIEWER)),
        "undoable": queries.undoable(db, seen.about, staff.id, now) if seen.about else None,
        "may_decide": card is not None and staff.may(Role.MODERATOR, card.statement.id),
    }
    named = names(scope_language(request.scope)) | labels(scope_language(request.scope))
    return acting_page(request, "moderation/queue.html", status, form=form or Submission[ReasonForm](), **context, **named)
