"""How the work goes: undelivered mail, and how far each statement's signatures came."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.moderation.queries import Where, within
from app.outbox.models import Mail, MailState
from app.signatures.models import Origin, Signature, State
from app.signatures.retention import rule
from app.statements.models import Statement

LETTERS, STATEMENTS = 50, 20
_RECORDED = rule("mail").after or timedelta()


@dataclass(frozen=True)
class DeadLetter:
    """A mail that was given up, and the statement it is about."""

    mail: Mail
    slug: str | None


@dataclass
class Funnel:
    """How many signatures of a statement came how far. All but `entered` came by the form."""

    slug: str
    received: int = 0
    mailed: int = 0
    """Those with a record of a sent confirmation mail, and those that were confirmed."""
    unknown: int = 0
    """Those of which it is no longer known whether their mail left."""
    confirmed: int = 0
    approved: int = 0
    """Those that were let in, wherever they stand now."""
    published: int = 0
    """Those in the list now."""
    entered: int = 0
    """Those that the secretariat entered or imported."""
    standing: dict[str, int] = field(default_factory=dict)
    """How many of those received stand in which state now, by the state's value."""

    def add(self, row: Any) -> None:
        """Add up a row of `counts`."""
        if row.source is not Origin.FORM:
            self.entered += row.number
            return
        self.received += row.number
        self.mailed += row.mailed
        self.unknown += row.unknown
        self.confirmed += row.confirmed
        self.approved += row.approved
        self.published += row.number if row.state is State.PUBLISHED else 0
        self.standing[row.state.value] = self.standing.get(row.state.value, 0) + row.number


def dead_letters(session: Session, where: Where, page: int) -> list[DeadLetter]:
    """Mails that were given up, the newest first."""
    rows = (
        select(Mail, Statement.slug)
        .outerjoin(Statement, col(Statement.id) == col(Mail.statement_id))
        .where(Mail.state == MailState.DEAD, *within(where, Mail.statement_id))
    )
    rows = rows.order_by(col(Mail.finished_at).desc(), col(Mail.id)).limit(LETTERS).offset((page - 1) * LETTERS)
    return [DeadLetter(mail, slug) for mail, slug in session.exec(rows)]


def funnels(session: Session, where: Where, page: int, now: datetime) -> list[Funnel]:
    """The newest statements, each with how far its signatures came."""
    rows = session.exec(
        select(Statement)
        .where(*within(where, Statement.id))
        .order_by(col(Statement.created_at).desc(), Statement.slug)
        .limit(STATEMENTS)
        .offset((page - 1) * STATEMENTS)
    )
    found = {statement.id: Funnel(statement.slug) for statement in rows}
    for row in counts(session, list(found), now):
        found[row.statement_id].add(row)
    return list(found.values())


def counts(session: Session, statements: Sequence[UUID], now: datetime, *also: Any) -> Iterable[Any]:
    """One pass over the signatures of some statements: what a funnel adds up, by statement, source, state and what else is asked for."""
    # The outbox forgets what it sent; that a signature was confirmed is proof of its mail for ever. Only of the others is it asked.
    confirmed = col(Signature.confirmed_at).is_not(None)
    # The empty text keeps SQLite from an index over half of all mails: what a mail is about names one or two.
    name, state = (sa.type_coerce(column, sa.String()).concat("") for column in (col(Mail.name), col(Mail.state)))
    mail = sa.exists().where(col(Mail.about) == col(Signature.id), name == "confirm")
    mailed = sa.case((confirmed, True), else_=mail.where(state == MailState.SENT.value))
    unknown = sa.case((sa.or_(confirmed, col(Signature.created_at) >= now - _RECORDED), False), else_=~mail)
    approved = sa.or_(col(Signature.published_at).is_not(None), col(Signature.state) == State.APPROVED)
    key = col(Signature.statement_id), col(Signature.state), col(Signature.source), *also
    tests = {"mailed": mailed, "unknown": unknown, "confirmed": confirmed, "approved": approved}
    sums = [sa.func.sum(sa.case((test, 1), else_=0)).label(name) for name, test in tests.items()]
    rows = sa.select(*key, sa.func.count().label("number"), *sums)
    found = session.execute(rows.where(col(Signature.statement_id).in_(statements)).group_by(*key))
    return sorted(found, key=lambda row: list(State).index(row.state))
