"""A removal campaign over a fifth of a long list: dry run, cancelled, undone, run to its end, undone."""

import resource
import time
from collections import Counter
from pathlib import Path
from uuid import UUID, uuid4

from sqlmodel import select

from app.accounts.models import Account, Person, Role, StaffSession
from app.clock import utcnow
from app.keys.queries import keyring
from app.moderation import campaigns
from app.moderation.conditions import Conditions
from app.moderation.models import Campaign, Removal
from app.publication.publisher import publish_due
from app.rows import insert_all
from app.signatures.identity import sounds
from app.signatures.models import Kind, Signature, State, Visibility, place
from app.signatures.particulars import Particulars
from app.signatures.retention import NOTICE_VERSION
from app.signatures.tallies import Tally
from app.statements.queries import get, revision
from tests import cast
from tests.proof.figures import BAR, Figures, below, exactly
from tests.signatures.hands import staff
from tests.site import Site

FOUND, REMOVED, LEFT = "found by the dry run, more or fewer than there are", "removed, more or fewer than found", "names left on the list after it"
LATE, STATES, LIST = "removed after the cancelling", "signatures in another state after undoing", "the list after undoing is another one"
SLOWEST, MEMORY, FACES = "slowest batch, ms", "memory of the process grew by, MB", "names still read after a batch"
EXPECTED = {one: exactly(0) for one in (FOUND, REMOVED, LEFT, LATE, STATES, LIST, FACES)} | {SLOWEST: below(2000), MEMORY: below(50)}


class _Memory:
    """What this process holds, from the kernel (Linux)."""

    def rss(self) -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def crowd(site: Site, listed: int, every: int) -> None:
    """A long list, of which each so many-eth name is forged; written as the publisher leaves them."""
    now = utcnow()
    with site.database.transaction() as session:
        statement = get(session, cast.SLUG)
        ring, text = keyring(session, statement.id), revision(session, statement).id
        same = {"statement_id": statement.id, "revision_id": text, "state": State.PUBLISHED, "kind": Kind.INDIVIDUAL, "visibility": Visibility.PUBLIC}
        same |= {"page_language": "en", "consent_version": NOTICE_VERSION, "created_at": now, "confirmed_at": now, "decided_at": now, "published_at": now}
        for start in range(0, listed, 5000):
            rows = []
            for number in range(start, min(start + 5000, listed)):
                key, name = uuid4(), f"{'Forged' if number % every == 0 else 'Honest'} Invented{number}"
                typed = ring.seal(Particulars(name, country="BY").dump(), place("particulars", key, statement.id))
                public = {"name": name, "folded": f"{name.lower()}\n", "sounds": sounds(name), "country": "BY", "number": number + 1, "listed_revision": 1}
                rows.append({**same, **public, "id": key, "particulars": typed, "address_index": ring.index(name)})
            insert_all(session, Signature, rows)
        tally = session.get_one(Tally, statement.id)
        tally.individuals, tally.last_number, tally.list_revision = listed, listed, 1


def run(site: Site, listed: int, every: int) -> Figures:
    """The dry run finds the forged names and no others; a cancelled campaign stops within its batch; undoing restores state and list."""
    site.publish()
    crowd(site, listed, every)
    staff(site, Role.ADMINISTRATOR)
    forged, process, found = len(range(0, listed, every)), _Memory(), Counter[str]()
    before, states, began = _list(site), _states(site), process.rss()
    one = _dry_run(site)
    found[FOUND] = abs(_campaign(site, one).found - forged)
    _act(site, campaigns.start, one)
    for _ in range(2):
        campaigns.campaigns_due(site.database)
    at = _campaign(site, one).removed
    _act(site, campaigns.cancel, one)
    campaigns.campaigns_due(site.database)
    found[LATE] = _campaign(site, one).removed - at
    _act(site, campaigns.undo, one)
    slowest, largest = _work(site, one, process, began)
    two = _dry_run(site)
    _act(site, campaigns.start, two)
    took, size = _work(site, two, process, began, found)
    found[REMOVED], found[LEFT] = abs(_campaign(site, two).removed - forged), _list(site).count("Forged")
    _act(site, campaigns.undo, two)
    last, larger = _work(site, two, process, began)
    found[STATES], found[LIST] = sum(1 for key, state in _states(site).items() if states[key] is not state), int(_list(site) != before)
    return {**dict(found), FACES: found[FACES], SLOWEST: round(max(slowest, took, last) * 1000), MEMORY: round(max(largest, size, larger) / 2**20, 1)}


def _dry_run(site: Site) -> UUID:
    with site.database.transaction() as session:
        made = campaigns.draft(session, get(session, cast.SLUG), _head(site), Conditions(name="forged *"), Removal.FALSE, "", utcnow()).id
    while campaigns.campaigns_due(site.database):
        pass
    return made


def _work(site: Site, key: UUID, process: "_Memory", began: int, found: Counter[str] | None = None) -> tuple[float, int]:
    """Batch after batch, and the publisher between; the slowest batch in seconds and the largest memory."""
    slowest, largest = 0.0, 0
    for _ in BAR.track(range(10_000), description="batches"):
        start = time.perf_counter()
        if not campaigns.campaigns_due(site.database):
            break
        slowest, largest = max(slowest, time.perf_counter() - start), max(largest, process.rss() - began)
        if found is not None:
            counted = site.browser.get(f"/statements/{cast.SLUG}.json").json()["counts"]["individuals"]
            with site.database.reading() as session:
                found[FACES] += abs(counted - session.get_one(Tally, get(session, cast.SLUG).id).individuals)
    while publish_due(site.database):
        largest = max(largest, process.rss() - began)
    return slowest, largest


def _act(site: Site, act: object, key: UUID) -> None:
    with site.database.transaction() as session:
        act(session, key, _head(site), utcnow())  # type: ignore[operator]


def _head(site: Site) -> Person:
    with site.database.reading() as session:
        account = session.exec(select(Account).where(Account.role == Role.ADMINISTRATOR)).one()
    return Person(account, StaffSession(token_hash=b"", account_id=account.id, created_at=utcnow(), seen_at=utcnow()))


def _campaign(site: Site, key: UUID) -> Campaign:
    with site.database.reading() as session:
        return session.get_one(Campaign, key)


def _list(site: Site) -> str:
    return site.browser.get(f"/statements/{cast.SLUG}/signatories.csv").text


def _states(site: Site) -> dict[UUID, State]:
    with site.database.reading() as session:
        return {key: State(state) for key, state in session.exec(select(Signature.id, Signature.state))}
