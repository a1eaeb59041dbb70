"""What runs in the background, and how often."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from app.clock import utcnow
from app.db import Database
from app.moderation.campaigns import campaigns_due
from app.moderation.deciding import effect_due
from app.moderation.notices import alert_due, notify_of_queue, notify_of_reports
from app.moderation.reckoning import reckon
from app.moderation.recount import recount
from app.outbox.worker import BATCH, deliver_due
from app.publication.history import record
from app.publication.publisher import publish_due
from app.secretariat.collecting import collections_due
from app.signatures import finding
from app.upkeep.schedule import sweep
from app.web.layers import log_failure
from app.webhooks.sending import AT_ONCE, send_due
from app.webhooks.telling import tell_due

log = structlog.get_logger()
TICK = 0.25
LOG = 64 * 1024 * 1024


@dataclass(frozen=True)
class Job:
    """One thing to do every so many seconds; it returns how much it did, and `full` of it means that more waits."""

    name: str
    every: float
    run: Callable[[Database], int]
    full: int | None = None


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
    Job("decisions", TICK, effect_due, full=BATCH),
    Job("campaigns", TICK, campaigns_due, full=1),
    Job("sheets", TICK, collections_due, full=1),
    Job("publish", TICK, publish_due, full=1),
    Job("mail", 1, deliver_due, full=BATCH),  # no oftener: each look costs people who sign at the same time
    Job("webhooks", 1, tell_due),
    Job("webhook messages", 1, send_due, full=AT_ONCE),
    Job("failing webhooks", 1, partial(send_due, failing=True), full=AT_ONCE),
    Job("integrity", 3600, reckon),
    Job("history", 300, record),
    Job("recount", 86_400, recount),
    Job("names", 3600, _compact),
    Job("notice", 60, _notify),
    Job("alerts", 60, alert_due),
    Job("log", 10, _shorten_log),
    Job("retention", 600, _sweep),
)


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
        self._threads = [threading.Thread(target=self._loop, args=(job,), name=f"job-{job.name}") for job in JOBS]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let every job finish what it is doing."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _loop(self, job: Job) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            done = run_job(job, self._database)
            more = job.full is not None and done >= job.full
            self._stopping.wait(0.01 if more else max(TICK, job.every - (time.monotonic() - began)))
