"""How one statement does: signatures over time, by country and kind, its queue, its mail, bursts, deadlines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from app.moderation.queries import SINCE, WAITING
from app.outbox.models import Mail, MailState
from app.signatures.models import Origin, Signature, State, Tally
from app.signatures.queries import tally
from app.signatures.retention import rule
from app.statements.models import Statement

BARS, COUNTRIES, BURSTS = 60, 12, 5
BURST = 10
"""So many from one network within ten minutes are worth a look."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Bar:
    """So many signatures came in the hour or day that began then."""

    at: datetime
    count: int


@dataclass(frozen=True)
class Burst:
    """Signatures from one network within ten minutes, and one of them."""

    at: datetime
    count: int
    signature_id: UUID


@dataclass(frozen=True)
class Queue:
    """What waits: how many, since when the oldest, how many longer than one and two days."""

    waiting: int
    oldest: datetime | None
    day: int
    two_days: int


@dataclass(frozen=True)
class Dashboard:
    """Everything about one statement; `hourly` is whether a bar is an hour."""

    bars: list[Bar]
    hourly: bool
    tally: Tally
    countries: list[tuple[str, int]]
    queue: Queue
    mails: dict[MailState, int]
    bursts: list[Burst]
    deadlines: list[tuple[str, datetime]]


def dashboard(session: Session, statement: Statement, now: datetime) -> Dashboard:
    """How a statement does now."""
    first: datetime | None = session.execute(sa.select(sa.func.min(Signature.created_at)).where(*_by_form(statement))).scalar_one()
    hourly = first is None or now - first < 2 * _DAY
    return Dashboard(
        _bars(session, statement, hourly, now),
        hourly,
        tally(session, statement.id),
        _countries(session, statement),
        _queue(session, statement, now),
        _mails(session, statement, now),
        _bursts(session, statement, now),
        _deadlines(statement, now),
    )


def _by_form(statement: Statement) -> tuple[sa.ColumnElement[bool], ...]:
    return col(Signature.statement_id) == statement.id, col(Signature.source) == Origin.FORM


def _bucket(session: Session, letters: int) -> sa.ColumnElement[str]:
    """The first letters of the moment in UTC, as YYYY-MM-DD HH:MM: 10 for a day, 13 for an hour, 15 for ten minutes."""
    created: sa.ColumnElement[str] = (
        sa.cast(Signature.created_at, sa.String)
        if session.get_bind().dialect.name == "sqlite"
        else sa.func.to_char(sa.func.timezone("UTC", Signature.created_at), "YYYY-MM-DD HH24:MI")
    )
    return sa.func.substr(created, 1, letters)


def _moment(bucket: str) -> datetime:
    return datetime.fromisoformat(f"{bucket}0" if len(bucket) == 15 else bucket).replace(tzinfo=UTC)


def _bars(session: Session, statement: Statement, hourly: bool, now: datetime) -> list[Bar]:
    step = timedelta(hours=1) if hourly else _DAY
    last = now.replace(minute=0, second=0, microsecond=0) if hourly else now.replace(hour=0, minute=0, second=0, microsecond=0)
    bucket = _bucket(session, 13 if hourly else 10)
    rows = sa.select(bucket, sa.func.count()).where(*_by_form(statement), col(Signature.created_at) >= last - (BARS - 1) * step).group_by(bucket)
    counted = {_moment(at): count for at, count in session.execute(rows)}
    if not counted:
        return []
    length = min(BARS, int((last - min(counted)) / step) + 1)
    return [Bar(at, counted.get(at, 0)) for at in (last - n * step for n in reversed(range(length)))]


def _countries(session: Session, statement: Statement) -> list[tuple[str, int]]:
    listed = col(Signature.statement_id) == statement.id, col(Signature.state) == State.PUBLISHED, col(Signature.country).is_not(None)
    rows = sa.select(col(Signature.country), sa.func.count()).where(*listed).group_by(col(Signature.country))
    return [(code, count) for code, count in session.execute(rows.order_by(sa.func.count().desc()).limit(COUNTRIES))]


def _queue(session: Session, statement: Statement, now: datetime) -> Queue:
    older = [sa.func.sum(sa.case((now - days * _DAY > SINCE, 1), else_=0)) for days in (1, 2)]
    rows = sa.select(sa.func.count(), sa.func.min(SINCE), *older).select_from(Signature).where(WAITING, col(Signature.statement_id) == statement.id)
    count, oldest, day, two_days = session.execute(rows).one()
    return Queue(count, oldest, day or 0, two_days or 0)


def _mails(session: Session, statement: Statement, now: datetime) -> dict[MailState, int]:
    recent = sa.or_(col(Mail.state) != MailState.SENT, col(Mail.finished_at) > now - _DAY)
    rows = sa.select(col(Mail.state), sa.func.count()).where(col(Mail.statement_id) == statement.id, recent).group_by(col(Mail.state))
    return {MailState(state): count for state, count in session.execute(rows)}


def _bursts(session: Session, statement: Statement, now: datetime) -> list[Burst]:
    bucket = _bucket(session, 15)
    lately = col(Signature.statement_id) == statement.id, col(Signature.cluster) != "", col(Signature.created_at) > now - _DAY
    rows = sa.select(bucket, sa.func.count(), sa.func.min(sa.cast(col(Signature.id), sa.String))).where(*lately).group_by(bucket, col(Signature.cluster))
    found: Sequence[tuple[str, int, str]] = session.execute(rows.having(sa.func.count() >= BURST).order_by(sa.func.count().desc()).limit(BURSTS)).all()
    return [Burst(_moment(at), count, UUID(key)) for at, count, key in found]


def _deadlines(statement: Statement, now: datetime) -> list[tuple[str, datetime]]:
    """What comes next, by the key of its name."""
    found: list[tuple[str, datetime]] = [("opens", statement.opens_at)] if statement.opens_at else []
    if ends := statement.ends_at():
        found += [("closes", ends), *((key, ends + after) for key in ("index", "withheld") if (after := rule(key).after))]
    return [(key, at) for key, at in found if at > now]
