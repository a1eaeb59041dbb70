"""SQLite reads what a moderator sees through indexes, however long the list: without statistics its planner leaves a partial one whose condition a query does not repeat."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from tests import cast
from tests.signatures.hands import staff
from tests.site import Site

QUEUE = f"/console/statements/{cast.SLUG}"


@pytest.fixture
def asked(site_on_sqlite: Site) -> Iterator[list[tuple[str, Any]]]:
    """Every SELECT from now on, with its values."""
    found: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, sql: str, values: Any, *_rest: object) -> None:
        if sql.lstrip().startswith(("SELECT", "WITH")):
            found.append((sql, values))

    event.listen(site_on_sqlite.database.engine, "before_cursor_execute", note)
    yield found
    event.remove(site_on_sqlite.database.engine, "before_cursor_execute", note)


def whole_walks(site: Site, asked: list[tuple[str, Any]]) -> list[str]:
    """Of these queries, those that walk through every signature."""
    found = []
    with site.database.reading() as session:
        connection = session.connection()
        for sql, values in asked:
            plan = [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
            if any(re.fullmatch(r"SCAN signature( USING INDEX sqlite_autoindex\S*)?", line) for line in plan):
                found.append(" ".join(sql.split()))
    return found


def test_queue_card_and_decision_walk_through_no_whole_table(site_on_sqlite: Site, asked: list[tuple[str, Any]]) -> None:
    site_on_sqlite.publish()
    for number in range(3):
        site_on_sqlite.signed(email=f"house{number}@post-office.org", organisation=f"Fictional House {number}", website="")
    moderator, rows = staff(site_on_sqlite), site_on_sqlite.rows()
    asked.clear()
    for address in (QUEUE, f"/console/signatures/{rows[0].id}"):
        assert moderator.get(address).status_code == 200
    assert moderator.post(f"/console/signatures/{rows[0].id}/approve").status_code == 303
    assert len(asked) > 10
    assert whole_walks(site_on_sqlite, list(asked)) == []
