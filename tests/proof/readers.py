"""Many read while many names are published: whatever an answer says, it says about one moment of the list."""

import asyncio
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any
from uuid import UUID

import httpx
import sqlalchemy as sa
from sqlmodel import col, select

from app.clock import utcnow
from app.db import Database
from app.outbox.models import Mail
from app.publication.publisher import publish_due
from app.signatures.admission import Admission
from app.signatures.forms import SignForm
from app.signatures.models import Signature, State
from app.signatures.signing import Post, sign_all
from app.statements.queries import get
from app.tokens import new_token
from tests import cast
from tests.faults.server import Server
from tests.proof.figures import BAR, Figures, at_least, exactly
from tests.site import Site

S = f"/statements/{cast.SLUG}"
READERS, BATCH, PACE = 64, 50, 210.0
REFUSED, TORN, SPLIT = "answers other than 200", "answers that contradict themselves", "revisions of which two answers say different things"
RATE, READ = "names published a second", "answers read"
EXPECTED = {REFUSED: exactly(0), TORN: exactly(0), SPLIT: exactly(0), RATE: at_least(200)}


def run(server: Server, reads: int, names: int) -> Figures:
    """64 readers of page, list, JSON and feed while names are published beside them, two hundred a second."""
    database = server.database()
    with Site(database, server.folder) as site:
        batches = list(BAR.track(_signed(site, names), total=names // BATCH, description="signing"))
        server.start()
        stop, published = threading.Event(), list[int]()
        publisher = threading.Thread(target=_publish, args=(database, batches, stop, published))
        publisher.start()
        began = time.monotonic()
        answers = asyncio.run(_read(server.base, reads))
        stop.set()
        publisher.join()
    database.engine.dispose()
    server.stop()
    return _judged(answers) | {RATE: round(sum(published) / (time.monotonic() - began)), READ: len(answers)}


def _signed(site: Site, names: int) -> Iterator[list[UUID]]:
    """People who signed, batch by batch; each batch has one name. Their letters are of no use here."""
    for batch in range(names // BATCH):
        forms = [SignForm.model_validate(cast.individual(name=f"Vera Folgend {batch}", email=f"v{batch}-{n}@post-office.org")) for n in range(BATCH)]
        with site.database.transaction() as session:
            statement, now = get(session, cast.SLUG), utcnow()
            sign_all(session, [Post(statement.id, form, "en", new_token()[1], Admission()) for form in forms], now)
            session.execute(sa.delete(Mail))
        with site.database.reading() as session:
            yield list(session.exec(select(Signature.id).where(Signature.created_at == now, Signature.state == State.PENDING)))


def _publish(database: Database, batches: list[list[UUID]], stop: threading.Event, published: list[int]) -> None:
    due = time.monotonic()
    for batch in batches:
        with database.transaction() as session:
            now = utcnow()
            approved = sa.update(Signature).where(col(Signature.id).in_(batch))
            session.execute(approved.values(state=State.APPROVED, confirmed_at=now, decided_at=now))
        publish_due(database)
        published.append(len(batch))
        due += BATCH / PACE
        if stop.wait(max(0.0, due - time.monotonic())):
            return


async def _read(base: str, reads: int) -> list[tuple[str, httpx.Response]]:
    found: list[tuple[str, httpx.Response]] = []
    left = iter(BAR.track(range(reads), description="readers"))
    limits = httpx.Limits(max_connections=READERS)

    async def reader(client: httpx.AsyncClient, face: str) -> None:
        for _ in left:
            answer = await client.get(face, headers={"Accept": "text/html"})
            found.append((face, answer))

    async with httpx.AsyncClient(base_url=base, limits=limits, timeout=30) as client:
        await asyncio.gather(*(reader(client, face) for face, _ in zip(cycle(SAYS), range(READERS), strict=False)))
    return found


def _of_data(said: Any) -> tuple[int, int, int]:
    counts = said["counts"]
    return said["list_revision"], counts["organisations"], counts["individuals"]


def _json(answer: httpx.Response) -> tuple[bool, Any]:
    said = answer.json()
    return len(said["items"]) == min(100, sum(_of_data(said)[1:])), _of_data(said)


def _feed(answer: httpx.Response) -> tuple[bool, Any]:
    said = answer.json()
    own = _of_data(said["_undersigned"])
    newest = said["items"][0]["_undersigned"]["number"] if said["items"] else 0
    return newest == sum(own[1:]), own


def _statement(answer: httpx.Response) -> tuple[bool, Any]:
    return True, _of_data(answer.json())


def _page(answer: httpx.Response) -> tuple[bool, Any]:
    """Its newest name is of the batch with which its count ends."""
    counts = [int(number.replace(",", "")) for number in re.findall(r"([\d,]+) (?:person has|people have) signed", answer.text)]
    newest = [int(number) for number in re.findall(r"Vera Folgend (\d+)", answer.text)]
    return ((max(newest) + 1) * BATCH == counts[0]) if newest and counts else not newest, None


def _list(answer: httpx.Response) -> tuple[bool, Any]:
    """Its heading counts as many as its first line."""
    said = re.search(r"([\d,]+) (?:person has|people have) signed", answer.text)
    heading = re.search(r'id="individual-title">People <span class="quiet">([\d,]+)', answer.text)
    return (said[1] if said else "0") == (heading[1] if heading else "0"), None


SAYS: dict[str, Callable[[httpx.Response], tuple[bool, Any]]] = {
    S: _page,
    f"{S}/signatories": _list,
    f"{S}.json": _statement,
    f"{S}/signatories.json": _json,
    f"{S}/feed.json": _feed,
}


def _judged(answers: list[tuple[str, httpx.Response]]) -> dict[str, object]:
    found: Counter[str] = Counter({REFUSED: 0, TORN: 0})
    revisions: defaultdict[int, set[tuple[int, ...]]] = defaultdict(set)
    for face, answer in answers:
        if answer.status_code != 200:
            found[REFUSED] += 1
            continue
        sound, said = SAYS[face](answer)
        found[TORN] += not sound
        if said:
            revisions[said[0]].add(said[1:])
    return {**found, SPLIT: sum(len(said) > 1 for said in revisions.values())}
