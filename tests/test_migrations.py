"""Migrations: up from empty equals the models, on both databases, and rows survive them."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.db import Database
from app.migrations import _without_foreign_keys, config, migrate, modelled
from app.tables import metadata
from tests import cast
from tests.site import Site


def test_up_from_empty_equals_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True, "include_object": modelled})
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


@pytest.mark.parametrize(
    "revision", ["0001", "0002", "0003", "0004", "0006", "0007", "0008", "0009", "0010", "0011", "0012", "0013", "0014", "0015", "0016", "0017", "0018"]
)
def test_rows_survive_going_down_to_a_revision_and_up_again(site: Site, revision: str) -> None:
    """With rows of every kind in the tables: what the older schema has a place for comes back as it was."""
    slug = site.publish(cast.statement(cast.FIRST))
    site.signed(slug)
    site.approve_all(site.moderator())
    site.signed(slug, kind="individual")
    site.browser.post(f"/statements/{slug}/sign", cast.individual(email="waits@post-office.org"))
    link, code = site.link_and_code("waits@post-office.org")
    before, page = _kept(site.database), site.browser.get(f"/statements/{slug}/signatories.json").json()
    settings = config()
    with site.database.engine.connect() as connection, _without_foreign_keys(site.database, connection):
        settings.attributes["connection"] = connection
        command.downgrade(settings, revision)
        connection.commit()
    migrate(site.database)
    assert _kept(site.database) == before
    assert site.browser.get(f"/statements/{slug}/signatories.json").json() == page
    assert site.new_browser().post(link, {"act": "confirm", "code": code}).status_code == 200


def _kept(database: Database) -> dict[str, object]:
    """Every row of the tables of the first revision, without the columns that came later."""
    later = {
        "correction",
        "parting",
        "mailed_at",
        "flags",
        "cluster",
        "evidence",
        "organisation_id",
        "corrected_at",
        "lane",
        "totp",
        "totp_step",
        "raised_by",
        "raised_at",
        "stepped_down_at",
        "sounds",
        "collection_id",
        "attested_by",
        "hidden_at",
        "frozen_at",
        "since_from",
        "on_duty",
        "edition",
        "signatory_sort_key.kind",
        "place",
    }
    tables = ("account", "statement", "revision", "text", "statement_keys", "signature", "signatory_sort_key", "tally", "decision", "outbox_mail")
    with database.engine.connect() as connection:
        rows = {name: connection.execute(sa.select(*(c for c in metadata.tables[name].c if not {c.name, str(c)} & later))).all() for name in tables}
        links = connection.execute(sa.text("SELECT count(*) FROM mailed_link WHERE expires_at IS NOT NULL")).scalar_one()
    return {"links": links, **{name: sorted(map(repr, found)) for name, found in rows.items()}}


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


@pytest.mark.parametrize("pragma", [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1), ("trusted_schema", 0)])
def test_sqlite_is_as_durable_and_strict_as_designed(sqlite: Database, pragma: tuple[str, object]) -> None:
    with sqlite.engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma[0]}").scalar() == pragma[1]
