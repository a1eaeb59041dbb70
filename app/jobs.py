"""What runs in the background, and how often.

Most jobs have mostly nothing to do. One question, four times a second, finds those that have; it takes no turn from those who write.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import sqlalchemy as sa
import structlog

from app.clock import utcnow
from app.db import Database, UTCDateTime
from app.moderation import campaigns, deciding
from app.moderation.notices import alert_due, notify_of_queue, notify_of_reports
from app.moderation.reckoning import reckon
from app.moderation.recount import recount
from app.outbox import worker
from app.publication import publisher
from app.publication.history import record
from app.secretariat import collecting
from app.signatures import finding
from app.upkeep.schedule import sweep
from app.web.layers import log_failure
from app.webhooks import sending
from app.webhooks.telling import tell_due

log = structlog.get_logger()
TICK = 0.25
LOG = 64 * 1024 * 1024


@dataclass(frozen=True)
class Job:
    """One thing to do, at least so many seconds after the last time; it returns how much it did, and `full` of it means that more waits.

    With `waiting`, the condition that there is something to do at the moment given, it runs only then.
    """

    name: str
    every: float
    run: Callable[[Database], int]
    full: int | None = None
    waiting: Callable[[Any], sa.Exists] | None = None


def _notify(database: Database) -> int:
    with database.transaction() as session:
        return notify_of_queue(session, utcnow()) + notify_of_reports(session, utcnow())


def _sweep(database: Database) -> int:
    return sweep(database, utcnow())


def _shorten_log(database: Database) -> int:
    """The log begins anew by itself only in a moment without readers, and in a flood there is none."""
    return int(database.log_size() > LOG and database.empty_log())


def _compact(database: Database) -> int:
    """In short steps, between which others write."""
    steps, more = 0, True
    while more:
        with database.transaction() as session:
            more = finding.compact(session, anew=steps == 0)
        steps += 1
    return steps - 1


JOBS = (
    Job("decisions", TICK, deciding.effect_due, deciding.BATCH, deciding.waiting),
    Job("campaigns", TICK, campaigns.campaigns_due, 1, campaigns.waiting),
    Job("sheets", TICK, collecting.collections_due, 1, collecting.waiting),
    Job("publish", TICK, publisher.publish_due, 1, publisher.waiting),
    Job("mail", 1, worker.deliver_due, worker.BATCH, worker.waiting),  # no oftener: each time costs people who sign at the same time
    Job("webhooks", 1, tell_due),
    Job("webhook messages", 1, sending.send_due, sending.AT_ONCE, sending.waiting),
    Job("failing webhooks", 1, partial(sending.send_due, failing=True), sending.AT_ONCE, partial(sending.waiting, failing=True)),
    Job("integrity", 3600, reckon),
    Job("history", 300, record),
    Job("recount", 86_400, recount),
    Job("names", 3600, _compact),
    Job("notice", 60, _notify),
    Job("alerts", 60, alert_due),
    Job("log", 10, _shorten_log),
    Job("retention", 600, _sweep),
)


_CALLED = {job.name: job.waiting for job in JOBS if job.waiting}
_NOW = sa.bindparam("now", type_=UTCDateTime())
_LOOK = sa.select(*(waiting(_NOW) for waiting in _CALLED.values()))


def called(database: Database) -> list[str]:
    """The names of the jobs for which something waits; none while the database is away, which is logged."""
    try:
        with database.reading() as session:
            found = session.execute(_LOOK, {"now": utcnow()}).one()
    except Exception as error:
        log_failure("looking for work failed", error)
        return []
    return [name for name, waits in zip(_CALLED, found, strict=True) if waits]


def run_job(job: Job, database: Database) -> int:
    """Run one job once; a failure is logged and tried again at its next time."""
    try:
        return job.run(database)
    except Exception as error:
        log_failure(f"job {job.name} failed", error)
        return 0


class Runner:
    """A thread for each job, so that a slow mail server holds up nothing else."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stopping = threading.Event()
        self._calls = {name: threading.Event() for name in _CALLED}
        self._threads = [threading.Thread(target=self._loop, args=(job,), name=f"job-{job.name}") for job in JOBS]
        self._threads.append(threading.Thread(target=self._call, name="jobs"))

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let every job finish what it is doing."""
        self._stopping.set()
        for call in self._calls.values():
            call.set()
        for thread in self._threads:
            thread.join()

    def _call(self) -> None:
        while not self._stopping.is_set():
            for name in called(self._database):
                self._calls[name].set()
            self._stopping.wait(TICK)

    def _loop(self, job: Job) -> None:
        call, more = self._calls.get(job.name), False
        while self._wanted(call, more):
            began = time.monotonic()
            done = run_job(job, self._database)
            more = job.full is not None and done >= job.full
            self._stopping.wait(0.01 if more else max(TICK, job.every - (time.monotonic() - began)))

    def _wanted(self, call: threading.Event | None, more: bool) -> bool:
        """Wait for the call of a job that is called and has done what waited; False at the end."""
        if call and not more:
            call.wait()
        if call:
            call.clear()
        return not self._stopping.is_set()
