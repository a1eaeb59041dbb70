"""Ready answers of public addresses: each is built once for a state of its statement, kept in bounded memory, dropped when the state moves on."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from starlette.concurrency import run_in_threadpool

from app.clock import utcnow
from app.db import Database
from app.publication.answers import Snapshot
from app.publication.dating import Dates
from app.publication.files import Files
from app.publication.states import states
from app.web.layers import log_failure

BYTES = 64 * 1024 * 1024
EVERY = 0.25


class Snapshots:
    """All of it belongs to one event loop, so it needs no lock. Nothing is served from it before the first look at the states."""

    def __init__(self, database: Database, files: Files | None = None) -> None:
        self._database, self.files = database, files
        self._kept: OrderedDict[bytes, Snapshot] = OrderedDict()
        self._building: dict[tuple[bytes, bytes | None], asyncio.Task[Snapshot | None]] = {}
        self._size = 0
        self._states: Mapping[str, bytes] = {}
        self.dates = Dates()
        self._looking: asyncio.Task[None] | None = None
        self._acts = self._seen = 0
        """How often somebody acted here, and how many of these acts a look has seen."""
        self._acted = asyncio.Event()

    async def watch(self) -> None:
        """Look again and again what has moved on; while the database is away the last good answers stand, and none once nobody looks."""
        try:
            while True:
                self._acted.clear()
                await self.look()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._acted.wait(), EVERY)
        finally:
            self._states = {}

    async def look(self) -> None:
        """See the states as they are from now on, and drop what is behind."""
        while self._looking is not None and not self._looking.done():
            await asyncio.wait([self._looking])
        self._looking = asyncio.create_task(self._look())
        await self._looking

    async def _look(self) -> None:
        acts = self._acts
        try:
            self._states = await run_in_threadpool(self._read)
            self.dates.saw(self._states, utcnow())
        except Exception as error:
            log_failure("looking for new list revisions failed", error)
        self._seen = acts
        for key in [key for key, one in self._kept.items() if self._states.get(one.slug) != one.state]:
            self._drop(key)

    def _read(self) -> Mapping[str, bytes]:
        with self._database.reading() as session:
            found = states(session, utcnow())
        if self.files:
            self.files.follow(found)
        return found

    def doubt(self) -> None:
        """Somebody acted here: who reads next gets what is true then."""
        self._acts += 1
        self._acted.set()

    def state(self, slug: str) -> bytes | None:
        """Of the last look; None before the first, and for a statement that is not there."""
        return self._states.get(slug)

    def get(self, key: bytes) -> Snapshot | None:
        """The answer of an address, if it is ready and nobody has acted since."""
        found = None if self._seen < self._acts else self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    async def made(self, key: bytes, slug: str, make: Callable[[], Awaitable[Snapshot | None]]) -> Snapshot | None:
        """The answer, made once for all who ask in this state; None when it is none to keep."""
        if self._seen < self._acts:
            await self._settle()
            if found := self._kept.get(key):
                return found
        place = (key, self._states.get(slug))
        task = self._building.get(place)
        if task is None:
            task = self._building[place] = asyncio.ensure_future(self._make(key, make))
            task.add_done_callback(lambda _: self._building.pop(place, None))
        return await asyncio.shield(task)

    async def _settle(self) -> None:
        """Wait for a look that has seen every act; all who wait share it."""
        while self._seen < self._acts:
            if self._looking is None or self._looking.done():
                self._looking = asyncio.create_task(self._look())
            await asyncio.wait([self._looking])

    async def _make(self, key: bytes, make: Callable[[], Awaitable[Snapshot | None]]) -> Snapshot | None:
        found = await make()
        if found is not None and self._states.get(found.slug) == found.state:
            self._keep(key, found)
            if self.files and key.endswith(b"?"):
                await run_in_threadpool(self._write, found, key)
        return found

    def _write(self, found: Snapshot, key: bytes) -> None:
        try:
            self.files.write(found, key[:-1].decode("ascii"))  # type: ignore[union-attr]
        except OSError as error:
            log_failure("a snapshot was not written to its file", error)

    def _keep(self, key: bytes, found: Snapshot) -> None:
        self._drop(key)
        self._kept[key] = found
        self._size += found.size
        while self._size > BYTES:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: bytes) -> None:
        gone = self._kept.pop(key, None)
        self._size -= gone.size if gone else 0
