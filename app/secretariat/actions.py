"""Publish a statement file: its words, its first signatories, its list."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, select

from app.publication.publisher import publish_approved
from app.secretariat.queries import differs, entered_first, reordered, replaceable, who
from app.signatures.actions import enter_first, first_particulars
from app.signatures.listing import delist, relist
from app.signatures.models import State
from app.signatures.tallies import Tally
from app.statements import actions as statements
from app.statements import queries as statement_queries
from app.statements.models import Statement
from app.statements.source import Source


def publish(session: Session, source: Source, now: datetime) -> Statement:
    """Publish or update a statement so that every face shows it at once; raises Conflict for a text that may not change any more."""
    statement = statements.publish(session, source, now, replace=_may_replace(session, source, now))
    if session.get(Tally, statement.id) is None:
        place = session.exec(select(sa.func.coalesce(sa.func.max(Tally.place), 0) + 1)).one()
        session.add(Tally(statement_id=statement.id, as_of=now, place=place))
        session.flush()
    _enter_signatories(session, statement, source, now)
    session.flush()
    while publish_approved(session, now):
        session.flush()
    return statement


def _may_replace(session: Session, source: Source, now: datetime) -> bool:
    """Whether the texts may be replaced, in a moment in which nobody signs."""
    statement = statement_queries.find(session, source.slug)
    if statement is None or not replaceable(session, statement, now):
        return False
    session.refresh(statement, with_for_update=True)  # whoever signs holds this row too, by the signature's foreign key
    return replaceable(session, statement, now)


def _enter_signatories(session: Session, statement: Statement, source: Source, now: datetime) -> None:
    entered = entered_first(session, statement, lock=True)
    if reordered(entered, source):
        session.get_one(Tally, statement.id, with_for_update=True).turn(now)
    for place, signatory in enumerate(source.first_signatories):
        row, typed = entered.pop(who(signatory), (None, None))
        if row is None or typed is None:
            enter_first(session, statement, signatory, place, now)
            continue
        row.position = place
        if differs(row, typed, signatory):
            relist(session, row, first_particulars(statement, signatory), now)
    for row, _ in entered.values():
        if row.state is State.PUBLISHED:
            delist(session, row, now)
            row.forget_person()
        else:
            row.withdraw(now)
