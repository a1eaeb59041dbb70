"""The panic switches: hide all names of a statement, freeze its list, and take that back."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from app.accounts import assents
from app.accounts.models import Person
from app.audit.actions import record
from app.errors import N_, Conflict
from app.signatures.models import Tally
from app.statements.models import Statement

SHOW = "show-names"


def hide_names(session: Session, statement_id: UUID, moderator: Person, now: datetime) -> None:
    """No face shows a name, and no signature is taken, from this commit on; counts and text stay. Raises Conflict."""
    tally, statement = _held(session, statement_id)
    statement.hide(now)
    tally.begin_anew(now)
    record(session, "hide-names", now, moderator.id, statement_id)


def show_names(session: Session, statement_id: UUID, administrator: Person, now: datetime) -> None:
    """The names come back as they stood. Raises Conflict; Forbidden without a second person where one is needed."""
    tally, statement = _held(session, statement_id)
    if statement.hidden_at is None:
        raise Conflict(N_("The names are shown."))
    assents.spend(session, SHOW, administrator, now, statement_id)
    statement.hidden_at = None
    tally.begin_anew(now)
    record(session, SHOW, now, administrator.id, statement_id)


def freeze(session: Session, statement_id: UUID, moderator: Person, now: datetime) -> None:
    """No name is added or corrected from now on; whoever leaves still leaves at once. Raises Conflict."""
    _, statement = _held(session, statement_id)
    statement.freeze(now)
    record(session, "freeze-list", now, moderator.id, statement_id)


def thaw(session: Session, statement_id: UUID, administrator: Person, now: datetime) -> None:
    """The list moves again, with all that was approved meanwhile. Raises Conflict."""
    _, statement = _held(session, statement_id)
    if statement.frozen_at is None:
        raise Conflict(N_("The list is not frozen."))
    statement.frozen_at = None
    record(session, "thaw-list", now, administrator.id, statement_id)


def _held(session: Session, statement_id: UUID) -> tuple[Tally, Statement]:
    """Held for this transaction, the tally first as the publisher does."""
    return session.get_one(Tally, statement_id, with_for_update=True), session.get_one(Statement, statement_id, with_for_update=True)
