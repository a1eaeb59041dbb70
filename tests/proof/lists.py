"""A list of a thousand names and of a million: what each page costs, a search, a batch of the publisher, and memory."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlmodel import col, select

from app.clock import utcnow
from app.publication import publisher
from app.signatures.listing import enlist
from app.signatures.models import Kind, Signature, State, Visibility
from app.signatures.particulars import Particulars
from app.signatures.retention import NOTICE_VERSION
from app.signatures.tallies import SortKey, Tally
from app.statements.queries import get, revision
from app.web.paging import encode_cursor
from tests import cast
from tests.faults.server import Server
from tests.proof.figures import BAR, Figures, at_most
from tests.signatures.hands import sign_many
from tests.site import Site

S = f"/statements/{cast.SLUG}"
BATCH, TIMES, ORGANISATIONS = 500, 15, 100
GIVEN = ("Alena", "Maryna", "Ivan", "Jean", "Tamar", "Вольга", "Мікола", "Sofía", "Nguyễn", "Łucja")
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "vy")
COUNTRIES = ("BY", "PL", "LT", "GE", "DE", "FR", "UA", "SE", "", "BR")
SEARCHES = ("bacedifo", "вольга", "nguyễn", "v", "so", "mumu", "łucja gu", "nobody")
PAGE, SEARCH, PUBLISHED, MEMORY = "dearest page against the smallest list", "slowest search, median ms", "a batch of 500, median ms", "memory of a worker, MB"
EXPECTED = {PAGE: at_most(1.3), SEARCH: at_most(30), PUBLISHED: at_most(200), MEMORY: at_most(250)}


def run(servers: Sequence[Server], smallest: int, larger: int, largest: int) -> Figures:
    """Three lists; the same pages of each are built cold by turns, and the dearest is compared with itself in the smallest."""
    sizes = (smallest, larger, largest)
    with ExitStack() as stack:
        sites = [stack.enter_context(_grown(server, size)) for server, size in zip(servers, sizes, strict=True)]
        costs = _costs(sites)
        found: dict[str, object] = {f"{what}, ms at {smallest:,}, {larger:,}, {largest:,}": " / ".join(map(str, one)) for what, one in costs.items()}
        found |= {PAGE: round(max(one[-1] / one[0] for one in costs.values()), 2)}
        searches = {q: _milliseconds(sites[-1:], [f"{S}/signatories?q={quote(q)}"])[0] for q in SEARCHES}
        found |= {"searches, ms": ", ".join(f"{q} {cost}" for q, cost in searches.items()), SEARCH: max(searches.values())}
        found |= {PUBLISHED: publishing(sites[-1])}
    return found | {MEMORY: memory(servers[-1])}


@contextmanager
def _grown(server: Server, size: int) -> Iterator[Site]:
    database = server.database()
    with Site(database, server.folder) as site:
        grow(site, size)
        yield site
    database.engine.dispose()


def _costs(sites: Sequence[Site]) -> dict[str, list[float]]:
    """What each page costs at each size, in milliseconds."""
    addresses = [dict(pages(site)) for site in sites]
    return {what: _milliseconds(sites, [one[what] for one in addresses]) for what in addresses[0]}


def grow(site: Site, size: int) -> None:
    """Invented people, put into the list as the publisher does it; a hundred organisations, so that the first page is full at every size, and then one in a hundred."""
    with site.database.reading() as session:
        statement = get(session, cast.SLUG)
        text, known = revision(session, statement).id, session.get_one(Tally, statement.id).last_number
    now = utcnow()
    same: dict[str, Any] = {"statement_id": statement.id, "revision_id": text, "state": State.PUBLISHED, "visibility": Visibility.PUBLIC, "page_language": "en"}
    same |= {"consent_version": NOTICE_VERSION, "created_at": now, "confirmed_at": now, "decided_at": now, "published_at": now}
    for start in BAR.track(range(known, size, 1000), description=f"a list of {size:,}"):
        with site.database.transaction() as session:
            tally = session.get_one(Tally, statement.id, with_for_update=True)
            named = [_invented(number, same) for number in range(start, min(start + 1000, size))]
            session.add_all([signature for signature, _ in named])
            for signature, _ in named:
                tally.move(signature, 1)
            enlist(session, tally, named, tally.turn(now), now)
    if not site.database.embedded:
        with site.database.transaction() as session:
            session.execute(sa.text("ANALYZE"))  # as PostgreSQL does by itself after a minute


def _invented(number: int, same: dict[str, Any]) -> tuple[Signature, Particulars]:
    family = "".join(SYLLABLES[number * prime // 7 % 16] for prime in (1, 3, 11, 29)).title()
    name, country = f"{GIVEN[number % 10]} {family}", COUNTRIES[number * number % 97 % 10]
    organisation = f"House {family} {number}" if number < ORGANISATIONS or number % 100 == 0 else ""
    signature = Signature(kind=Kind.ORGANISATION if organisation else Kind.INDIVIDUAL, **same)
    return signature, Particulars(name, "", organisation, "", country, language="")


def pages(site: Site) -> Iterator[tuple[str, str]]:
    """Pages of every kind with their addresses: the first, one in the middle, the last."""
    with site.database.reading() as session:
        last = session.exec(select(sa.func.max(Tally.last_number))).one()
        rows = select(SortKey.number, SortKey.key).where(SortKey.language == "en", SortKey.kind == Kind.INDIVIDUAL)
        rows = rows.order_by(col(SortKey.key), col(SortKey.number))
        half = session.exec(rows.offset((last - ORGANISATIONS) // 2).limit(1)).one()
    people = f"{S}/signatories?kind=individual"
    yield "statement", S
    yield "list, first page", f"{S}/signatories"
    yield "list, middle page", f"{people}&after={encode_cursor(last // 2)}"
    yield "list, last page", f"{people}&after={encode_cursor(last - 110)}"
    yield "by name, middle page", f"{people}&order=name&after={encode_cursor(half[0], half[1])}"
    yield "by country, middle page", f"{people}&order=country&after={encode_cursor(last // 2, b'LT')}"
    yield "one country, first page", f"{people}&country=PL"
    yield "JSON, first page", f"{S}/signatories.json"
    yield "JSON, middle page", f"{S}/signatories.json?after={last // 2}"
    yield "JSON, last page", f"{S}/signatories.json?after={last - 110}"
    yield "feed", f"{S}/feed.json"


def publishing(site: Site) -> float:
    """The publisher takes five hundred approved signatures into the list, five times; the rest of its day stays as it is."""
    took, usual = [], publisher.BATCH
    publisher.BATCH = BATCH
    for turn in BAR.track(range(5), description="publishing"):
        sign_many(site, [cast.individual(name=f"Late Inventedperson {n}", email=f"late{turn}-{n}@post-office.org") for n in range(BATCH)])
        with site.database.transaction() as session:
            now = utcnow()
            approved = sa.update(Signature).where(col(Signature.state) == State.PENDING)
            session.execute(approved.values(state=State.APPROVED, confirmed_at=now, decided_at=now))
        took.append(_took(lambda: publisher.publish_due(site.database)))
    publisher.BATCH = usual
    return round(median(took), 1)


def memory(server: Server) -> float:
    """Resident megabytes of a server process after readers have walked through much of the list."""
    server.start()
    with server.client() as reader:
        for start in range(0, 20_000, 100):
            for path in (f"{S}/signatories.json?after={start}", f"{S}/signatories?kind=individual&after={encode_cursor(start)}"):
                assert reader.get(path).status_code == 200
    status = Path(f"/proc/{server.pid}/status").read_text(encoding="utf-8")
    server.stop()
    resident = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert resident
    return round(int(resident[1]) / 1024, 1)


def _milliseconds(sites: Sequence[Site], paths: Sequence[str]) -> list[float]:
    """The median of each site's page, read by turns: a machine's speed wavers from minute to minute."""
    took: list[list[float]] = [[] for _ in sites]
    for _ in range(TIMES + 1):
        for times, site, path in zip(took, sites, paths, strict=True):
            times.append(_took(partial(_read, site, path)))
    return [round(median(times[1:]), 1) for times in took]


def _read(site: Site, path: str) -> None:
    assert site.browser.get(path).status_code == 200, path


def _took(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000
