"""nginx by the shipped configuration: the application's own answers, also while it is away."""

import gzip
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import select

from app.clock import utcnow
from app.publication.models import Integrity
from app.signatures import listing
from app.signatures.models import Signature, State
from tests import cast
from tests.browser.live import until
from tests.conftest import absent
from tests.faults.server import FROM_HERE, Server, prepared
from tests.faults.web_server import serving, shipped
from tests.outbox.smtp import free_port
from tests.signatures.hands import sign_many
from tests.site import Site

PAGE = f"/statements/{cast.SLUG}"
FACES = (
    *("/", "/be/", "/widget.js", PAGE, f"{PAGE}/signatories", f"{PAGE}.json", f"{PAGE}.txt", f"{PAGE}/signatories.json", f"{PAGE}/feed.json"),
    *(f"{PAGE}/feed.atom", f"/embed/{cast.SLUG}", f"/badge/{cast.SLUG}.svg", f"/be/badge/{cast.SLUG}.svg", f"{PAGE}/card.png", f"{PAGE}/qr.svg"),
)
ELSEWHERE = (f"{PAGE}/signatories?order=name", f"/embed/{cast.SLUG}?layout=count", f"{PAGE}/history.json", f"{PAGE}/signatories.csv", "/privacy", "/nothing")
OWN = {"date", "server", "connection", "etag", "last-modified", "vary", "content-language", "content-length", "content-encoding", "accept-ranges"}
"""What a web server says in its own words, and the language, which stands in the answer itself."""


@dataclass(frozen=True)
class Stand:
    """The application, nginx before it, and the folder between them."""

    server: Server
    client: httpx.Client
    folder: Path

    def holding(self, text: str) -> int:
        """In how many files, compressed ones too, a text stands."""
        found = 0
        for path in self.folder.rglob("*"):
            with suppress(OSError):  # a folder, or gone meanwhile
                content = path.read_bytes()
                found += text.encode() in (gzip.decompress(content) if path.suffix == ".gz" else content)
        return found


@pytest.fixture
def stand(tmp_path: Path, sqlite_template: Path) -> Iterator[Stand]:
    if not shutil.which("nginx"):
        absent("nginx (Debian: apt-get install nginx-light)")
    folder, port = tmp_path / "snapshots", free_port()
    with prepared(tmp_path / "data", sqlite_template, UNDERSIGNED_SNAPSHOT_DIR=str(folder)) as server:
        server.start()
        with (
            serving(tmp_path / "nginx", shipped(port, server.port, folder), port) as base,
            httpx.Client(base_url=base, headers=FROM_HERE, timeout=30) as client,
        ):
            until(lambda: _reckoned(server), 20, "the first integrity note, which moves the state on")
            yield Stand(server, client, folder)


def _reckoned(server: Server) -> bool:
    database = server.database()
    with database.reading() as session:
        found = session.exec(select(Integrity)).first()
    database.engine.dispose()
    return found is not None


def from_file(answer: httpx.Response) -> bool:
    """nginx makes an ETag of time and length; the application's are of one part."""
    return "-" in answer.headers.get("etag", "").replace("-gz", "")


def said(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in OWN}


def test_what_comes_from_a_file_is_what_the_application_says(stand: Stand) -> None:
    with stand.server.client() as direct:
        until(lambda: all(from_file(stand.client.get(face)) for face in FACES), 20, "every face as a file")
        straight = {face: direct.get(face) for face in FACES}
        elsewhere = {face: direct.get(face) for face in ELSEWHERE}
    hsts = {"strict-transport-security": "max-age=31536000; includeSubDomains"}
    for face in FACES:
        answer = stand.client.get(face)
        assert from_file(answer), f"{face} is no file"
        assert (answer.content, said(answer)) == (straight[face].content, said(straight[face]) | hsts), face
        assert stand.client.get(face, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
        assert "last-modified" not in answer.headers
    for face in ELSEWHERE:
        answer = stand.client.get(face)
        assert (answer.status_code, answer.content, said(answer)) == (elsewhere[face].status_code, elsewhere[face].content, said(elsewhere[face])), face


def test_while_the_application_is_away_readers_read_on_and_signers_are_told(stand: Stand) -> None:
    until(lambda: all(from_file(stand.client.get(face)) for face in FACES), 20, "every face as a file")
    before = {face: stand.client.get(face) for face in FACES}
    stand.server.stop()
    for face in FACES:
        answer = stand.client.get(face)
        assert (answer.status_code, answer.content) == (200, before[face].content), face
    style = before[PAGE].text.split('<link rel="stylesheet" href="')[1].split('"')[0]
    assert stand.client.get(style).status_code == 200
    answer = stand.client.post(f"{PAGE}/sign", data={"name": "Vera Erstmals"})
    assert (answer.status_code, answer.headers["retry-after"], "Nothing you sent was published" in answer.text) == (503, "10", True)
    stand.server.start()
    assert stand.client.get("/privacy").status_code == 200
    assert stand.client.post(f"{PAGE}/sign", data={"name": "Vera Erstmals"}).status_code == 422


def test_a_name_that_is_taken_back_is_gone_from_every_file_within_two_seconds(stand: Stand) -> None:
    database = stand.server.database()
    with Site(database, stand.server.folder) as site:
        sign_many(site, [cast.individual(name="Vera Erstmals")])
        with database.transaction() as session:
            session.execute(sa.update(Signature).values(state=State.APPROVED, confirmed_at=utcnow(), decided_at=utcnow()))
    for face in (PAGE, f"{PAGE}/signatories", f"{PAGE}/feed.json", f"/embed/{cast.SLUG}"):
        until(lambda face=face: "Vera Erstmals" in stand.client.get(face).text, 5, face)  # type: ignore[misc]
    assert stand.holding("Vera Erstmals") >= 4
    with database.transaction() as session:
        listing.withdraw(session, session.exec(select(Signature)).one(), utcnow())
    began = time.monotonic()
    until(lambda: not any("Vera Erstmals" in stand.client.get(face).text for face in FACES), 2, "the name read nowhere")
    until(lambda: stand.holding("Vera Erstmals") == 0, 2 - (time.monotonic() - began), "the name in no file")
    database.engine.dispose()
