"""Claim due mail by lease, send it, mark it: at least once, with a Message-ID that makes repeats recognisable."""

import json
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from time import monotonic
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from app.clock import utcnow
from app.db import Database
from app.keys.queries import keyring
from app.outbox.actions import end_lapsed
from app.outbox.breaker import Breaker, breaker
from app.outbox.mailer import SmtpConnection, compose
from app.outbox.models import Mail, MailState
from app.outbox.pace import PLAIN, PROVEN, allowance, leaving
from app.settings import get_settings
from app.web.layers import log_failure

BATCH = 20
LEASE = timedelta(minutes=10)
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 720, 1440))
_LANES = ("", PROVEN, PLAIN)  # those with a proof of work before the rest
_SERVER_FAILED = ("unreachable", "interrupted", "unanswered")
log = structlog.get_logger()


@dataclass(frozen=True)
class _Tried:
    """What became of a mail, and whether the server was failing before."""

    mail_id: UUID
    failure: str | None
    server_failing: bool
    at: datetime


def waiting(now: Any) -> sa.Exists:
    """Whether the time of a mail has come."""
    return _due(now).where(col(Mail.lane).in_(_LANES)).order_by(None).exists()


def deliver_due(database: Database) -> int:
    """Send one batch of due mail, unless the server gets a pause; how many mails were settled or put off.

    When the server fails, the rest of the batch goes back as it was. A slow one gets half the lease, so that no mail of
    the batch is still here when another worker may claim it.
    """
    url = get_settings().smtp_url.get_secret_value()
    server = breaker(url)
    if server.pause:
        return 0
    lease, ends, done = utcnow() + LEASE, monotonic() + LEASE.total_seconds() / 2, 0
    with database.transaction() as session:
        waiting = _claim(session, utcnow(), lease)
    tried: list[_Tried] = []
    with SmtpConnection(url) as connection:
        while waiting and monotonic() < ends and _deliver(database, waiting.pop(0), lease, connection, server, tried):
            done += 1
    if tried or waiting:
        with database.transaction() as session:
            _settle(session, tried)
            _give_back(session, waiting, lease)
    if server.pause:
        with database.transaction() as session:  # while nobody knocks, nobody would notice
            end_lapsed(session, utcnow())
    return done


def _due(now: Any) -> SelectOfScalar[Mail]:
    free = or_(col(Mail.leased_until).is_(None), col(Mail.leased_until) < now)
    return select(Mail).where(Mail.state == MailState.QUEUED, col(Mail.due_at) <= now, free).order_by(col(Mail.due_at))


def _claim(session: Session, now: datetime, lease: datetime) -> list[UUID]:
    """Due mails, as many as their lanes allow now; what is for posts with a proof of work goes before the rest."""
    rows: list[Mail] = []
    for lane in _LANES:
        due = session.exec(_due(now).where(Mail.lane == lane).limit(BATCH - len(rows)).with_for_update(skip_locked=True)).all()
        rows += due[: allowance(session, leaving(lane), now, len(due))] if lane and due else due
    for mail in rows:
        mail.leased_until = lease
    return [mail.id for mail in rows]


def _settle(session: Session, tried: list[_Tried]) -> None:
    """Mark what became of each; together, for every transaction of its own would hold up people who sign."""
    for one in sorted(tried, key=lambda one: one.mail_id):
        mail = session.get(Mail, one.mail_id, with_for_update=True)
        if mail is not None and mail.state is MailState.QUEUED:
            _mark(mail, one.failure, one.server_failing, one.at)


def _give_back(session: Session, mails: list[UUID], lease: datetime) -> None:
    if not mails:
        return
    session.execute(sa.update(Mail).where(col(Mail.id).in_(mails), col(Mail.leased_until) == lease).values(leased_until=None))


def _deliver(database: Database, mail_id: UUID, lease: datetime, connection: SmtpConnection, server: Breaker, tried: list[_Tried]) -> bool:
    """Try one mail; False when the server failed. No transaction is open while the server is waited for."""
    try:
        with database.reading() as session:
            waiting = session.get(Mail, mail_id)
            if waiting is None or waiting.leased_until != lease:
                return True  # it was taken back meanwhile, or the lease ran out and another worker has it
            expired = waiting.expires_at is not None and waiting.expires_at < utcnow()
            message = None if expired else _message(session, waiting)
        failure = "expired" if message is None else _send(connection, message)
    except Exception as error:  # a mail that cannot be composed must not hold up the others
        log_failure("mail cannot be composed", error)
        failure = f"broken {type(error).__name__}"
    tried.append(_Tried(mail_id, failure, server.failures > 0, utcnow()))
    return _note(server, failure)


def _message(session: Session, mail: Mail) -> EmailMessage:
    payload = json.loads(keyring(session, mail.statement_id).open(mail.payload or b"", mail.place("payload")))
    return compose(mail, payload["to"], payload["context"])


def _send(connection: SmtpConnection, message: EmailMessage) -> str | None:
    """None when it left, else as `SmtpConnection.send`."""
    if not get_settings().smtp_url.get_secret_value():
        return None  # the mailbox of a development machine
    return connection.send(message)


def _mark(mail: Mail, failure: str | None, server_failing: bool, now: datetime) -> None:
    """A try is the mail's own when the server had its say, or when it fails at this mail and was well before.

    A text handed over without an answer always counts: it may have arrived, and each further try may be one more copy.
    """
    if failure is None:
        return mail.sent(now, keep=not get_settings().smtp_url.get_secret_value())
    if failure == "expired":
        return mail.lapsed(now)
    if failure.startswith("unreachable"):
        return mail.put_off(failure, mail.due_at)
    later = now + BACK_OFF[min(mail.attempts, len(BACK_OFF) - 1)] * random.uniform(0.8, 1.2)  # noqa: S311 - jitter
    if failure.startswith("interrupted") and server_failing:
        return mail.put_off(failure, later)  # others go first, should it be this mail that the server breaks at
    mail.failed(now, failure, None if failure.startswith("refused") or mail.attempts >= len(BACK_OFF) else later)


def _note(server: Breaker, failure: str | None) -> bool:
    """Tell the breaker how it went; False when the server failed."""
    if failure is not None and failure.startswith(_SERVER_FAILED):
        server.failed(failure)
        if server.pause:
            log.warning("mail server fails", failure=failure, times=server.failures, pause_seconds=round(server.pause.total_seconds()))
        return False
    if failure is None or failure.startswith(("refused", "delayed")):
        server.served()
    return True
