"""Read the outbox: the development mailbox, when a mail was last queued, how it does."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from app.errors import NotFound
from app.keys.queries import keyring
from app.outbox.mailer import compose
from app.outbox.models import Mail, MailState


@dataclass(frozen=True)
class Letter:
    """A mail as its recipient sees it."""

    id: UUID
    to: str
    sent_at: datetime
    message: EmailMessage

    def part(self, kind: str) -> str:
        """The text of the `plain` or `html` part."""
        body = self.message.get_body((kind,))
        return str(body.get_content()) if body else ""


def mailbox(session: Session) -> list[Letter]:
    """The newest hundred mails that the development mailbox keeps."""
    kept = select(Mail).where(col(Mail.payload).is_not(None)).order_by(col(Mail.created_at).desc()).limit(100)
    return [_letter(session, mail) for mail in session.exec(kept)]


def letter(session: Session, mail_id: UUID) -> Letter:
    """One mail of the development mailbox; raises NotFound."""
    mail = session.get(Mail, mail_id)
    if mail is None or mail.payload is None:
        raise NotFound
    return _letter(session, mail)


def _letter(session: Session, mail: Mail) -> Letter:
    payload = json.loads(keyring(session, mail.statement_id).open(mail.payload or b"", mail.place("payload")))
    return Letter(mail.id, payload["to"], mail.created_at, compose(mail, payload["to"], payload["context"]))


def last_queued(session: Session, name: str) -> datetime | None:
    """When a mail of this name was last queued."""
    return session.exec(select(Mail.created_at).where(Mail.name == name).order_by(col(Mail.created_at).desc()).limit(1)).first()


@dataclass(frozen=True)
class Health:
    """How the outbox does."""

    waiting: int
    later: int
    """How many of those that wait were put off until later."""
    oldest: datetime | None
    """When the oldest mail that waits was queued."""
    failures: dict[str, int]
    """Of those that wait, how many met which failure at their last try."""
    dead: int
    sent: int
    """How many mails left in the last 24 hours."""


def health(session: Session, now: datetime) -> Health:
    """How many mails wait, failed and left."""
    state, count = col(Mail.state), sa.func.count()
    queued, failure = state == MailState.QUEUED, col(Mail.failure)
    waiting, later, oldest = session.execute(sa.select(count, count.filter(col(Mail.due_at) > now), sa.func.min(Mail.created_at)).where(queued)).one()
    failures = session.execute(sa.select(failure, count).where(queued, failure.is_not(None)).group_by(failure).order_by(count.desc(), failure))
    dead = session.execute(sa.select(count).where(state == MailState.DEAD)).scalar_one()
    sent = session.execute(sa.select(count).where(state == MailState.SENT, col(Mail.finished_at) >= now - timedelta(days=1))).scalar_one()
    return Health(waiting, later, oldest, {why or "": number for why, number in failures}, dead, sent)
