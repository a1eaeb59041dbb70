"""A statement of the console's address, with somebody who may work at it, as parameter types."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from app.accounts.deps import Editor, Moderator, Staff
from app.accounts.models import Person, Role
from app.db import ReadDb
from app.errors import N_, Forbidden
from app.statements import queries
from app.statements.models import Statement

_NOT_HERE = N_("Your account has no right to this statement.")


@dataclass(frozen=True)
class Desk:
    """The statement, and who works at it."""

    staff: Person
    statement: Statement


def _desk(person: Person, db: ReadDb, slug: str, role: Role) -> Desk:
    statement = queries.get(db, slug)
    if not person.may(role, statement.id):
        raise Forbidden(_NOT_HERE)
    return Desk(person, statement)


def _viewing(person: Staff, db: ReadDb, slug: str) -> Desk:
    return _desk(person, db, slug, Role.VIEWER)


def _moderating(person: Moderator, db: ReadDb, slug: str) -> Desk:
    return _desk(person, db, slug, Role.MODERATOR)


def _editing(person: Editor, db: ReadDb, slug: str) -> Desk:
    return _desk(person, db, slug, Role.EDITOR)


def _administering(person: Moderator, db: ReadDb, slug: str) -> Desk:
    return _desk(person, db, slug, Role.ADMINISTRATOR)


ViewingDesk = Annotated[Desk, Depends(_viewing)]
"""May look at the statement of the address."""
ModeratingDesk = Annotated[Desk, Depends(_moderating)]
"""May decide about its signatures."""
EditingDesk = Annotated[Desk, Depends(_editing)]
"""May write it."""
AdministeringDesk = Annotated[Desk, Depends(_administering)]
"""May do everything with it."""
