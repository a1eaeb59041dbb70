"""What runs in the background, where no other test looks."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from app import jobs
from app.accounts.models import Role
from app.clock import utcnow
from app.db import Database
from app.jobs import JOBS, Runner, called, run_job
from app.outbox.actions import enqueue
from app.outbox.models import Mail, MailState
from app.settings import get_settings
from app.statements.queries import get
from app.webhooks import actions
from app.webhooks.models import Delivery, Endpoint, Event
from app.webhooks.telling import tell_due
from tests import cast
from tests.feeds.lists import AUTOMATIC
from tests.secretariat.test_sheets import HEADER, PEOPLE, csv, hand_in
from tests.signatures.hands import change, staff
from tests.site import Site

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


def test_a_job_is_called_while_there_is_something_for_it_to_do(site: Site) -> None:
    site.publish()
    head, calls = staff(site, Role.ADMINISTRATOR), [called(site.database)]
    assert site.browser.post(f"/statements/{cast.SLUG}/sign", cast.individual(name="Alena Prykladnaya")).status_code == 303
    calls.append(called(site.database))
    link, _ = site.link_and_code(cast.individual()["email"])
    site.browser.submit(site.browser.get(link), press="confirm")
    site.work()
    calls.append(called(site.database))
    change(site, cast.individual()["email"], lambda row: row.approve(utcnow()))
    calls.append(called(site.database))
    site.work()
    assert calls == [[], ["mail"], [], ["publish"]]
    head.post("/console/campaigns", {"statement": cast.SLUG, "code": "false", "note": "", "name": "Prykladnaya"})
    assert called(site.database) == ["campaigns"]
    assert head.post(f"{hand_in(head, csv((HEADER, *PEOPLE)))}/enter").status_code == 303
    assert called(site.database) == ["campaigns", "sheets"]
    _work(site.database)
    assert called(site.database) == []


def _work(database: Database) -> None:
    while names := called(database):
        for job in JOBS:
            if job.name in names:
                run_job(job, database)


def test_a_decision_calls_once_its_time_has_come(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "undo_seconds", 10)
    site.publish()
    moderator = staff(site, Role.MODERATOR)
    site.signed()
    key = site.rows()[0].id
    assert moderator.post(f"/console/signatures/{key}/approve").status_code == 303
    assert called(site.database) == []
    now = utcnow()
    monkeypatch.setattr(jobs, "utcnow", lambda: now + timedelta(seconds=11))
    assert called(site.database) == ["decisions"]


@pytest.mark.parametrize(("failing", "job"), [(None, "webhook messages"), (utcnow(), "failing webhooks")])
def test_a_message_calls_the_job_of_its_address(site: Site, failing: datetime | None, job: str) -> None:
    site.publish(cast.statement(AUTOMATIC))
    with site.database.transaction() as session:
        actions.add(session, get(session, cast.SLUG), "https://hooks.example/", list(Event), utcnow())
    site.signed()
    site.work()
    tell_due(site.database)
    with site.database.transaction() as session:
        session.exec(select(Endpoint)).one().failing_since = failing
    assert called(site.database) == [job]
    with site.database.transaction() as session:
        session.execute(sa.update(Delivery).values(leased_until=utcnow() + timedelta(minutes=1)))
    assert called(site.database) == []


@contextmanager
def _running(database: Database) -> Iterator[None]:
    runner = Runner(database)
    runner.start()
    yield
    began = time.monotonic()
    runner.stop()
    assert time.monotonic() - began < 5


def test_work_that_comes_while_the_jobs_run_is_done_and_they_end_when_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[object] = []
    monkeypatch.setattr(jobs, "log_failure", lambda *said: failures.append(said))
    with _running(database):
        for _ in range(2):
            with database.transaction() as session:
                enqueue(session, "waiting", "moderator@site.example", "en", utcnow(), {"count": "1"})
            ends = time.monotonic() + 20
            while _queued(database) and time.monotonic() < ends:
                time.sleep(0.05)
            assert _queued(database) == 0
    assert failures == []


def _queued(database: Database) -> int:
    with Session(database.engine) as session:
        return len(session.exec(select(Mail.id).where(Mail.state == MailState.QUEUED)).all())


def test_while_the_database_is_away_nobody_is_called_and_it_is_logged(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[str] = []
    monkeypatch.setattr(jobs, "log_failure", lambda what, _: failures.append(what))
    monkeypatch.setattr(database, "reading", None)
    assert (called(database), failures) == ([], ["looking for work failed"])
