"""The console's pages about a statement's life: publish a draft, edit, close, take down, download."""

import json
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, StringConstraints, field_validator
from starlette.responses import Response

from app.audit.actions import record
from app.clock import utcnow
from app.db import Db, ReadDb
from app.errors import N_, DomainError, InvalidSource
from app.secretariat import drafting, drafts
from app.secretariat.deps import ProvenDesk, Publishing
from app.secretariat.queries import plan
from app.secretariat.sources import packed, source_of
from app.secretariat.wording import field_labels
from app.secretariat.writing import Words, download
from app.statements import actions as statements
from app.statements import queries as statement_queries
from app.statements.desks import Desk, EditingDesk
from app.statements.frontmatter import parse
from app.statements.written import dump, dump_text
from app.web.forms import Problem, Submission, problem, submitted
from app.web.responses import acting_page, see_other
from app.web.templates import scope_language

router = APIRouter(prefix="/console", include_in_schema=False)
_LATER = N_("must be later than now")


class CloseForm(BaseModel):
    """When to close; nothing for now."""

    at: datetime | None = None

    @field_validator("at", mode="before")
    @classmethod
    def _moment(cls, value: str) -> datetime | None:
        if not value.strip():
            return None
        try:
            return parse("", f"at: {json.dumps(value)}").mapping(["at"])["at"].moment()[0]
        except InvalidSource as wrong:
            raise problem(wrong.sentence, **wrong.values) from None


class ReasonForm(BaseModel):
    """Why a statement goes."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


Closing = Annotated[Submission[CloseForm], Depends(submitted(CloseForm))]
TakingDown = Annotated[Submission[ReasonForm], Depends(submitted(ReasonForm))]


@router.get("/drafts/{draft_id}/publish")
def look(request: Request, desk: Publishing, db: ReadDb) -> Response:
    """What publishing would do."""
    return _plan(request, desk, db)


@router.post("/drafts/{draft_id}/publish")
def publish(request: Request, desk: Publishing, reading: ReadDb, db: Db, words: Words) -> Response:
    """Publish the draft that was looked at."""
    try:
        sheet = drafts.sheet(db, desk.sheet.row.id)
        statement = drafting.publish(db, sheet, words.get("mark", ""), desk.staff, utcnow())
    except DomainError as refusal:
        db.rollback()
        return _plan(request, desk, reading, refusal)
    return see_other(request, f"/console/drafts?done=published&about={statement.slug}")


def _plan(request: Request, desk: Publishing, db: ReadDb, refusal: DomainError | None = None) -> Response:
    words, steps = scope_language(request.scope), list[str]()
    complaints: tuple[InvalidSource, ...] = ()
    try:
        steps = [step.said(words) for step in plan(db, drafting.ready(db, desk.sheet, desk.staff), utcnow())]
    except InvalidSource as invalid:
        complaints, refusal = invalid.all, None
    except DomainError as error:
        refusal = error
    context = {"steps": steps, "complaints": complaints, "refusal": refusal, "mark": desk.sheet.mark(), "sheet": desk.sheet}
    status = refusal.status if refusal else 422 if complaints and request.method == "POST" else 200
    return acting_page(request, "secretariat/publish.html", status, staff=desk.staff, labels=field_labels(words, desk.sheet.typed), **context)


@router.post("/statements/{slug}/edit")
def edit(request: Request, desk: EditingDesk, db: Db) -> Response:
    """The draft that edits the statement."""
    return see_other(request, f"/console/drafts/{drafting.edit(db, statement_queries.get(db, desk.statement.slug), desk.staff, utcnow()).id}")


@router.get("/statements/{slug}/file")
def file(request: Request, desk: EditingDesk, db: ReadDb) -> Response:
    """What is published, as its statement file, or a ZIP with the translations."""
    source = source_of(db, desk.statement)
    with request.app.state.database.transaction() as writing:
        record(writing, "export-statement", utcnow(), desk.staff.id, desk.statement.id)
    return download(*packed(source.slug, dump(source), [(text.language, dump_text(text)) for text in source.translations]))


@router.get("/statements/{slug}/life")
def life(request: Request, desk: ProvenDesk, db: ReadDb, done: str = "") -> Response:
    """Where the statement stands, and what can be done with it."""
    return _life(request, desk, db, done=done)


@router.post("/statements/{slug}/close")
def close(request: Request, desk: ProvenDesk, reading: ReadDb, db: Db, form: Closing) -> Response:
    """Take no more signatures, from now or from a moment on."""
    now = utcnow()
    if form.data is None or (form.data.at and form.data.at <= now):
        wrong = form if form.data is None else Submission[CloseForm](form.typed, None, {"at": Problem(_LATER)})
        return _life(request, desk, reading, wrong, 422)
    statements.close(db, desk.statement.slug, form.data.at or now, now)
    record(db, "close-statement", now, desk.staff.id, desk.statement.id, at=form.data.at or now)
    return see_other(request, f"/console/statements/{desk.statement.slug}/life?done=closed")


@router.post("/statements/{slug}/take-down")
def take_down(request: Request, desk: ProvenDesk, reading: ReadDb, db: Db, form: TakingDown) -> Response:
    """Take the statement off the site; its address then says why."""
    if form.data is None:
        return _life(request, desk, reading, form, 422)
    statements.unpublish(db, desk.statement.slug, form.data.reason, utcnow())
    record(db, "take-down", utcnow(), desk.staff.id, desk.statement.id)
    return see_other(request, f"/console/statements/{desk.statement.slug}/life?done=down")


def _life(request: Request, desk: Desk, db: ReadDb, form: Submission[Any] | None = None, status: int = 200, done: str = "") -> Response:
    shown = statement_queries.reading(db, desk.statement, None)
    context = {"shown": shown, "statement": desk.statement, "phase": desk.statement.phase(utcnow()), "done": done}
    return acting_page(request, "secretariat/life.html", status, staff=desk.staff, form=form or Submission[CloseForm](), **context)
