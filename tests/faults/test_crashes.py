"""A server that is killed, a file that is locked, a disk that is full: nothing acknowledged is lost, nothing is half written."""

import resource
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests import cast
from tests.faults.server import prepared
from tests.proof import crash
from tests.proof.figures import failed
from tests.proof.places import POSTGRESQL, SQLITE
from tests.proof.places import server as place
from tests.signatures.hands import SIGN, mails
from tests.site import Site


@pytest.mark.parametrize(("kind", "kills", "stops"), [(SQLITE, 4, 2), (POSTGRESQL, 2, 1)])
def test_a_server_that_is_killed_or_told_to_stop_loses_nothing_it_acknowledged(tmp_path: Path, kind: str, kills: int, stops: int) -> None:
    with place(tmp_path, kind) as server:
        assert failed(crash.run(server, kills, stops), crash.EXPECTED[kind]) == {}
        assert '"level": "error"' not in server.log.read_text()


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
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
            assert "nothing you sent was" in refused.text
            assert client.get(f"/statements/{cast.SLUG}").status_code == 200
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (hard, hard))
            assert client.post(SIGN, data=cast.individual(email="later@post-office.org"), headers={"X-Forwarded-For": "12.0.0.9"}).status_code == 303
            acknowledged.append("later@post-office.org")
        server.stop()
        assert set(acknowledged) == crash.addresses(server)
        assert set(crash.unsound(server).values()) == {0}
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
