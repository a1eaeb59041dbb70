"""A server that is killed, or told to stop, while many people sign."""

import json
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count

import httpx
import sqlalchemy as sa
from sqlmodel import Session, select

from app.keys.queries import keyring
from app.outbox.models import Mail
from app.signatures.beside import MailedLink
from app.signatures.identity import canonical_address
from app.signatures.models import Signature
from app.statements.queries import get
from tests import cast
from tests.faults.server import Server
from tests.proof.crowd import network
from tests.proof.figures import BAR, Figures, at_least, exactly
from tests.proof.places import POSTGRESQL, SQLITE
from tests.signatures.hands import SIGN

CONNECTIONS = 8
SIGNED, LOST = "acknowledged signatures", "acknowledged signatures lost"
TORN, UNSOUND = "signatures, links and mails without the other two", "complaints of SQLite's integrity_check and foreign_key_check"
OTHER, CUT, EXITS = "answers that were no 303", "forms that were kept, and their answer cut off", "exit codes other than 0 and -SIGTERM"
RESET = "forms that were not kept on connections that ended without an answer"
_EVERYWHERE = {SIGNED: at_least(1), **dict.fromkeys((LOST, TORN, OTHER, CUT, RESET, EXITS), exactly(0))}
EXPECTED = {SQLITE: {**_EVERYWHERE, UNSOUND: exactly(0)}, POSTGRESQL: _EVERYWHERE}


class Signers:
    """Threads that sign as fast as they can, each on its own connection, and remember what became of each form."""

    def __init__(self, server: Server, numbers: Iterator[int]) -> None:
        self.server, self.numbers = server, numbers
        self.acknowledged: list[str] = []
        self.unanswered: list[str] = []
        self.other = 0
        self.threads = [threading.Thread(target=self._sign) for _ in range(CONNECTIONS)]
        for thread in self.threads:
            thread.start()

    def _sign(self) -> None:
        with self.server.client() as client:
            for number in self.numbers:
                email = f"person{number}@post-office.org"
                try:
                    answer = client.post(SIGN, data=cast.individual(email=email), headers={"X-Forwarded-For": network(number)})
                except httpx.ConnectError:
                    return None
                except httpx.TransportError:
                    return self.unanswered.append(email)
                if answer.status_code == 303:
                    self.acknowledged.append(email)
                else:
                    self.other += 1

    def go_on(self) -> None:
        """Until the first was acknowledged, and then for a random time below a second; raises AssertionError when none is in a minute."""
        until = time.monotonic() + 60
        while not self.acknowledged and any(thread.is_alive() for thread in self.threads):
            assert time.monotonic() < until, f"nobody could sign: {self.other} other answers"
            time.sleep(0.005)
        time.sleep(random.random())

    def wait(self) -> None:
        """Until the server is gone for all of them."""
        for thread in self.threads:
            thread.join()


def run(server: Server, kills: int, stops: int) -> Figures:
    """Many sign at once; `kill -9` or SIGTERM at a random moment loses nothing acknowledged, and leaves nothing half written."""
    found: Counter[str] = Counter(dict.fromkeys(_EVERYWHERE, 0))
    kept: list[str] = []
    numbers = count()
    signals = [signal.SIGKILL] * kills + [signal.SIGTERM] * stops
    for how in BAR.track(signals, description="crash"):
        signers, exit_code = flooded(server, numbers, how)
        kept += signers.acknowledged
        there = addresses(server)
        found.update({SIGNED: len(signers.acknowledged), LOST: len(set(kept) - there), OTHER: signers.other, **unsound(server)})
        if how is signal.SIGTERM:
            cut = len(there.intersection(signers.unanswered))
            found.update({CUT: cut, RESET: len(signers.unanswered) - cut, EXITS: exit_code not in {0, -signal.SIGTERM}})
    return dict(found)


def flooded(server: Server, numbers: Iterator[int], how: signal.Signals) -> tuple[Signers, int]:
    """Start a server, let people sign, end it; who signed, and its exit code."""
    server.start()
    signers, process = Signers(server, numbers), server.process
    try:
        signers.go_on()
    finally:
        server.stop(how)
    signers.wait()
    assert process
    return signers, process.wait()


def addresses(server: Server) -> set[str]:
    """Who is kept with a signature and a mail that holds the right address."""
    database = server.database()
    with database.reading() as session:
        ring = keyring(session, get(session, cast.SLUG).id)
        indexes = dict(session.exec(select(Signature.id, Signature.address_index)).all())
        mails = session.exec(select(Mail))
        to = {json.loads(ring.open(mail.payload or b"", mail.place("payload")))["to"]: mail.about for mail in mails}
    database.engine.dispose()
    return {email for email, about in to.items() if about and indexes.get(about) == ring.index(canonical_address(email))}


def unsound(server: Server) -> dict[str, int]:
    """How many rows miss their companions, and what SQLite says of its file."""
    database = server.database()
    with database.reading() as session:
        signatures = set(session.exec(select(Signature.id)))
        companions = [list(session.exec(select(column))) for column in (MailedLink.signature_id, Mail.about)]
        complaints = {UNSOUND: _complaints(session)} if database.embedded else {}
    database.engine.dispose()
    return {TORN: sum(len(signatures ^ set(rows)) + len(rows) - len(set(rows)) for rows in companions), **complaints}


def _complaints(session: Session) -> int:
    found = [row[0] for row in session.execute(sa.text("PRAGMA integrity_check"))]
    return (found != ["ok"]) + len(session.execute(sa.text("PRAGMA foreign_key_check")).all())
