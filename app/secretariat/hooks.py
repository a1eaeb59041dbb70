"""The console's pages about a statement's webhooks: who is told what, the log, a try."""

from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, field_validator, model_validator
from starlette.responses import Response

from app.audit.actions import record
from app.clock import utcnow
from app.db import Db, ReadDb
from app.errors import N_, Conflict
from app.secretariat.deps import ProvenDesk
from app.secretariat.wording import hook_events, hook_outcome
from app.statements import queries as statements
from app.statements.desks import Desk
from app.web.forms import Problem, Submission, problem, submitted
from app.web.responses import acting_page, see_other
from app.web.templates import scope_language
from app.webhooks import actions, sending
from app.webhooks.guard import Refused, checked
from app.webhooks.models import Event

router = APIRouter(prefix="/console/statements/{slug}/webhooks", include_in_schema=False)


class HookForm(BaseModel):
    """Where to, and which events."""

    url: str = Field(max_length=500)
    published: bool = False
    withdrawn: bool = False
    closed: bool = False
    milestone: bool = False

    @field_validator("url")
    @classmethod
    def _outside(cls, value: str) -> str:
        try:
            return checked(value.strip())
        except Refused as refusal:
            raise problem(str(refusal)) from None

    @property
    def events(self) -> list[Event]:
        """Those that were ticked."""
        return [event for event in Event if getattr(self, event.name.lower())]

    @model_validator(mode="after")
    def _something(self) -> "HookForm":
        if not self.events:
            raise problem(N_("Please choose at least one event."))
        return self


Adding = Annotated[Submission[HookForm], Depends(submitted(HookForm))]


@router.get("")
def page(request: Request, desk: ProvenDesk, db: ReadDb, done: str = "") -> Response:
    """Every address that is told something, and the form for one more."""
    return _page(request, desk, db, done=done)


@router.post("")
def add(request: Request, desk: ProvenDesk, reading: ReadDb, db: Db, form: Adding) -> Response:
    """One more; its secret is shown this once."""
    if form.data is None:
        return _page(request, desk, reading, form, 422)
    try:
        endpoint, secret = actions.add(db, statements.get(db, desk.statement.slug), form.data.url, form.data.events, utcnow())
    except Conflict as refusal:
        return _page(request, desk, reading, Submission[HookForm](form.typed, None, {"url": Problem(refusal.sentence)}), 422)
    record(db, "add-webhook", utcnow(), desk.staff.id, desk.statement.id)
    return _secret(request, desk, endpoint.id, endpoint.url, secret)


@router.get("/{endpoint_id}")
def one(request: Request, desk: ProvenDesk, db: ReadDb, endpoint_id: UUID, done: str = "") -> Response:
    """One address, and what it was told."""
    found = actions.log(db, actions.endpoint_of(db, desk.statement.id, endpoint_id))
    return acting_page(request, "secretariat/webhook.html", endpoint=found.endpoint, log=found.log, done=done, **_common(request, desk))


@router.post("/{endpoint_id}/secret")
def secret(request: Request, desk: ProvenDesk, db: Db, endpoint_id: UUID) -> Response:
    """A new secret, shown this once."""
    endpoint = actions.endpoint_of(db, desk.statement.id, endpoint_id, writing=True)
    new = actions.rotate(db, endpoint, utcnow())
    _note(db, desk)
    return _secret(request, desk, endpoint.id, endpoint.url, new)


@router.post("/{endpoint_id}/pause")
def pause(request: Request, desk: ProvenDesk, db: Db, endpoint_id: UUID) -> Response:
    """Tell it nothing for now."""
    actions.pause(actions.endpoint_of(db, desk.statement.id, endpoint_id, writing=True))
    _note(db, desk)
    return _back(request, desk, endpoint_id, "paused")


@router.post("/{endpoint_id}/resume")
def resume(request: Request, desk: ProvenDesk, db: Db, endpoint_id: UUID) -> Response:
    """Tell it again, from now on."""
    endpoint = actions.endpoint_of(db, desk.statement.id, endpoint_id, writing=True)
    actions.resume(db, statements.get(db, desk.statement.slug), endpoint, utcnow())
    _note(db, desk)
    return _back(request, desk, endpoint_id, "resumed")


@router.post("/{endpoint_id}/forget")
def forget(request: Request, desk: ProvenDesk, db: Db, endpoint_id: UUID) -> Response:
    """Take it out, with its log."""
    actions.forget(db, actions.endpoint_of(db, desk.statement.id, endpoint_id, writing=True))
    record(db, "forget-webhook", utcnow(), desk.staff.id, desk.statement.id)
    return see_other(request, f"/console/statements/{desk.statement.slug}/webhooks?done=forgotten")


@router.post("/{endpoint_id}/test")
def test(request: Request, desk: ProvenDesk, endpoint_id: UUID) -> Response:
    """Send it a message that says nothing but that it came, and show how that went."""
    database = request.app.state.database
    with database.transaction() as session:
        endpoint = actions.endpoint_of(session, desk.statement.id, endpoint_id)
        delivery = actions.ping(session, statements.get(session, desk.statement.slug), endpoint, utcnow()).id
        record(session, "try-webhook", utcnow(), desk.staff.id, desk.statement.id)
    sending.send_now(database, delivery)
    return _back(request, desk, endpoint_id, "tested")


@router.post("/{endpoint_id}/again/{delivery_id}")
def again(request: Request, desk: ProvenDesk, db: Db, endpoint_id: UUID, delivery_id: UUID) -> Response:
    """Send a message once more that failed."""
    actions.again(db, actions.endpoint_of(db, desk.statement.id, endpoint_id), delivery_id, utcnow())
    record(db, "try-webhook", utcnow(), desk.staff.id, desk.statement.id)
    return _back(request, desk, endpoint_id, "again")


def _note(db: Db, desk: Desk) -> None:
    record(db, "change-webhook", utcnow(), desk.staff.id, desk.statement.id)


def _back(request: Request, desk: Desk, endpoint_id: UUID, done: str) -> Response:
    return see_other(request, f"/console/statements/{desk.statement.slug}/webhooks/{endpoint_id}?done={done}")


def _page(request: Request, desk: Desk, db: ReadDb, form: Submission[Any] | None = None, status: int = 200, done: str = "") -> Response:
    told = [actions.log(db, endpoint, 1) for endpoint in actions.endpoints(db, desk.statement.id)]
    form = form or Submission[HookForm](dict.fromkeys(("published", "withdrawn", "closed", "milestone"), "true"))
    return acting_page(request, "secretariat/webhooks.html", status, told=told, form=form, done=done, **_common(request, desk))


def _secret(request: Request, desk: Desk, endpoint_id: UUID, url: str, secret: str) -> Response:
    return acting_page(request, "secretariat/webhook_secret.html", endpoint_id=endpoint_id, url=url, secret=secret, **_common(request, desk))


def _common(request: Request, desk: Desk) -> dict[str, Any]:
    words, base = scope_language(request.scope), f"/console/statements/{desk.statement.slug}/webhooks"
    named = {"event_names": hook_events(words), "outcome": partial(hook_outcome, words=words)}
    return {"staff": desk.staff, "statement": desk.statement, "base": base, **named}
