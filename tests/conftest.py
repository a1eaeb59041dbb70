"""Real databases, a browser without a window, and no network but loopback."""

import os
import shutil
import socket
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

for _name in [
    name
    for name in os.environ
    if name.startswith("UNDERSIGNED_") and name not in {"UNDERSIGNED_SHARED", "UNDERSIGNED_TEST_POSTGRES", "UNDERSIGNED_TEST_SNAPSHOTS", "UNDERSIGNED_PROOF"}
]:
    del os.environ[_name]
_HOME = Path(tempfile.mkdtemp(prefix="undersigned-tests-"))
os.environ |= {
    "UNDERSIGNED_ENV": "development",
    "UNDERSIGNED_DATA_DIR": str(_HOME),
    "UNDERSIGNED_TRUSTED_PROXIES": "127.0.0.0/8",
    "UNDERSIGNED_MAILS_PER_HOUR": "10000000",
    "UNDERSIGNED_UNDO_SECONDS": "0",
    "UNDERSIGNED_CONTACT": "contact@site.example",
}
os.environ.pop("DATABASE_URL", None)

import sqlalchemy as sa  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402
from xdist.scheduler import LoadScopeScheduling  # noqa: E402

from app.db import Database  # noqa: E402
from app.migrations import migrate  # noqa: E402
from app.settings import Settings  # noqa: E402
from app.tables import metadata  # noqa: E402
from tests.site import Site  # noqa: E402

# How quick a machine is says nothing of whether a law holds: an example that ran alone in time fails beside others.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


class _Together(LoadScopeScheduling):  # type: ignore[misc]
    """Tests that share servers share a worker; xdist's own groups do nothing under pytest 9.2."""

    def _split_scope(self, nodeid: str) -> str:
        return next((group for group in ("tests/browser/", "tests/test_secrecy.py") if nodeid.startswith(group)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> _Together:
    return _Together(config, log)


CI = os.environ.get("CI", "").lower() == "true"
POSTGRES = os.environ.get("UNDERSIGNED_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
SHARED = Path(os.environ.get("UNDERSIGNED_SHARED", Path(__file__).parents[2] / "shared"))


def absent(what: str) -> None:
    """A missing component fails in CI and is said elsewhere."""
    if CI:
        pytest.fail(f"missing in CI: {what}")
    pytest.skip(f"missing here: {what}")


@pytest.fixture(autouse=True)
def _fresh_record() -> None:
    """Each test has a database of its own, and one data directory is the home of one database."""
    (_HOME / "audit.head").unlink(missing_ok=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "undersigned.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A database of this run's own, on the server the environment names."""
    admin_url = Settings(database_url=POSTGRES).database
    name = f"undersigned_test_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(admin_url, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    except sa.exc.OperationalError:
        absent(f"PostgreSQL at {POSTGRES} (UNDERSIGNED_TEST_POSTGRES names another)")
    url = sa.make_url(admin_url).set(database=name).render_as_string(hide_password=False).replace("+psycopg", "")
    yield url
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


@pytest.fixture(scope="session")
def postgres(postgres_url: str) -> Iterator[Database]:
    database = Database(Settings(database_url=postgres_url).database)
    migrate(database)
    yield database
    database.engine.dispose()


@pytest.fixture
def sqlite(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "undersigned.sqlite3"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Each test that asks for it runs on both."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    found: Database = request.getfixturevalue("postgres")
    yield found
    with found.engine.begin() as connection:  # a TRUNCATE of all tables takes a hundred times as long
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Iterator[Site]:
    """The whole application on one database; jobs run when a test says so."""
    with Site(database, tmp_path) as running:
        yield running


@pytest.fixture
def site_on_sqlite(sqlite: Database, tmp_path: Path) -> Iterator[Site]:
    """For what does not depend on the database."""
    with Site(sqlite, tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def seed() -> str:
    """The real appeal; it stays outside the repository."""
    path = SHARED / "seed" / "appeal.txt"
    if not path.exists():
        absent(f"{path} (UNDERSIGNED_SHARED names another folder)")
    return path.read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that talks to another machine fails."""
    connect = socket.socket.connect

    def checked(self: socket.socket, address: object) -> None:
        host = str(address[0]) if isinstance(address, tuple) else "unix"
        if host not in {"unix", "localhost", "::1"} and not host.startswith("127."):
            raise AssertionError(f"a test tried to reach {host}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", checked)
