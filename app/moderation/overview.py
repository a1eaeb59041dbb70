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
    return list(_filled(session, rows, now).values())


def funnel(session: Session, statement: Statement, now: datetime) -> Funnel:
    """How far the signatures of one statement came."""
    return _filled(session, [statement], now)[statement.id]


def _filled(session: Session, statements: Iterable[Statement], now: datetime) -> dict[UUID, Funnel]:
    found = {statement.id: Funnel(statement.slug) for statement in statements}
    for statement_id, origin, state, count, mailed, unknown, confirmed, approved in _counts(session, list(found), now):
        funnel = found[statement_id]
        if origin is not Origin.FORM:
            funnel.entered += count
            continue
        funnel.received += count
        funnel.mailed += mailed
        funnel.unknown += unknown
        funnel.confirmed += confirmed
        funnel.approved += approved
        funnel.published += count if state is State.PUBLISHED else 0
        funnel.standing[state.value] = funnel.standing.get(state.value, 0) + count
    return found


def _counts(session: Session, statements: Sequence[UUID], now: datetime) -> Iterable[Any]:
    sent = sa.func.max(sa.case((col(Mail.state) == MailState.SENT, 1), else_=0)).label("sent")
    mail = sa.select(col(Mail.about), sent).where(col(Mail.statement_id).in_(statements), col(Mail.name) == "confirm").group_by(col(Mail.about)).subquery()
    confirmed = col(Signature.confirmed_at).is_not(None)
    # The outbox forgets what it sent; that a signature was confirmed is proof of its mail for ever.
    mailed = sa.or_(confirmed, mail.c.sent == 1)
    unknown = sa.and_(~confirmed, mail.c.about.is_(None), col(Signature.created_at) < now - _RECORDED)
    approved = sa.or_(col(Signature.published_at).is_not(None), col(Signature.state) == State.APPROVED)
    key = col(Signature.statement_id), col(Signature.source), col(Signature.state)
    sums = [sa.func.sum(sa.case((test, 1), else_=0)) for test in (mailed, unknown, confirmed, approved)]
    rows = sa.select(*key, sa.func.count(), *sums).outerjoin(mail, mail.c.about == col(Signature.id))
    found = session.execute(rows.where(col(Signature.statement_id).in_(statements)).group_by(*key))
    return sorted(found, key=lambda row: list(State).index(row[2]))
