"""Read the outbox: the development mailbox, when a mail was last queued."""

import json
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from uuid import UUID

from sqlmodel import Session, col, select

from app.errors import NotFound
from app.keys.queries import keyring
from app.outbox.mailer import compose
from app.outbox.models import Mail


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
    payload = json.loads(keyring(session, mail.statement_id).open(mail.payload or b"", mail.place))
    return Letter(mail.id, payload["to"], mail.created_at, compose(mail, payload["to"], payload["context"]))


def last_queued(session: Session, name: str) -> datetime | None:
    """When a mail of this name was last queued."""
    return session.exec(select(Mail.created_at).where(Mail.name == name).order_by(col(Mail.created_at).desc()).limit(1)).first()
