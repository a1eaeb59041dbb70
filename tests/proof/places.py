"""Where a proof runs: a site in this process, or a server in one of its own, on a database that is gone afterwards."""

import functools
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from app.db import Database
from app.migrations import migrate
from app.settings import Settings
from tests.conftest import POSTGRES
from tests.faults.server import Server, installed
from tests.proof.figures import Figures
from tests.site import Site

SQLITE, POSTGRESQL = "sqlite", "postgresql"
PlaceT = TypeVar("PlaceT")
Run = Callable[..., Figures]


@contextmanager
def empty(kind: str) -> Iterator[str]:
    """The DATABASE_URL of an empty database, "" for the file in the data directory; raises sqlalchemy.exc.OperationalError."""
    if kind == SQLITE:
        yield ""
        return
    name, address = f"undersigned_proof_{uuid.uuid4().hex[:12]}", sa.make_url(Settings(database_url=POSTGRES).database)
    admin = sa.create_engine(address, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    try:
        yield address.set(database=name, drivername="postgresql").render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        admin.dispose()


@contextmanager
def site(folder: Path, kind: str) -> Iterator[Site]:
    """The whole application in this process."""
    with empty(kind) as url:
        database = Database(Settings(database_url=url, data_dir=folder).database)
        migrate(database)
        with Site(database, folder) as running:
            yield running
        database.engine.dispose()


@contextmanager
def server(folder: Path, kind: str) -> Iterator[Server]:
    """The whole application in a process of its own, not yet started, with the cast's statement."""
    with empty(kind) as url, installed(folder / "data", DATABASE_URL=url) as found:
        yield found


@contextmanager
def three(folder: Path, kind: str) -> Iterator[list[Server]]:
    """Three of them, each with a database of its own."""
    with ExitStack() as stack:
        places = [folder / name for name in ("one", "two", "three")]
        for place in places:
            place.mkdir()
        yield [stack.enter_context(server(place, kind)) for place in places]


def on(place: Callable[[Path, str], AbstractContextManager[PlaceT]], kind: str, run: Run) -> Run:
    """A `run` that takes a folder, made of one that takes what `place` gives."""

    @functools.wraps(run)
    def there(folder: Path, **size: int) -> Figures:
        with place(folder, kind) as found:
            return run(found, **size)

    return there


def anywhere(run: Run) -> Run:
    """A `run` that takes a folder, made of one that finds its own place."""

    @functools.wraps(run)
    def there(_folder: Path, **size: int) -> Figures:
        return run(**size)

    return there
