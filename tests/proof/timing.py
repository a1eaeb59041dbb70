"""Whether an answer, or how long it takes, tells that somebody signed."""

import random
import time
from datetime import timedelta
from itertools import count
from statistics import median

import httpx
import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.clock import utcnow
from app.keys.queries import keyring
from app.outbox.models import Mail
from app.signatures.actions import disown
from app.signatures.models import Signature
from app.statements.queries import get
from tests import cast
from tests.faults.server import Server
from tests.proof.crowd import network
from tests.proof.figures import BAR, Figures, at_most, exactly
from tests.signatures.hands import SIGN, masked, sign_many
from tests.site import Site

# Known: signed, and will be told so by mail; told: was told today, so no mail; muted: pressed “This wasn’t me”.
CLASSES = ("new", "known", "told", "withdrawn", "muted")
DIFFERENT, APART = "answers that differ in status, headers or body", "largest difference of two medians, %"
EXPECTED = {DIFFERENT: exactly(0), APART: at_most(2)}


def address(kind: str, number: int) -> str:
    """Of all addresses as long as of any other."""
    return f"{kind:x<9}{number:05d}@post-office.org"


def run(server: Server, each: int) -> Figures:
    """Addresses that are new, known, withdrawn or muted sign in turns over one connection, in another order every time."""
    with Site(server.database(), server.folder) as site:
        _prepare(site, each)
        site.database.engine.dispose()
    server.start()
    networks, answers = count(), set[object]()
    took: dict[str, list[float]] = {kind: [] for kind in CLASSES}
    with server.client() as client:
        for number in BAR.track(range(each), description="timing"):
            for kind in random.sample(CLASSES, len(CLASSES)):
                seconds, answer = _timed(client, cast.individual(email=address(kind, number)), network(next(networks)))
                took[kind].append(seconds)
                answers.add(_without_date(answer))
    server.stop()
    middle = {kind: median(found) * 1000 for kind, found in took.items()}
    shown = {f"median, {kind}, ms": round(found, 2) for kind, found in middle.items()}
    return {**shown, APART: round((max(middle.values()) / min(middle.values()) - 1) * 100, 2), DIFFERENT: len(answers) - 1}


def _timed(client: httpx.Client, form: dict[str, str], caller: str) -> tuple[float, httpx.Response]:
    request = client.build_request("POST", SIGN, data=form, headers={"X-Forwarded-For": caller})
    began = time.perf_counter()
    answer = client.send(request)
    seconds = time.perf_counter() - began
    client.cookies.clear()
    return seconds, answer


def _without_date(answer: httpx.Response) -> object:
    status, headers, body = masked(answer)
    return status, tuple(header for header in headers if header[0] != "date"), body


def _prepare(site: Site, each: int) -> None:
    """People who signed yesterday, and what became of them."""
    sign_many(site, (cast.individual(email=address(kind, number)) for kind in CLASSES[1:] for number in range(each)), now=utcnow() - timedelta(hours=25))
    for kind in CLASSES[1:]:
        for start in range(0, each, 100):  # a few at a time: a session looks through all its rows at every deletion
            with site.database.transaction() as session:
                ring = keyring(session, get(session, cast.SLUG).id)
                indexes = [ring.index(address(kind, number)) for number in range(start, min(start + 100, each))]
                for signature in session.exec(select(Signature).where(col(Signature.address_index).in_(indexes))).all():
                    _become(session, signature, kind)
    with site.database.transaction() as session:
        session.execute(sa.delete(Mail))


def _become(session: Session, signature: Signature, kind: str) -> None:
    if kind == "muted":
        return disown(session, signature, utcnow())
    signature.confirm(utcnow())
    if kind == "withdrawn":
        signature.withdraw(utcnow())
    if kind == "told":
        signature.mailed_at = utcnow()
