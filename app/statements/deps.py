"""Load-or-404 as parameter types."""

from typing import Annotated

from fastapi import Depends, Request

from app.clock import utcnow
from app.db import ReadDb
from app.errors import N_, Conflict, NotFound
from app.i18n import LOCALES
from app.statements import queries
from app.statements.models import Phase, Statement


class NotOpen(Conflict):
    """The statement takes no signatures now."""

    title = N_("This statement does not take signatures now")


def _public(request: Request, db: ReadDb, slug: str) -> Statement:
    statement = queries.public(db, slug)
    request.scope["own_language"], request.scope["noindex"] = statement.language, statement.noindex
    return statement


PublicStatement = Annotated[Statement, Depends(_public)]


def _open(statement: PublicStatement) -> Statement:
    phase = statement.phase(utcnow())
    if phase is Phase.SCHEDULED:
        raise NotOpen(N_("It is not open yet. Its page says when it opens."))
    if phase is Phase.CLOSED:
        raise NotOpen(N_("It is closed: the list of signatories stands as it is, and your name was not taken."))
    return statement


OpenStatement = Annotated[Statement, Depends(_open)]


def _reading(request: Request, db: ReadDb, statement: PublicStatement) -> queries.Reading:
    code = request.scope.get("language")
    reading = queries.reading(db, statement, code)
    if code and code not in LOCALES and code != reading.text.language:
        raise NotFound(N_("This statement has no text in this language."))
    return reading


StatementReading = Annotated[queries.Reading, Depends(_reading)]
