"""Group commit: what many requests want written goes into one durable transaction, and is answered after its commit."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import Request
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from app.clock import utcnow
from app.db import Database
from app.errors import N_, Busy
from app.signatures.confirming import Confirming, Outcome, confirm_all
from app.signatures.signing import Post, sign_all

BATCH = 64
GATHER, LOOKS = 0.01, 10
PLACES = 2048
_FULL = N_("Very many people are signing at this moment. Please send the form again in a few seconds.")

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")
Write = Callable[[Session, Sequence[ItemT], Any], Sequence[ResultT]]


@dataclass
class Intake(Generic[ItemT, ResultT]):
    """One writer at a time for one kind of item; while it writes, and up to ten milliseconds longer, the next batch gathers.

    All of it belongs to one event loop, so it needs no lock. It has nothing to drain at the end of the process: every
    waiting item belongs to a request that the server finishes before it stops.
    """

    database: Database
    write: Callable[[Session, Sequence[ItemT]], Sequence[ResultT]]

    def __post_init__(self) -> None:
        self._waiting: deque[tuple[ItemT, asyncio.Future[ResultT]]] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def submit(self, item: ItemT) -> ResultT:
        """What `write` made of the item, after the commit; raises Busy when too many wait, and what `write` raised for it."""
        if len(self._waiting) >= PLACES:
            raise Busy(_FULL, retry_after=5)
        future: asyncio.Future[ResultT] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._drain())
        return await future

    async def _drain(self) -> None:
        while self._waiting:
            await self._gather()
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            results = await asyncio.to_thread(self._commit, [item for item, _ in batch])
            for (_, future), result in zip(batch, results, strict=True):
                if future.done():
                    continue  # its client is gone; what it sent is written all the same
                if isinstance(result, Exception):
                    future.set_exception(result)
                else:
                    future.set_result(result)

    async def _gather(self) -> None:
        """Until nobody comes any more, ten milliseconds at most: each transaction has its price, whatever is in it."""
        for _ in range(LOOKS):
            known = len(self._waiting)
            await asyncio.sleep(GATHER / LOOKS)
            if len(self._waiting) == known:
                return

    def _commit(self, items: Sequence[ItemT]) -> Sequence[ResultT | Exception]:
        try:
            with self.database.transaction() as session:
                return self.write(session, items)
        except Exception as error:
            if len(items) == 1 or isinstance(error, OperationalError):
                return [error] * len(items)  # a full disk or a lost server fails them all, and quickly
            # One bad item must not fail its neighbours: each again by itself.
            return [result for item in items for result in self._commit([item])]


@dataclass
class Intakes:
    """The writers of one application: signing, and confirming."""

    database: Database

    def __post_init__(self) -> None:
        self.signing = Intake[Post, Exception | None](self.database, lambda session, posts: sign_all(session, posts, utcnow()))
        self.confirming = Intake[Confirming, Outcome](self.database, lambda session, asked: confirm_all(session, asked, utcnow()))


def intakes_of(request: Request) -> Intakes:
    """The application's writers."""
    found: Intakes = request.app.state.intakes
    return found
