"""The numbers of one statement, for its dashboard."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.db import UTCDateTime
from app.moderation.overview import Funnel, counts
from app.moderation.queries import SINCE, Item, opened
from app.outbox.models import Mail, MailState
from app.signatures.models import WAITING_ROW, Signature, State
from app.signatures.retention import rule
from app.statements.models import Statement

BURST, WITHIN = 20, timedelta(minutes=10)
"""So many signatures from one network within this time are a burst."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DAYS, BURSTS, LISTED = 90, 20, 200


@dataclass(frozen=True)
class Queue:
    """What waits for a decision: how many, the oldest and the median, how many for more than one and two days."""

    waiting: int
    oldest: datetime | None
    median: datetime | None
    over_one_day: int
    over_two_days: int


@dataclass(frozen=True)
class Post:
    """The mails about a statement."""

    waiting: int
    sent: int
    """In the last 24 hours."""
    dead: int


@dataclass(frozen=True)
class Burst:
    """The most signatures of one network within ten minutes, and one of them."""

    count: int
    at: datetime
    signature_id: UUID


@dataclass(frozen=True)
class Board:
    """How many signatures came how far, who they are, and when they came: by hours of the first two days, by days afterwards."""

    funnel: Funnel
    kinds: Counter[str]
    countries: list[tuple[str, int]]
    hourly: bool
    series: list[tuple[datetime, int]]


def board(session: Session, statement: Statement, now: datetime) -> Board:
    """The numbers of a statement's signatures; countries are known of those whose name is in the list."""
    funnel, kinds, countries = Funnel(statement.slug), Counter[str](), Counter[str]()
    for row in counts(session, [statement.id], now, col(Signature.kind), col(Signature.country)):
        funnel.add(row)
        if row.state is State.PUBLISHED:
            kinds[row.kind.value] += row.number
            countries[row.country or ""] += row.number
    hourly, series = _series(session, statement.id, now)
    return Board(funnel, kinds, sorted(countries.items(), key=lambda one: (-one[1], one[0])), hourly, series)


def _series(session: Session, statement_id: UUID, now: datetime) -> tuple[bool, list[tuple[datetime, int]]]:
    """How many came in each hour or day, without gaps; of many days the last ninety."""
    mine = col(Signature.statement_id) == statement_id
    first = session.exec(select(Signature.created_at).where(mine).order_by(col(Signature.created_at)).limit(1)).first()
    if first is None:
        return True, []
    hourly = now - first <= 2 * DAY
    step, begin = (HOUR, first) if hourly else (DAY, max(first, now - (DAYS - 1) * DAY))
    begin = begin.replace(hour=begin.hour if hourly else 0, minute=0, second=0, microsecond=0)
    bucket = _moment(session, 13 if hourly else 10)
    rows = session.execute(sa.select(bucket, sa.func.count()).where(mine, col(Signature.created_at) >= begin).group_by(bucket))
    found = {_parsed(text): count for text, count in rows}
    return hourly, [(begin + n * step, found.get(begin + n * step, 0)) for n in range((now - begin) // step + 1)]


def _moment(session: Session, length: int) -> Any:
    """The beginning of when a signature came, as text: to the day (10), the hour (13), the minute (16)."""
    if session.get_bind().dialect.name == "sqlite":  # which keeps moments as text
        return sa.func.substr(sa.type_coerce(col(Signature.created_at), sa.String()), 1, length)
    return sa.func.left(sa.func.to_char(sa.func.timezone("UTC", col(Signature.created_at)), "YYYY-MM-DD HH24:MI"), length)


def _parsed(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M"[: {10: 8, 13: 11, 16: 14}[len(text)]]).replace(tzinfo=UTC)


def queue(session: Session, statement_id: UUID, now: datetime) -> Queue:
    """How long signatures wait for a decision."""
    since = sa.select(SINCE.label("since")).where(WAITING_ROW, col(Signature.statement_id) == statement_id).subquery().c.since
    older = [sa.func.sum(sa.case((since < now - n * DAY, 1), else_=0)) for n in (1, 2)]
    count, oldest, one, two = session.execute(sa.select(sa.func.count(), sa.func.min(since, type_=UTCDateTime()), *older)).one()
    median = session.execute(sa.select(since).order_by(since).limit(1).offset(count // 2)).scalar() if count else None
    return Queue(count, oldest, median, one or 0, two or 0)


def post(session: Session, statement_id: UUID, now: datetime) -> Post:
    """How the mails about a statement do."""
    here, number = col(Mail.statement_id) == statement_id, sa.func.count()
    left = sa.select(col(Mail.state), number).where(here, col(Mail.state) != MailState.SENT).group_by(col(Mail.state))
    states = {row[0]: row[1] for row in session.execute(left)}
    sent = session.execute(sa.select(number).where(here, col(Mail.state) == MailState.SENT, col(Mail.finished_at) >= now - DAY)).scalar_one()
    return Post(states.get(MailState.QUEUED, 0), sent, states.get(MailState.DEAD, 0))


def bursts(session: Session, statement_id: UUID, now: datetime) -> list[Burst]:
    """The networks that sent many within ten minutes of the last 24 hours, the most first."""
    cluster, number = col(Signature.cluster), sa.func.count()
    recent = (col(Signature.statement_id) == statement_id, col(Signature.created_at) > now - DAY)
    many = sa.select(cluster).where(*recent, cluster.is_not(None)).group_by(cluster).having(number >= BURST).order_by(number.desc()).limit(BURSTS)
    marks = list(session.execute(many).scalars())
    minute, by_minute = _moment(session, 16), dict[str, list[tuple[datetime, int]]]()
    rows = sa.select(cluster, minute, number).where(*recent, cluster.in_(marks)).group_by(cluster, minute).order_by(minute)
    for mark, text, count in session.execute(rows) if marks else []:
        by_minute.setdefault(mark, []).append((_parsed(text), count))
    peaks = {mark: _peak(minutes) for mark, minutes in by_minute.items()}
    found = [Burst(count, at, _one_of(session, recent, mark)) for mark, (count, at) in peaks.items() if count >= BURST]
    return sorted(found, key=lambda burst: -burst.count)


def _peak(minutes: Sequence[tuple[datetime, int]]) -> tuple[int, datetime]:
    """The most within ten minutes, and when those began."""
    sums = [(sum(count for at, count in minutes[place : place + 10] if at - begin < WITHIN), begin) for place, (begin, _) in enumerate(minutes)]
    return max(sums, key=lambda one: one[0])


def _one_of(session: Session, recent: tuple[Any, ...], mark: str) -> UUID:
    return session.exec(select(Signature.id).where(*recent, Signature.cluster == mark).order_by(col(Signature.created_at).desc()).limit(1)).one()


def of_cluster(session: Session, signature_id: UUID) -> tuple[Statement, list[Item], int]:
    """The statement of a signature, what came from the same network to it, the newest first and opened, and how many those are."""
    signature = session.get_one(Signature, signature_id)
    statement = session.get_one(Statement, signature.statement_id)
    if signature.cluster is None:
        return statement, [], 0
    same = (Signature.statement_id == statement.id, Signature.cluster == signature.cluster)
    rows = session.exec(select(Signature).where(*same).order_by(col(Signature.created_at).desc()).limit(LISTED))
    count = session.exec(select(sa.func.count()).select_from(Signature).where(*same)).one()
    return statement, [opened(session, row, statement) for row in rows], count


def deadlines(statement: Statement, now: datetime) -> list[tuple[str, datetime]]:
    """What comes next, by what it is: the statement opens, closes; the marks of addresses, and what the unnamed typed, are erased."""
    ends = statement.ends_at()
    after = {key: rule(key).after or timedelta() for key in ("index", "withheld")}
    moments = {
        "opens": statement.opens_at,
        "closes": ends,
        "index": ends + after["index"] if ends else None,
        "withheld": ends + after["withheld"] if ends else None,
    }
    return sorted(((what, at) for what, at in moments.items() if at and at > now), key=lambda one: one[1])
