"""Bring the database's schema to the newest migration."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

from app.db import Database
from app.settings import ROOT


def config() -> Config:
    """Alembic's configuration; there is no ini file."""
    found = Config()
    found.set_main_option("script_location", str(ROOT / "migrations"))
    found.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    return found


def modelled(_item: object, name: str | None, *_rest: object) -> bool:
    """Whether the models say what there is of that name; the index of names is made by its migration alone."""
    return not (name or "").startswith(("signatory_text", "ix_signature_names"))


def migrate(database: Database, to: str = "head") -> None:
    """Run the missing migrations; raises RuntimeError when one broke a foreign key."""
    settings = config()
    with database.engine.connect() as connection, _without_foreign_keys(database, connection):
        settings.attributes["connection"] = connection
        command.upgrade(settings, to)
        connection.commit()


@contextmanager
def _without_foreign_keys(database: Database, connection: Connection) -> Iterator[None]:
    """On SQLite a table that is built anew would delete its children; checked afterwards instead."""
    if not database.embedded:
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        if driver.execute("PRAGMA foreign_key_check").fetchone():
            raise RuntimeError("a migration broke a foreign key")
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON")
