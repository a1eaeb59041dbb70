"""Programs post forms without proof of work while people sign with one."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.sharedctypes import SynchronizedArray
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from app.clock import utcnow
from app.outbox.models import Mail, MailPace
from app.statements.queries import get
from tests import cast
from tests.faults.server import FROM_HERE, Server
from tests.outbox.smtp import Post, plain, serving
from tests.proof.crowd import network, solved
from tests.proof.figures import BAR, Figures, at_least, below, exactly
from tests.signatures.hands import SIGN, sign_many
from tests.site import Site

CONNECTIONS = 64
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MAILS_PER_HOUR = 12_000
AT_ONCE = 12  # so many seconds' worth of mail may leave at the beginning
PATIENCE = 60
KEPT, PUBLISHED, OVER = "scripted forms kept", "signatures published", "mails beyond the cap at the worst moment"
REFUSED, SLOWEST, ARRIVED = "people who were refused", "95th percentile of the answers to people, s", "mails to people that left within 60 s, %"
EXPECTED = {KEPT: at_least(1), PUBLISHED: exactly(0), OVER: exactly(0), REFUSED: exactly(0), SLOWEST: below(1), ARRIVED: at_least(99)}


@dataclass
class Sink(Post):
    """Takes every mail and remembers when, and for whom."""

    arrived: list[tuple[float, str]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.arrived.append((time.monotonic(), envelope.rcpt_tos[0]))
        return "250 OK"


@dataclass(frozen=True)
class Person:
    """A real signer's post: when it began, how long its answer took in seconds, its status."""

    email: str
    began: float
    took: float
    status: int


def run(server: Server, forms: int, networks: int, people: int, seconds_after: int) -> Figures:
    """A flood of forms publishes nothing, sends no more mail than the cap, and neither people nor their mail have to wait."""
    _yesterday(server, forms)
    sink = Sink()
    with serving(sink):
        server.environment |= {"UNDERSIGNED_SMTP_URL": plain(sink), "UNDERSIGNED_MAILS_PER_HOUR": str(MAILS_PER_HOUR)}
        server.start()
        proofs = [_worked(server, number) for number in BAR.track(range(people), description="flood: proofs of work")]
        with _flooding(server, forms, networks) as answers:
            began = time.monotonic()
            signers = list(_sign_all_along(server, forms, proofs, answers))
        taken = {"scripted forms a second": round(forms / (time.monotonic() - began)), KEPT: answers()[303]}
        in_time = _await(sink, signers)
        time.sleep(seconds_after)  # the mail that waits has the whole machine now, and must keep to the cap all the same
        published = _published(server)
        server.stop()
    return {
        **taken,
        PUBLISHED: published,
        **_mails(sink, began),
        REFUSED: sum(person.status != 303 for person in signers),
        SLOWEST: round(quantiles([person.took for person in signers], n=20)[-1], 3),
        ARRIVED: round(100 * in_time / people, 1),
    }


def _published(server: Server) -> int:
    with server.client() as reader:
        counts = reader.get(f"/statements/{cast.SLUG}.json").json()["counts"]
    return sum(counts[kind] for kind in ("organisations", "individuals", "withheld"))


def _mails(sink: Sink, began: float) -> Figures:
    """What was sent, and what the cap allowed by then."""
    allowed = [MAILS_PER_HOUR / 3600 * (moment - began + AT_ONCE) for moment, _ in sink.arrived]
    beyond = max((sent - cap for sent, cap in enumerate(allowed, start=1)), default=0.0)
    return {"mails sent": len(sink.arrived), "mails the cap allowed until the last": int(max(allowed, default=0)), OVER: max(0, int(beyond))}


def address(number: int) -> str:
    """Whom a scripted form names; every tenth at the provider of the people."""
    return f"anybody{number}@" + ("post-office.org" if number % 10 == 0 else f"house{number // 10}.org")


def _yesterday(server: Server, forms: int) -> None:
    """Every fourth of the addresses was typed in yesterday already, so that its owner may be written to again. Whoever confirms is published at once."""
    known = [cast.individual(email=address(number)) for number in range(0, forms, 4)]
    with Site(server.database(), server.folder) as site:
        for start in BAR.track(range(0, len(known), 500), description="flood: yesterday"):
            sign_many(site, known[start : start + 500], now=utcnow() - timedelta(hours=25))
            with site.database.transaction() as session:
                session.execute(sa.delete(Mail))
                session.execute(sa.delete(MailPace))
                get(session, cast.SLUG).automatic_individuals = True
        site.database.engine.dispose()


def _worked(server: Server, number: int) -> str:
    with server.client(network(1_000_000 + number)) as client:
        return solved(client.get(f"/statements/{cast.SLUG}/challenge").json())


@contextmanager
def _flooding(server: Server, forms: int, networks: int) -> Iterator[Callable[[], Counter[int]]]:
    """A flood from its first answer to its last, in a process of its own, for it must not slow down this clock; yields its answers so far, by status."""
    context = get_context("spawn")
    counts = context.Array("q", 600)
    program = context.Process(target=flood, args=(server.port, forms, networks, counts))
    program.start()

    def answers() -> Counter[int]:
        living = program.is_alive()
        found = Counter({status: number for status, number in enumerate(counts[:]) if number})
        assert living or found.total() == forms, server.log.read_text()
        return found

    while not answers():
        time.sleep(0.01)
    yield answers
    program.join()


def _sign_all_along(server: Server, forms: int, proofs: list[str], answers: Callable[[], Counter[int]]) -> Iterator[Person]:
    """People who sign one after the other, spread over the flood."""
    for number, proof in enumerate(BAR.track(proofs, description="flood")):
        while answers().total() < forms * number // len(proofs):
            time.sleep(0.01)
        yield _sign(server, number, proof)


def _sign(server: Server, number: int, proof: str) -> Person:
    form = cast.individual(email=f"person{number}@post-office.org", proof=proof)
    with server.client(network(1_000_000 + number)) as client:
        began = time.monotonic()
        answer = client.post(SIGN, data=form)
        return Person(form["email"], began, time.monotonic() - began, answer.status_code)


def _await(sink: Sink, people: list[Person]) -> int:
    """How many of the people's mails left in time; waits for the last of them."""
    latest = {person.email: person.began + PATIENCE for person in people}
    while True:
        left = sum(moment <= latest.get(to, 0) for moment, to in list(sink.arrived))
        if left == len(people) or time.monotonic() > max(latest.values()):
            return left
        time.sleep(0.1)


def flood(port: int, forms: int, networks: int, counts: "SynchronizedArray[int]") -> None:
    """Post forms on many connections as fast as they are answered; counts the answers by their status."""
    asyncio.run(_flood(port, forms, networks, counts))


async def _flood(port: int, forms: int, networks: int, counts: "SynchronizedArray[int]") -> None:
    numbers = iter(range(forms))

    async def post() -> None:  # by hand: a client library would be slower than the server
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            body = urlencode(cast.individual(email=address(number)))
            head = {**FROM_HERE, **FORM, "X-Forwarded-For": network(number % networks), "Content-Length": str(len(body))}
            writer.write(
                "".join([f"POST {SIGN} HTTP/1.1\r\nHost: localhost\r\n", *(f"{name}: {value}\r\n" for name, value in head.items()), "\r\n", body]).encode()
            )
            answer = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", answer)
            assert length
            await reader.readexactly(int(length[1]))
            counts[int(answer[9:12])] += 1
        writer.close()

    await asyncio.gather(*(post() for _ in range(CONNECTIONS)))
