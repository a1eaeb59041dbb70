"""Claim due mail by lease, send it, mark it: at least once, with a Message-ID that makes repeats recognisable."""

import json
import random
import smtplib
from datetime import datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from app.clock import utcnow
from app.db import Database
from app.keys.queries import keyring
from app.outbox.mailer import SmtpConnection, compose
from app.outbox.models import Mail, MailState
from app.settings import get_settings
from app.web.layers import log_failure

BATCH = 20
LEASE = timedelta(minutes=10)
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 720, 1440))


def deliver_due(database: Database) -> int:
    """Send one batch of due mail; how many mails were tried. After a failed connection the rest of the batch waits."""
    with database.reading() as session:
        if session.exec(_due(utcnow()).limit(1)).first() is None:
            return 0
    with database.transaction() as session:
        waiting = _claim(session, utcnow())
    tried, reachable = 0, True
    with SmtpConnection(get_settings().smtp_url.get_secret_value()) as connection:
        while waiting and reachable:
            reachable = _deliver(database, waiting.pop(0), connection)
            tried += 1
    if waiting:
        with database.transaction() as session:
            session.execute(sa.update(Mail).where(col(Mail.id).in_(waiting)).values(leased_until=None))
    return tried


def _due(now: datetime) -> SelectOfScalar[Mail]:
    free = or_(col(Mail.leased_until).is_(None), col(Mail.leased_until) < now)
    return select(Mail).where(Mail.state == MailState.QUEUED, col(Mail.due_at) <= now, free).order_by(col(Mail.due_at))


def _claim(session: Session, now: datetime) -> list[UUID]:
    rows = session.exec(_due(now).limit(BATCH).with_for_update(skip_locked=True)).all()
    for mail in rows:
        mail.leased_until = now + LEASE
    return [mail.id for mail in rows]


def _deliver(database: Database, mail_id: UUID, connection: SmtpConnection) -> bool:
    """Try one mail; False when the server could not be reached. No transaction is open while the server is waited for."""
    try:
        with database.reading() as session:
            waiting = session.get_one(Mail, mail_id)
            expired = waiting.expires_at is not None and waiting.expires_at < utcnow()
            message = None if expired else _message(session, waiting)
        failure = "expired" if message is None else _send(connection, message)
    except Exception as error:  # a mail that cannot be composed must not hold up the others
        log_failure("mail cannot be composed", error)
        failure = f"delayed {type(error).__name__}"
    with database.transaction() as session:
        mail = session.get(Mail, mail_id, with_for_update=True)
        if mail is not None:  # it may have been taken back meanwhile
            _mark(mail, failure, utcnow())
    return failure is None or failure.startswith(("refused", "delayed", "expired"))


def _message(session: Session, mail: Mail) -> EmailMessage:
    payload = json.loads(keyring(session, mail.statement_id).open(mail.payload or b"", mail.place))
    return compose(mail, payload["to"], payload["context"])


def _send(connection: SmtpConnection, message: EmailMessage) -> str | None:
    """None when accepted; otherwise `refused 5xx`, `delayed 4xx` or the kind of failure. Never the server's words: they quote addresses."""
    if not get_settings().smtp_url.get_secret_value():
        return None  # the mailbox of a development machine
    try:
        connection.send(message)
    except smtplib.SMTPRecipientsRefused as error:
        return _answer(next(iter(error.recipients.values()))[0])
    except smtplib.SMTPDataError as error:
        return _answer(error.smtp_code)
    except (smtplib.SMTPException, OSError) as error:
        return type(error).__name__
    return None


def _answer(code: int) -> str:
    return f"{'refused' if 500 <= code < 600 else 'delayed'} {code}"


def _mark(mail: Mail, failure: str | None, now: datetime) -> None:
    if failure is None:
        return mail.sent(now, keep=not get_settings().smtp_url.get_secret_value())
    final = failure.startswith(("refused", "expired")) or mail.attempts >= len(BACK_OFF)
    mail.failed(now, failure, None if final else now + BACK_OFF[mail.attempts] * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
