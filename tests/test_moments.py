"""Moments as the databases hold them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from app.db import Database, UTCDateTime

MOMENTS = (
    datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(999, 1, 1, tzinfo=UTC),
    datetime(2026, 1, 1, 1, 30, tzinfo=timezone(timedelta(hours=3))),
)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_moment_comes_back_as_it_was_and_sqlite_holds_the_text_that_sqlalchemy_writes(database: Database, moment: datetime) -> None:
    with database.reading() as session:
        found = session.execute(_echo(moment)).scalar_one()
    assert (found, found.tzinfo) == (moment, UTC)
    theirs = sa.DateTime().dialect_impl(sqlite.dialect()).bind_processor(sqlite.dialect())
    assert theirs is not None
    ours = UTCDateTime().bind_processor(sqlite.dialect())
    assert ours(moment) == theirs(moment.astimezone(UTC).replace(tzinfo=None))


def _echo(moment: datetime) -> sa.Select[tuple[datetime]]:
    return sa.select(sa.type_coerce(sa.bindparam("now", moment, UTCDateTime()), UTCDateTime()))


def test_no_moment_is_none_and_a_naive_one_is_refused(database: Database) -> None:
    bind = UTCDateTime().bind_processor(sqlite.dialect())
    assert bind(None) is None
    with database.reading() as session, pytest.raises((ValueError, sa.exc.StatementError)):
        session.execute(_echo(datetime(2026, 1, 1)))  # noqa: DTZ001
