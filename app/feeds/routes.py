"""The public JSON and feeds."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from app.clock import utcnow
from app.db import ReadDb
from app.feeds import faces
from app.feeds.schemas import ChangesOut, Counts, HistoryOut, HourOut, SignatoriesOut, SignatoryOut, StatementOut, address
from app.publication import history
from app.signatures import queries
from app.statements.deps import StatementReading
from app.web.paging import Page
from app.web.responses import known, public, public_headers

_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemOut"}}}
_REFUSED: dict[int | str, dict[str, Any]] = {
    status: {"description": why, "content": _PROBLEM}
    for status, why in (
        (404, "No such statement"),
        (410, "Taken down, or a revision from which the list cannot be followed: read it from the beginning"),
        (422, "A value that is not valid"),
    )
}


class CsvResponse(StreamingResponse):
    """RFC 4180."""

    media_type = "text/csv"


class LinesResponse(StreamingResponse):
    """One JSON object a line (NDJSON)."""

    media_type = "application/x-ndjson"


class AtomResponse(PlainTextResponse):
    """RFC 4287."""

    media_type = "application/atom+xml"


class FeedResponse(JSONResponse):
    """JSON Feed 1.1."""

    media_type = "application/feed+json"


router = APIRouter(prefix="/statements", responses=_REFUSED, tags=["statements"])
Number = Annotated[int, Query(ge=0, lt=2**31)]


@router.get("/{slug}.json", response_model=StatementOut, summary="A statement, its texts and counts")
def statement(request: Request, db: ReadDb, shown: StatementReading) -> Response:
    """The statement with its revision, texts in every language, counts, related articles and news."""
    found = faces.statement_json(shown, queries.tally(db, shown.statement.id), shown.statement.phase(utcnow()))
    return public(request, found.model_dump_json(), "application/json")


@router.get("/{slug}.txt", response_class=PlainTextResponse, summary="The canonical text, byte for byte")
def text(request: Request, shown: StatementReading) -> Response:
    """The bytes whose SHA-256 is the fingerprint."""
    return public(request, shown.text.canonical, "text/plain; charset=utf-8", shown.text.language)


@router.get("/{slug}/signatories.json", response_model=SignatoriesOut | ChangesOut, summary="The list of signatories, 100 a page")
def signatories(request: Request, db: ReadDb, shown: StatementReading, after: Number = 0, since: Number | None = None) -> Response:
    """By ascending number; with `since`, what changed after that revision of the list."""
    if since is None:
        page = queries.in_order_of_signing(db, shown.statement.id, after)
        return public(request, _page(db, shown, page, None).model_dump_json(), "application/json")
    changes = queries.since(db, shown.statement.id, since, after)
    whole = ChangesOut(
        **_page(db, shown, changes.page, since).model_dump(exclude={"as_of"}), as_of=queries.tally(db, shown.statement.id).as_of, withdrawn=changes.withdrawn
    )
    return public(request, whole.model_dump_json(), "application/json")


def _page(db: ReadDb, shown: StatementReading, page: Page[Any], since: int | None) -> SignatoriesOut:
    tally, path = queries.tally(db, shown.statement.id), f"{shown.path}/signatories.json"
    return SignatoriesOut(
        statement=address(shown.path),
        list_revision=tally.list_revision,
        as_of=tally.as_of,
        counts=Counts.of(tally),
        notice=faces.notice(shown),
        items=[SignatoryOut.of(row, shown.revision.number) for row in page.rows],
        next=address(path, after=page.after, since=since) if page.after else None,
    )


@router.get("/{slug}/signatories.csv", response_class=CsvResponse, summary="The whole list as CSV")
def signatories_csv(request: Request, db: ReadDb, shown: StatementReading) -> Response:
    """Streamed in order of signing; the list's revision stands for its bytes."""
    headers = _of_revision(request, db, shown)
    headers["Content-Disposition"] = f'attachment; filename="{shown.statement.slug}-signatories.csv"'

    def lines() -> Iterator[str]:
        with request.app.state.database.reading() as session:
            yield from faces.csv_lines(queries.everyone(session, shown.statement.id), shown)

    return known(request, headers) or CsvResponse(lines(), 200, headers)


@router.get("/{slug}/signatories.ndjson", response_class=LinesResponse, summary="The whole list, one JSON object a line")
def signatories_ndjson(request: Request, db: ReadDb, shown: StatementReading) -> Response:
    """Streamed in order of signing; each line is an item of signatories.json."""
    headers, revision = _of_revision(request, db, shown), shown.revision.number

    def lines() -> Iterator[str]:
        with request.app.state.database.reading() as session:
            for row in queries.everyone(session, shown.statement.id):
                yield SignatoryOut.of(row, revision).model_dump_json() + "\n"

    return known(request, headers) or LinesResponse(lines(), 200, headers)


def _of_revision(request: Request, db: ReadDb, shown: StatementReading) -> dict[str, str]:
    return public_headers(request, f"{shown.statement.id.hex}-{queries.tally(db, shown.statement.id).list_revision}")


@router.get("/{slug}/history.json", response_model=HistoryOut, summary="The counts, hour by hour")
def history_json(request: Request, db: ReadDb, shown: StatementReading) -> Response:
    """The counts at the end of each hour in which they moved."""
    hours = [HourOut.model_validate(row, from_attributes=True) for row in history.history(db, shown.statement.id)]
    return public(request, HistoryOut(statement=address(shown.path), items=hours).model_dump_json(), "application/json")


@router.get("/{slug}/feed.json", response_class=FeedResponse, response_model=dict[str, Any], summary="The newest signatories as JSON Feed 1.1")
def json_feed(request: Request, db: ReadDb, shown: StatementReading, before: Number | None = None) -> Response:
    """A hundred at a time, newest first."""
    rows = queries.newest(db, shown.statement.id, queries.PAGE + 1, before)
    first = queries.first_signatories(db, shown.statement.id) if before is None else []
    feed = faces.json_feed(shown, queries.tally(db, shown.statement.id), first, rows[: queries.PAGE], before, len(rows) > queries.PAGE)
    return public(request, json.dumps(feed, ensure_ascii=False), "application/feed+json; charset=utf-8")


@router.get("/{slug}/feed.atom", response_class=AtomResponse, summary="The newest signatories as Atom")
def atom_feed(request: Request, db: ReadDb, shown: StatementReading) -> Response:
    """A hundred, newest first."""
    rows = queries.newest(db, shown.statement.id, queries.PAGE)
    return public(request, faces.atom(shown, queries.tally(db, shown.statement.id), rows), "application/atom+xml; charset=utf-8")
