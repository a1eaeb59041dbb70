"""Mails to those on duty: something waits, a name was reported, something needs a look."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select

from app.accounts.models import Role
from app.accounts.queries import OnDuty, on_duty
from app.clock import utcnow
from app.db import Database
from app.moderation.board import BURST, WITHIN
from app.moderation.models import Alert
from app.moderation.queries import WAITING, newest_reports, waiting_by_statement
from app.outbox.actions import enqueue
from app.outbox.breaker import breaker
from app.outbox.models import Mail, MailState
from app.outbox.queries import last_queued
from app.rows import insert_new
from app.settings import get_settings
from app.signatures.models import Signature, State
from app.statements.models import Statement

_QUIET, _REMIND = timedelta(hours=1), timedelta(hours=24)
LATE, SOON = timedelta(days=2), timedelta(hours=24)
DRIFT = "drift"
# How long nobody is alerted again to the same thing; what stands for days is said once a day.
_AGAIN = {"burst": _QUIET, "late": _REMIND, "mail": _QUIET, "closing": SOON, DRIFT: _REMIND}


def notify_of_queue(session: Session, now: datetime) -> int:
    """Mail those on duty when something of theirs waits: at most once an hour, and again only for news or after a day; how many mails."""
    last = last_queued(session, "waiting")
    if last and now - last < _QUIET:
        return 0
    queues, told = waiting_by_statement(session), 0
    for person in on_duty(session, Role.MODERATOR) if queues else ():
        mine = [queue for statement_id, queue in queues.items() if person.sees(statement_id)]
        if mine and (last is None or now - last >= _REMIND or max(newest for _, newest in mine) > last):
            enqueue(session, "waiting", person.email, person.language, now, {"count": str(sum(count for count, _ in mine))})
            told += 1
    return told


def notify_of_reports(session: Session, now: datetime) -> int:
    """Mail those on duty when a name of a list of theirs was reported, at most once an hour; how many mails."""
    reports, last = newest_reports(session), last_queued(session, "reported")
    if last and now - last < _QUIET:
        return 0
    fresh = {statement_id for statement_id, newest in reports.items() if last is None or newest > last}
    people = [person for person in on_duty(session, Role.MODERATOR) if any(map(person.sees, fresh))] if fresh else []
    for person in people:
        enqueue(session, "reported", person.email, person.language, now, {})
    return len(people)


def alert_due(database: Database) -> int:
    """Alert those on duty to what needs a look; how many mails. A look that finds nothing takes no turn from those who write."""
    now = utcnow()
    with database.reading() as session:
        found = [one for one in noticed(session, now) if not _known(session, *one, now)]
    if not found:
        return 0
    with database.transaction() as session:
        return alert(session, found, now)


def alert(session: Session, found: Iterable[tuple[UUID, str]], now: datetime) -> int:
    """Mail about statements and what was noticed there; nothing twice in its time, whoever asks; how many mails."""
    fresh = [(session.get_one(Statement, statement_id), kind) for statement_id, kind in sorted(found) if _take(session, statement_id, kind, now)]
    people = on_duty(session, Role.MODERATOR) if fresh else []
    return sum(_mail(session, person, statement, kind, now) for statement, kind in fresh for person in people if person.sees(statement.id))


def noticed(session: Session, now: datetime) -> list[tuple[UUID, str]]:
    """What needs a look, as statement and kind; of statements that stand."""
    standing = {one.id: one for one in session.exec(select(Statement).where(col(Statement.unpublished_at).is_(None)))}
    closing = {key for key, one in standing.items() if (ends := one.ends_at()) and now < ends <= now + SOON}
    kinds = {
        "burst": _bursting(session, list(standing), now),
        "late": _waiting(session, _older_than(now - LATE)),
        "mail": _undelivered(session, now),
        "closing": _waiting(session, col(Signature.statement_id).in_(closing)),
    }
    return [(statement_id, kind) for kind, statements in kinds.items() for statement_id in statements & standing.keys()]


def _bursting(session: Session, statements: list[UUID], now: datetime) -> set[UUID]:
    here = (col(Signature.statement_id).in_(statements), col(Signature.created_at) > now - WITHIN, col(Signature.cluster).is_not(None))
    groups = sa.select(col(Signature.statement_id)).where(*here).group_by(col(Signature.statement_id), col(Signature.cluster))
    return set(session.execute(groups.having(sa.func.count() >= BURST)).scalars())


def _waiting(session: Session, those: sa.ColumnElement[bool]) -> set[UUID]:
    return set(session.execute(sa.select(col(Signature.statement_id)).where(those, WAITING).distinct()).scalars())


def _older_than(moment: datetime) -> sa.ColumnElement[bool]:
    undecided = sa.and_(col(Signature.state) == State.CONFIRMED, col(Signature.confirmed_at) < moment)
    return or_(undecided, col(Signature.corrected_at) < moment)


def _undelivered(session: Session, now: datetime) -> set[UUID]:
    """Where mail was given up since the last alert, or waits while the server gets a pause."""
    last = sa.select(col(Alert.mailed_at)).where(col(Alert.statement_id) == col(Mail.statement_id), col(Alert.kind) == "mail").scalar_subquery()
    fresh = sa.or_(last.is_(None), col(Mail.finished_at) > last)
    lost = sa.and_(col(Mail.state) == MailState.DEAD, col(Mail.finished_at) > now - _REMIND, fresh)
    paused = bool(breaker(get_settings().smtp_url.get_secret_value()).pause)
    rows = sa.select(col(Mail.statement_id)).where(or_(lost, col(Mail.state) == MailState.QUEUED) if paused else lost).distinct()
    return {found for found in session.execute(rows).scalars() if found}


def _known(session: Session, statement_id: UUID, kind: str, now: datetime) -> bool:
    row = session.get(Alert, (statement_id, kind))
    return row is not None and now - row.mailed_at < _AGAIN[kind]


def _take(session: Session, statement_id: UUID, kind: str, now: datetime) -> bool:
    """Whether it is this process that alerts now."""
    row = session.get(Alert, (statement_id, kind), with_for_update=True)
    if row is None:
        return bool(insert_new(session, Alert, [{"statement_id": statement_id, "kind": kind, "mailed_at": now}], "kind"))
    if now - row.mailed_at < _AGAIN[kind]:
        return False
    row.mailed_at = now
    return True


def _mail(session: Session, person: OnDuty, statement: Statement, kind: str, now: datetime) -> int:
    enqueue(session, "alert", person.email, person.language, now, {"kind": kind, "slug": statement.slug})
    return 1
