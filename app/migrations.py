"""Bring the database's schema to the newest migration."""

from alembic import command
from alembic.config import Config

from app.db import Database
from app.settings import ROOT


def config() -> Config:
    """Alembic's configuration; there is no ini file."""
    found = Config()
    found.set_main_option("script_location", str(ROOT / "migrations"))
    found.set_main_option("file_template", "%%(year)d_%%(month).2d_%%(day).2d_%%(slug)s")
    return found


def migrate(database: Database, to: str = "head") -> None:
    """Run the missing migrations. On SQLite without foreign keys, for a rebuilt table would delete its children."""
    settings = config()
    with database.engine.connect() as connection:
        if database.embedded:
            driver = connection.connection.driver_connection
            assert driver is not None  # noqa: S101 - a pooled connection has one
            driver.execute("PRAGMA foreign_keys=OFF")
        settings.attributes["connection"] = connection
        command.upgrade(settings, to)
        connection.commit()
        if database.embedded:
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise RuntimeError("a migration broke a foreign key")
            connection.rollback()
            driver.execute("PRAGMA foreign_keys=ON")
