"""Migrations: up from empty equals the models, on both databases, and rows survive them."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.db import Database
from app.migrations import config, migrate
from app.tables import metadata
from tests.site import Site


def test_up_from_empty_equals_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, metadata) == []


def test_the_checks_on_enumerations_equal_the_models(database: Database) -> None:
    """Autogenerate does not see a changed CHECK, so this looks itself."""
    found = sa.inspect(database.engine)
    for table in metadata.sorted_tables:
        written = " ".join(str(check["sqltext"]) for check in found.get_check_constraints(table.name))
        for column in table.columns:
            if isinstance(column.type, sa.Enum):
                assert [value for value in column.type.enums if f"'{value}'" not in written] == [], f"{table.name}.{column.name}"


def test_migrating_twice_changes_nothing(sqlite: Database) -> None:
    migrate(sqlite)
    with sqlite.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == ScriptDirectory.from_config(config()).get_current_head()


def test_rows_survive_every_migration(site: Site) -> None:
    """With rows in every table that a signature fills, going over all migrations again keeps them."""
    slug = site.publish()
    site.signed(slug)
    before = _counts(site.database)
    migrate(site.database)
    assert _counts(site.database) == before
    assert site.browser.get(f"/statements/{slug}").status_code == 200


def test_there_is_one_head_and_every_migration_goes_down_too(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'down.sqlite3'}")
    migrate(database)
    assert len(ScriptDirectory.from_config(config()).get_heads()) == 1
    settings = config()
    with database.engine.connect() as connection:
        settings.attributes["connection"] = connection
        command.downgrade(settings, "base")
        connection.commit()
    migrate(database)
    assert set(sa.inspect(database.engine).get_table_names()) >= set(metadata.tables)
    database.engine.dispose()


def _counts(database: Database) -> dict[str, int]:
    with database.engine.connect() as connection:
        return {table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in metadata.sorted_tables}


@pytest.mark.parametrize("pragma", [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1), ("trusted_schema", 0)])
def test_sqlite_is_as_durable_and_strict_as_designed(sqlite: Database, pragma: tuple[str, object]) -> None:
    with sqlite.engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma[0]}").scalar() == pragma[1]
