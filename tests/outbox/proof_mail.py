"""Many mails through a server that does everything wrong once, and is gone for two days in the middle."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlmodel import Session, col, func, select
from structlog.testing import capture_logs

from app.clock import utcnow
from app.db import Database
from app.migrations import migrate
from app.outbox.actions import enqueue
from app.outbox.breaker import breaker
from app.outbox.models import Mail, MailState
from app.outbox.worker import deliver_due
from app.settings import get_settings
from app.web.templates import environment
from tests.outbox.smtp import Post, free_port, plain, serving
from tests.proof.figures import exactly

TIMEOUT = 0.5
NONE = ("lost", "given_up_wrongly", "refused_asked_again", "other_ids", "tries_in_outage", "left_in_outage")
EXPECTED = dict.fromkeys(NONE, exactly(0))
# The mood of a mail is the server's when it first meets it, of so many mails one each; after that it behaves, unless it refuses.
OFTEN = ("450-rcpt", "451-data", "550-rcpt", "554-data", "421-rcpt", "421-data", "drops-before", "drops-after")
SELDOM = ("hangs-rcpt", "hangs-data", "slow")
EVERY_OFTEN, EVERY_SELDOM = 50, 500


def mood(number: int) -> str:
    """How the server takes a mail at first."""
    seldom = dict(enumerate(SELDOM, start=len(OFTEN)))
    return dict(enumerate(OFTEN)).get(number % EVERY_OFTEN) or seldom.get(number % EVERY_SELDOM, "well")


@dataclass
class Moody(Post):
    """A server whose first answer is written in the recipient's address."""

    met: set[str] = field(default_factory=set)
    asked: Counter[str] = field(default_factory=Counter)
    sender: str = ""

    def _mood(self, address: str, *moods: str) -> str:
        """The mood to be in now, if it is one of these; each but a refusal comes once."""
        found = address.partition(".")[0]
        if found not in moods or (address in self.met and not found.startswith("55")):
            return ""
        self.met.add(address)
        return found

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        self.asked[address] += 1
        found = self._mood(address, "450-rcpt", "550-rcpt", "421-rcpt", "drops-before", "hangs-rcpt", "slow")
        if found == "drops-before":
            server.transport.abort()
        if found == "hangs-rcpt":
            await asyncio.sleep(TIMEOUT * 4)
        if found == "slow":
            await self._slowly(server)
        if found[:3].isdigit():
            return f"{found[:3]} <{address}> not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        found = self._mood(envelope.rcpt_tos[0], "451-data", "554-data", "421-data", "drops-after", "hangs-data")
        if found == "hangs-data":
            await asyncio.sleep(TIMEOUT * 4)
        if found[:3].isdigit():
            return f"{found[:3]} not now"
        self.raw.append(envelope.content)
        if found == "drops-after":
            server.transport.abort()
        return "250 OK"

    async def _slowly(self, server: Any) -> None:
        """The first line of an answer, byte by byte: longer in all than a client waits for any of it."""
        for byte in b"250-it is a long way\r\n":
            server.transport.write(bytes([byte]))
            await asyncio.sleep(TIMEOUT / 10)


@dataclass
class Clock:
    """What the worker takes for the time."""

    ahead: timedelta = timedelta()

    def forward(self, step: timedelta) -> None:
        self.ahead += step


@contextmanager
def outbox(post: Post) -> Iterator[tuple[Database, Clock]]:
    """An installation of its own that sends through this server, and its clock."""
    clock = Clock()
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for name, value in {"ENV": "development", "DATA_DIR": folder, "SMTP_URL": plain(post)}.items():
            patch.setenv(f"UNDERSIGNED_{name}", value)
        patch.setattr("app.outbox.mailer._TIMEOUT", TIMEOUT)
        patch.setattr("app.outbox.worker.utcnow", lambda: utcnow() + clock.ahead)
        patch.setattr("app.outbox.breaker.monotonic", lambda: time.monotonic() + clock.ahead.total_seconds())
        _forget_settings()
        database = Database(f"sqlite:///{Path(folder) / 'undersigned.sqlite3'}")
        try:
            migrate(database)
            yield database, clock
        finally:
            database.engine.dispose()
            patch.undo()
            _forget_settings()


def _forget_settings() -> None:
    get_settings.cache_clear()
    environment.cache_clear()


def run(mails: int) -> dict[str, object]:
    """Send so many mails; the figures by name."""
    post = Moody(port=free_port())
    addresses = [f"{mood(number)}.{number}@post-office.org" for number in range(mails)]
    with outbox(post) as (database, clock), capture_logs():
        with database.transaction() as session:
            for address in addresses:
                enqueue(session, "confirm", address, "be", utcnow(), {"token": "x" * 43, "code": "123 456"})
        began = time.monotonic()
        with serving(post):
            send(database, clock, enough=lambda: len(post.raw) >= mails // 2)
        outage = no_server(database, clock, hours=50)
        with serving(post):
            send(database, clock, enough=lambda: False)
        return figures(database, post, addresses) | outage | {"seconds": round(time.monotonic() - began, 1)}


def send(database: Database, clock: Clock, enough: Any) -> None:
    """Work until it is enough or nothing waits; when nothing is due the clock goes on."""
    while not enough() and waiting(database):
        if not deliver_due(database):
            clock.forward(timedelta(seconds=20))


def no_server(database: Database, clock: Clock, hours: int) -> dict[str, object]:
    """Work without a server, looking for it every minute; how often it was looked for and what it cost the mails."""
    before, left = tries(database), waiting(database)
    for _ in range(hours * 60):
        deliver_due(database)
        clock.forward(timedelta(minutes=1))
    knocks = breaker(get_settings().smtp_url.get_secret_value()).failures
    return {
        "outage_hours": hours,
        "waiting_in_outage": left,
        "knocks_in_outage": knocks,
        "tries_in_outage": tries(database) - before,
        "left_in_outage": left - waiting(database),
    }


def waiting(database: Database) -> int:
    with database.reading() as session:
        return session.exec(select(func.count()).where(col(Mail.state) == MailState.QUEUED)).one()


def tries(database: Database) -> int:
    with database.reading() as session:
        return session.exec(select(func.coalesce(func.sum(Mail.attempts), 0))).one()


def figures(database: Database, post: Moody, addresses: list[str]) -> dict[str, object]:
    """What became of the mails: by what arrived, and by the rows."""
    arrived: dict[str, list[str]] = {}
    for message in post.messages:
        arrived.setdefault(str(message["To"]), []).append(str(message["Message-ID"]))
    refused = {address for address in addresses if address.startswith("55")}
    with Session(database.engine) as session:
        states = Counter(session.exec(select(Mail.state)))
        most = session.exec(select(func.max(Mail.attempts))).one()
    return {
        "mails": len(addresses),
        "arrived": len(arrived),
        "refused": len(refused),
        "lost": len(set(addresses) - refused - set(arrived)),
        "given_up_wrongly": states[MailState.DEAD] - len(refused),
        "refused_asked_again": sum(post.asked[address] - 1 for address in refused),
        "copies": dict(Counter(address.partition(".")[0] for address, ids in arrived.items() for _ in ids[1:])),
        "other_ids": sum(len(set(ids)) - 1 for ids in arrived.values()),
        "most_tries": most,
        "moods": dict(Counter(address.partition(".")[0] for address in addresses)),
    }
