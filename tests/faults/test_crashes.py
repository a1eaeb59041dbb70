"""A server that is killed, a file that is locked, a disk that is full: nothing acknowledged is lost, nothing is half written."""

import json
import random
import resource
import signal
import threading
import time
from itertools import count
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import select

from app.keys.queries import keyring
from app.outbox.models import Mail
from app.signatures.identity import canonical_address
from app.signatures.models import MailedLink, Signature
from app.statements.queries import get
from tests import cast
from tests.faults.server import Server, opened, prepared
from tests.signatures.hands import SIGN, mails
from tests.site import Site

ROUNDS = 5


class Signers:
    """Threads that sign as fast as they can and remember what was acknowledged."""

    def __init__(self, server: Server, numbers: "count[int]") -> None:
        self.server, self.numbers = server, numbers
        self.acknowledged: list[str] = []
        self.other: set[int] = set()
        self.threads = [threading.Thread(target=self.sign) for _ in range(4)]
        for thread in self.threads:
            thread.start()

    def sign(self) -> None:
        with self.server.client() as client:
            while True:
                number = next(self.numbers)
                email = f"person{number}@post-office.org"
                network = {"X-Forwarded-For": f"{11 + number // 60000}.{number // 240 % 250}.{number % 240}.9"}
                try:
                    answer = client.post(SIGN, data=cast.individual(email=email), headers=network)
                except httpx.TransportError:
                    return
                if answer.status_code == 303:
                    self.acknowledged.append(email)
                else:
                    self.other.add(answer.status_code)

    def go_on(self, number: int) -> None:
        """Until so many were acknowledged."""
        while len(self.acknowledged) < number and any(thread.is_alive() for thread in self.threads):
            time.sleep(0.005)

    def wait(self) -> None:
        for thread in self.threads:
            thread.join()


def whole(folder: Path, acknowledged: list[str]) -> None:
    """Everything acknowledged is there with its link and its mail, nothing is half there, the file is sound."""
    database = opened(folder)
    with database.reading() as session:
        assert session.execute(sa.text("PRAGMA integrity_check")).scalar_one() == "ok"
        assert session.execute(sa.text("PRAGMA foreign_key_check")).all() == []
        ring = keyring(session, get(session, cast.SLUG).id)
        signatures = {row.address_index: row.id for row in session.exec(select(Signature))}
        links = [row.signature_id for row in session.exec(select(MailedLink))]
        to = [json.loads(ring.open(row.payload or b"", row.place))["to"] for row in session.exec(select(Mail))]
    database.engine.dispose()
    assert [email for email in acknowledged if ring.index(canonical_address(email)) not in signatures] == []
    assert set(acknowledged) <= set(to)
    assert len(signatures) == len(to) == len(set(to)) == len(links)
    assert set(links) == set(signatures.values())


def test_a_killed_server_loses_nothing_it_acknowledged(tmp_path: Path, sqlite_template: Path) -> None:
    acknowledged: list[str] = []
    numbers = count()
    with prepared(tmp_path / "data", sqlite_template) as server:
        for _ in range(ROUNDS):
            server.start()
            signers = Signers(server, numbers)
            signers.go_on(random.randint(15, 60))
            server.stop(signal.SIGKILL)
            signers.wait()
            assert signers.other == set()
            acknowledged += signers.acknowledged
            whole(tmp_path / "data", acknowledged)
    assert len(acknowledged) >= 15 * ROUNDS


def test_a_server_told_to_stop_finishes_what_it_began(tmp_path: Path, sqlite_template: Path) -> None:
    with prepared(tmp_path / "data", sqlite_template) as server:
        server.start()
        signers = Signers(server, count())
        signers.go_on(20)
        process = server.process
        server.stop()
        signers.wait()
        assert process
        assert (process.returncode in {0, -signal.SIGTERM}, server.log.read_text(), signers.other) == (True, "", set())
        whole(tmp_path / "data", signers.acknowledged)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_a_full_disk_is_a_calm_refusal_that_loses_nothing_and_passes_by_itself(tmp_path: Path, sqlite_template: Path) -> None:
    acknowledged = []
    with prepared(tmp_path / "data", sqlite_template) as server:
        server.start()
        hard = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)[1]
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (900_000, hard))
        refused = None
        with server.client() as client:
            for number in range(400):
                email = f"person{number}@post-office.org"
                answer = client.post(SIGN, data=cast.individual(email=email), headers={"X-Forwarded-For": f"11.0.{number % 240}.9"})
                if answer.status_code != 303:
                    refused = answer
                    break
                acknowledged.append(email)
            assert refused
            assert refused.status_code in {500, 503}
            assert "Something went wrong on our side" in refused.text
            assert client.get(f"/statements/{cast.SLUG}").status_code == 200
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (hard, hard))
            assert client.post(SIGN, data=cast.individual(email="later@post-office.org"), headers={"X-Forwarded-For": "12.0.0.9"}).status_code == 303
            acknowledged.append("later@post-office.org")
        server.stop()
        whole(tmp_path / "data", acknowledged)
        assert "post-office" not in server.log.read_text()
    assert len(acknowledged) > 3


def test_a_database_that_somebody_else_is_writing_to_is_waited_for(site_on_sqlite: Site) -> None:
    site_on_sqlite.publish()
    locked = threading.Event()

    def hold() -> None:
        with site_on_sqlite.database.transaction() as session:
            session.connection()
            locked.set()
            time.sleep(2)

    holder = threading.Thread(target=hold)
    holder.start()
    locked.wait()
    began = time.monotonic()
    assert site_on_sqlite.browser.get(f"/statements/{cast.SLUG}").status_code == 200
    assert time.monotonic() - began < 1.5
    assert site_on_sqlite.browser.post(SIGN, cast.individual()).status_code == 303
    assert time.monotonic() - began > 1
    holder.join()
    assert (len(site_on_sqlite.rows()), len(mails(site_on_sqlite))) == (1, 1)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_postgresql_that_dropped_every_connection_costs_no_request(site: Site) -> None:
    site.publish()
    site.browser.get(f"/statements/{cast.SLUG}")
    other = sa.create_engine(site.database.url)
    with other.begin() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"))
    other.dispose()
    assert site.browser.post(SIGN, cast.individual()).status_code == 303
    assert len(site.rows()) == 1


def test_a_failed_commit_is_never_reported_as_a_success(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.publish()

    def broken(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as full:
        full.setattr("sqlalchemy.orm.session.Session.commit", broken)
        answer = site.browser.post(SIGN, cast.individual())
    assert (answer.status_code, "set-cookie" in answer.headers, len(site.rows())) == (500, False, 0)
    assert site.browser.post(SIGN, cast.individual()).status_code == 303
