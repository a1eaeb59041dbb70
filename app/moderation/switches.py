"""The panic switches of a statement: hide every name of its list, freeze the list, and lift that again."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from app.accounts import assents
from app.accounts.models import Person
from app.audit.actions import record
from app.errors import N_, Conflict
from app.signatures.tallies import Tally
from app.statements.models import Statement

SHOW = "show-names"
"""What two administrators have to agree about."""
_DONE = N_("Somebody has done this already. The page shows how it stands now.")


def hide_names(session: Session, statement_id: UUID, person: Person, now: datetime) -> None:
    """No face shows a name from the commit on, and nobody can sign; raises Conflict when it is so already."""
    statement, tally = _held(session, statement_id)
    _must(statement.hidden_at is None)
    statement.hidden_at = now
    tally.begin_anew(now)
    record(session, "hide-names", now, person.id, statement_id)


def show_names(session: Session, statement_id: UUID, person: Person, now: datetime) -> None:
    """The names come back as they were; raises Conflict, and Forbidden without the agreement of a second administrator where it is needed."""
    assents.spend(session, SHOW, person, now, statement_id)
    statement, tally = _held(session, statement_id)
    _must(statement.hidden_at is not None)
    statement.hidden_at = None
    tally.begin_anew(now)
    record(session, SHOW, now, person.id, statement_id)


def freeze_list(session: Session, statement_id: UUID, person: Person, now: datetime) -> None:
    """Nothing comes into the list and no correction is made; raises Conflict when it is so already."""
    statement, _ = _held(session, statement_id)
    _must(statement.frozen_at is None)
    statement.frozen_at = now
    record(session, "freeze-list", now, person.id, statement_id)


def thaw_list(session: Session, statement_id: UUID, person: Person, now: datetime) -> None:
    """The publisher goes on; raises Conflict when the list is not frozen."""
    statement, _ = _held(session, statement_id)
    _must(statement.frozen_at is not None)
    statement.frozen_at = None
    record(session, "thaw-list", now, person.id, statement_id)


def _held(session: Session, statement_id: UUID) -> tuple[Statement, Tally]:
    """The statement, for which those who sign wait, and its tally, for which the publisher waits."""
    statement = session.get_one(Statement, statement_id, with_for_update={"key_share": True})
    return statement, session.get_one(Tally, statement_id, with_for_update=True)


def _must(stands: bool) -> None:
    if not stands:
        raise Conflict(_DONE)
