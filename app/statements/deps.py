"""Load-or-404 as parameter types."""

import asyncio
import time
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool

from app.clock import utcnow
from app.db import ReadDb
from app.errors import N_, NotFound
from app.i18n import LOCALES
from app.statements import queries
from app.statements.models import Statement

_FRESH, _MANY = 1.0, 512


def _note(request: Request, statement: Statement) -> None:
    request.scope["own_language"], request.scope["noindex"] = statement.language, statement.noindex


def _public(request: Request, db: ReadDb, slug: str) -> Statement:
    statement = queries.public(db, slug)
    _note(request, statement)
    return statement


PublicStatement = Annotated[Statement, Depends(_public)]


def _open(statement: PublicStatement) -> Statement:
    statement.must_be_open(utcnow())
    return statement


OpenStatement = Annotated[Statement, Depends(_open)]


def _reading(request: Request, db: ReadDb, statement: PublicStatement) -> queries.Reading:
    return read(db, statement, request.scope.get("language"))


StatementReading = Annotated[queries.Reading, Depends(_reading)]


def read(session: Session, statement: Statement, code: str | None) -> queries.Reading:
    """The statement in the language of an address; raises NotFound where it has no page in it."""
    reading = queries.reading(session, statement, code)
    if code and code not in LOCALES and code != reading.text.language:
        raise NotFound(N_("This statement has no text in this language."))
    return reading


@dataclass(frozen=True)
class _Kept:
    """One reading for all who ask while it is read, and for a second from when it began."""

    began: float
    reading: asyncio.Task[queries.Reading]


async def recent(request: Request, slug: str) -> queries.Reading:
    """As it was within the last second, also when it was taken down: a flood of forms asks for the same few statements."""
    kept: dict[tuple[str, str | None], _Kept] = request.app.state.readings
    key = (slug, request.scope.get("language"))
    found = kept.get(key)
    if found is None or time.monotonic() - found.began > _FRESH:
        found = _Kept(time.monotonic(), asyncio.create_task(run_in_threadpool(_read_anew, request, *key)))
        if len(kept) >= _MANY:
            kept.clear()
        kept[key] = found
        found.reading.add_done_callback(lambda done: kept.pop(key, None) if done.cancelled() or done.exception() else None)
    # Whoever leaves while it is read does not end it for the others.
    reading = found.reading.result() if found.reading.done() else await asyncio.shield(found.reading)
    _note(request, reading.statement)
    return reading


def _read_anew(request: Request, slug: str, code: str | None) -> queries.Reading:
    with request.app.state.database.reading() as session:
        return read(session, queries.get(session, slug), code)
