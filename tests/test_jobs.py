"""What runs in the background, where no other test looks."""

import pytest
import sqlalchemy as sa

from app import jobs
from app.clock import utcnow
from app.db import Database
from app.jobs import JOBS, run_job
from app.outbox.actions import enqueue

LOG = next(job for job in JOBS if job.name == "log")


def test_a_log_that_grew_under_readers_is_emptied_once_they_leave(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "LOG", 100_000)
    with sqlite.reading() as reader:
        reader.execute(sa.text("SELECT count(*) FROM outbox_mail"))
        for _ in range(40):
            with sqlite.transaction() as session:
                enqueue(session, "waiting", "moderator@site.example", "en", utcnow(), {"count": "1" * 1000})
        assert sqlite.log_size() > 100_000
        assert run_job(LOG, sqlite) == 0
    assert (run_job(LOG, sqlite), sqlite.log_size()) == (1, 0)


def test_a_short_log_is_left_alone_and_another_database_has_none(database: Database) -> None:
    assert (run_job(LOG, database), database.embedded or database.log_size() == 0) == (0, True)
