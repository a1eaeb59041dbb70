"""Two nodes on one PostgreSQL: what happens to a name shows on every face of both within two seconds."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.clock import utcnow
from app.db import Database
from app.publication.publisher import publish_due
from app.signatures import listing
from app.signatures.models import Signature, State
from app.signatures.particulars import Particulars
from app.signatures.queries import particulars
from tests import cast
from tests.browser.live import until
from tests.faults.server import Server
from tests.proof.places import POSTGRESQL, server
from tests.signatures.hands import sign_many
from tests.site import Site

S = f"/statements/{cast.SLUG}"
FACES = (S, f"{S}/signatories", f"{S}/signatories.json", f"{S}/signatories.csv", f"{S}/signatories.ndjson", f"{S}/feed.json", f"{S}/feed.atom")
FRAME = f"/embed/{cast.SLUG}"
NAME, CORRECTED = "Vera Erstmals", "Vera Nachmals"


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[list[Server]]:
    with server(tmp_path, POSTGRESQL) as one:
        other = Server(one.folder, DATABASE_URL=one.environment["DATABASE_URL"])
        one.start()
        other.start()
        yield [one, other]
        other.stop()


def showing(nodes: list[Server], name: str) -> int:
    """On how many faces of all nodes a name is read."""
    found = 0
    for node in nodes:
        with node.client() as reader:
            found += sum(name in reader.get(face).text for face in (*FACES, FRAME))
    return found


def test_each_step_of_a_name_shows_on_every_face_of_two_nodes_within_two_seconds(nodes: list[Server]) -> None:
    database, every = nodes[0].database(), 2 * (len(FACES) + 1)
    with Site(database, nodes[0].folder) as site:
        sign_many(site, [cast.individual(name=NAME)])
        with database.transaction() as session:
            session.execute(sa.update(Signature).values(state=State.APPROVED, confirmed_at=utcnow(), decided_at=utcnow()))
    assert showing(nodes, NAME) == 0
    publish_due(database)
    until(lambda: showing(nodes, NAME) == every, 2, "the name on every face")
    _act(database, lambda session, row: listing.relist(session, row, replace(_shown(session, row), name=CORRECTED), utcnow()))
    until(lambda: (showing(nodes, NAME), showing(nodes, CORRECTED)) == (0, every), 2, "the corrected name on every face")
    _act(database, lambda session, row: listing.hide(session, row, utcnow()))
    until(lambda: showing(nodes, CORRECTED) == 0, 2, "the hidden name gone")
    _act(database, lambda session, row: listing.show(session, row, _shown(session, row), utcnow()))
    until(lambda: showing(nodes, CORRECTED) == every, 2, "the name shown again")
    _act(database, lambda session, row: listing.withdraw(session, row, utcnow()))
    until(lambda: showing(nodes, CORRECTED) == 0, 2, "the withdrawn name gone")
    database.engine.dispose()


def _shown(session: Session, row: Signature) -> Particulars:
    found = particulars(session, row)
    assert found
    return found


def _act(database: Database, act: Callable[[Session, Signature], None]) -> None:
    with database.transaction() as session:
        act(session, session.exec(select(Signature).where(col(Signature.first).is_(False))).one())
