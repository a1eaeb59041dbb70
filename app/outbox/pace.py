"""How fast mail may leave; what is too much is delayed, never dropped.

Each rate is a clock that runs ahead by a step for every mail: the generic cell rate algorithm (ITU-T I.371).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.db import among, dialect
from app.keys.queries import keyring
from app.outbox.models import MailPace
from app.rows import upsert_all
from app.settings import get_settings

PROVEN, PLAIN = "proven", "plain"


@dataclass(frozen=True)
class Rate:
    """So many mails an hour under a name, of which `burst` may leave at once."""

    name: str
    per_hour: int
    burst: int

    @cached_property
    def step(self) -> timedelta:
        """From one mail to the next."""
        return timedelta(hours=1) / self.per_hour


def lane_rate(lane: str) -> Rate:
    """Half of an hour's mail for each lane; twelve seconds' worth may leave at once."""
    half = get_settings().mails_per_hour // 2
    return Rate(lane, half, max(1, half // 300))


def leaving(lane: str) -> Rate:
    """The same rate once more at the door, where what other rates had delayed may come together."""
    return replace(lane_rate(lane), name=f"leaving {lane}")


def paced(session: Session, mails: Sequence[Rate], now: datetime) -> list[datetime]:
    """When each mail may leave, given the rate it has to keep to."""
    index = keyring(session, None).index
    marks = {rate: index(f"pace {rate.name}") for rate in set(mails)}
    clocks = _held(session, sorted(marks.values()))
    dues = []
    for rate in mails:
        clock = max(clocks.get(marks[rate], now), now)
        dues.append(max(now, clock - rate.step * (rate.burst - 1)))
        clocks[marks[rate]] = clock + rate.step
    _store(session, clocks)
    return dues


def allowance(session: Session, rate: Rate, now: datetime, wanted: int) -> int:
    """How many of `wanted` mails may leave now under one rate; they are counted."""
    mark = keyring(session, None).index(f"pace {rate.name}")
    clock = max(_held(session, [mark]).get(mark, now), now)
    granted = min(wanted, max(0, (now - clock) // rate.step + rate.burst))
    if granted:
        _store(session, {mark: clock + rate.step * granted})
    return granted


def forget_clocks(session: Session, now: datetime) -> None:
    """Drop the clocks that stand still."""
    session.execute(sa.delete(MailPace).where(col(MailPace.free_at) < now))


def _held(session: Session, marks: list[bytes]) -> dict[bytes, datetime]:
    """The clocks that there are, held for this transaction, in one order so that nobody waits in a circle."""
    held = session.connection().execute(_clocks(dialect(session)), {"marks": marks})
    return {row.mark: row.free_at for row in held}


@lru_cache
def _clocks(dialect: str) -> Any:
    rows = select(MailPace.mark, MailPace.free_at).where(among(dialect, MailPace.mark, "marks"))
    return rows.order_by(col(MailPace.mark)).with_for_update()


def _store(session: Session, clocks: Mapping[bytes, datetime]) -> None:
    """Set the clocks held and make the others; of two nodes that make one at the same instant the later one's counts."""
    upsert_all(session, MailPace, [{"mark": mark, "free_at": clocks[mark]} for mark in sorted(clocks)], "mark")
